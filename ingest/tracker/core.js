// The tracker without what only some websites need.

import { CORE } from "./features.js";
import { start } from "./start.js";

start(CORE);
