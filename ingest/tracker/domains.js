// A visitor who follows a link to another domain of the website stays the same visitor, by a parameter of the link.

import { parsed, parameter, within } from "./address.js";
import { domains } from "./page.js";
import { sha1 } from "./sha1.js";
import { extra, given, remember, seconds, tracker } from "./state.js";
import { features } from "./transport.js";

const NAME = "pk_vid";
const ADDRESS = location.href;

remember("CrossDomainLinkingTimeout");
remember("enableCrossDomainLinking", "");

const device = () => sha1(navigator.userAgent + navigator.platform + JSON.stringify(features())).slice(0, 6);

const mark = () => tracker.getVisitorId() + seconds() + device();

extra.visitorFromLink = () => {
  const [, id, since, from] = /^([0-9a-z]{16})(\d{10})(\w{6})$/i.exec(parameter(ADDRESS, [NAME])) || [];
  const age = seconds() - since;
  const longest = given.CrossDomainLinkingTimeout ?? 180;
  return given.enableCrossDomainLinking && from == device() && age >= 0 && (longest <= 0 || age <= longest) && id;
};

extra.across = (node) => {
  const url = parsed(node.href);
  const elsewhere = /^http/.test(url.protocol) && url.hostname != location.hostname && within(node.href, domains());
  if (!given.enableCrossDomainLinking || !elsewhere || !tracker.getVisitorId()) return;
  url.searchParams.delete(NAME);
  url.searchParams.append(NAME, mark());
  node.href = url;
};

Object.assign(tracker, {
  disableCrossDomainLinking: () => (given.enableCrossDomainLinking = false),
  isCrossDomainLinkingEnabled: () => !!given.enableCrossDomainLinking,
  getCrossDomainLinkingUrlParameter: () => NAME + "=" + mark(),
});
