// What a page may tell: views, events, searches, goals, and what was bought or lies in the cart.

import { json, random } from "./values.js";

const missing = (value) => !value && value !== 0;

export const actions = (tracker, self) => {
  let views = 0;
  let cart = {};
  const items = () => json(Object.keys(cart).map((sku) => cart[sku])) || "[]";

  Object.assign(tracker, {
    getNumTrackedPageViews: () => views,
    trackPageView(title, data, callback) {
      views++;
      self._forgetPending();
      self._forgetSeen?.();
      self._pageView = random().slice(0, 6);
      self._track({ action_name: title || self._title() }, data, callback);
    },
    trackEvent(e_c, e_a, e_n, e_v, data, callback) {
      if (missing(e_c) || missing(e_a)) console.error("trackEvent: category and action are needed");
      else self._track({ e_c, e_a, e_n, e_v, ca: 1 }, data, callback);
    },
    trackSiteSearch(search, search_cat, search_count, data) {
      self._forgetSeen?.();
      self._track({ search, search_cat, search_count }, data);
    },
    trackGoal(idgoal, revenue, data, callback) {
      self._track({ idgoal, revenue: revenue || "" }, data, callback);
    },
    trackLink(url, kind, data, callback, node) {
      self._track({ [kind]: self._purified(url), ...(node && self._contentAt?.(node)) }, data, callback);
    },
    ping: () => self._track({ ping: 1 }),

    setEcommerceView(sku, name, category, price) {
      self._viewed = { _pkc: Array.isArray(category) ? json(category) : category, _pkp: price, _pks: sku, _pkn: name };
    },
    addEcommerceItem(sku, name = "", category = "", price = 0, quantity = 1) {
      if (!missing(sku)) cart[sku] = [sku, name, category, price, quantity];
    },
    removeEcommerceItem: (sku) => delete cart[sku],
    clearEcommerceCart: () => (cart = {}),
    getEcommerceItems: () => ({ ...cart }),
    trackEcommerceCartUpdate(revenue) {
      self._track({ idgoal: 0, revenue, ec_items: items() });
    },
    trackEcommerceOrder(ec_id, revenue, ec_st, ec_tx, ec_sh, ec_dt) {
      if (missing(ec_id) || revenue == null) return;
      self._track({ idgoal: 0, ec_id, revenue, ec_st, ec_tx, ec_sh, ec_dt, ec_items: items() });
      cart = {};
    },
  });
};
