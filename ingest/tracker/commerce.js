// What is looked at, lies in the cart, and is bought.

import { json, track } from "./request.js";
import { given, tracker } from "./state.js";

let cart = {};
const items = () => JSON.stringify(Object.values(cart));

Object.assign(tracker, {
  setEcommerceView(_pks, _pkn, category = "", _pkp) {
    given.product = { _pkc: category.big ? category : json(category), _pkp, _pks, _pkn };
  },
  addEcommerceItem(sku, name = "", category = "", price = 0, quantity = 1) {
    if (sku) cart[sku] = [sku, name, category, price, quantity];
  },
  removeEcommerceItem: (sku) => delete cart[sku],
  clearEcommerceCart: () => (cart = {}),
  getEcommerceItems: () => ({ ...cart }),
  trackEcommerceCartUpdate: (revenue) => track({ idgoal: 0, revenue, ec_items: items() }),
  trackEcommerceOrder(ec_id, revenue, ec_st, ec_tx, ec_sh, ec_dt) {
    if (!ec_id || revenue == null) return;
    track({ idgoal: 0, ec_id, revenue, ec_st, ec_tx, ec_sh, ec_dt, ec_items: items() });
    cart = {};
  },
});
