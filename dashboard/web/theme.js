// Dark or light: the system decides until somebody chooses; a cookie remembers, so the server paints it at once.
const YEAR = 365 * 24 * 60 * 60;
const system = matchMedia("(prefers-color-scheme: dark)");

const current = () => document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light");

function show() {
  for (const button of document.querySelectorAll("[data-theme-switch]")) button.hidden = false;
}

function choose(theme) {
  document.documentElement.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]").content = theme;
  document.cookie = `pegel_theme=${theme}; path=/; max-age=${YEAR}; samesite=lax`;
  document.dispatchEvent(new Event("theme"));
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-theme-switch]")) choose(current() === "dark" ? "light" : "dark");
});
system.addEventListener("change", () => document.dispatchEvent(new Event("theme")));
document.addEventListener("htmx:after:swap", show);
show();
