// What addresses say, and where they belong.

import { attempt } from "./state.js";

/** Return the parts of an address. What is none leads nowhere else. */
export const parsed = (address) => attempt(() => new URL(address, location), location);

/** Return an address as people read it. What separates its parts stays encoded where it is meant otherwise. */
export const readable = (address, decode = decodeURI) => attempt(() => decode(address), address);

/** Return the first parameter of some names that has a value, in the query or the fragment. */
export const parameter = (address, names) => {
  const values = ("" + names).split(",").map((name) => RegExp("[?&#]" + name + "=([^&#]+)").exec(address)?.[1]);
  return readable(values.find(Boolean) || "", decodeURIComponent);
};

/** Tell whether an address is at one of some places: `host`, or `.host` and `*.host` with all below; maybe with a path. */
export const within = (address, places) => {
  const { hostname, pathname } = parsed(address);
  return places.some((place) => {
    const [, below, host, path, end] = /^(?:\w+:\/\/)?(\*?\.)?([^/:]*)[^/]*(.*?)\/?(\*?)$/.exec(place.toLowerCase());
    return (
      (hostname == host || (below && hostname.endsWith("." + host))) &&
      (pathname.toLowerCase() + "/").startsWith(path + (end ? "" : "/"))
    );
  });
};
