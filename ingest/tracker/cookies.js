// Cookies of the website: names and attributes are those of Matomo's tracker, so that either finds what the other left.

import { sha1 } from "./sha1.js";
import { remember } from "./values.js";

const TRACKING = ["id", "ses", "ref", "cvar"];

export const read = (name) => {
  const pair = document.cookie.split("; ").find((text) => text.startsWith(name + "="));
  return pair ? decodeURIComponent(pair.slice(name.length + 1)) : "";
};

const normal = (domain) => domain.replace(/\/.*|\.$/g, "").replace(/^\*/, "");

export const cookies = (tracker, self) => {
  const given = self._given;
  const secure = location.protocol == "https:";
  let domain = "";
  remember(tracker, given, "setCookieNamePrefix setCookiePath");

  const named = (base) =>
    (given.setCookieNamePrefix ?? "_pk_") + base + "." + self._site + "." +
    sha1((domain || normal(document.domain)) + (given.setCookiePath || "/")).slice(0, 4);

  self._write = (name, value, age) => {
    document.cookie =
      name + "=" + encodeURIComponent(value) + ";max-age=" + Math.floor(age) +
      ";path=" + (given.setCookiePath || "/") + (domain && ";domain=" + domain) +
      (given.setSecureCookie ? ";secure" : "") + ";SameSite=" + (given.setCookieSameSite || "Lax");
  };
  self._erase = (name) => read(name) && self._write(name, "", -1);
  self._readOwn = (base) => (self._mayStore() ? read(named(base)) : "");
  self._writeOwn = (base, value, age) => self._mayStore() && self._write(named(base), value, age);

  Object.assign(tracker, {
    deleteCookies: () => TRACKING.forEach((base) => self._erase(named(base))),

    // Matomo finds out by a cookie that it deletes at once; nobody said yet that there may be any.
    setCookieDomain(wanted) {
      const found = normal(wanted);
      if (("." + document.domain).endsWith("." + found.replace(/^\./, ""))) domain = found;
      else console.error("setCookieDomain: this page is not below " + wanted);
    },
    setSecureCookie(wanted) {
      if (wanted && !secure) console.error("setSecureCookie: this page came without https");
      else given.setSecureCookie = wanted;
    },
    setCookieSameSite(wanted) {
      const none = /^none$/i.test(wanted);
      if (none && secure) given.setSecureCookie = true;
      if (none && !secure) console.error("setCookieSameSite: None needs https");
      else if (/^(none|lax|strict)$/i.test(wanted)) given.setCookieSameSite = wanted;
    },
  });
};
