// What a visitor agreed to, and what the server's policy for the site allows: whether to send, and whether to store.

import { read } from "./cookies.js";

const GIVEN = "mtm_consent";
const REMOVED = "mtm_consent_removed";
const COOKIES = "mtm_cookie_consent";
const FOR_EVER = 30 * 365 * 24; // Hours; browsers have their own idea of it.

export const consent = (tracker, self) => {
  const { _given: given } = self;
  let required = false;
  let agreed = true;
  let cookieless = false;
  let never = false; // No cookie, whatever the page calls: the policy of the site.
  let silent = false; // Nothing is sent, nothing stored: the browser's wish.
  let pending = [];

  // Before everything that depends on it, since another tab or a script of the website may have changed it.
  const agrees = () => {
    if (read(REMOVED)) agreed = false;
    else if (read(GIVEN)) agreed = true;
    return agreed;
  };
  const note = (name, hours) => self._write(name, Date.now(), (hours || FOR_EVER) * 3600);

  self._mayStore = () => !cookieless && !silent && agrees() && navigator.cookieEnabled && self._maySend();
  self._maySend = () => given.enableFileTracking || location.protocol != "file:";
  // What was stored while it was allowed goes as soon as it no longer is.
  self._tidy = () => {
    if (self._site && !self._mayStore()) tracker.deleteCookies();
  };

  /** Send requests as soon as the visitor agrees: now, later or never. */
  self._send = (queries, callback) => {
    if (!agrees()) pending.push([queries, callback]);
    else if (!silent && self._maySend()) self._transmit(queries, callback, required);
  };
  self._forgetPending = () => (pending = []);

  const flush = () => {
    const requests = pending;
    pending = [];
    requests.forEach((request) => self._send(...request));
  };
  const storeNever = () => {
    never = true;
    tracker.disableCookies();
  };
  const silence = () => {
    silent = true;
    storeNever();
  };

  const refuses = () => /^(1|yes)$/.test(navigator.doNotTrack || navigator.msDoNotTrack);
  // Letters in front of this script say what the server wants for a site.
  const policies = {
    c: storeNever,
    k: () => tracker.requireCookieConsent(),
    r: () => tracker.requireConsent(),
    d: () => tracker.disableBrowserFeatureDetection(),
    m: () => tracker.disableCampaignParameters(),
    G: () => navigator.globalPrivacyControl && storeNever(),
    N: () => refuses() && storeNever(),
    g: () => navigator.globalPrivacyControl && silence(),
    n: () => refuses() && silence(),
  };
  self._applyPolicy = () => [...((window.pegelSites || {})[self._site] || "")].forEach((letter) => policies[letter]?.());

  addEventListener("pagehide", self._tidy);

  Object.assign(tracker, {
    requireConsent() {
      required = true;
      agreed = tracker.hasRememberedConsent();
      if (!agreed) cookieless = true;
    },
    setConsentGiven(withCookies) {
      agreed = true;
      self._erase(REMOVED);
      given.disableBrowserFeatureDetection = false;
      flush();
      if (withCookies !== false) tracker.setCookieConsentGiven();
    },
    rememberConsentGiven(hours) {
      tracker.setConsentGiven();
      note(GIVEN, hours);
    },
    forgetConsentGiven(hours) {
      self._erase(GIVEN);
      note(REMOVED, hours);
      tracker.forgetCookieConsentGiven();
      tracker.requireConsent();
    },
    getRememberedConsent() {
      if (read(REMOVED)) self._erase(GIVEN);
      return read(GIVEN) || null;
    },
    hasRememberedConsent: () => !!tracker.getRememberedConsent(),
    isConsentRequired: () => required,
    hasConsent: agrees,
    forgetUserOptOut: () => tracker.setConsentGiven(false),
    isUserOptedOut: () => !agrees(),

    requireCookieConsent() {
      if (read(COOKIES)) return false;
      tracker.disableCookies();
      return true;
    },
    setCookieConsentGiven() {
      if (!cookieless || silent || never) return;
      cookieless = given.disableBrowserFeatureDetection = false;
      if (self._sentAt) tracker.ping(); // Tells the server the new identifier.
    },
    rememberCookieConsentGiven(hours) {
      tracker.setCookieConsentGiven();
      if (!cookieless) note(COOKIES, hours);
    },
    forgetCookieConsentGiven() {
      self._erase(COOKIES);
      tracker.disableCookies();
    },
    getRememberedCookieConsent: () => read(COOKIES) || 0,
    areCookiesEnabled: () => !cookieless,
    hasCookies: () => self._mayStore(),
    disableCookies() {
      cookieless = true;
      self._tidy();
    },
    setDoNotTrack(wanted) {
      silent = wanted && refuses();
      if (silent) tracker.disableCookies();
    },
  });
  tracker.optUserOut = tracker.forgetConsentGiven;
};
