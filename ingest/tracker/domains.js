// A visitor who follows a link to another domain of the website stays the same visitor, by a parameter of the link.

import { parameter, parsed, within } from "./address.js";
import { domains } from "./page.js";
import { sha1 } from "./sha1.js";
import { given, seconds, tracker } from "./state.js";
import { features } from "./transport.js";

const NAME = "pk_vid";
const ADDRESS = location.href;

const device = () => sha1(navigator.userAgent + JSON.stringify(features())).slice(0, 6);
const mark = () => tracker.getVisitorId() + seconds() + device();

export const visitorFromLink = () => {
  const [, id, since, from] = /^([0-9a-z]{16})(\d{10})(\w{6})$/i.exec(parameter(ADDRESS, NAME)) || [];
  const age = seconds() - since;
  const longest = given.CrossDomainLinkingTimeout;
  return given.CrossDomainLinking && from == device() && age >= 0 && (longest <= 0 || age <= longest) && id;
};

export const markAcross = (node) => {
  const url = parsed(node.href);
  const elsewhere = /^http/.test(url) && url.hostname != location.hostname && within(url, domains());
  if (given.CrossDomainLinking && elsewhere && tracker.getVisitorId()) {
    url.searchParams.delete(NAME);
    url.searchParams.append(NAME, mark());
    node.href = url;
  }
};

tracker.isCrossDomainLinkingEnabled = () => !!given.CrossDomainLinking;
tracker.getCrossDomainLinkingUrlParameter = () => NAME + "=" + mark();
