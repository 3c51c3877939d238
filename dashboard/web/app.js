// What JavaScript adds to pages that work without it: htmx, the chart, the theme, forms that send themselves.
import "htmx.org";
import "./theme.js";
import "./copy.js";
import { TimeChart } from "./chart-element.js";

customElements.define("time-chart", TimeChart);

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-submits]")) target.form.requestSubmit();
});

// One menu open at a time is the browser's work; closing it by a click elsewhere or Escape is ours.
const openMenus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", ({ target }) => {
  for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
});

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
