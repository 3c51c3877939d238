// Parts of a page whose views and clicks are counted: which ones, and what they are called, is said in their markup.

import { parsed } from "./address.js";
import { enqueue } from "./bulk.js";
import { kindOf, linksTracked } from "./links.js";
import { built } from "./request.js";
import { tracker } from "./state.js";

const BLOCK = "[data-track-content],.matomoTrackContent,.piwikTrackContent";

let listening;
let seen = {};

/** Do something, unless it was done for the same reason since the last page view. */
export const once = (reason, act) => {
  if (!seen[reason]) act();
  seen[reason] = 1;
};
export const forgetSeen = () => (seen = {});

/** Return the element that markup calls a part of a block, and what its attribute says. */
const part = (block, kind) => {
  const attribute = "data-content-" + kind.toLowerCase();
  const selector = `[${attribute}],.matomoContent${kind},.piwikContent${kind}`;
  const node = block.matches(selector) ? block : block.querySelector(selector);
  return [node || block, node?.getAttribute(attribute), node];
};

const parameters = (block) => {
  const [piece, said] = part(block, "Piece");
  const [target, goal] = part(block, "Target");
  const c_p = said || piece.src || piece.data;
  const c_t = goal || target.href || piece.href;
  return {
    c_n: part(block, "Name")[1] || c_p?.replace(location.origin, "") || block.title || piece.title || target.title || "Unknown",
    c_p: c_p || "Unknown",
    c_t: c_t && parsed(c_t).href,
    ca: 1,
  };
};

const tell = (values) => enqueue(built(values));
const view = (block) => {
  const values = parameters(block);
  once(JSON.stringify(values), () => tell(values));
};

/** Return what a click does to the block around it; nothing where the markup says so. */
export const contentAround = (node, c_i = "click") => {
  const block = node.closest(BLOCK);
  if (!block) return;
  const [target, , marked] = part(block, "Target");
  if ((!marked || target.contains(node)) && !part(target, "IgnoreInteraction")[2]) return { c_i, ...parameters(block) };
};

Object.assign(tracker, {
  trackContentImpression: (c_n, c_p = "Unknown", c_t) => c_n && tell({ c_n, c_p, c_t, ca: 1 }),
  trackContentInteraction: (c_i, c_n, c_p = "Unknown", c_t) => c_i && c_n && tell({ c_i, c_n, c_p, c_t, ca: 1 }),
  trackContentInteractionNode(node, kind = "Unknown") {
    const values = contentAround(node, kind);
    if (values) tell(values);
  },
  trackContentImpressionsWithinNode(node, act = view) {
    node.querySelectorAll(BLOCK).forEach(act);
    listening ||= !addEventListener("click", ({ target }) => {
      const link = target.closest("a,area");
      // Such a link tells it itself.
      if (!(link && linksTracked && kindOf(link))) tracker.trackContentInteractionNode(target, "click");
    }, true);
  },
  trackAllContentImpressions() {
    const look = () => tracker.trackContentImpressionsWithinNode(document);
    if (document.readyState == "loading") addEventListener("DOMContentLoaded", look);
    else look();
  },
  trackVisibleContentImpressions(_, milliseconds) {
    const watcher = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && view(entry.target)));
    // Blocks may come later; and after another page view, those that are still there count again.
    setInterval(() => {
      watcher.disconnect();
      if (document.readyState == "complete")
        tracker.trackContentImpressionsWithinNode(document, (block) => watcher.observe(block));
    }, milliseconds || 750);
  },
});
