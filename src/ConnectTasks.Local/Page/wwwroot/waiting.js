// What waits for its time: where on the line of time, and a table to change it in.
import { at, byId, chip, count, el, outside, setText, span, syncRows } from "./dom.js";
import { act } from "./actions.js";
import { openMove } from "./dialogs.js";
import { now, state } from "./stream.js";

const svg = "http://www.w3.org/2000/svg";
const rowsShown = 50;
/** Seconds to the marks of the line. Tasks in a minute and in a year are on it, so it is logarithmic. */
const marks = [[10, "10 s"], [60, "1 min"], [600, "10 min"], [3600, "1 h"], [21600, "6 h"], [86400, "1 day"],
  [604800, "1 week"], [2592000, "30 days"], [34560000, "400 days"]];
const [nearest, furthest] = [Math.log(3), Math.log(34560000)];
const lanes = [["in Connect", 24], ["in the ledger", 52]];

export function renderWaiting() {
  const shown = state.waiting.slice(0, rowsShown);
  const time = now();
  syncRows(byId("waiting-rows"), shown, task => task.key, JSON.stringify, row);
  for (const element of byId("waiting-rows").querySelectorAll("time"))
    setText(element, `in ${span(new Date(element.dateTime) - time)}`);
  const all = Math.max(state.waiting.length, state.counts.held);
  setText(byId("waiting-more"), all === 0 ? "Nothing waits: send a sample for later, and it is here."
    : all > shown.length ? `${count(all - shown.length)} more wait behind these.` : "");
  drawLine(time);
}

function row(task) {
  const starts = task.startsAt ? new Date(task.startsAt) : null;
  const where = task.isInConnect ? chip("now", "in Connect") : chip("wait", "held in the ledger");
  const name = task.name ?? task.token ?? task.key;
  const change = task.token ? [
    button("Reschedule", name, () => openMove(task)), " ",
    button("Cancel", name, () => act("cancel", { instanceId: task.instanceId, clientToken: task.token })),
  ] : [];
  return el("tr", null,
    el("td", null, starts ? el("time", { dateTime: task.startsAt, title: starts.toLocaleString() }) : "unknown", " ",
      el("span", { className: "muted" }, starts ? at(starts) : "")),
    el("td", { className: "task" }, outside(name, "cut")),
    el("td", { className: "wide" }, where, task.releaseAt
      ? el("span", { className: "reason" }, `goes to Connect ${at(new Date(task.releaseAt))}`) : ""),
    el("td", { className: "change" }, ...change));
}

const button = (words, name, onclick) =>
  el("button", { type: "button", className: "slim", label: `${words} ${name}`, onclick }, words);

function drawLine(time) {
  const line = byId("timeline");
  line.hidden = state.waiting.length === 0;
  line.toggleAttribute("hidden", line.hidden);
  if (line.hidden) return;
  const [left, right] = [86, line.clientWidth - 24];
  const x = seconds => left + (right - left)
    * Math.min(1, Math.max(0, (Math.log(Math.max(seconds, 1)) - nearest) / (furthest - nearest)));
  const parts = [];
  const add = (tag, attributes, text) => {
    const made = document.createElementNS(svg, tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    parts.push(made);
  };
  let last = -99;
  for (const [seconds, words] of marks) {
    const place = x(seconds);
    add("line", { x1: place, x2: place, y1: 8, y2: 66 });
    if (place - last < 46) continue;
    add("text", { x: place, y: 80 }, words);
    last = place;
  }
  for (const [words, y] of lanes) {
    add("line", { x1: left, x2: right, y1: y, y2: y, class: "axis" });
    add("text", { x: 0, y: y + 4, class: "lane" }, words);
  }
  // Those that fall on one spot are stacked, so that many look like many.
  const stacks = new Map();
  for (const task of state.waiting) {
    if (!task.startsAt) continue;
    const lane = task.isInConnect ? lanes[0][1] : lanes[1][1];
    const place = Math.round(x((new Date(task.startsAt) - time) / 1000) / 4) * 4;
    const height = stacks.get(`${lane} ${place}`) ?? 0;
    stacks.set(`${lane} ${place}`, height + 1);
    if (height > 5) continue;
    add("circle", { cx: place, cy: lane - height * 4, r: 4.5, class: task.isInConnect ? "connect" : "" });
  }
  line.replaceChildren(...parts);
}
