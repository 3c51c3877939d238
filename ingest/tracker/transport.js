// How a request leaves the browser.
//
// What is sent while the page is looked at goes by fetch with `keepalive`: on the wire it is what a beacon is, a POST
// with cookies and without a preflight, it survives the page as well, and it tells whether it arrived. A beacon, which
// tells nothing, takes over while the page is left or hidden, and in browsers whose fetch does not outlive the page.

import { parsed } from "./address.js";
import { query, remember } from "./values.js";

const FORM = "application/x-www-form-urlencoded; charset=UTF-8";
const LONGEST_QUERY = 2000;
const LONGEST_KEPT_ALIVE = 60000; // Browsers refuse more than 64 KiB.
const HINTS = ["model", "platformVersion", "fullVersionList", "formFactors"];
const PLUGINS = ["qt", "realp", "wma", "fla", "java", "ag"]; // Long gone, but still asked for.

export const transport = (tracker, self) => {
  const given = self._given;
  const outlives = "keepalive" in Request.prototype;
  let hints = navigator.userAgentData;
  let waiting = hints?.getHighEntropyValues && [];
  remember(tracker, given, "setAPIUrl setTrackerUrl disableBrowserFeatureDetection");
  tracker.enableBrowserFeatureDetection = () => (given.disableBrowserFeatureDetection = false);

  self._url = () => given.setTrackerUrl || self._first().getTrackerUrl();
  tracker.getTrackerUrl = () => given.setTrackerUrl;
  tracker.getMatomoUrl = tracker.getPiwikUrl = () => parsed(given.setAPIUrl || self._url().replace(/(js\/)?([\w-]+\.php)?(\?.*)?$/, "")).href;

  self._features = () => {
    if (given.disableBrowserFeatureDetection) return {};
    const features = {};
    if (navigator.mimeTypes?.length) {
      features.pdf = navigator.mimeTypes["application/pdf"] ? "1" : "0";
      PLUGINS.forEach((name) => (features[name] = "0"));
    }
    return { ...features, cookie: navigator.cookieEnabled ? "1" : "0", res: screen.width + "x" + screen.height };
  };

  const release = () => {
    const requests = waiting || [];
    waiting = 0;
    requests.forEach((request) => self._send(...request));
  };
  addEventListener("pagehide", release);

  const askForHints = () =>
    hints.getHighEntropyValues(HINTS).then((found) => {
      hints = found;
      if (found.fullVersionList) delete found.brands; // It says the same, and more.
    }).then(release, release);

  /** Send several requests at once, or one; the browser's hints, which take a moment, come first. */
  self._transmit = (queries, callback, consent) => {
    self._sentAt = Date.now();
    if (waiting && !given.disableBrowserFeatureDetection) {
      if (waiting.push([queries, callback]) == 1) askForHints();
      return;
    }
    const features = self._features();
    const uadata = JSON.stringify((features.res && hints) || {});
    const whole = queries.map((text) => [text, query({ consent: consent && !queries[1] ? 1 : "", uadata, ...features })].join("&"));
    const bulk = queries[1] && JSON.stringify({ requests: whole.map((text) => "?" + text), send_image: 0 });
    self._deliver(bulk || whole[0], bulk, (success, more) => {
      callback?.({ request: whole.join(), trackerUrl: self._url(), success, ...more });
    });
  };

  self._deliver = (text, bulk, done) => {
    const inBody = bulk || given.setRequestMethod == "POST" || text.length > LONGEST_QUERY;
    const url = self._url() + (inBody ? "" : (self._url().includes("?") ? "&" : "?") + text);
    const body = inBody ? text : "";
    if ((document.hidden || !outlives) && navigator.sendBeacon?.(url, body && new Blob([body], { type: FORM }))) {
      return done(true, { isSendBeacon: true });
    }
    fetch(url, {
      method: "POST",
      credentials: "include",
      keepalive: body.length < LONGEST_KEPT_ALIVE,
      ...(body && { body, headers: { "Content-Type": FORM } }),
    }).then((answer) => done(answer.status < 500), () => done(false));
  };
};
