// Messages, contacts and dead letters.
import { at, atClock, byId, chip, count, el, outside, setText, syncRows } from "./dom.js";
import { openContact, openEdit, openLife } from "./dialogs.js";
import { now, state } from "./stream.js";
import { outcome, stateWords } from "./words.js";

const rowsShown = 60;
const searchMilliseconds = 250;
let found = null;
let timer = 0;

export function startTables() {
  byId("search").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, searchMilliseconds);
  });
}

/** Asks the server, which keeps more messages than the page. */
export async function search() {
  const text = byId("search").value.trim();
  if (!text) {
    found = null;
  } else {
    const reply = await fetch(`/messages?q=${encodeURIComponent(text)}`).catch(() => null);
    if (byId("search").value.trim() !== text || !reply?.ok) return;
    found = await reply.json();
  }
  renderMessages();
}

export const isSearching = () => found !== null;

export function renderMessages() {
  const rows = found ?? [...state.messages.values()].reverse();
  const shown = rows.slice(0, rowsShown);
  // A row that changed is another object; what was searched for is read anew each time.
  syncRows(byId("message-rows"), shown, row => row.id, found ? JSON.stringify : row => row, messageRow);
  const time = now();
  for (const row of shown.filter(row => row.returnsAt)) {
    const shownRow = byId("message-rows").querySelector(`[data-key="${CSS.escape(row.id)}"]`);
    setText(shownRow.querySelector(".chip"), stateWords(row, time));
  }
  const kept = found ? rows.length : state.messagesKept;
  setText(byId("message-more"), rows.length === 0
    ? (found ? "No message that is kept matches." : "No message yet: send a sample.")
    : kept > shown.length
      ? `${count(kept - shown.length)} more are kept: find them by their token, message id or contact id.`
      : "");
}

function messageRow(row) {
  const [kind] = outcome(row.state);
  return el("tr", null,
    el("td", { className: "task" }, el("button", {
      type: "button", className: "open", onclick: () => openLife(row.id),
    }, outside(row.name ?? "(unreadable)", "cut"))),
    el("td", null, chip(kind, stateWords(row, now())),
      row.reason && row.reason !== row.state ? el("span", { className: "reason" }, row.reason) : ""),
    el("td", { className: "token wide" }, outside(row.token ?? "none", "cut")),
    el("td", { className: "number wide" }, count(row.receives)),
    el("td", { className: "number" }, atClock(new Date(row.updatedAt))));
}

const contactStates = { Scheduled: ["wait", "scheduled"], Running: ["good", "with agents"], Ended: ["", "ended"] };

export function renderContacts() {
  const rows = [...state.contacts.values()].reverse().slice(0, rowsShown);
  syncRows(byId("contact-rows"), rows, row => row.id, row => row, contactRow);
  const more = state.counts.contacts - rows.length;
  setText(byId("contact-more"), !state.hasConnect ? "Another server of Connect is used: look for its contacts there."
    : rows.length === 0 ? "No contact yet." : more > 0 ? `${count(more)} older ones are not shown.` : "");
}

function contactRow(contact) {
  const [kind, words] = contactStates[contact.state] ?? ["", contact.state];
  return el("tr", null,
    el("td", null,
      el("button", { type: "button", className: "open", onclick: () => openContact(contact) },
        outside(contact.name ?? "(no name)", "cut")),
      contact.description ? el("div", { className: "muted" }, outside(contact.description, "cut")) : ""),
    el("td", null, chip(kind, words), contact.state === "Scheduled"
      ? el("span", { className: "reason" }, at(new Date(contact.scheduledTime))) : ""),
    el("td", { className: "number" }, atClock(new Date(contact.startedAt))));
}

export function renderLetters() {
  const rows = state.letters.slice(0, rowsShown);
  syncRows(byId("letter-rows"), rows, row => row.id, JSON.stringify, letterRow);
  const more = state.counts.letters - rows.length;
  setText(byId("letter-more"), rows.length === 0 && more <= 0 ? "None. What fails for good comes here, with its reason."
    : more > 0 ? `${count(more)} more are not shown.` : "");
}

function letterRow(letter) {
  return el("li", null,
    el("div", { className: "line" }, chip("bad", letter.reason),
      el("span", { className: "muted" }, letter.sentAt ? at(new Date(letter.sentAt)) : "")),
    el("p", null, letter.detail),
    el("code", null, outside(letter.body, "cut")),
    el("div", { className: "buttons" },
      el("button", { type: "button", className: "slim", onclick: () => openEdit(letter) }, "Mend and redrive"),
      el("button", { type: "button", className: "slim", onclick: () => openLife(letter.originId) }, "Its life")));
}
