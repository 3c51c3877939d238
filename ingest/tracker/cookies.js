// Cookies of the website. Names and attributes are those of Matomo's tracker, so that either finds what the other left.

import { sha1 } from "./sha1.js";
import { complain, given, remember, tracker } from "./state.js";

const encrypted = location.protocol == "https:";
let domain = "";

remember("SiteId CookieNamePrefix CookiePath CookieSameSite SecureCookie");

const normal = (text) => text.replace(/\/.*|\.$/, "").replace("*", "");
const path = () => given.CookiePath || "/";
const attributes = () => {
  const none = /none/i.test(given.CookieSameSite); // Browsers take it from encrypted pages only.
  const secure = encrypted && (none || given.SecureCookie);
  const sameSite = (encrypted || !none) && given.CookieSameSite;
  return ";path=" + path() + (domain && ";domain=" + domain) + (secure ? ";secure" : "") + ";SameSite=" + (sameSite || "Lax");
};

export const read = (name) => decodeURIComponent((RegExp("(?:^|; )" + name + "=([^;]*)").exec(document.cookie) || "")[1] || "");
export const write = (name, value, age) => {
  document.cookie = name + "=" + encodeURIComponent(value) + ";max-age=" + Math.floor(age) + attributes();
};
export const erase = (name) => read(name) && write(name, "", -1);

export const named = (base) =>
  (given.CookieNamePrefix ?? "_pk_") + base + "." + given.SiteId + "." + sha1((domain || normal(document.domain)) + path()).slice(0, 4);

Object.assign(tracker, {
  deleteCookies: () => ["id", "ses", "cvar", "ref"].forEach((base) => erase(named(base))),

  // Matomo finds out by writing a cookie; but nobody said yet that there may be any.
  setCookieDomain(wanted) {
    const found = normal(wanted);
    if (("." + document.domain).endsWith(found.replace(/^\.?/, "."))) domain = found;
    else complain("this page is not below " + wanted);
  },
});
