// Small things that commands and parameters are made of.

/** Commands that only tell something: what a page gave to `setCookiePath` is `given.setCookiePath` from then on. */
export const remember = (tracker, given, names) =>
  names.split(" ").forEach((name) => (tracker[name] = (...values) => void (given[name] = values.length ? values[0] : true)));

export const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);

export const seconds = () => Math.floor(Date.now() / 1000);

/** Return an identifier of 16 hexadecimal digits that nobody had before. */
export const random = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => (byte + 256).toString(16).slice(1)).join("");

// These are sent even if there is nothing to say.
const ALWAYS = ["action_name", "_id", "_pkc"];

/** Return a query string of everything that has a value: no null, undefined, false or empty text. */
export const query = (values) =>
  Object.keys(values)
    .filter((name) => values[name] || values[name] === 0 || ALWAYS.includes(name))
    .map((name) => name + "=" + encodeURIComponent(values[name] ?? ""))
    .join("&");

/** Return JSON, or nothing if it would say nothing. */
export const json = (object) => (Object.keys(object || {}).length ? JSON.stringify(object) : "");
