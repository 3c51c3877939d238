// What a page may tell: views, events, searches, goals.

import { forgetPending } from "./consent.js";
import { contentAround, forgetSeen } from "./content.js";
import { purified } from "./page.js";
import { track } from "./request.js";
import { random } from "./sha1.js";
import { given, tracker } from "./state.js";

export let view;
let views = 0;

Object.assign(tracker, {
  trackPageView(name, data, callback) {
    if (WHOLE) views++;
    forgetPending();
    if (WHOLE) forgetSeen();
    view = random().slice(2);
    track({ action_name: [name || given.DocumentTitle] }, data, callback);
  },
  trackEvent(e_c, e_a, e_n, e_v, data, callback) {
    if ([e_c, e_a].every((value) => value || value === 0)) track({ e_c, e_a, e_n, e_v, ca: 1 }, data, callback);
    else console.error("trackEvent", e_c, e_a);
  },
  trackSiteSearch(search, search_cat, search_count, data) {
    if (WHOLE) forgetSeen();
    track({ search: [search], search_cat, search_count }, data);
  },
  trackGoal: (idgoal, revenue, data, callback) => track({ idgoal, revenue: revenue || "" }, data, callback),
  trackLink: (url, kind, data, callback, node) =>
    track({ [kind]: purified(url), ...(WHOLE && node && contentAround(node)) }, data, callback),
});
if (WHOLE) tracker.getNumTrackedPageViews = () => views;
