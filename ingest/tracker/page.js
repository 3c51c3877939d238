// The page that is looked at: its address, its title, and what led to it.

import { parsed, readable, within } from "./address.js";
import { given, list, remember, tracker } from "./state.js";

const OURS = /^(pk_vid|ignore_referr?er)$/;
const CAMPAIGN = /^(mtm|matomo|pk|piwik|utm)_(campaign|cpn|keyword|kwd|term|source|medium|content|c?id|clid|group|placement)$/;

remember("CustomUrl ReferrerUrl DocumentTitle Domains ExcludedQueryParams ExcludedReferrers");
remember("discardHashTag disableCampaignParameters enableFileTracking", "");

const address = location.href;
const heading = document.title;
const from = (() => {
  try {
    return top.document.referrer;
  } catch {
    return document.referrer; // Another website shows this one in a frame.
  }
})();

export const page = () => (given.CustomUrl ? parsed(given.CustomUrl).href : address);
export const title = () => given.DocumentTitle ?? heading;
tracker.getCurrentUrl = page;

/** Return the places that are this website. */
export const domains = () => {
  const told = list(given.Domains);
  const whole = within(location.href, told) || told.some((place) => /[^/]\/[^/]/.test(place));
  return whole ? told : [...told, location.hostname];
};

/** Return an address as it is reported: readable, without parameters that nobody wants. */
export const purified = (url) => {
  const campaigns = given.disableCampaignParameters && !tracker.isConsentRequired();
  const wanted = (pair) => {
    const [name] = pair.split("=");
    return !(OURS.test(name) || list(given.ExcludedQueryParams).includes(name) || (campaigns && CAMPAIGN.test(name)));
  };
  const shown = given.discardHashTag ? url.split("#")[0] : url;
  return readable(
    // A fragment may be written like a query.
    shown.replace(/([?#])([^?#]*=[^#]*)/g, (_, mark, pairs) => {
      const kept = pairs.split("&").filter(wanted);
      return kept[0] ? mark + kept.join("&") : "";
    }),
  );
};

export const hidesReferrer = () => /[?&#]ignore_referr?er=1/.test(page());

export const referrer = () => {
  const url = given.ReferrerUrl ?? from;
  const bare = (place) => place.replace(/^(\w+:\/\/)?www\./, "$1");
  const excluded = list(given.ExcludedReferrers ?? ".paypal.com").map(bare);
  return url && !hidesReferrer() && !within(bare(url), excluded) ? url : "";
};
