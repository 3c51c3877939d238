// How long a page was looked at: one request when it is left, if that was long enough.

import { tracker, whenLeaving } from "./state.js";
import { lastSent } from "./transport.js";

const SHORTEST = 5;

let delay; // Milliseconds.
let since = 0; // When the visitor came back to the page; NaN while nobody looks at it.

const leave = () => {
  if (Date.now() - Math.max(since, lastSent) >= delay) tracker.ping();
  since = NaN;
};
const come = () => (since = Date.now());

tracker.disableHeartBeatTimer = () => (delay = NaN);
tracker.enableHeartBeatTimer = (seconds = 15) => {
  if (delay == null) {
    whenLeaving(leave);
    addEventListener("blur", leave);
    addEventListener("focus", come);
    document.addEventListener("visibilitychange", () => document.hidden || come());
  }
  delay = Math.max(seconds, SHORTEST) * 1000;
};
