// The beginning of one tracker.

import { followPolicy } from "./consent.js";
import { given, tracker } from "./state.js";

export const begin = (first, url, site) => {
  Object.assign(given, { first, TrackerUrl: url });
  tracker.getSiteId = () => given.SiteId;
  tracker.setSiteId = (id) => {
    given.SiteId = id;
    followPolicy();
  };
  if (site) tracker.setSiteId(site);
  return tracker;
};
