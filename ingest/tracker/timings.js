// How fast the page was there: what is known so far with a page view, everything with the first request after that.

import { remember } from "./values.js";

const NAMES = ["pf_net", "pf_srv", "pf_tfr", "pf_dm1", "pf_dm2", "pf_onl"];

const measured = () => {
  const at = performance.timing || performance.getEntriesByType("navigation")[0];
  const spans = [
    ["fetchStart", "connectEnd"],
    ["requestStart", "responseStart"],
    ["responseStart", "responseEnd"],
    [at.domLoading ? "domLoading" : "responseEnd", "domInteractive"],
    ["domInteractive", "domComplete"],
    ["loadEventStart", "loadEventEnd"],
  ].map(([begin, end]) => (at[begin] && at[end] ? Math.round(at[end] - at[begin]) : undefined));
  return spans.some((span) => span < 0) ? [] : spans;
};

const named = (spans) => Object.fromEntries(spans.map((span, i) => [NAMES[i], span]));

export const timings = (tracker, self) => {
  const given = self._given;
  let custom;
  let told;
  remember(tracker, given, "disablePerformanceTracking");

  /** Return everything, once. */
  self._timings = () => {
    const spans = custom || (!told && performance.timing.loadEventEnd && !given.disablePerformanceTracking && measured());
    custom = 0;
    if (spans) told = 1;
    return named(spans || []);
  };
  /** Return what is known while the page still loads. */
  self._timingsSoFar = (action) => named(told || given.disablePerformanceTracking || action.action_name == null ? [] : measured());

  tracker.setPagePerformanceTiming = (...spans) => {
    if (spans.some((span) => span >= 0)) custom = spans.slice(0, 6).map((span) => (span >= 0 ? Math.round(span) : undefined));
    else console.error("setPagePerformanceTiming: no time given");
  };
};
