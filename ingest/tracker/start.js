// `window.Matomo`, and `_paq`: the commands of a page, those that waited for this script and those that come later.

import { FOR_ALL, rank } from "./names.js";
import { answerOptOut } from "./opt-out-messages.js";

/** Begin; `evaluate` makes what a tracker consists of. */
export const start = (evaluate) => {
  const trackers = [];
  const listeners = {};
  const trigger = (event, value) => listeners[event]?.forEach((listener) => listener(value));

  const perform = ([name, ...values]) =>
    trackers.slice(0, rank([name]) < FOR_ALL ? 1 : 99).forEach((tracker) => {
      try {
        const command = name.call ? name : tracker[name];
        if (command || !/[.:]/.test(name)) command.apply(tracker, values); // Others are those of plugins.
      } catch (error) {
        console.error("Pegel", name, error); // The other commands are no worse for it.
      }
    });
  const push = (...commands) => (trackers[0] ? commands.forEach(perform) : console.error("Pegel", commands));

  const create = (url, site) => {
    const tracker = evaluate();
    tracker.addTracker = addTracker;
    tracker.setTrackerUrl(url || trackers[0]?.getTrackerUrl());
    if (site) tracker.setSiteId(site);
    trigger("TrackerSetup", tracker);
    return tracker;
  };
  const addTracker = (url, site) => {
    const tracker = create(url, site);
    if (trackers.push(tracker) == 1) {
      const commands = [...(window._paq || [])];
      window._paq = { push };
      push(...commands.sort((one, other) => rank(one) - rank(other)));
    }
    trigger("TrackerAdded", tracker);
    return tracker;
  };
  const getAsyncTracker = (url, site) =>
    site ? trackers.find((one) => one.getTrackerUrl() == url && one.getSiteId() == site) : trackers[0] || addTracker();

  const twice = window.Matomo; // This script, or Matomo's.
  const Matomo = twice || {
    addTracker,
    getAsyncTracker,
    getAsyncTrackers: () => trackers,
    getTracker: (url, site) => create(url, site || getAsyncTracker().getSiteId()),
    on: (event, listener) => (listeners[event] ||= []).push(listener),
    trigger,
    addPlugin() {},
  };
  window.Matomo = window.Piwik = Matomo;
  (window.matomoPluginAsyncInit || []).concat(window.piwikAsyncInit, window.matomoAsyncInit).forEach((callback) => callback?.());
  if (twice) return;
  if (window._paq?.length) getAsyncTracker();
  window._paq = { push };
  answerOptOut(trackers);
  Matomo.initialized = true;
  trigger("MatomoInitialized");
};
