// Takes the stream's updates, and draws what changed once a frame at most.
import { byId, setText } from "./dom.js";
import { startActions } from "./actions.js";
import { renderChart, startChart } from "./chart.js";
import { refreshLife, startDialogs } from "./dialogs.js";
import { animate, renderFlow, startFlow } from "./flow.js";
import { follow, now, state } from "./stream.js";
import { isSearching, renderContacts, renderLetters, renderMessages, search, startTables } from "./tables.js";
import { renderWaiting } from "./waiting.js";
import { facts } from "./words.js";

/** How often a screen reader is told the facts at most, and how often what only time changes is drawn. */
const speakMilliseconds = 10_000;
const tickMilliseconds = 1_000;

/** The tables are drawn so often at most: under load they change with every message. */
const tableMilliseconds = 400;

const dirty = new Set();
let spokenAt = 0;
let tablesAt = 0;

const renderers = {
  facts: renderFacts,
  flow: () => renderFlow(state),
  chart: renderChart,
  waiting: renderWaiting,
  messages: renderMessages,
  contacts: renderContacts,
  letters: renderLetters,
};

const tables = new Set(["messages", "contacts", "waiting"]);

function draw(...names) {
  if (dirty.size === 0) requestAnimationFrame(render);
  for (const name of names) dirty.add(name);
}

function render() {
  const names = [...dirty];
  dirty.clear();
  if (!state.ready) return;
  const isEarly = performance.now() - tablesAt < tableMilliseconds;
  const late = names.filter(name => isEarly && tables.has(name));
  for (const name of names) if (!late.includes(name)) renderers[name]();
  if (!isEarly && names.some(name => tables.has(name))) tablesAt = performance.now();
  if (late.length) setTimeout(() => draw(...late), tableMilliseconds);
}

function renderFacts() {
  const all = facts(state, now());
  for (const [name, [kind, words, more]] of Object.entries(all)) {
    const fact = byId(`fact-${name}`);
    if (!fact.firstChild) fact.append(document.createElement("b"), document.createElement("span"));
    setText(fact.children[0], words);
    setText(fact.children[1], more);
    fact.className = `fact ${kind}`;
  }
  const { faultsLeft: left, lastingFaults: lasting = "" } = state.counts;
  setText(byId("faults-left"), `${left ? `The next ${left} calls meet a fault.` : ""} ${lasting}`.trim());
  if (performance.now() - spokenAt < speakMilliseconds && spokenAt) return;
  spokenAt = performance.now();
  setText(byId("spoken"), Object.values(all).map(([, words]) => words).join(". ") + ".");
}

function changed(update, before) {
  link(true);
  animate(update, before, state);
  draw("facts", "flow");
  if (update.messages.length || update.isFirst) draw("messages");
  if (update.contacts.length || update.isFirst) draw("contacts");
  if (update.waiting) draw("waiting");
  if (update.letters || update.isFirst) draw("letters");
}

function link(isThere) {
  const { trouble } = state.counts;
  setText(byId("link"), !isThere ? "Not connected: the local run has stopped, or starts. Trying again …"
    : trouble ? `A service does not answer: ${trouble}` : "Live");
  byId("link").className = `link-state ${isThere && !trouble ? "live" : "lost"}`;
}

startActions();
startDialogs();
startTables();
startFlow();
startChart();
follow(changed, link);
setInterval(() => {
  draw("facts", "flow", "chart", "waiting", "messages", "contacts", "letters");
  refreshLife();
  if (isSearching()) search();
}, tickMilliseconds);
