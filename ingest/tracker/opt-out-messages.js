// What the opt-out page of the server, in a frame of this page, and the trackers of this page tell each other.

const hostOf = (address) => new URL(address).hostname;

export const answerOptOut = (trackers) =>
  addEventListener("message", ({ data, origin, source }) => {
    const tracker = /^{"maq_/.test(data) && trackers.find((one) => hostOf(one.getMatomoUrl()) == hostOf(origin));
    if (!tracker) return;
    const { maq_initial_value: initial, maq_opted_in: wanted } = JSON.parse(data);
    const asked = initial != null;
    if (!asked) trackers.forEach((one) => one[wanted ? "rememberConsentGiven" : "forgetConsentGiven"]());
    source.postMessage(
      JSON.stringify({
        [asked ? "maq_opted_in" : "maq_confirm_opted_in"]: tracker.hasConsent() && initial !== false,
        maq_url: tracker.getMatomoUrl(),
        maq_optout_by_default: tracker.isConsentRequired(),
      }),
      origin,
    );
  });
