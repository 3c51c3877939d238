// Requests that did not arrive, since the network or the server was not there, are tried again, also from the next page.
//
// They are kept for as long as the tab lives, and only where cookies are allowed; else for as long as the page lives.
// Those of a visitor who objects are forgotten. Whether the server's answers can be read at all is not known before
// one was, and without that a request that arrived would be sent for ever. So only an answer sets them off: to the next
// request, or to a question that says nothing of the visitor.

import { agrees, mayStore } from "./consent.js";
import { attempt, given } from "./state.js";
import { deliver } from "./delivery.js";

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

export const save = () => {
  kept = kept.filter(([, at]) => agrees() && Date.now() - at < OLDEST);
  while (kept.length > MOST || JSON.stringify(kept).length > LONGEST) kept.shift();
  // There may be no storage, or no room in it.
  attempt(() => (kept[0] && mayStore() ? (sessionStorage[name()] = JSON.stringify(kept)) : delete sessionStorage[name()]));
};

const load = () => {
  if (loaded || !mayStore()) return;
  loaded = true;
  attempt(() => kept.unshift(...JSON.parse(sessionStorage[name()])));
};

const ask = () => {
  timer = clearTimeout(timer);
  if (!kept[0]) return;
  const answered = (answer) => (answer.status < 500 ? resend() : later());
  fetch(given.TrackerUrl, { method: "POST", credentials: "omit" }).then(answered, later);
};
const later = () => {
  timer ||= setTimeout(ask, wait);
  wait = Math.min(wait * 2, LONGEST_WAIT);
};
addEventListener("online", ask);

export const keep = (entries) => {
  load();
  kept.push(...entries);
  save();
  later();
};
export const resend = () => {
  load();
  save();
  const entries = kept.splice(0);
  save();
  wait = FIRST_WAIT;
  if (entries[0]) deliver(entries);
};
