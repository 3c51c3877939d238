// Clicks on links that lead elsewhere or to a file.

import { within } from "./address.js";
import { list, remember } from "./values.js";

const NOWHERE = /^(\w*script|mocha|mailto|tel):/i;
const EXTENSIONS =
  "7z|aac|apk|arc|arj|asc|asf|asx|avi|azw3|bin|csv|deb|dmg|docx?|epub|exe|flv|gif|gz|gzip|hqx|ibooks|jar|jpe?g|js|md5|mobi|" +
  "mp[234g]|mpeg|mov|movie|ms[ip]|od[bfgpst]|og[gv]|pdf|phps|png|pptx?|qtm?|ram?|rar|rpm|rtf|sea|sha|sha256|sha512|sig|sit|" +
  "tar|tbz|tbz2|bz|bz2|tgz|torrent|txt|wav|wm[av]|wpd|xlsx?|xml|xz|z|zip";

export const links = (tracker, self) => {
  const given = self._given;
  let listening;
  let pressed;
  remember(tracker, given, "setIgnoreClasses setLinkClasses setDownloadClasses setDownloadExtensions");

  const marked = (node, kind, more) =>
    [...list(more), ...["piwik_", "piwik-", "matomo_", "matomo-"].map((prefix) => prefix + kind)]
      .some((name) => node.classList.contains(name));

  const extensions = () => list(given.setDownloadExtensions ?? EXTENSIONS).join("|");

  /** Return `link` or `download` if following a link is worth telling. */
  self._kindOf = (node) => {
    const url = node.href;
    if (!url || NOWHERE.test(url) || url.startsWith(self._url()) || marked(node, "ignore", given.setIgnoreClasses)) return;
    if (marked(node, "link", given.setLinkClasses)) return "link";
    const file = node.hasAttribute("download") || marked(node, "download", given.setDownloadClasses);
    if (file || RegExp("\\.(" + extensions() + ")([?&#]|$)", "i").test(url)) return "download";
    if (!within(url, self._domains())) return "link";
  };

  const follow = (event) => {
    const node = event.composedPath().find((step) => /^(A|AREA)$/.test(step.nodeName));
    if (!node) return;
    self._linkAcross?.(node);
    const kind = self._kindOf(node);
    if (kind) tracker.trackLink(node.href, kind, 0, 0, node);
  };
  const on = (name, listener) => document.addEventListener(name, listener, true);

  tracker.enableLinkTracking = (everyButton = true) => {
    if (listening) return;
    listening = true;
    on("click", (event) => (event.button == 0 || (event.button == 1 && !everyButton)) && follow(event));
    if (!everyButton) return;
    on("contextmenu", follow);
    on("mousedown", (event) => (pressed = event.target));
    on("mouseup", (event) => event.button == 1 && event.target == pressed && follow(event));
  };
};
