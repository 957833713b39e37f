// Throughput against the quota, by uPlot where it is installed, and in a sentence in any case.
import { atClock, byId, count, setText } from "./dom.js";
import { now, state } from "./stream.js";

const height = 190;
let uPlot = null;
let plot = null;

export async function startChart() {
  try {
    uPlot = (await import("/uplot.js")).default;
  } catch {
    byId("chart").textContent = "There is no chart: the charting library comes with the emulators, and these are not "
      + "used here. The figures are below.";
    byId("chart").classList.add("none");
    byId("chart").removeAttribute("role");
    return;
  }
  byId("window").addEventListener("change", renderChart);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", make);
  new ResizeObserver(() => plot?.setSize({ width: byId("chart").clientWidth, height })).observe(byId("chart"));
  make();
}

export function renderChart() {
  const seconds = Number(byId("window").value);
  setText(byId("throughput-words"), words());
  if (!plot) return;
  // The second that runs is not over: it would always look like a drop.
  const end = Math.floor(now() / 1000) - 1;
  const times = Array.from({ length: seconds }, (_, i) => end - seconds + 1 + i);
  const line = name => times.map(time => state.seconds.get(time)?.[name] ?? 0);
  const quota = times.map(() => state.quota || null);
  plot.setData([times, line("done"), line("started"), line("calls"), line("throttled"), quota]);
}

function words() {
  const end = Math.floor(now() / 1000);
  const sum = { done: 0, started: 0, calls: 0, throttled: 0, failed: 0, retried: 0 };
  for (let time = end - 60; time < end; time++)
    for (const name in sum) sum[name] += state.seconds.get(time)?.[name] ?? 0;
  const quota = state.quota ? `the quota is ${count(state.quota)} starts a second` : "there is no quota";
  return `In the last minute ${count(sum.started)} tasks started, ${count(sum.done)} messages were dealt with and `
    + `${count(sum.retried)} put back to be retried; of ${count(sum.calls)} calls of Connect `
    + `${count(sum.throttled)} were throttled and ${count(sum.failed)} failed; ${quota}.`;
}

function make() {
  const style = getComputedStyle(document.documentElement);
  const probe = document.createElement("i");
  byId("chart").append(probe);
  const colour = name => {
    probe.style.color = style.getPropertyValue(name);
    return getComputedStyle(probe).color;
  };
  const [muted, line] = [colour("--muted"), colour("--line")];
  const axis = {
    stroke: muted, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif",
  };
  const series = (label, name, more) => ({
    label, stroke: colour(name), width: 1.5, points: { show: false }, ...more,
  });
  const bars = uPlot.paths.bars({ size: [0.8, 12] });
  const options = {
    width: byId("chart").clientWidth,
    height,
    legend: { live: false },
    cursor: { y: false, points: { show: false } },
    scales: { y: { range: (_, low, high) => [0, Math.max(high, 4) * 1.08] } },
    axes: [
      { ...axis, space: 90, size: 30, values: (_, times) => times.map(time => atClock(new Date(time * 1000))) },
      { ...axis, size: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] },
    ],
    series: [
      {},
      series("Done", "--muted", { dash: [2, 3] }),
      series("Started", "--good", { fill: colour("--good").replace("rgb(", "rgba(").replace(")", ", .12)") }),
      series("Calls", "--accent"),
      series("Throttled", "--warn", { paths: bars, fill: colour("--warn"), width: 0 }),
      series("Quota", "--bad", { dash: [6, 4], width: 1 }),
    ],
  };
  probe.remove();
  plot?.destroy();
  plot = new uPlot(options, [[], [], [], [], [], []], byId("chart"));
  renderChart();
}
