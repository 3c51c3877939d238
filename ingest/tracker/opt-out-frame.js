// The opt-out page of the collector, with scripts: keeps the choice in the collector's cookie, tells the tracker of the
// page around it (browser specification, section 3.2), and says what was really kept.

import { forget, forgetTracking } from "./opt-out-cookies.js";

const POLL_EVERY = 150; // Milliseconds.
const POLLS = 1200;
const CONFIRMED_WITHIN = 1000; // Milliseconds.

const framed = window.parent !== window;
const find = (id) => document.getElementById(id);
const checkbox = find("trackVisits");
const status = find("status");
let serverCounts = checkbox && checkbox.checked; // What the server says: undefined where it does not answer.
let trackerCounts; // What the tracker of the page says: undefined where there is none.
let waiting = framed; // For the first sign of a tracker.
let choice; // What was chosen last: undefined before anything was.
let heard = () => {}; // Told when the tracker confirms.

const showState = (counted) => {
  checkbox.checked = counted;
  for (const [id, shown] of [["textOptOut", counted], ["labelOptOut", counted], ["textOptIn", !counted], ["labelOptIn", !counted]]) {
    if (find(id)) find(id).hidden = !shown; // Texts are left out where a website does not want them.
  }
};

const say = (name, problem) => {
  const unencrypted = problem && location.protocol !== "https:" ? ` ${status.dataset.notHttps}` : "";
  find("message").textContent = status.dataset[name] + unencrypted;
  find("elsewhere").hidden = !(problem && framed);
  // Frames may be low: what happened stands at the end, and needs the room.
  if (problem) [find("textOptOut"), find("textOptIn")].forEach((text) => text && (text.hidden = true));
  window.scrollTo(0, find("message").offsetTop - document.documentElement.clientHeight / 2);
};

const tell = (message) => window.parent.postMessage(JSON.stringify(message), "*");

const parsed = (data) => {
  try {
    const answer = JSON.parse(data);
    return new URL(answer.maq_url).hostname === location.hostname ? answer : {};
  } catch (error) {
    return {}; // Pages send messages of all kinds.
  }
};

const listen = ({ source, data }) => {
  if (source !== window.parent || typeof data !== "string") return;
  const { maq_opted_in: state, maq_confirm_opted_in: confirmed } = parsed(data);
  if (typeof state === "boolean" && waiting) {
    waiting = false;
    if (choice === undefined) showState((trackerCounts = state));
    else tell({ maq_opted_in: choice }); // It came later than the choice.
  }
  if (typeof confirmed === "boolean") {
    trackerCounts = confirmed;
    heard();
  }
};

// The tracker may be loaded long after this page.
const poll = (left) => {
  if (!left || !waiting) return;
  tell({ maq_initial_value: serverCounts !== false });
  setTimeout(poll, POLL_EVERY, left - 1);
};

const confirmation = (counted) =>
  new Promise((resolve) => {
    heard = resolve;
    setTimeout(resolve, CONFIRMED_WITHIN);
    tell({ maq_opted_in: counted });
  });

const address = (asking) => {
  const url = new URL(location.href);
  url.searchParams.delete("saved");
  if (asking) url.searchParams.set("state", "");
  return url;
};

// Send the choice, then ask what came of it: only a cookie that comes back was kept.
const save = async (counted) => {
  const headers = { accept: "application/json" };
  try {
    const body = new URLSearchParams({ trackVisits: counted ? "1" : "0" });
    const sent = await fetch(address(false), { method: "POST", body, headers, credentials: "same-origin" });
    const state = await fetch(address(true), { headers, credentials: "same-origin", cache: "no-store" });
    serverCounts = sent.ok && state.ok ? (await state.json()).counted : undefined;
  } catch (error) {
    serverCounts = undefined;
  }
};

// An objection holds where either keeps it; to be counted again, neither may keep one.
const kept = (counted) =>
  counted ? serverCounts === true && trackerCounts !== false : serverCounts === false || trackerCounts === false;

const allowed = async () => {
  try {
    await document.requestStorageAccess();
    return true;
  } catch (error) {
    return false; // Refused, or this browser does not know the question.
  }
};

const apply = async (counted) => {
  choice = counted;
  trackerCounts = undefined;
  say("saving");
  showState(counted);
  if (counted) forget("mtm_consent_removed"); // Where collector and website share a domain.
  else forgetTracking();
  const told = framed ? confirmation(counted) : null;
  await save(counted);
  if (!kept(counted)) await told;
  if (kept(counted)) return say(counted ? "savedCounted" : "savedOut");
  if (framed && serverCounts !== undefined && (await allowed())) {
    await save(counted);
    if (kept(counted)) return say(counted ? "savedCounted" : "halfSaved", !counted);
  }
  showState(!counted);
  // In a sandbox, the server takes nothing: the page has no origin there.
  if (serverCounts === undefined && self.origin !== "null") return say("unreachable", true);
  return say(navigator.cookieEnabled ? "notSaved" : "noCookies", true);
};

const start = () => {
  let last = Promise.resolve();
  find("save").hidden = true; // Each change is saved at once.
  checkbox.addEventListener("change", () => {
    const counted = checkbox.checked;
    last = last.then(() => apply(counted));
  });
  if (!navigator.cookieEnabled && !framed) say("noCookies", true);
  if (!framed) return;
  window.addEventListener("message", listen);
  poll(POLLS);
};

if (checkbox) start();
