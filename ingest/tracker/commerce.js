// What is looked at, lies in the cart, and is bought.

import { track } from "./request.js";
import { tracker } from "./state.js";

/** What is looked at. */
export let product;
let cart = {};
const items = () => JSON.stringify(Object.values(cart));

Object.assign(tracker, {
  setEcommerceView(_pks, _pkn, category, _pkp) {
    product = { _pkc: [!category || category.big ? category || "" : JSON.stringify(category)], _pkp, _pks, _pkn };
  },
  addEcommerceItem(sku, name = "", category = "", price = 0, quantity = 1) {
    if (sku) cart[sku] = [sku, name, category, price, quantity];
  },
  trackEcommerceCartUpdate: (revenue) => track({ idgoal: 0, revenue, ec_items: items() }),
  trackEcommerceOrder(ec_id, revenue, ec_st, ec_tx, ec_sh, ec_dt) {
    if (!ec_id || revenue == null) return;
    track({ idgoal: 0, ec_id, revenue, ec_st, ec_tx, ec_sh, ec_dt, ec_items: items() });
    cart = {};
  },
}, WHOLE && {
  removeEcommerceItem: (sku) => delete cart[sku],
  clearEcommerceCart: () => (cart = {}),
  getEcommerceItems: () => ({ ...cart }),
});
