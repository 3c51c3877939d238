// Who visits, and where from: as far as cookies are allowed, the browser remembers.

import { parameter, within } from "./address.js";
import { mayStore } from "./consent.js";
import { named, read, write } from "./cookies.js";
import { domains, hidesReferrer, page, purified, referrer } from "./page.js";
import { random } from "./sha1.js";
import { extra, given, remember, seconds, tracker } from "./state.js";

const MAKERS = ["pk_", "mtm_", "piwik_", "matomo_"];
const CAMPAIGN_NAMES = [...MAKERS.map((maker) => maker + "campaign"), "utm_campaign", "utm_source", "utm_medium"];
const CAMPAIGN_KEYWORDS = [...MAKERS.map((maker) => maker + "kwd"), "utm_term"];

remember(
  "VisitorCookieTimeout SessionCookieTimeout ReferralCookieTimeout VisitorId " +
    "ConversionAttributionFirstReferrer CampaignNameKey CampaignKeywordKey",
);
let fresh; // One for the whole page, in case that the browser keeps no cookie.

export const stored = (base) => (mayStore() ? read(named(base)) : "");
export const store = (base, value, age) => mayStore() && write(named(base), value, age);
export const session = () => given.SessionCookieTimeout ?? 1800;

Object.assign(tracker, {
  /** Return whether the visitor is new, the identifier and since when it is known; see that the browser keeps them. */
  getVisitorInfo() {
    const [known, since = seconds()] = stored("id").split(".");
    fresh = mayStore() ? fresh || random() + random() : "";
    const id = extra.visitorFromLink?.() || /^[0-9a-f]{16}|$/i.exec(given.VisitorId)[0] || known || fresh;
    // Counted from the first visit: a later one does not prolong it.
    store("id", id + "." + since + ".", since - seconds() + +(given.VisitorCookieTimeout ?? 33955200));
    return [known ? "0" : "1", id, since];
  },
  getVisitorId: () => tracker.getVisitorInfo()[1],
  getAttributionInfo() {
    try {
      return JSON.parse(stored("ref"));
    } catch {
      return ["", "", 0, ""];
    }
  },
});

/** Return what is said of campaign and referrer: found anew when a session begins, later remembered. */
export const attribution = () => {
  let [name, keyword, since, from] = tracker.getAttributionInfo();
  if (!stored("ses") && !hidesReferrer()) {
    const first = given.ConversionAttributionFirstReferrer;
    if (!first || !name) {
      const counts = !given.disableCampaignParameters || tracker.isConsentRequired();
      name = counts ? parameter(page(), given.CampaignNameKey || CAMPAIGN_NAMES) : "";
      keyword = name && parameter(page(), given.CampaignKeywordKey || CAMPAIGN_KEYWORDS);
    }
    const led = referrer();
    if (led && !within(led, domains()) && !(first && from)) from = purified(led).slice(0, 1024);
    since = name || from ? seconds() : 0;
    if (since) store("ref", JSON.stringify([name, keyword, since, from]), given.ReferralCookieTimeout ?? 15768000);
  }
  store("ses", 1, session());
  return { _rcn: name, _rck: keyword, _refts: since, _ref: from };
};
