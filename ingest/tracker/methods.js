// Other ways to send that a page may ask for, and commands that nobody needs any more.

import { extra, given, remember, tracker } from "./state.js";

remember("RequestMethod CustomRequestProcessing");
remember("disableAlwaysUseSendBeacon", "");

/** Send by an image where the page wants it and the address is short enough. */
extra.byImage = (address, body, done) => {
  const wanted = given.RequestMethod == "GET" || (given.disableAlwaysUseSendBeacon && given.RequestMethod != "POST");
  if (!wanted || body) return false;
  const image = new Image();
  image.onload = () => done(true);
  image.onerror = () => done(false);
  image.src = address.replace("send_image=0", "send_image=1");
  return true;
};

tracker.alwaysUseSendBeacon = () => (given.disableAlwaysUseSendBeacon = false);
