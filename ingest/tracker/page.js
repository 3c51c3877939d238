// The page that is looked at: its address, its title, and what led to it.

import { CAMPAIGN } from "./names.js";
import { parameter, parsed, readable, within } from "./address.js";
import { either, given, list, literally, tracker } from "./state.js";

const HIDING = "ignore_referr?er";

export const page = () => parsed(given.CustomUrl).href;
if (WHOLE) tracker.getCurrentUrl = page;

/** Return the places that are this website: also this host, unless what is told has paths. */
export const domains = () => {
  const told = list(given.Domains);
  return /[^/]\/[^/,]/.test(told) ? told : list(told, location.hostname);
};

export const wantsCampaigns = () => given.CampaignParameters || tracker.isConsentRequired();

/** Return an address as it is reported: readable, without parameters that nobody wants, also in a fragment. */
export const purified = (url) => {
  const unwanted = either("pk_vid", HIDING, !wantsCampaigns() && CAMPAIGN + "\\w+", WHOLE && literally(given.ExcludedQueryParams));
  return readable(
    (WHOLE && given.discardHashTag ? url.replace(/#.*/, "") : url)
      .replace(RegExp("([?&#])(?:(?:" + unwanted + ")=[^&#]*(&|(?=#)|$))+", "g"), (_, before, after) => after && before),
  );
};

export const hidesReferrer = () => parameter(page(), HIDING);

const bare = (place) => place.replace("www.", "");

export const referrer = () => {
  const url = given.ReferrerUrl;
  return url && !hidesReferrer() && !within(bare(url), list(given.ExcludedReferrers).map(bare)) ? url : "";
};
