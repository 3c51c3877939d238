// Everything.

import { CORE } from "./features.js";
import { start } from "./start.js";

start(CORE);
