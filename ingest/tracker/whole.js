// A whole tracker.

import "./content.js";
import "./core.js";
import "./domains.js";
import "./errors.js";
import "./methods.js";
import "./unsent.js";
import "./variables.js";

export { tracker } from "./state.js";
