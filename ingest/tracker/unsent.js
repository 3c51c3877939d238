// Requests that did not arrive, since the network or the server was not there, are tried again, also from the next page.
//
// They are kept for as long as the tab lives, and only where cookies are allowed; else for as long as the page lives.
// Those of a visitor who objects are forgotten. Whether the server's answers can be read at all is not known before
// one was, and without that a request that arrived would be sent for ever. So only an answer sets them off: to the next
// request, or to a question that says nothing of the visitor.

import { agrees, mayStore } from "./consent.js";
import { extra, given } from "./state.js";
import { deliver, url } from "./transport.js";

const MOST = 50;
const LONGEST = 65536; // Characters.
const OLDEST = 86e6; // Milliseconds; servers want a reason for more than a day.
const FIRST_WAIT = 5000;
const LONGEST_WAIT = 300000;

let kept = [];
let loaded;
let timer;
let wait = FIRST_WAIT;

const name = () => "pegel." + given.SiteId;

const save = () => {
  kept = agrees() ? kept.filter(([, at]) => Date.now() - at < OLDEST).slice(-MOST) : [];
  while (JSON.stringify(kept).length > LONGEST) kept.shift();
  try {
    if (kept[0] && mayStore()) sessionStorage.setItem(name(), JSON.stringify(kept));
    else sessionStorage.removeItem(name());
  } catch {
    // There is no storage, or no room in it.
  }
};

const load = () => {
  if (loaded || !mayStore()) return;
  loaded = true;
  try {
    kept.unshift(...JSON.parse(sessionStorage.getItem(name())));
  } catch {
    // Nothing is kept, or not by us.
  }
};

const ask = () => {
  clearTimeout(timer);
  timer = 0;
  if (!kept[0]) return;
  fetch(url(), { method: "POST", credentials: "omit" }).then((answer) => (answer.status < 500 ? extra.resend() : later()), later);
};
const later = () => {
  timer ||= setTimeout(ask, wait);
  wait = Math.min(wait * 2, LONGEST_WAIT);
};
addEventListener("online", ask);

extra.forget = save;
extra.keep = (entries) => {
  load();
  kept.push(...entries);
  save();
  later();
};
extra.resend = () => {
  load();
  save();
  const entries = kept;
  kept = [];
  save();
  wait = FIRST_WAIT;
  if (entries[0]) deliver(entries);
};
