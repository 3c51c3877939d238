// Stands in for matomo.js, which Pegel does not serve yet: sends what waits in `_paq`, one hit after the other.
(() => {
  const page = {};
  const dimensions = {};
  const cart = new Map();
  let tracker, site, user;
  let once = {}; // What the next page view carries.
  window.sent = Promise.resolve();

  function send(values) {
    const given = { idsite: site, rec: 1, send_image: 0, uid: user, _id: "c0ffee0123456789", ...page, ...dimensions, ...values };
    const body = new URLSearchParams(Object.entries(given).filter(([, value]) => value !== undefined && value !== false));
    window.sent = window.sent.then(() => fetch(tracker, { method: "POST", mode: "no-cors", body }));
  }

  const items = () => JSON.stringify([...cart.values()]);
  const commands = {
    setTrackerUrl: (url) => void (tracker = url),
    setSiteId: (id) => void (site = id),
    setUserId: (id) => void (user = id),
    setCustomUrl: (url) => void (page.url = url),
    setDocumentTitle: (title) => void (page.action_name = title),
    setCustomDimension: (id, value) => void (dimensions[`dimension${id}`] = value),
    setEcommerceView: (_pks, _pkn, _pkc, _pkp) => void (once = { _pks, _pkn, _pkc, _pkp }),
    trackPageView: () => (send(once), (once = {})),
    trackEvent: (e_c, e_a, e_n, e_v) => send({ e_c, e_a, e_n, e_v, ca: 1 }),
    trackSiteSearch: (search, search_cat, search_count) => send({ search, search_cat, search_count }),
    trackLink: (url, type) => send({ [type]: url }),
    addEcommerceItem: (...item) => void cart.set(item[0], item),
    removeEcommerceItem: (sku) => void cart.delete(sku),
    clearEcommerceCart: () => cart.clear(),
    trackEcommerceCartUpdate: (revenue) => send({ idgoal: 0, revenue, ec_items: items() }),
    trackEcommerceOrder: (ec_id, revenue, ec_st, ec_tx, ec_sh, ec_dt) => {
      send({ idgoal: 0, ec_id, revenue, ec_st, ec_tx, ec_sh, ec_dt, ec_items: items() });
      cart.clear();
    },
    enableHeartBeatTimer: () => {},
    enableLinkTracking: () => {},
  };
  const run = ([command, ...given]) => commands[command](...given);
  window._paq.forEach(run);
  window._paq = { push: run };
})();
