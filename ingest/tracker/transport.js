// How a request leaves the browser, and what is added to it at that moment.

import { parsed } from "./address.js";
import { agreement } from "./consent.js";
import { deliver } from "./delivery.js";
import { query } from "./request.js";
import { given, tracker } from "./state.js";

const FORM = { type: "application/x-www-form-urlencoded; charset=UTF-8" };
const HINTS = ["model", "platformVersion", "fullVersionList", "formFactors"];
const LONGEST_QUERY = 2000;

export let lastSent;
let hints = navigator.userAgentData;
let asked;

export const features = () =>
  given.BrowserFeatureDetection && {
    pdf: +navigator.pdfViewerEnabled,
    cookie: +navigator.cookieEnabled,
    res: screen.width + "x" + screen.height,
  };

/** Return the body of a request, if it is to have one. */
export const bodyOf = (request, wanted) => (wanted || request.length > LONGEST_QUERY ? new Blob([request], FORM) : "");
/** Return the address of a request. */
export const addressOf = (request, body) => given.TrackerUrl + (body ? "" : (given.TrackerUrl.includes("?") ? "&" : "?") + request);

/** Send queries, together if there are several; the browser takes a moment to tell what it is, and they wait for that. */
export const transmit = async (queries, callback) => {
  const at = (lastSent = Date.now());
  const told = given.BrowserFeatureDetection;
  // Brands: the list of full versions says the same, and more. There is no time to wait when the page is left.
  if (WHOLE && told && !document.hidden)
    await (asked ||= hints?.getHighEntropyValues(HINTS).then(({ brands, ...found }) => (hints = found), () => 0));
  const more = query({ ...agreement(), uadata: JSON.stringify((told && hints) || {}), ...features() });
  if (WHOLE) deliver(queries.map((text) => [text + more, at]), callback);
  else {
    const request = queries[0] + more;
    const body = bodyOf(request);
    const address = addressOf(request, body);
    const success = navigator.sendBeacon(address, body);
    if (!success) fetch(address, { method: "POST", credentials: "include", body });
    callback?.({ request, trackerUrl: given.TrackerUrl, success, isSendBeacon: success });
  }
};

Object.assign(tracker, {
  getMatomoUrl: () => parsed((WHOLE && given.APIUrl) || given.TrackerUrl.replace(/(js\/)?([\w-]+\.php)?(\?.*)?$/, "")).href,
});
if (WHOLE) tracker.getPiwikUrl = tracker.getMatomoUrl;
