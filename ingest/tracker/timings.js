// How fast the page was there: what is known so far with a page view, and all of it once, with the first request after.

import { complain, given, tracker } from "./state.js";

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
  for (const name in told ? {} : SPANS) {
    const [end, begin] = SPANS[name].map((event) => at[event]);
    if (end && begin) found[name] = end - begin;
  }
  return Object.values(found).some((span) => span < 0) ? {} : found;
};
export const everyTiming = () => {
  const found = custom || (at.loadEventEnd && timingsSoFar());
  custom = 0;
  if (found) told = 1;
  return found;
};

Object.assign(tracker, {
  disablePerformanceTracking: () => (told = 1),
  setPagePerformanceTiming(...spans) {
    Object.keys(SPANS).forEach((name, i) => {
      if (spans[i] >= 0) (custom ||= {})[name] = Math.round(spans[i]);
    });
    if (!custom) complain("setPagePerformanceTiming without a time");
  },
});
