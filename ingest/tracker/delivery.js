// How a request is sent so that it arrives, and how the page knows.
//
// While the page is looked at it goes by fetch with `keepalive`: on the wire that is what a beacon is, a POST with
// cookies and without a preflight; it outlives the page as well, and it tells whether it arrived. A beacon, which tells
// nothing, takes over while the page is hidden or left, and in browsers whose fetch does not outlive the page.

import { given } from "./state.js";
import { addressOf, bodyOf } from "./transport.js";
import { keep, resend } from "./unsent.js";

const LONGEST_KEPT_ALIVE = 6e4; // Browsers keep 64 KiB alive, of all requests together.

let stays = 0; // On this page, which the visitor may leave and come back to.
addEventListener("pagehide", () => stays++);

/** Return entries, each a query with its time, as one text that says how late they are. */
const together = (entries) => {
  const texts = entries.map(([text, at]) => {
    const late = Math.round((Date.now() - at) / 1000);
    return text + (late ? "&cdo=" + late : "");
  });
  return texts[1] ? JSON.stringify({ requests: texts.map((text) => "?" + text), send_image: 0 }) : texts[0];
};

/** Send entries as one request. */
export const deliver = (entries, callback) => {
  const request = together(entries);
  const method = given.RequestMethod || given.AlwaysUseSendBeacon || "GET";
  const body = bodyOf(request, entries[1] || method == "POST");
  const byImage = method == "GET" && !body;
  const address = addressOf(request, body);
  // What is under way when the page is left fails for the page, and arrives: to send that again would be wrong.
  const stay = stays;
  const done = (success, isSendBeacon) => {
    if (!isSendBeacon) {
      if (success) resend();
      else if (stay == stays) keep(entries);
    }
    callback?.({ request, trackerUrl: given.TrackerUrl, success, isSendBeacon });
  };
  // A beacon would get lost, and a page that ends does not hear of it.
  if (!navigator.onLine) done(false);
  else if ((document.hidden || !("keepalive" in Request.prototype)) && navigator.sendBeacon?.(address, body)) done(true, true);
  else
    fetch(byImage ? address.replace("send_image=0", "send_image=1") : address, {
      method: byImage ? "GET" : "POST",
      mode: byImage ? "no-cors" : "cors", // The answer to an image is for nobody's eyes, also where it is an answer.
      credentials: "include",
      keepalive: !(body.size > LONGEST_KEPT_ALIVE),
      body: body || undefined,
    }).then(
      (answer) => done(answer.status < 500),
      () => done(false),
    );
};
