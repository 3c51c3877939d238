// The tracker without what only some websites need.

import { actions } from "./actions.js";
import { consent } from "./consent.js";
import { cookies } from "./cookies.js";
import { heartbeat } from "./heartbeat.js";
import { links } from "./links.js";
import { page } from "./page.js";
import { request } from "./request.js";
import { timings } from "./timings.js";
import { transport } from "./transport.js";
import { visitor } from "./visitor.js";

export const CORE = [page, cookies, consent, visitor, request, timings, transport, actions, links, heartbeat];


