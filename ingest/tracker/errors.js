// Mistakes in a page's scripts, as events.

import { given, tracker } from "./state.js";

let listening;

tracker.enableJSErrorTracking = () => {
  if (listening) return;
  listening = true;
  const before = window.onerror;
  window.onerror = (...values) => {
    const [message, url, line, column] = values;
    const place = url + ":" + line + (column ? ":" + column : "");
    const seen = (given.seen ||= {});
    if (!seen[place + message]) tracker.trackEvent("JavaScript Errors", place, message);
    seen[place + message] = 1;
    return before ? before(...values) : false;
  };
};
