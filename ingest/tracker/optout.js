// What the opt-out page of the server, in a frame of this page, and the trackers of this page tell each other.

import { parsed } from "./address.js";
import { trackers } from "./trackers.js";

export const listenToOptOut = () =>
  addEventListener("message", ({ data, origin, source }) => {
    const tracker = trackers.find((one) => parsed(one.getMatomoUrl()).hostname == parsed(origin).hostname);
    if (!tracker || !/^\{"maq_/.test(data)) return;
    const { maq_initial_value: initial, maq_opted_in: optedIn } = JSON.parse(data);
    const asked = initial != null;
    if (!asked && optedIn == null) return;
    if (!asked) trackers.forEach((one) => (optedIn ? one.rememberConsentGiven() : one.forgetConsentGiven()));
    const state = tracker.hasConsent();
    const answer = asked ? { maq_opted_in: initial && state } : { maq_confirm_opted_in: state };
    source.postMessage(
      JSON.stringify({ ...answer, maq_url: tracker.getMatomoUrl(), maq_optout_by_default: tracker.isConsentRequired() }),
      origin,
    );
  });
