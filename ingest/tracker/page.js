// The page that is looked at: its address, its title, and what led to it.

import { parsed, readable, within, without } from "./address.js";
import { list, remember } from "./values.js";

const OWN = /^(pk_vid|ignore_referr?er)$/;
const CAMPAIGN = /^(mtm|matomo|pk|piwik|utm)_(campaign|cpn|keyword|kwd|term|source|medium|content|id|cid|clid|group|placement)$/;

const referrer = () => {
  for (const frame of [top, parent]) {
    try {
      return frame.document.referrer;
    } catch {
      // Another website shows this one in a frame.
    }
  }
  return document.referrer;
};

export const page = (tracker, self) => {
  const given = self._given;
  const address = location.href;
  const from = referrer();
  const title = document.title;
  remember(
    tracker, given,
    "setCustomUrl setReferrerUrl setDocumentTitle setDomains setExcludedQueryParams setExcludedReferrers " +
    "discardHashTag disableCampaignParameters enableFileTracking",
  );

  self._title = () => given.setDocumentTitle ?? title;
  self._page = () => (given.setCustomUrl ? parsed(given.setCustomUrl).href : address);
  tracker.getCurrentUrl = self._page;

  /** Return the places that are this website. */
  self._domains = () => {
    const domains = list(given.setDomains);
    const whole = within(address, domains) || domains.some((domain) => /[^/]\/[^/]/.test(domain));
    return whole ? domains : [...domains, location.hostname];
  };

  /** Return an address as it is reported: readable, without parameters that nobody wants. */
  self._purified = (url) => {
    const excluded = list(given.setExcludedQueryParams);
    const campaigns = given.disableCampaignParameters && !tracker.isConsentRequired();
    url = without(url, (name) => OWN.test(name) || excluded.includes(name) || (campaigns && CAMPAIGN.test(name)));
    return readable(given.discardHashTag ? url.split("#")[0] : url);
  };

  self._hidesReferrer = () => /[?&#]ignore_referr?er=1(&|#|$)/.test(self._page());
  self._referrer = () => {
    const url = given.setReferrerUrl ?? from;
    const bare = (place) => place.replace(/^(\w+:\/\/)?www\./, "$1");
    const excluded = list(given.setExcludedReferrers ?? ".paypal.com").map(bare);
    return url && !self._hidesReferrer() && !within(bare(url), excluded) ? url : "";
  };
};
