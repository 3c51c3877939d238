// How long a page was looked at: one request when it is left, if that was long enough.

import { tracker } from "./state.js";
import { lastSent } from "./transport.js";

const SHORTEST = 5;

let delay; // Milliseconds.
let since = 0; // When the visitor came back to the page; NaN while nobody looks at it.

const look = ({ type }) => {
  const now = Date.now();
  const leaves = /blur|hide/.test(type) || document.hidden;
  if (leaves && now - Math.max(since, lastSent) >= delay) tracker.ping();
  since = leaves ? NaN : now;
};

if (WHOLE) tracker.disableHeartBeatTimer = () => (delay = NaN);
tracker.enableHeartBeatTimer = (seconds = 15) => {
  if (delay == null) ["blur", "focus", "pagehide", "visibilitychange"].forEach((event) => addEventListener(event, look));
  delay = Math.max(seconds, SHORTEST) * 1000;
};
