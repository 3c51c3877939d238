// One request: what happened, then what is said every time, in the order that Matomo's tracker has.

import { view } from "./actions.js";
import { product } from "./commerce.js";
import { send, tidy } from "./consent.js";
import { page, purified, referrer } from "./page.js";
import { given, tracker } from "./state.js";
import { everyTiming, timingsSoFar } from "./timings.js";
import { variables } from "./variables.js";
import { attribution } from "./visitor.js";

const dimensions = {};

export const json = (object) => JSON.stringify(object).replace(/^{}$/, "");

/** Return the part of a query string that says all that has a value; what stands in an array is said in any case. */
export const query = (values) =>
  Object.entries(values)
    .map(([name, value]) => (value || value === 0 ? "&" + name + "=" + encodeURIComponent(value) : ""))
    .join("");

/** Return the whole query string of an action, which is given as parameters or as a query string. */
export const built = (action, data = given.CustomData) => {
  tidy();
  const now = new Date();
  const came = attribution();
  const [isNew, id] = tracker.getVisitorInfo();
  const own = {};
  const others = {};
  for (const name in data) (/^dimension\d/.test(name) ? own : others)[name] = data[name];
  return (
    (action.big ? "&" + action : query(action)) +
    query({
      idsite: given.SiteId, rec: 1, r: ("" + Math.random()).slice(2, 8),
      h: now.getHours(), m: now.getMinutes(), s: now.getSeconds(),
      url: purified(page()), urlref: purified(referrer()), uid: given.UserId, _id: [id], _idn: isNew,
      cs: document.characterSet.replace("UTF-8", ""), send_image: 0, ...came,
      ...own, ...product, ...dimensions, ...own, data: json(others), ...(WHOLE && variables()),
      ...everyTiming(), pv_id: tracker.getPageViewId(),
    }) +
    (given.appendToTrackingUrl ? "&" + given.appendToTrackingUrl : "") +
    (action.action_name ? query(timingsSoFar()) : "")
  ).slice(1);
};

/** Tell the server; what a browser only prepares to show has not happened yet. */
export const track = (action, data, callback) => {
  if (document.prerendering) addEventListener("prerenderingchange", () => track(action, data, callback), { once: true });
  else send([built(action, data)], callback);
};

Object.assign(tracker, {
  resetUserId: () => (given.UserId = ""),
  getPageViewId: () => (WHOLE && given.PageViewId) || view,
  setCustomDimension: (id, value) => (dimensions["dimension" + id] = value),
  getCustomDimension: (id) => dimensions["dimension" + id],
  deleteCustomDimension: (id) => delete dimensions["dimension" + id],
  ping: () => track({ ping: 1 }),
}, WHOLE && { trackRequest: track, getRequest: built });
