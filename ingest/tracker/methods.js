// What few pages ask for: kinds of files, parts of the attribution.

import { either, given, list, tracker } from "./state.js";

// Extensions are a pattern, of what comes before the end of a word.
Object.assign(tracker, {
  addDownloadExtensions: (told) => (given.DownloadExtensions = list(given.DownloadExtensions, told)),
  removeDownloadExtensions: (told) => (given.DownloadExtensions = `(?!(${either(told)})\\b)(${either(given.DownloadExtensions)})`),
});
["CampaignName", "CampaignKeyword", "ReferrerTimestamp", "ReferrerUrl"].forEach((part, i) => {
  tracker["getAttribution" + part] = () => tracker.getAttributionInfo()[i];
});
