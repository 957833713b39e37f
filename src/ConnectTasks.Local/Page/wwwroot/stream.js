// The state of the page, kept by the server's updates. Bounded like the server's: the newest rows of each kind.

const rowsMaxCount = 200;
const secondsMaxCount = 600;

export const state = {
  ready: false,
  clockSkew: 0,
  messages: new Map(),
  contacts: new Map(),
  seconds: new Map(),
  waiting: [],
  letters: [],
  messagesKept: 0,
  totals: { outcomes: {}, recentCalls: 0, recentThrottled: 0, isThrottledNow: false, environments: 0, crashes: 0 },
  counts: { visible: 0, notVisible: 0, delayed: 0, letters: 0, held: 0, contacts: 0, faultsLeft: 0 },
  quota: null,
  hasConnect: true,
};

/** The server's clock, by which all times are. */
export const now = () => new Date(Date.now() + state.clockSkew);

/**
 * Follows the stream. `changed` is called after each update with it and the state's totals before; `link` with whether
 * the stream is there. A stream that broke is taken up again by the browser, and begins with everything.
 */
export function follow(changed, link) {
  const source = new EventSource("/events");
  source.onopen = () => link(true);
  source.onerror = () => link(false);
  source.onmessage = message => {
    const update = JSON.parse(message.data);
    const before = { outcomes: state.totals.outcomes, calls: calls() };
    take(update);
    changed(update, before);
  };
}

/** Calls of Connect in the seconds that are kept. */
export const calls = () => [...state.seconds.values()].reduce((sum, second) => sum + second.calls, 0);

function take(update) {
  if (update.isFirst) {
    state.messages.clear();
    state.contacts.clear();
    state.seconds.clear();
  }
  state.ready = true;
  state.clockSkew = new Date(update.now) - Date.now();
  for (const name of ["totals", "counts", "hasConnect", "messagesKept", "waiting", "letters"])
    if (update[name] !== undefined) state[name] = update[name];
  state.quota = update.quota ?? null;
  for (const row of update.messages) state.messages.set(row.id, row);
  // They come newest first, and a map keeps the order in which its keys came.
  for (const row of update.contacts.toReversed()) state.contacts.set(row.id, row);
  for (const second of update.seconds) state.seconds.set(second.at, second);
  trim(state.messages, rowsMaxCount);
  trim(state.contacts, rowsMaxCount);
  trim(state.seconds, secondsMaxCount);
}

function trim(map, most) {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
