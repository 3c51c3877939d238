// Mistakes in a page's scripts, as events.

import { once } from "./content.js";
import { tracker } from "./state.js";

let listening;

tracker.enableJSErrorTracking = () => {
  listening ||= !addEventListener("error", ({ message, filename, lineno, colno }) => {
    const place = [filename, lineno, colno].join(":");
    once(place + message, () => tracker.trackEvent("JavaScript Errors", place, message));
  });
};
