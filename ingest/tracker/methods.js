// What few pages ask for: other ways to send, kinds of files, parts of the attribution; and commands without a use by now.

import { extra, given, list, remember, tracker } from "./state.js";

remember("RequestMethod CustomRequestProcessing RequestContentType LinkTrackingTimer CountPreRendered GenerationTimeMs");
remember("disableAlwaysUseSendBeacon addListener killFrame redirectFile logAllContentBlocksOnPage", "");

/** Send by an image where the page wants it and the address is short enough. */
extra.byImage = (address, body, done) => {
  const wanted = given.RequestMethod == "GET" || (given.disableAlwaysUseSendBeacon && given.RequestMethod != "POST");
  if (!wanted || body) return false;
  const image = new Image();
  image.onload = () => done(true);
  image.onerror = () => done(false);
  image.src = address.replace("send_image=0", "send_image=1");
  return true;
};

const extensions = (told) => list(told).join("|").split("|");

Object.assign(tracker, {
  alwaysUseSendBeacon: () => (given.disableAlwaysUseSendBeacon = false),
  addDownloadExtensions: (told) => (given.DownloadExtensions = [...list(given.DownloadExtensions), ...extensions(told)]),
  removeDownloadExtensions: (told) => (extra.noDownloads = [...(extra.noDownloads || []), ...extensions(told)]),
});
["CampaignName", "CampaignKeyword", "ReferrerTimestamp", "ReferrerUrl"].forEach((part, i) => {
  tracker["getAttribution" + part] = () => tracker.getAttributionInfo()[i];
});
