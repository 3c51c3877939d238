// What a tracker consists of. The build makes a function of these modules, called for each tracker: what they keep is its own.

/** Commands, by name. */
export const tracker = {};

/** What the page told: `given.CookiePath` is what it gave to `setCookiePath`. */
export const given = {};

/** What only the larger tracker has puts itself in here, and is asked where it is there. */
export const extra = {};

/** Make commands that only tell something. */
export const remember = (names, prefix = "set") =>
  names.split(" ").forEach((name) => (tracker[prefix + name] = (...values) => void (given[name] = values.length ? values[0] : true)));

export const list = (value) => (value ? [].concat(value) : []);

export const seconds = () => Math.floor(Date.now() / 1000);

export const complain = (text) => console.error("Pegel: " + text);

/** Call back when the page is left or hidden: there may be no later moment. */
export const whenLeaving = (callback) => {
  addEventListener("pagehide", callback);
  document.addEventListener("visibilitychange", () => document.hidden && callback());
};
