// A website's own script that tracks with `@jonkoops/matomo-tracker`; a test says what to call.
import MatomoTracker from "@jonkoops/matomo-tracker";

window.startTracker = (options) => {
  window.tracker = new MatomoTracker(options);
};
