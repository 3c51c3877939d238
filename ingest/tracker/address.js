// What addresses of pages say, and where they belong.

export const parsed = (address) => {
  try {
    return new URL(address, location.href);
  } catch {
    return location; // What is no address leads nowhere else.
  }
};

/** Return an address as people read it. Reserved signs stay encoded: decoded, they would mean something else. */
export const readable = (address) => {
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
};

/** Return an address without some parameters, also where its fragment looks like a query. */
export const without = (address, unwanted) =>
  address.replace(/([?#])([^?#]*=[^#]*)/g, (_, mark, pairs) => {
    const kept = pairs.split("&").filter((pair) => !unwanted(pair.split("=")[0]));
    return kept[0] != null ? mark + kept.join("&") : "";
  });

/** Return the first parameter of some names that has a value, in the query or the fragment. */
export const parameter = (address, names) => {
  for (const name of names) {
    const found = RegExp("[?&#]" + name + "=([^&#]+)").exec(address);
    if (found) return readable(found[1].replace(/\+/g, " "));
  }
  return "";
};

/** Tell whether an address is in one of some places: `host`, or `.host` and `*.host` with all below; each maybe with a path. */
export const within = (address, places) => {
  const { hostname, pathname } = parsed(address);
  return places.some((place) => {
    const [, below, host, path] = /^(?:\w+:\/\/)?(\*?\.)?([^/:]*)[^/]*(.*)/.exec(place);
    const same = hostname == host.toLowerCase() || (below && hostname.endsWith("." + host.toLowerCase()));
    return same && (pathname + "/").startsWith(path.replace(/\/?\*?$/, (end) => (end == "*" ? "" : "/")));
  });
};
