// The choice in cookies of the website, as Matomo's tracker and ours read it. Its names are those that websites know
// from Matomo's opt-out.

import { forget, forgetTracking, read, write } from "./opt-out-cookies.js";

const THIRTY_YEARS = 946080000; // Seconds; browsers make it as long as they allow.

export const MatomoConsent = {
  CONSENT_COOKIE_NAME: "mtm_consent",
  CONSENT_REMOVED_COOKIE_NAME: "mtm_consent_removed",
  cookieIsSecure: false,
  cookiePath: "/",
  cookieDomain: "",
  cookieSameSite: "Lax",

  init(useSecure, path, domain, sameSite) {
    const encrypted = location.protocol === "https:";
    if (useSecure && !encrypted) console.log("Opt-out: without https, its cookies cannot be secure.");
    this.cookieSameSite = sameSite === "None" && !encrypted ? "Lax" : sameSite || "Lax";
    this.cookieIsSecure = encrypted && Boolean(useSecure || this.cookieSameSite === "None");
    // The choice holds for the whole website, not only for the folder of its privacy notice.
    this.cookiePath = path || "/";
    this.cookieDomain = (domain || "").replace(/^\*/, "");
  },

  hasConsent() {
    const objected = Boolean(read(this.CONSENT_REMOVED_COOKIE_NAME));
    if (objected) forget(this.CONSENT_COOKIE_NAME); // Both: the objection counts.
    return !objected;
  },

  consentGiven() {
    forget(this.CONSENT_REMOVED_COOKIE_NAME);
    this.setCookie(this.CONSENT_COOKIE_NAME, Date.now(), THIRTY_YEARS * 1000);
  },

  consentRevoked() {
    forget(this.CONSENT_COOKIE_NAME);
    this.setCookie(this.CONSENT_REMOVED_COOKIE_NAME, Date.now(), THIRTY_YEARS * 1000);
    forgetTracking();
  },

  getCookie(name) {
    const value = read(name);
    return value === null ? 0 : decodeURIComponent(value);
  },

  setCookie(name, value, milliseconds) {
    const parts = [
      `${name}=${encodeURIComponent(value)}`,
      `max-age=${Math.floor(milliseconds / 1000)}`,
      `path=${this.cookiePath}`,
      this.cookieDomain && `domain=${this.cookieDomain}`,
      this.cookieIsSecure && "secure",
      `SameSite=${this.cookieSameSite}`,
    ];
    write(parts.filter(Boolean).join(";"));
  },
};
