// The picture of the flow: places with their counts, and dots that go from one to the other when something happens.
import { byId, count, setText, some } from "./dom.js";
import { done } from "./words.js";

const svg = "http://www.w3.org/2000/svg";
const dotsMaxCount = 90;
const dotsOfOneUpdate = 8;
const travelMilliseconds = 900;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const lines = {};
const dots = new Set();
let moving = false;

/** Which way the dots of an outcome go. */
const ways = {
  Started: ["start", "good"],
  Held: ["hold", "wait"],
  Rejected: ["dead", "bad"], TokenReused: ["dead", "bad"], Refused: ["dead", "bad"], Exhausted: ["dead", "bad"],
  NotPossible: ["dead", "bad"],
  InFlight: ["retry", "warn"], Deferred: ["retry", "warn"], Throttled: ["retry", "warn"], OverQuota: ["retry", "warn"],
  Unavailable: ["retry", "warn"], Unknown: ["retry", "warn"], Misconfigured: ["retry", "warn"],
  NotFoundYet: ["retry", "warn"],
  LedgerUnavailable: ["retry", "warn"],
};

export function startFlow() {
  new ResizeObserver(drawEdges).observe(byId("node-queue").parentElement);
}

export function renderFlow(state) {
  const { counts, totals } = state;
  const { outcomes } = totals;
  const duplicates = (outcomes.AlreadyStarted ?? 0) + (outcomes.AlreadyHeld ?? 0);
  const recent = [...state.seconds.values()].slice(-6, -1);
  const perSecond = recent.reduce((sum, second) => sum + second.done, 0) / 5;
  node("queue", counts.visible + counts.notVisible + counts.delayed,
    `${count(counts.visible)} ready\n${count(counts.notVisible + counts.delayed)} in work or backing off`);
  node("function", done(totals), [
    `done, ${count(Math.round(perSecond * 10) / 10)} a second now`,
    some(totals.environments, "process", "processes")
      + (totals.crashes ? `, died ${some(totals.crashes, "time")}` : ""),
    duplicates ? some(duplicates, "duplicate") : "",
  ].filter(line => line).join("\n"), totals.crashes ? "warn" : "");
  node("connect", counts.contacts, state.hasConnect ? "task contacts" : "another server's",
    totals.isThrottledNow || counts.faultsLeft ? "warn" : "");
  node("ledger", counts.held, "held until their time");
  node("letters", counts.letters, counts.letters ? "to look at" : "none", counts.letters ? "bad" : "");
}

function node(name, number, words, state = "") {
  const place = byId(`node-${name}`);
  setText(place.children[1], count(number));
  setText(place.children[2], words);
  place.classList.toggle("bad", state === "bad");
  place.classList.toggle("warn", state === "warn");
}

/** Sends dots on their way for what an update brought. */
export function animate(update, before, state) {
  if (update.isFirst || still.matches || document.hidden) return;
  const received = update.messages.filter(row => row.state === "Working").length;
  let settled = 0;
  for (const [name, times] of Object.entries(state.totals.outcomes)) {
    const more = times - (before.outcomes[name] ?? 0);
    if (more <= 0) continue;
    settled += more;
    if (ways[name]) send(...ways[name], more, 250);
  }
  send("take", "", Math.max(received, settled), 0);
}

function send(way, kind, number, delay) {
  const line = lines[way];
  for (let i = 0; line && i < Math.min(number, dotsOfOneUpdate) && dots.size < dotsMaxCount; i++) {
    const circle = document.createElementNS(svg, "circle");
    circle.setAttribute("r", "3.5");
    circle.setAttribute("class", kind);
    dots.add({ circle, line, begins: performance.now() + delay + i * 70 });
  }
  if (!moving && dots.size) {
    moving = true;
    requestAnimationFrame(move);
  }
}

function move(time) {
  for (const dot of dots) {
    const part = (time - dot.begins) / travelMilliseconds;
    if (part >= 1) {
      dot.circle.remove();
      dots.delete(dot);
    } else if (part >= 0) {
      const eased = part < .5 ? 2 * part * part : 1 - 2 * (1 - part) ** 2;
      const [x1, y1, x2, y2] = dot.line;
      dot.circle.setAttribute("cx", x1 + (x2 - x1) * eased);
      dot.circle.setAttribute("cy", y1 + (y2 - y1) * eased);
      if (!dot.circle.parentNode) byId("edges").append(dot.circle);
    }
  }
  moving = dots.size > 0;
  if (moving) requestAnimationFrame(move);
}

/** Lines between the places, wherever the layout has put them. */
function drawEdges() {
  const edges = byId("edges");
  const frame = edges.parentElement.getBoundingClientRect();
  const box = name => {
    const rect = byId(`node-${name}`).getBoundingClientRect();
    const [left, top] = [rect.left - frame.left, rect.top - frame.top];
    const [right, bottom] = [left + rect.width, top + rect.height];
    return { left, top, right, bottom, x: (left + right) / 2, y: (top + bottom) / 2 };
  };
  const [queue, run, connect, ledger, letters] = ["queue", "function", "connect", "ledger", "letters"].map(box);
  for (const dot of dots) dot.circle.remove();
  dots.clear();
  edges.replaceChildren();
  edge("take", queue.right, run.y - 12, run.left, run.y - 12, "receives");
  edge("retry", run.left, run.y + 14, queue.right, run.y + 14, "retries", true);
  edge("start", run.right, run.y, connect.left, connect.y, "starts");
  edge("hold", run.x, run.bottom, ledger.x, ledger.top, "holds", false, 24);
  edge("release", ledger.left, ledger.y, queue.right, ledger.y, "releases", true);
  edge("dead", run.right, run.bottom - 14, letters.left, letters.top + 18, "fails");
}

function edge(name, x1, y1, x2, y2, words, dashed = false, aside = 0) {
  const part = (tag, attributes, text) => {
    const made = document.createElementNS(svg, tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    byId("edges").append(made);
    return made;
  };
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const [ex, ey] = [x2 - ux * 7, y2 - uy * 7];
  lines[name] = [x1, y1, ex, ey];
  part("path", { d: `M${x1} ${y1}L${ex} ${ey}`, class: dashed ? "dashed" : "" });
  const corner = side => `${ex - uy * 4 * side} ${ey + ux * 4 * side}`;
  part("path", { d: `M${x2 - ux} ${y2 - uy}L${corner(1)}L${corner(-1)}Z`, class: "head-mark" });
  if (words) part("text", { x: (x1 + x2) / 2 + aside, y: (y1 + y2) / 2 + (aside ? 4 : -6) }, words);
}
