// What a tracker consists of. The build makes a function of these modules, called for each tracker: what they keep is its own.

import { FIRST, LATER } from "./names.js";

/** Return what a function returns, or something else where it fails. */
export const attempt = (act, otherwise) => {
  try {
    return act();
  } catch {
    return otherwise;
  }
};

/** Commands, by name. */
export const tracker = {};

/** What the page told, or what holds as long as it tells nothing. */
export const given = {
  CustomUrl: location.href,
  DocumentTitle: document.title,
  // The whole page is another website's where this one is shown in a frame.
  ReferrerUrl: attempt(() => top.document.referrer, document.referrer),
};

(FIRST + LATER).split(" ").forEach((command) => {
  const [name, usual] = command.split("=");
  const word = name.replace(/^(set|(en|dis)able)/, "");
  const disables = /^disa/.test(name);
  const initial = (given[word] ??= usual || disables);
  tracker["get" + word] = () => given[word];
  tracker[name] = (value) => (given[word] = value ?? (/^set/.test(name) ? initial : !disables));
});

/** Return one list of lists, values and nothings. */
export const list = (...values) => values.flat().filter(Boolean);

/** Return the pattern of one of some patterns. */
export const either = (...patterns) => list(...patterns).join("|");

/** Return the patterns of some texts, each for itself alone. */
export const literally = (texts) => list(texts).map((text) => text.replace(/\W/g, "\\$&"));

export const seconds = () => (Date.now() / 1000) >>> 0;

/** Call back when the page is left or hidden: there may be no later moment. */
export const whenLeaving = (callback) => addEventListener("visibilitychange", () => document.hidden && callback());
