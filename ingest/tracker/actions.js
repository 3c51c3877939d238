// What a page may tell: views, events, searches, goals.

import { forgetPending } from "./consent.js";
import { purified, title } from "./page.js";
import { track } from "./request.js";
import { random } from "./sha1.js";
import { complain, extra, given, tracker } from "./state.js";

let views = 0;

Object.assign(tracker, {
  trackPageView(name, data, callback) {
    views++;
    forgetPending();
    given.seen = {};
    given.view = random().slice(2);
    track({ action_name: name || title() }, data, callback);
  },
  getNumTrackedPageViews: () => views,
  trackEvent(e_c, e_a, e_n, e_v, data, callback) {
    if ([e_c, e_a].every((value) => value || value === 0)) track({ e_c, e_a, e_n, e_v, ca: 1 }, data, callback);
    else complain("trackEvent needs category and action");
  },
  trackSiteSearch(search, search_cat, search_count, data) {
    given.seen = {};
    track({ search, search_cat, search_count }, data);
  },
  trackGoal: (idgoal, revenue, data, callback) => track({ idgoal, revenue: revenue || "" }, data, callback),
  trackLink: (url, kind, data, callback, node) =>
    track({ [kind]: purified(url), ...(node && extra.contentAround?.(node)) }, data, callback),
});
