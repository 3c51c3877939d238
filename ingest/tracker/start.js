// `window.Matomo`, and `_paq`: the commands of a page, those that waited for this script and those that come later.

import { answerOptOut } from "./opt-out-messages.js";

// Of the commands that waited, these come first, in this order. The site comes before anything that could be stored,
// since its policy may forbid that.
const FIRST = (
  "addTracker enableFileTracking setTrackerUrl setSiteId requireCookieConsent disableBrowserFeatureDetection " +
  "disableCampaignParameters disableCookies setAPIUrl enableCrossDomainLinking setCrossDomainLinkingTimeout " +
  "setSessionCookieTimeout setVisitorCookieTimeout setCookieNamePrefix setCookieSameSite setSecureCookie setCookiePath " +
  "setCookieDomain forgetCookieConsentGiven setDomains setUserId setVisitorId alwaysUseSendBeacon disableAlwaysUseSendBeacon " +
  "enableLinkTracking setCookieConsentGiven requireConsent setConsentGiven disablePerformanceTracking " +
  "setPagePerformanceTiming setExcludedQueryParams setExcludedReferrers *"
).split(" ");
const rank = ([name]) => FIRST.indexOf(FIRST.includes(name) ? name : "*");

/** Begin; `evaluate` makes what a tracker consists of. */
export const start = (evaluate) => {
  const trackers = [];
  const listeners = {};
  const trigger = (event, value) => listeners[event]?.forEach((listener) => listener(value));

  const perform = ([name, ...values]) =>
    trackers.slice(0, /^(addTracker|setTrackerUrl|setSiteId)$/.test(name) ? 1 : 99).forEach((tracker) => {
      try {
        if (name.call) name.apply(tracker, values);
        else if (tracker[name]) tracker[name](...values);
        else if (!/[.:]/.test(name)) throw "there is no command " + name; // Others are those of plugins.
      } catch (error) {
        console.error("Pegel: ", error); // The other commands are no worse for it.
      }
    });
  const push = (...commands) => (trackers[0] ? commands.forEach(perform) : console.error("Pegel: there is no tracker"));

  const create = (url, site) => {
    const tracker = evaluate()(trackers[0], url, site);
    tracker.addTracker = addTracker;
    trigger("TrackerSetup", tracker);
    return tracker;
  };
  const addTracker = (url, site) => {
    const tracker = create(url, site);
    if (trackers.push(tracker) == 1) {
      const commands = [...(window._paq || [])];
      window._paq = { push };
      push(...commands.sort((one, other) => rank(one) - rank(other)));
    }
    trigger("TrackerAdded", tracker);
    return tracker;
  };
  const getAsyncTracker = (url, site) =>
    site ? trackers.find((one) => one.getTrackerUrl() == url && one.getSiteId() == site) : trackers[0] || addTracker();

  const twice = window.Matomo; // This script, or Matomo's.
  const Matomo = twice || {
    addTracker,
    getAsyncTracker,
    getAsyncTrackers: () => trackers,
    getTracker: (url = getAsyncTracker().getTrackerUrl(), site = getAsyncTracker().getSiteId()) => create(url, site),
    on: (event, listener) => (listeners[event] ||= []).push(listener),
    trigger,
    addPlugin() {},
  };
  window.Matomo = window.Piwik = Matomo;
  (window.matomoPluginAsyncInit || []).concat(window.piwikAsyncInit, window.matomoAsyncInit).forEach((callback) => callback?.());
  if (twice) return;
  if (window._paq?.length) getAsyncTracker();
  window._paq = { push };
  answerOptOut(trackers);
  Matomo.initialized = true;
  trigger("MatomoInitialized");
};
