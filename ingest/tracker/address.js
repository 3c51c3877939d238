// What addresses say, and where they belong.

export const parsed = (address) => {
  try {
    return new URL(address, location);
  } catch {
    return location; // What is no address leads nowhere else.
  }
};

/** Return an address as people read it. What separates its parts stays encoded where it is meant otherwise. */
export const readable = (address, decode = decodeURI) => {
  try {
    return decode(address);
  } catch {
    return address;
  }
};

/** Return the first parameter of some names that has a value, in the query or the fragment. */
export const parameter = (address, names) =>
  names
    .map((name) => RegExp("[?&#]" + name + "=([^&#]+)").exec(address))
    .filter(Boolean)
    .map((found) => readable(found[1], decodeURIComponent))[0] || "";

/** Tell whether an address is at one of some places: `host`, or `.host` and `*.host` with all below; maybe with a path. */
export const within = (address, places) => {
  const { hostname, pathname } = parsed(address);
  return places.some((place) => {
    const [, below, host, path] = /^(?:\w+:\/\/)?(\*?\.)?([^/:]*)[^/]*(.*)/.exec(place.toLowerCase());
    return (
      (hostname == host || (below && hostname.endsWith("." + host))) &&
      (pathname.toLowerCase() + "/").startsWith(path.replace(/\/?\*?$/, (end) => (end == "*" ? "" : "/")))
    );
  });
};
