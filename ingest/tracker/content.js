// Parts of a page whose views and clicks are counted: which ones, and what they are called, is said in their markup.

import { parsed } from "./address.js";
import { enqueue } from "./bulk.js";
import { kindOf } from "./links.js";
import { built } from "./request.js";
import { extra, given, tracker } from "./state.js";

const BLOCK = "[data-track-content],.matomoTrackContent,.piwikTrackContent";
const MEDIA = /^(IMG|EMBED|VIDEO|AUDIO|OBJECT)$/;

let listening;

/** Return what markup calls a part of a block: the element itself, and what its attribute says. */
const part = (block, kind, Kind) => {
  const attribute = "data-content-" + kind;
  const first = (selector) => (block.matches(selector) ? block : block.querySelector(selector));
  const text = first(`[${attribute}]:not([${attribute}=""])`)?.getAttribute(attribute);
  return [first(`[${attribute}],.matomoContent${Kind},.piwikContent${Kind}`), text];
};

const parameters = (block) => {
  let [piece, c_p] = part(block, "piece", "Piece");
  let [target, c_t] = part(block, "target", "Target");
  piece ||= block;
  target ||= block;
  if (!c_p && MEDIA.test(piece.nodeName)) c_p = piece.src || piece.data || piece.querySelector("[name=movie]")?.value;
  c_t ||= target.href || piece.href;
  const titled = [block, piece, target].find((node) => node.title);
  return {
    c_n: part(block, "name", "Name")[1] || c_p?.replace(location.origin, "") || titled?.title || "Unknown",
    c_p: c_p ? (MEDIA.test(piece.nodeName) ? parsed(c_p).href : c_p) : "Unknown",
    c_t: c_t && parsed(c_t).href,
    ca: 1,
  };
};

const tell = (values) => enqueue(built(values));
const view = (block) => {
  const values = parameters(block);
  const key = JSON.stringify(values);
  if (!given.seen?.[key]) tell(values);
  (given.seen ||= {})[key] = 1;
};
const blocksIn = (node) => [...node.querySelectorAll(BLOCK)];

/** Return what a click does to the block around it; nothing where the markup says so. */
extra.contentAround = (node, c_i = "click") => {
  const block = node.closest(BLOCK);
  const target = block && part(block, "target", "Target")[0];
  if (!block || (target && !target.contains(node)) || part(target || block, "ignoreinteraction", "IgnoreInteraction")[0]) return;
  return { c_i, ...parameters(block) };
};

const listen = () => {
  if (listening) return;
  listening = true;
  document.addEventListener("click", ({ target }) => {
    const values = extra.contentAround(target);
    const link = target.closest("a,area");
    if (values && !(link && given.linksTracked && kindOf(link))) tell(values); // Such a link tells it itself.
  }, true);
};
const whenLoaded = (callback, early) =>
  document.readyState == "complete" || (early && document.readyState != "loading")
    ? callback()
    : addEventListener(early ? "DOMContentLoaded" : "load", callback);

Object.assign(tracker, {
  trackContentImpression: (c_n, c_p = "Unknown", c_t) => c_n && tell({ c_n, c_p, c_t, ca: 1 }),
  trackContentInteraction: (c_i, c_n, c_p = "Unknown", c_t) => c_i && c_n && tell({ c_i, c_n, c_p, c_t, ca: 1 }),
  trackContentImpressionsWithinNode(node) {
    blocksIn(node).forEach(view);
    listen();
  },
  trackContentInteractionNode(node, kind = "Unknown") {
    const values = extra.contentAround(node, kind);
    if (values) tell(values);
  },
  trackAllContentImpressions: () => whenLoaded(() => tracker.trackContentImpressionsWithinNode(document), true),
  trackVisibleContentImpressions(_, milliseconds = 750) {
    const watcher = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && view(entry.target)));
    // Blocks may come later; and after another page view, those that are still there count again.
    const look = () => {
      watcher.disconnect();
      blocksIn(document).forEach((block) => watcher.observe(block));
    };
    whenLoaded(() => {
      look();
      listen();
      if (milliseconds > 0) setInterval(look, milliseconds);
    });
  },
});
