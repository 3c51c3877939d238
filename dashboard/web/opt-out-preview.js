// Cookies that last as long as the preview is open, and are no cookies: looking at it, or trying it, leaves nothing.
const jar = new Map();

Object.defineProperty(document, "cookie", {
  get: () => [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
  set(text) {
    const [pair, ...attributes] = text.split(";").map((part) => part.trim());
    const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
    const expires = attributes.find((part) => /^expires=/i.test(part))?.slice(8);
    const age = attributes.find((part) => /^max-age=/i.test(part))?.slice(8);
    if (Number(age ?? 1) <= 0 || (expires && Date.parse(expires) <= Date.now())) jar.delete(name);
    else jar.set(name, value);
  },
});
Object.defineProperty(navigator, "cookieEnabled", { get: () => true });
