// Who visits, and where from: as far as cookies are allowed, the browser remembers.

import { parameter, within } from "./address.js";
import { mayStore } from "./consent.js";
import { named, read, write } from "./cookies.js";
import { visitorFromLink } from "./domains.js";
import { domains, hidesReferrer, page, purified, referrer, wantsCampaigns } from "./page.js";
import { random } from "./sha1.js";
import { attempt, given, seconds, tracker } from "./state.js";

let fresh; // One for the whole page, in case that the browser keeps no cookie.

export const stored = (base) => (mayStore() ? read(named(base)) : "");
export const store = (base, value, age) => mayStore() && write(named(base), value, age);

Object.assign(tracker, {
  /** Return whether the visitor is new, the identifier and since when it is known; see that the browser keeps them. */
  getVisitorInfo() {
    const [known, since = seconds()] = stored("id").split(".");
    fresh = mayStore() ? fresh || random() + random() : "";
    const id = (WHOLE && (visitorFromLink() || /^[0-9a-f]{16}|$/i.exec(given.VisitorId)[0])) || known || fresh;
    // Counted from the first visit: a later one does not prolong it.
    store("id", id + "." + since + ".", since - seconds() + +given.VisitorCookieTimeout);
    return [known ? "0" : "1", id, since];
  },
  getVisitorId: () => tracker.getVisitorInfo()[1],
  getAttributionInfo: () => attempt(() => JSON.parse(stored("ref")), ["", "", 0, ""]),
});

/** Return what is said of campaign and referrer: found anew when a session begins, later remembered. */
export const attribution = () => {
  let [name, keyword, since, from] = tracker.getAttributionInfo();
  if (!stored("ses") && !hidesReferrer()) {
    const first = WHOLE && given.ConversionAttributionFirstReferrer;
    if (!first || !name) {
      name = wantsCampaigns() ? parameter(page(), given.CampaignNameKey) : "";
      keyword = name && parameter(page(), given.CampaignKeywordKey);
    }
    const led = referrer();
    if (led && !within(led, domains()) && !(first && from)) from = purified(led).slice(0, 1024);
    since = name || from ? seconds() : 0;
    if (since) store("ref", JSON.stringify([name, keyword, since, from]), given.ReferralCookieTimeout);
  }
  store("ses", 1, given.SessionCookieTimeout);
  return { _rcn: name, _rck: keyword, _refts: since, _ref: from };
};
