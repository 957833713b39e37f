// What an outcome is called on the page, and the sentences at its head.
import { at, count, some, span } from "./dom.js";

const outcomes = {
  Working: ["now", "in work"],
  Crashed: ["bad", "function died"],
  Started: ["good", "started"],
  AlreadyStarted: ["", "duplicate"],
  AlreadyHeld: ["", "duplicate"],
  Held: ["wait", "held"],
  Cancelled: ["", "cancelled"],
  Commanded: ["good", "carried out"],
  InFlight: ["warn", "waits for another"],
  Deferred: ["warn", "deferred"],
  NotFoundYet: ["warn", "not found yet"],
  Throttled: ["warn", "throttled"],
  OverQuota: ["warn", "over quota"],
  Unavailable: ["warn", "Connect failed"],
  Unknown: ["warn", "no answer"],
  Misconfigured: ["bad", "not allowed"],
  LedgerUnavailable: ["warn", "ledger failed"],
  Rejected: ["bad", "rejected"],
  TokenReused: ["bad", "token reused"],
  Refused: ["bad", "refused"],
  Exhausted: ["bad", "given up"],
  NotPossible: ["bad", "not possible"],
};

export const outcome = state => outcomes[state] ?? ["", state];

/** How the chip of a message reads: the outcome, and when it is tried again. */
export function stateWords(row, now) {
  const words = outcome(row.state)[1];
  if (!row.returnsAt) return words;
  const wait = new Date(row.returnsAt) - now;
  return wait > 0 ? `${words}, again in ${span(wait)}` : `${words}, again now`;
}

/** The facts at the head of the page: for each a class, a sentence and a smaller one. */
export function facts(state, now) {
  const { counts, totals } = state;
  const waiting = counts.held + state.waiting.filter(task => task.isInConnect).length;
  const next = state.waiting.find(task => task.startsAt);
  const starts = next && new Date(next.startsAt);
  const inQueue = counts.visible + counts.notVisible + counts.delayed;
  return {
    waiting: waiting === 0
      ? ["", "No task waits for its time", "Tasks with a later time are held in the ledger or in Connect."]
      : ["", `${some(waiting, "task")}${counts.hasMoreHeld ? " or more" : ""} waiting`,
        starts ? `next at ${at(starts, now)}, in ${span(starts - now)}` : ""],
    queue: inQueue === 0
      ? ["", "The task queue is empty", `${some(done(totals), "message")} dealt with so far`]
      : ["", `${some(inQueue, "message")} on the task queue`,
        `${count(counts.visible)} ready, ${count(counts.notVisible + counts.delayed)} in work or backing off`],
    throttled: throttled(state),
    letters: counts.letters === 0
      ? ["good", "No dead letters", "Nothing needs a person."]
      : ["bad", some(counts.letters, "dead letter"), "Each says why, and can be mended and redriven."],
  };
}

function throttled({ hasConnect, totals, counts, quota }) {
  const share = `${count(totals.recentThrottled)} of the last ${some(totals.recentCalls, "call")}`;
  const rate = quota ? `quota ${count(quota)} starts a second` : "no quota is set";
  if (!hasConnect) return ["", "Throttles are not seen", "Another server of Connect is used."];
  if (totals.isThrottledNow) return ["warn", "Throttled now: yes", `${share}; ${rate}`];
  if (counts.faultsLeft > 0)
    return ["warn", `${some(counts.faultsLeft, "call")} will meet a fault`, "Injected on this page or by hand."];
  return ["good", "Throttled now: no", totals.recentCalls ? `${share}; ${rate}` : rate];
}

export const done = totals => Object.entries(totals.outcomes)
  .filter(([name]) => !retried.has(name)).reduce((sum, [, times]) => sum + times, 0);

const retried = new Set(["InFlight", "Deferred", "NotFoundYet", "Throttled", "OverQuota", "Unavailable", "Unknown",
  "Misconfigured", "LedgerUnavailable"]);

/** The one sentence about a message for someone who asks what became of it. */
export function summary(row, others) {
  const first = others.find(other => other.contactId && other.state === "Started");
  switch (row.state) {
    case "Started": return "It started a task contact in Connect.";
    case "AlreadyStarted":
      return `It was a duplicate: the task had been started${first ? " by another message" : ""}, so nothing was done `
        + "and Connect was not called.";
    case "AlreadyHeld": return "It was a duplicate: the task waits for its time already, so nothing was done.";
    case "Held": return "Its time is further ahead than Connect takes, so the ledger holds it until then.";
    case "Commanded": return "The command took effect.";
    case "Cancelled": return "The task was cancelled, so it was not started.";
    case "Working": return "A function works on it now.";
    case "Crashed": return "The function died while it had it. It comes back by itself.";
    case "Rejected": case "TokenReused": case "Refused": case "Exhausted": case "NotPossible":
      return "It failed for good and went to the dead-letter queue, with the reason beside it.";
    default: return "It was not possible yet; it stays on the queue and is tried again.";
  }
}
