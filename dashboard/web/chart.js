// The chart of numbers over time: Apache ECharts, only what is used of it, colours from the style sheet.
import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([LineChart, GridComponent, TooltipComponent, SVGRenderer]);

const WIDTH = 2.25;
const numbers = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact" });
const still = matchMedia("(prefers-reduced-motion: reduce)");

export function draw(element, points, series) {
  const chart = init(element, null, { renderer: "svg" });
  const paint = (repainting = true) => chart.setOption(options(element, points, series, repainting), true);
  chart.getZr().on("click", (event) => {
    const [index] = chart.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]);
    points[index]?.link?.click();
  });
  paint(false);
  const resize = () => {
    chart.resize();
    paint();
  };
  return { paint, resize, dispose: () => chart.dispose() };
}

// The style sheet says light-dark(…), which ECharts cannot read; as the colour of an element it becomes rgb(…).
function resolver(element, style) {
  return (name) => {
    element.style.color = `var(${name})`;
    return style.color;
  };
}

// Every label that has room, in steps that people count in.
const STEPS = [1, 2, 3, 4, 6, 7, 12, 14, 28, 56, 112];
const ROOM = 74;

function labelled(element, points) {
  const fitting = STEPS.find((step) => (points.length / step) * ROOM <= element.clientWidth) ?? STEPS.at(-1);
  return (index) => index % fitting === 0;
}

function options(element, points, series, repainting) {
  const style = getComputedStyle(element);
  const colour = resolver(element, style);
  const font = { color: colour("--muted"), fontFamily: style.fontFamily, fontSize: 12 };
  const highest = Math.max(0, ...series.flatMap(({ column }) => points.map((point) => point.counts[column] ?? 0)));
  return {
    animation: !still.matches && !repainting,
    animationDuration: 350,
    grid: { left: 4, right: 10, top: 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: {
      type: "category",
      boundaryGap: points.length === 1,
      data: points.map((point) => point.label),
      axisLine: { lineStyle: { color: colour("--line") } },
      axisTick: { show: false },
      axisLabel: { ...font, interval: labelled(element, points), margin: 12 },
    },
    yAxis: {
      type: "value",
      minInterval: 1,
      splitNumber: 4,
      max: highest ? undefined : 4,
      axisLabel: { ...font, formatter: (value) => short.format(value) },
      splitLine: { lineStyle: { color: colour("--line") } },
    },
    tooltip: {
      trigger: "axis",
      className: "tip",
      backgroundColor: colour("--surface"),
      borderColor: colour("--line"),
      borderWidth: 1,
      padding: [10, 12],
      textStyle: { ...font, color: colour("--text") },
      axisPointer: { lineStyle: { color: colour("--muted"), type: "solid", opacity: 0.5 } },
      transitionDuration: 0,
      confine: true,
      formatter: ([{ dataIndex }]) => tip(points[dataIndex], series),
    },
    series: series.toReversed().flatMap((one) => lines(one, points, colour)), // The first lies on top.
  };
}

// What is still running is drawn dashed from the last finished point on: it will grow.
function lines({ column, title, colour: name, filled }, points, colour) {
  const count = (point) => point.counts[column] ?? null;
  const shared = { type: "line", name: title, color: colour(`--${name}`), smooth: 0.25, smoothMonotone: "x", symbol: "circle", symbolSize: 7, emphasis: { lineStyle: { width: WIDTH } } };
  const running = points.findIndex((point) => point.running);
  const over = points.map((point) => (point.running ? null : count(point)));
  const dashed = points.map((point, index) => (running >= 0 && (index === running || index === running - 1) ? count(point) : null));
  const area = filled ? { areaStyle: { color: colour(`--${name}`), opacity: 0.1 } } : {};
  return [
    { ...shared, ...area, data: over, showSymbol: over.filter((value) => value !== null).length === 1, lineStyle: { width: WIDTH } },
    { ...shared, ...area, data: dashed, showSymbol: running === 0, lineStyle: { width: WIDTH, type: [3, 5] } },
  ];
}

// Built from nodes, never from markup: nothing that was tracked can become HTML here.
function tip(point, series) {
  const box = document.createElement("div");
  box.append(line("tip-title", point.title));
  for (const { colour, title, column } of series) box.append(line(`tip-value ${colour}`, title, numbers.format(point.counts[column] ?? 0)));
  return box;
}

function line(className, text, value) {
  const element = document.createElement("p");
  element.className = className;
  element.append(text);
  if (value !== undefined) element.append(Object.assign(document.createElement("b"), { textContent: value }));
  return element;
}
