// The opt-out that a website carries within its own page: keeps the choice in its cookies, and asks nobody. The
// dashboard puts it into a function with the parameter `pegelOptOut`; its look and its cookies are the script's.
import { makeBox, warnOfMissing } from "../../ingest/tracker/opt-out-box.js";
import { MatomoConsent } from "../../ingest/tracker/opt-out-consent.js";

const { divId, showIntro, style, languages } = pegelOptOut;
const spoken = navigator.languages.map((code) => code.slice(0, 2).toLowerCase());
const language = spoken.find((code) => code in languages) || Object.keys(languages)[0];
const texts = languages[language];
const unencrypted = location.protocol !== "https:" ? texts.not_https : "";

const outcome = (chosen, counted) => {
  if (chosen === undefined) return "";
  if (chosen !== counted) return texts.not_saved;
  return counted ? texts.saved_counted : texts.saved_out;
};

const start = () => {
  const container = document.getElementById(divId);
  if (!container) return warnOfMissing(divId, texts.no_box);
  MatomoConsent.init(true, "", "", "Lax");
  const tell = (chosen) => {
    if (!navigator.cookieEnabled) return show({ counted: null, problem: texts.no_cookies });
    const counted = MatomoConsent.hasConsent();
    return show({ counted, problem: unencrypted, message: outcome(chosen, counted) });
  };
  const show = makeBox(container, { texts, showIntro, language, style }, (counted) => {
    if (counted) MatomoConsent.consentGiven();
    else MatomoConsent.consentRevoked();
    tell(counted);
  });
  return tell();
};

if (document.readyState !== "loading" || document.getElementById(divId)) start();
else document.addEventListener("DOMContentLoaded", start);
