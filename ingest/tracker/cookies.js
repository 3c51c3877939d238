// Cookies of the website. Names and attributes are those of Matomo's tracker, so that either finds what the other left.

import { within } from "./address.js";
import { sha1 } from "./sha1.js";
import { given, tracker } from "./state.js";

const encrypted = location.protocol == "https:";
let domain = "";

const normal = (text) => text.replace(/^\*|\/.*|\.$/g, "");

export const read = (name) => decodeURIComponent(("; " + document.cookie).split("; " + name + "=")[1]?.split(";")[0] || "");
export const write = (name, value, age) => {
  const sameSite = given.CookieSameSite;
  const none = /none/i.test(sameSite); // Browsers take it from encrypted pages only.
  document.cookie =
    name + "=" + encodeURIComponent(value) + ";max-age=" + Math.floor(age) + ";path=" + given.CookiePath +
    (domain && ";domain=" + domain) +
    (encrypted && (none || given.SecureCookie) ? ";secure" : "") +
    (encrypted || !none ? ";SameSite=" + sameSite : "");
};
export const erase = (name) => write(name, "", -1);

const hash = () => sha1((domain || normal(document.domain)) + given.CookiePath).slice(0, 4);
export const named = (base) => given.CookieNamePrefix + base + "." + given.SiteId + "." + hash();

Object.assign(tracker, {
  deleteCookies: () => ["id", "ses", "cvar", "ref"].forEach((base) => erase(named(base))),

  // Matomo finds out by writing a cookie; but nobody said yet that there may be any.
  setCookieDomain(wanted) {
    const found = normal(wanted);
    if (within(location, [found.replace(/^\.?/, ".")])) domain = found;
    else console.error(wanted);
  },
});
