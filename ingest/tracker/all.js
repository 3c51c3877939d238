// A whole tracker.

import "./core.js";

export { begin } from "./begin.js";
