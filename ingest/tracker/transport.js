// How a request leaves the browser.
//
// While the page is looked at it goes by fetch with `keepalive`: on the wire that is what a beacon is, a POST with
// cookies and without a preflight; it outlives the page as well, and it tells whether it arrived. A beacon, which tells
// nothing, takes over while the page is hidden or left, and in browsers whose fetch does not outlive the page.

import { parsed } from "./address.js";
import { agreement, send } from "./consent.js";
import { query } from "./request.js";
import { extra, given, remember, tracker, whenLeaving } from "./state.js";

const FORM = "application/x-www-form-urlencoded; charset=UTF-8";
const HINTS = ["model", "platformVersion", "fullVersionList", "formFactors"];
const LONGEST_QUERY = 2000;
const LONGEST_KEPT_ALIVE = 6e4; // Browsers keep 64 KiB alive, of all requests together.

export let lastSent;
let stays = 1;
let stay = 1; // On this page, of which there is another one whenever the visitor comes back; 0: it is left.
addEventListener("pagehide", () => (stay = 0));
addEventListener("pageshow", () => (stay ||= ++stays));
let hints = navigator.userAgentData;
let waiting = hints?.getHighEntropyValues && [];

remember("APIUrl TrackerUrl");
remember("disableBrowserFeatureDetection", "");
export const url = () => given.TrackerUrl || given.first.getTrackerUrl();

export const features = () =>
  given.disableBrowserFeatureDetection
    ? {}
    : { pdf: +!!navigator.pdfViewerEnabled, cookie: +navigator.cookieEnabled, res: screen.width + "x" + screen.height };

const release = () => {
  const requests = waiting || [];
  waiting = 0;
  requests.forEach((request) => send(...request));
};
whenLeaving(release);

/** Send queries, together if there are several; the browser takes a moment to tell what it is, and they wait for that. */
export const transmit = (queries, callback) => {
  lastSent = Date.now();
  const told = !given.disableBrowserFeatureDetection;
  if (waiting && told) {
    if (waiting.push([queries, callback]) == 1) {
      hints.getHighEntropyValues(HINTS).then((found) => {
        if (found.fullVersionList) delete found.brands; // It says the same, and more.
        hints = found;
      }).then(release, release);
    }
    return;
  }
  const more = query({ ...agreement(), uadata: JSON.stringify((told && hints) || {}), ...features() });
  deliver(queries.map((text) => [text + "&" + more, lastSent]), callback);
};

/** Send entries, each a query with its time, as one request. */
export const deliver = (entries, callback) => {
  const texts = entries.map(([text, at]) => {
    const late = Math.round((Date.now() - at) / 1000);
    return text + (late ? "&cdo=" + late : "");
  });
  const bulk = texts[1] && JSON.stringify({ requests: texts.map((text) => "?" + text), send_image: 0 });
  const text = bulk || texts[0];
  const body = bulk || given.RequestMethod == "POST" || text.length > LONGEST_QUERY ? text : "";
  const address = url() + (body ? "" : (url().includes("?") ? "&" : "?") + text);
  const offline = !navigator.onLine && extra.keep; // A beacon would get lost, and a page that ends does not hear of it.
  // What is under way when the page is left fails for the page, and arrives: to send that again would be wrong.
  const sentOn = stay;
  const done = (success, more) => {
    if (success) extra.resend?.();
    else if (offline || (stay && stay == sentOn)) extra.keep?.(entries);
    callback?.({ request: text, trackerUrl: url(), success, ...more });
  };
  if (offline) return done(false);
  if (extra.byImage?.(address, body, done)) return;
  if ((document.hidden || !("keepalive" in Request.prototype)) && navigator.sendBeacon(address, new Blob([body], { type: FORM }))) {
    callback?.({ request: text, trackerUrl: url(), success: true, isSendBeacon: true });
    return;
  }
  const headers = { "Content-Type": FORM };
  fetch(address, { method: "POST", credentials: "include", keepalive: body.length < LONGEST_KEPT_ALIVE, ...(body && { body, headers }) })
    .then((answer) => done(answer.status < 500), () => done(false));
};

Object.assign(tracker, {
  getTrackerUrl: () => given.TrackerUrl,
  getMatomoUrl: () => parsed(given.APIUrl || url().replace(/(js\/)?([\w-]+\.php)?(\?.*)?$/, "")).href,
  getPiwikUrl: () => tracker.getMatomoUrl(),
  enableBrowserFeatureDetection: () => (given.disableBrowserFeatureDetection = false),
});
