// Clicks on links that lead elsewhere or to a file.

import { within } from "./address.js";
import { domains } from "./page.js";
import { extra, given, list, remember, tracker } from "./state.js";
import { url } from "./transport.js";

const NOWHERE = /^(\w*script|mocha|mailto|tel):/i;
const EXTENSIONS =
  "7z|aac|apk|ar[cj]|as[cfx]|avi|azw3|bin|bz2?|csv|deb|dmg|docx?|epub|exe|flv|gif|gz|gzip|hqx|ibooks|jar|jpe?g|js|md5|mobi|" +
  "mov|movie|mp[234g]|mpeg|ms[ip]|od[bfgst]|og[gv]|pdf|phps|png|pptx?|qtm?|ra|ram|rar|rpm|rtf|sea|sha|sha256|sha512|sig|sit|" +
  "tar|tbz2?|tgz|torrent|txt|wav|wm[av]|wpd|xlsx?|xml|xz|z(ip)?";

let pressed;
given.DownloadExtensions = EXTENSIONS;
remember("IgnoreClasses LinkClasses DownloadClasses DownloadExtensions");

const marked = (node, kind, more) =>
  ["piwik_", "piwik-", "matomo_", "matomo-"].map((maker) => maker + kind).concat(list(more)).some((name) => node.classList.contains(name));

/** Return `link` or `download` if it is worth telling where a link leads. */
export const kindOf = (node) => {
  const { href } = node;
  if (!href || NOWHERE.test(href) || href.startsWith(url()) || marked(node, "ignore", given.IgnoreClasses)) return "";
  if (marked(node, "link", given.LinkClasses)) return "link";
  const file = RegExp("\\.(" + list(given.DownloadExtensions).join("|") + ")([?&#]|$)", "i").exec(href);
  const known = file && !extra.noDownloads?.includes(file[1].toLowerCase());
  if (node.hasAttribute("download") || marked(node, "download", given.DownloadClasses) || known) return "download";
  return within(href, domains()) ? "" : "link";
};

const follow = (event) => {
  const node = event.composedPath().find((step) => /^A(REA)?$/.test(step.nodeName));
  if (!node) return;
  extra.across?.(node);
  const kind = kindOf(node);
  if (kind) tracker.trackLink(node.href, kind, undefined, undefined, node);
};
const on = (name, listener) => document.addEventListener(name, listener, true);

tracker.enableLinkTracking = (everyButton = true) => {
  if (given.linksTracked) return;
  given.linksTracked = true;
  on("click", (event) => event.button < (everyButton ? 1 : 2) && follow(event));
  if (!everyButton) return;
  on("contextmenu", follow);
  on("mousedown", (event) => (pressed = event.target));
  on("mouseup", (event) => event.button == 1 && event.target == pressed && follow(event));
};
