// Cookies of the page that an opt-out reads and deletes, wherever on this host they were set.

// A page in a sandbox may not even ask for its cookies: it has none.
const all = () => {
  try {
    return document.cookie.split("; ");
  } catch (error) {
    return [];
  }
};

export const write = (text) => {
  try {
    document.cookie = text;
  } catch (error) {
    console.log("Opt-out: this page may not keep cookies.");
  }
};

export const read = (name) => {
  const pair = all().find((text) => text.startsWith(name + "="));
  return pair === undefined ? null : pair.slice(name.length + 1);
};

// Paths that a cookie which this page sees may belong to; "" is the page's own folder.
const paths = () => {
  const parts = location.pathname.split("/").slice(1);
  const above = parts.map((_, index) => "/" + parts.slice(0, index + 1).join("/"));
  return ["", "/", ...above, ...above.map((path) => path + "/")];
};

// Domains likewise; "" is this host alone.
const domains = () => {
  const labels = location.hostname.split(".");
  return ["", ...labels.map((_, index) => labels.slice(index).join("."))];
};

// The path and domain of a cookie cannot be read, so that all are tried.
export const forget = (name) => {
  if (read(name) === null) return;
  for (const path of paths()) {
    for (const domain of domains()) {
      write(`${name}=;max-age=0${path && ";path=" + path}${domain && ";domain=" + domain}`);
    }
  }
};

// Whoever objects is not to be recognised either.
export const forgetTracking = () =>
  all()
    .map((pair) => pair.split("=")[0])
    .filter((name) => name.startsWith("_pk_"))
    .forEach(forget);
