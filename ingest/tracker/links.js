// Clicks on links that lead elsewhere or to a file.

import { within } from "./address.js";
import { markAcross } from "./domains.js";
import { domains } from "./page.js";
import { either, given, literally, tracker } from "./state.js";

export let linksTracked;

/** Tell whether a link has a class such as `piwik_ignore`, or one of the page's own. */
const marked = (node, kind, more) =>
  RegExp("(^|\\s)(" + either("(piwik|matomo)[_-]" + kind, literally(more)) + ")(\\s|$)").test(node.className);

/** Return `link` or `download` if it is worth telling where a link leads. */
export const kindOf = (node) => {
  const { href } = node;
  const nowhere = !href || /^(\w*script|mocha|mailto|tel):/i.test(href) || href.startsWith(given.TrackerUrl);
  if (nowhere || marked(node, "ignore", given.IgnoreClasses)) return "";
  if (marked(node, "link", WHOLE && given.LinkClasses)) return "link";
  const downloads = node.hasAttribute("download") || marked(node, "download", WHOLE && given.DownloadClasses);
  const file = RegExp("\\.(" + either(given.DownloadExtensions) + ")([?&#]|$)", "i");
  if (downloads || file.test(href)) return "download";
  return within(href, domains()) ? "" : "link";
};

const follow = (event) => {
  const node = event.composedPath().find((step) => /^A(REA)?$/.test(step.nodeName));
  if (!node) return;
  if (WHOLE) markAcross(node);
  const kind = kindOf(node);
  if (kind) tracker.trackLink(node.href, kind, undefined, undefined, node);
};
/** Follow an event of the main button, or also of the middle one. */
const on = (name, button) => addEventListener(name, (event) => event.button <= button && follow(event), true);

tracker.enableLinkTracking = (everyButton = true) => {
  if (linksTracked) return;
  linksTracked = true;
  on("click", everyButton ? 0 : 1);
  if (!everyButton) return;
  on("auxclick", 1);
  on("contextmenu", 2);
};
