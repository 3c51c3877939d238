// Who visits: an identifier in a cookie of the website, as far as cookies are allowed; and where the visitor came from.

import { parameter, within } from "./address.js";
import { random, remember, seconds } from "./values.js";

const CAMPAIGN_NAMES = ["pk_campaign", "mtm_campaign", "piwik_campaign", "matomo_campaign", "utm_campaign", "utm_source", "utm_medium"];
const CAMPAIGN_KEYWORDS = ["pk_kwd", "mtm_kwd", "piwik_kwd", "matomo_kwd", "utm_term"];
const TIMEOUTS = "setVisitorCookieTimeout setSessionCookieTimeout setReferralCookieTimeout";

export const visitor = (tracker, self) => {
  const { _given: given } = self;
  let fresh; // Of this page, where the browser keeps no cookie.
  remember(tracker, given, TIMEOUTS + " setVisitorId setConversionAttributionFirstReferrer setCampaignNameKey setCampaignKeywordKey");

  const known = () => {
    const [stored, created] = self._readOwn("id").split(".");
    const [named] = /[0-9a-f]{16}/i.exec(given.setVisitorId) || [self._linkedVisitor?.()];
    if (!self._mayStore()) fresh = "";
    else fresh ||= random();
    return [stored ? "0" : "1", named || stored || fresh, stored ? created : seconds()];
  };

  /** Return whether the visitor is new, the identifier and since when; and see that the browser knows them. */
  self._visitor = () => {
    const [isNew, id, since] = known();
    // Counted from the first visit: it is never prolonged.
    self._writeOwn("id", id + "." + since + ".", since - seconds() + +(given.setVisitorCookieTimeout ?? 33955200));
    return [isNew, id, since];
  };
  tracker.getVisitorInfo = self._visitor;
  tracker.getVisitorId = () => self._visitor()[1];

  const attribution = () => {
    try {
      const [name = "", keyword = "", since = 0, referrer = ""] = JSON.parse(self._readOwn("ref"));
      return [name, keyword, since, referrer];
    } catch {
      return ["", "", 0, ""];
    }
  };
  tracker.getAttributionInfo = attribution;

  /** Return which campaign or website the visitor came from; a session that begins looks at the page, later ones remember. */
  self._attribution = () => {
    const first = given.setConversionAttributionFirstReferrer;
    const page = self._page();
    let [name, keyword, since, referrer] = attribution();
    if (!self._readOwn("ses") && !self._hidesReferrer()) {
      if (!(first && name)) {
        const campaigns = !given.disableCampaignParameters || tracker.isConsentRequired();
        name = campaigns ? parameter(page, given.setCampaignNameKey || CAMPAIGN_NAMES) : "";
        keyword = name && parameter(page, given.setCampaignKeywordKey || CAMPAIGN_KEYWORDS);
      }
      const from = self._referrer();
      if (from && !within(from, self._domains()) && !(first && referrer)) referrer = from;
      since = name || referrer ? seconds() : 0;
      if (since) {
        referrer = self._purified(referrer).slice(0, 1024);
        self._writeOwn("ref", JSON.stringify([name, keyword, since, referrer]), given.setReferralCookieTimeout ?? 15768000);
      }
    }
    self._writeOwn("ses", 1, given.setSessionCookieTimeout ?? 1800);
    return [name, keyword, since, referrer];
  };
};
