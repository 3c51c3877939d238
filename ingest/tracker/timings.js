// How fast the page was there: what is known so far with a page view, and all of it once, with the first request after.

import { given, tracker } from "./state.js";

const SPANS = {
  pf_net: ["connectEnd", "fetchStart"],
  pf_srv: ["responseStart", "requestStart"],
  pf_tfr: ["responseEnd", "responseStart"],
  pf_dm1: ["domInteractive", "domLoading"],
  pf_dm2: ["domComplete", "domInteractive"],
  pf_onl: ["loadEventEnd", "loadEventStart"],
};
const at = performance.timing;
let custom;
let told;

export const timingsSoFar = () => {
  const found = {};
  for (const name in SPANS) {
    const [end, begin] = SPANS[name].map((event) => at[event]);
    if (end && begin) found[name] = end - begin;
  }
  const wrong = /-/.test(Object.values(found)); // Less than nothing: a clock was set.
  return told || wrong || (WHOLE && !given.PerformanceTracking) ? {} : found;
};
export const everyTiming = () => {
  const found = custom || (at.loadEventEnd && timingsSoFar());
  custom = 0;
  told ||= found;
  return found;
};

if (WHOLE)
  tracker.setPagePerformanceTiming = (...spans) => {
    Object.keys(SPANS).forEach((name, i) => {
      if (spans[i] >= 0) (custom ||= {})[name] = Math.round(spans[i]);
    });
    if (!custom) console.error("no time");
  };
