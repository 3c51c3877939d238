// One request: what happened, followed by what is said every time, in the order that servers know.

import { json, query, remember } from "./values.js";

export const request = (tracker, self) => {
  const given = self._given;
  const dimensions = {};
  remember(tracker, given, "setPageViewId appendToTrackingUrl");

  /** Return the query string of an action, given as parameters or as a query string. */
  self._build = (action, data = {}) => {
    self._tidy();
    const now = new Date();
    const [_rcn, _rck, _refts, _ref] = self._attribution();
    const [_idn, _id] = self._visitor();
    const own = {};
    const others = {};
    const lasting = {};
    Object.keys(data || {}).forEach((name) => ((/^dimension\d+$/.test(name) ? own : others)[name] = data[name]));
    Object.keys(dimensions).forEach((id) => (lasting["dimension" + id] = dimensions[id]));
    return [
      typeof action == "string" ? action : query(action),
      query({
        idsite: self._site, rec: 1, r: ("" + Math.random()).slice(2, 8),
        h: now.getHours(), m: now.getMinutes(), s: now.getSeconds(),
        url: self._purified(self._page()), urlref: self._purified(self._referrer()), uid: given.setUserId,
        _id, _idn: +_idn, cs: /utf-8/i.test(document.characterSet) ? "" : document.characterSet, send_image: 0,
        _rcn, _rck, _refts: +_refts, _ref,
        ...own, ...self._viewed, ...lasting, ...own, data: json(others), ...self._variables?.(),
        ...self._timings(), pv_id: given.setPageViewId ?? self._pageView,
      }),
      given.appendToTrackingUrl,
      query(self._timingsSoFar(action)),
    ].filter(Boolean).join("&");
  };

  self._track = (action, data, callback) => {
    if (document.prerendering && !given.setCountPreRendered) {
      document.addEventListener("prerenderingchange", () => self._track(action, data, callback), { once: true });
    } else self._send([self._build(action, data)], callback);
  };

  Object.assign(tracker, {
    setUserId(id) {
      if (id || id === 0) given.setUserId = id;
    },
    resetUserId: () => (given.setUserId = ""),
    getUserId: () => given.setUserId,
    setCustomDimension(id, value) {
      if (id > 0) dimensions[+id] = value;
    },
    deleteCustomDimension: (id) => delete dimensions[+id],
    getCustomDimension: (id) => dimensions[+id],
    trackRequest: self._track,
    getRequest: self._build,
    getPageViewId: () => given.setPageViewId ?? self._pageView,
  });
};
