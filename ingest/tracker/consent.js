// What a visitor agreed to, and what the server's policy for the site allows: whether to send, and whether to store.

import { erase, read, write } from "./cookies.js";
import { given, tracker, whenLeaving } from "./state.js";
import { lastSent, transmit } from "./transport.js";
import { save } from "./unsent.js";

const CONSENT = "mtm_consent";
const REMOVED = "mtm_consent_removed";
const COOKIES = "mtm_cookie_consent";
const FOR_EVER = 30 * 365 * 24; // Hours; browsers have their own idea of it.

// What letters of a policy ask for, as the page itself could.
const POLICIES = {
  k: "requireCookieConsent",
  r: "requireConsent",
  d: "disableBrowserFeatureDetection",
  m: "disableCampaignParameters",
};

let required = false;
let agreed = true;
let cookieless = false;
let never; // No cookies, whatever the page calls.
let silent; // Nothing is sent, nothing is stored.
let policy = "";
let pending = [];

// Asked each time, since another tab or a script of the website may have changed it.
export const agrees = () => {
  if (read(REMOVED)) {
    erase(CONSENT);
    return (agreed = false);
  }
  return (agreed ||= read(CONSENT) > "");
};
export const maySend = () => !silent && ((WHOLE && given.FileTracking) || location.protocol != "file:");
export const mayStore = () => !cookieless && agrees() && maySend() && navigator.cookieEnabled;

/** Delete what was stored while it was allowed. */
export const tidy = () => {
  if (mayStore()) return;
  tracker.deleteCookies();
  if (WHOLE) save();
};
whenLeaving(tidy);

/** Send requests when the visitor agrees: now, later or never. */
export const send = (queries, callback) => {
  if (!agrees()) pending.push([queries, callback]);
  else if (maySend()) transmit(queries, callback);
};
/** Tell a server that sees no cookies of the website; of consent to cookies, only one whose policy asks for it. */
export const agreement = () => ({ consent: required && 1, cookie_consent: policy.includes("k") && mayStore() && 1 });
export const forgetPending = () => (pending = []);

const note = (name, hours) => write(name, Date.now(), (hours || FOR_EVER) * 3600);
const refuses = () => /1|yes/.test(navigator.doNotTrack);

/** Keep the site, and do what the server wants for this site; it says so by letters in front of the script. */
tracker.setSiteId = (id) => {
  given.SiteId = id;
  const forbidding = "c" + (navigator.globalPrivacyControl ? "Gg" : "") + (refuses() ? "Nn" : "");
  policy = window.pegelSites?.[id] || "";
  for (const letter of policy) {
    if (forbidding.includes(letter)) {
      silent ||= /[gn]/.test(letter);
      never = true;
      tracker.disableCookies();
    }
    tracker[POLICIES[letter]]?.();
  }
};

const forgetConsent = (hours) => {
  erase(CONSENT);
  note(REMOVED, hours);
  tracker.forgetCookieConsentGiven();
  tracker.requireConsent();
};

Object.assign(tracker, {
  requireConsent() {
    required = true;
    agreed = tracker.hasRememberedConsent();
    cookieless ||= !agreed;
  },
  setConsentGiven(withCookies) {
    agreed = given.BrowserFeatureDetection = true;
    erase(REMOVED);
    pending.splice(0).forEach((request) => send(...request));
    if (withCookies !== false) tracker.setCookieConsentGiven();
  },
  rememberConsentGiven(hours) {
    tracker.setConsentGiven();
    if (maySend()) note(CONSENT, hours);
  },
  forgetConsentGiven: forgetConsent,
  optUserOut: forgetConsent,
  forgetUserOptOut: () => tracker.setConsentGiven(false),
  isUserOptedOut: () => !agrees(),
  hasConsent: agrees,
  isConsentRequired: () => required,
  getRememberedConsent: () => (agrees() && read(CONSENT)) || null,
  hasRememberedConsent: () => !!tracker.getRememberedConsent(),

  requireCookieConsent() {
    const missing = !read(COOKIES);
    if (missing) tracker.disableCookies();
    return missing;
  },
  setCookieConsentGiven() {
    if (!cookieless || silent || never) return;
    cookieless = false;
    given.BrowserFeatureDetection = true;
    if (lastSent) tracker.ping(); // Tells the server the new identifier.
  },
  rememberCookieConsentGiven(hours) {
    tracker.setCookieConsentGiven();
    if (!cookieless) note(COOKIES, hours);
  },
  forgetCookieConsentGiven() {
    erase(COOKIES);
    tracker.disableCookies();
  },
  getRememberedCookieConsent: () => read(COOKIES) || 0,
  disableCookies() {
    cookieless = true;
    queueMicrotask(tidy); // Consent may be among the commands that come next.
  },
  setDoNotTrack(wanted) {
    if (never) return;
    silent = wanted && refuses();
    if (silent) tracker.disableCookies();
  },
}, WHOLE && { areCookiesEnabled: () => !cookieless, hasCookies: mayStore });
