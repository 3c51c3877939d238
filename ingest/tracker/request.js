// One request: what happened, then what is said every time, in the order that Matomo's tracker has.

import { send, tidy } from "./consent.js";
import { page, purified, referrer } from "./page.js";
import { random } from "./sha1.js";
import { extra, given, remember, tracker } from "./state.js";
import { everyTiming, timingsSoFar } from "./timings.js";
import { attribution } from "./visitor.js";

remember("PageViewId CustomData");
remember("appendToTrackingUrl", "");
const dimensions = {};

export const json = (object) => (Object.keys(object || {})[0] ? JSON.stringify(object) : "");

/** Return a query string of all that has a value. */
export const query = (values) =>
  Object.keys(values)
    .filter((name) => values[name] || values[name] === 0 || /^(_id|_pkc|action_name|search)$/.test(name))
    .map((name) => name + "=" + encodeURIComponent(values[name]))
    .join("&");

/** Return the whole query string of an action, which is given as parameters or as a query string. */
export const built = (action, data = given.CustomData) => {
  tidy();
  const now = new Date();
  const came = attribution();
  const [isNew, _id] = tracker.getVisitorInfo();
  const own = {};
  const others = {};
  const lasting = {};
  for (const name in data) (/^dimension\d/.test(name) ? own : others)[name] = data[name];
  for (const id in dimensions) lasting["dimension" + id] = dimensions[id];
  return [
    action.big ? action : query(action),
    query({
      idsite: given.SiteId, rec: 1, r: ("" + Math.random()).slice(2, 8),
      h: now.getHours(), m: now.getMinutes(), s: now.getSeconds(),
      url: purified(page()), urlref: purified(referrer()), uid: given.UserId, _id, _idn: +isNew,
      cs: document.characterSet.replace("UTF-8", ""), send_image: 0, ...came,
      ...own, ...given.product, ...lasting, ...own, data: json(others), ...extra.variables?.(),
      ...everyTiming(), pv_id: tracker.getPageViewId(),
    }),
    given.appendToTrackingUrl,
    action.action_name != null && query(timingsSoFar()),
  ].filter(Boolean).join("&");
};

/** Tell the server; what a browser only prepares to show has not happened yet. */
export const track = (action, data, callback) => {
  if (document.prerendering) document.addEventListener("prerenderingchange", () => track(action, data, callback), { once: true });
  else send([built(action, data)], callback);
};

Object.assign(tracker, {
  trackRequest: track,
  getRequest: built,
  ping: () => track({ ping: 1 }),
  setUserId: (id) => id && (given.UserId = id),
  resetUserId: () => (given.UserId = ""),
  getUserId: () => given.UserId,
  getPageViewId: () => given.PageViewId || given.view,
  setCustomDimension: (id, value) => void (dimensions[id] = value),
  getCustomDimension: (id) => dimensions[id],
  deleteCustomDimension: (id) => delete dimensions[id],
});
