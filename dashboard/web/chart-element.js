// <time-chart>: a table of numbers that draws itself. The table stays, for those who read it.
export class TimeChart extends HTMLElement {
  async connectedCallback() {
    this.plot ??= this.insertBefore(plotElement(this.dataset.name), this.querySelector("details"));
    const drawing = await import("./chart.js").catch(() => null);
    if (!drawing) return this.giveUp();
    if (!this.isConnected) return;
    const points = [...this.querySelectorAll("tbody tr")].map(point);
    this.chart = drawing.draw(this.plot, points, [...this.querySelectorAll(".legend span")].map(series));
    this.redraw = () => this.chart.paint();
    document.addEventListener("theme", this.redraw);
    this.resize = new ResizeObserver(resized(this.plot, () => this.chart?.resize()));
    this.resize.observe(this.plot);
  }

  // Without its script there is no chart, but there are the numbers.
  giveUp() {
    this.plot.hidden = true;
    this.querySelector("details").open = true;
  }

  disconnectedCallback() {
    document.removeEventListener("theme", this.redraw);
    this.resize?.disconnect();
    this.chart?.dispose();
    this.chart = undefined;
  }
}

// An observer reports once at the start, when nothing has changed.
function resized(element, then) {
  let width = element.clientWidth;
  return () => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    then();
  };
}

function plotElement(name) {
  const plot = document.createElement("div");
  plot.className = "plot";
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", name);
  return plot;
}

// What is drawn is what the legend names: a column of numbers, in a colour of the style sheet.
function series(entry) {
  const { className: colour, textContent: title, dataset } = entry;
  return { colour, title, column: Number(dataset.column), filled: "filled" in dataset };
}

// A row without numbers has not begun; the axis shows it, the lines end before it.
function point(row) {
  return {
    label: row.dataset.label,
    title: row.querySelector("th")?.textContent ?? "",
    link: row.querySelector("a"),
    counts: row.dataset.counts?.split(" ").map(Number) ?? [],
    running: "running" in row.dataset,
  };
}
