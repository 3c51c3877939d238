// `window.Matomo`, and `_paq`: the commands of a page, those before this script came and those after.

import { listenToOptOut } from "./optout.js";
import { trackers } from "./trackers.js";

// Of the commands that wait, these come first, in this order. The site is known before anything could be stored: its
// policy may forbid that.
const FIRST = (
  "addTracker enableFileTracking setTrackerUrl setSiteId requireCookieConsent disableBrowserFeatureDetection " +
  "disableCampaignParameters disableCookies setAPIUrl enableCrossDomainLinking setCrossDomainLinkingTimeout " +
  "setSessionCookieTimeout setVisitorCookieTimeout setCookieNamePrefix setCookieSameSite setSecureCookie setCookiePath " +
  "setCookieDomain forgetCookieConsentGiven setDomains setUserId setVisitorId alwaysUseSendBeacon disableAlwaysUseSendBeacon " +
  "enableLinkTracking setCookieConsentGiven requireConsent setConsentGiven disablePerformanceTracking " +
  "setPagePerformanceTiming setExcludedQueryParams setExcludedReferrers"
).split(" ");
const OF_FIRST_TRACKER = ["addTracker", "setTrackerUrl", "setSiteId"];

const rank = ([name]) => (FIRST.indexOf(name) + 1 || FIRST.length + 1);

const perform = (tracker, name, values) => {
  try {
    if (typeof name == "function") name.apply(tracker, values);
    else if (tracker[name]) tracker[name](...values);
    else if (!/[.:]/.test(name)) console.error("_paq: there is no command " + name); // Others are those of plugins.
  } catch (error) {
    console.error(error); // The other commands are no worse for it.
  }
};

const push = (...commands) => {
  if (!trackers[0]) console.error("_paq: there is no tracker");
  commands.forEach(([name, ...values]) =>
    (OF_FIRST_TRACKER.includes(name) ? trackers.slice(0, 1) : [...trackers]).forEach((tracker) => perform(tracker, name, values)),
  );
};

export const start = (features) => {
  const listeners = {};
  const trigger = (event, values) => (listeners[event] || []).forEach((listener) => listener(...(values || [])));

  const create = (url, site) => {
    const tracker = {};
    const self = { _given: { setTrackerUrl: url }, _first: () => trackers[0] };
    features.forEach((feature) => feature(tracker, self));
    Object.assign(tracker, {
      addTracker: Matomo.addTracker,
      getSiteId: () => self._site,
      setSiteId(id) {
        self._site = id;
        self._applyPolicy();
      },
    });
    if (site) tracker.setSiteId(site);
    trigger("TrackerSetup", [tracker]);
    return tracker;
  };

  const drain = () => {
    const commands = window._paq || [];
    window._paq = { push };
    push(...[...commands].sort((one, other) => rank(one) - rank(other)));
  };

  const Matomo = {
    trigger,
    on: (event, listener) => (listeners[event] ||= []).push(listener),
    off: (event, listener) => (listeners[event] = (listeners[event] || []).filter((one) => one != listener)),
    getTracker: (url, site) => create(url || Matomo.getAsyncTracker().getTrackerUrl(), site || Matomo.getAsyncTracker().getSiteId()),
    getAsyncTrackers: () => trackers,
    getAsyncTracker: (url, site) =>
      url || site
        ? trackers.find((tracker) => tracker.getTrackerUrl() == url && tracker.getSiteId() == site)
        : trackers[0] || Matomo.addTracker(),
    addTracker(url, site) {
      const tracker = create(url, site);
      if (trackers.push(tracker) == 1) drain();
      trigger("TrackerAdded", [tracker]);
      return tracker;
    },
    addPlugin() {},
    retryMissedPluginCalls() {},
  };

  const begin = () => {
    const called = [...(window.matomoPluginAsyncInit || []), window.piwikAsyncInit, window.matomoAsyncInit];
    called.forEach((callback) => callback?.());
  };

  if (window.Matomo) return begin(); // This script is there twice.
  window.Matomo = window.Piwik = window.AnalyticsTracker = Matomo;
  begin();
  listenToOptOut();
  if (trackers[0]) return;
  if (window._paq?.length) Matomo.addTracker();
  window._paq = { push };
  trigger("MatomoInitialized");
  Matomo.initialized = true;
};
