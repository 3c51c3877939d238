// A tracker without what only some websites need.

import "./actions.js";
import "./commerce.js";
import "./heartbeat.js";
import "./links.js";

export { tracker } from "./state.js";
