// The opt-out that a website loads into its privacy notice: asks the tracker of the page, or keeps the choice itself
// where there is none or where it was blocked. The collector serves it in a function with the parameter `pegelOptOut`.

import { makeBox, warnOfMissing } from "./opt-out-box.js";
import { MatomoConsent } from "./opt-out-consent.js";

const LOOK_EVERY = 250; // Milliseconds.
const settings = pegelOptOut;
const { texts } = settings;
const unencrypted = location.protocol !== "https:" ? texts.not_https : "";

let show = () => {};
let commands = null; // The `_paq` that was asked.
let answered = false; // Whether a tracker answered: from then on the choice is its own to keep.
let wanted = null; // What was chosen last and is not confirmed yet.

const outcome = (counted) => {
  const chosen = wanted;
  wanted = null;
  if (chosen === null) return "";
  if (chosen !== counted) return texts.not_saved;
  return counted ? texts.saved_counted : texts.saved_out;
};

const showContent = (counted, problem, useTracker) => {
  if (!navigator.cookieEnabled) return show({ counted: null, problem: texts.no_cookies });
  answered = answered || useTracker === true;
  const problems = [problem || unencrypted, texts.signal].filter(Boolean).join(" ");
  return show({ counted, problem: problems, message: outcome(counted) });
};

// A tracker that is loaded runs this at once, one that is not yet runs it when it comes, one that is blocked never.
const showOptOutTracker = () => {
  commands = window._paq;
  commands.push([
    function () {
      if (!answered && settings.cookieDomain) this.setCookieDomain(settings.cookieDomain);
      if (!answered && settings.cookiePath) this.setCookiePath(settings.cookiePath);
      showContent(!this.isUserOptedOut(), "", true);
    },
  ]);
};

const askTracker = () => {
  const there = window._paq && typeof window._paq.push === "function" && window._paq !== commands;
  if (there && !answered) showOptOutTracker();
};

const showOptOutDirect = () => showContent(MatomoConsent.hasConsent(), "", false);

const withoutTracker = () => {
  if (settings.useCookiesIfNoTracker) return showOptOutDirect();
  console.log("Opt-out: no tracker answered on this page.");
  return show({ counted: null, message: texts.no_tracker });
};

const checkForMatomoTracker = (until = Date.now() + settings.useCookiesTimeout * 1000) => {
  askTracker();
  if (answered) return;
  const left = until - Date.now();
  if (left <= 0) withoutTracker();
  else setTimeout(checkForMatomoTracker, Math.min(LOOK_EVERY, left), until);
};

const choose = (counted) => {
  askTracker(); // One may have come since.
  wanted = counted;
  if (answered) {
    window._paq.push([counted ? "forgetUserOptOut" : "optUserOut"]);
    showOptOutTracker();
    return;
  }
  if (counted) MatomoConsent.consentGiven();
  else MatomoConsent.consentRevoked();
  showOptOutDirect();
};

const optOutInit = () => {
  const container = document.getElementById(settings.divId);
  if (!container) return warnOfMissing(settings.divId, texts.no_box);
  const { useSecureCookies, cookiePath, cookieDomain, cookieSameSite } = settings;
  MatomoConsent.init(useSecureCookies, cookiePath, cookieDomain, cookieSameSite);
  show = makeBox(container, settings, choose);
  if (!navigator.cookieEnabled) return showContent(null);
  show({ counted: null, message: texts.waiting });
  return checkForMatomoTracker();
};

// Websites may call these by name, as they do with Matomo's. What a page has of its own by such a name stays.
const names = { settings, showContent, optOutInit, checkForMatomoTracker, showOptOutTracker, showOptOutDirect };
window.MatomoConsent = MatomoConsent;
Object.keys(names).forEach((name) => {
  if (!(name in window)) window[name] = names[name];
});

if (document.readyState !== "loading" || document.getElementById(settings.divId)) optOutInit();
else document.addEventListener("DOMContentLoaded", optOutInit);
