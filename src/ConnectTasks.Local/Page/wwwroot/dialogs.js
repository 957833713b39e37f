// What opens over the page: the life of a message, a contact, an editor for a dead letter, a new time for a task.
import { at, atMoment, byId, chip, el, linkOrText, outside, setText, some } from "./dom.js";
import { act, judge, post, tell } from "./actions.js";
import { now } from "./stream.js";
import { outcome, stateWords, summary } from "./words.js";

let life = null;
let letter = null;
let moved = null;
let checkEdit = null;

export function startDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
    // A click beside it closes it too.
    dialog.addEventListener("click", event => event.target === dialog && dialog.close());
  }
  addEventListener("life", event => openLife(event.detail));
  byId("life").addEventListener("close", () => { life = null; });
  checkEdit = judge(byId("edit-body"), byId("edit-verdict"), byId("edit-send"));
  byId("edit-send").addEventListener("click", redrive);
  byId("move-send").addEventListener("click", move);
}

/** Opens the life of a message. */
export async function openLife(id) {
  life = id;
  await refreshLife();
  if (life === id && !byId("life").open) byId("life").showModal();
}

/** Shows what has happened meanwhile, if a life is open. */
export async function refreshLife() {
  const id = life;
  if (!id) return;
  const reply = await fetch(`/messages/${encodeURIComponent(id)}`).catch(() => null);
  if (life !== id || !reply) return;
  if (reply.ok) showLife(await reply.json());
  else if (!byId("life").open)
    show(`Message ${id}`, el("p", null, "No function has received it yet, or nothing is kept of it any more."));
}

function show(title, ...content) {
  setText(byId("life-title"), title);
  byId("life-content").replaceChildren(...content);
}

function showLife({ row, body, isCut, steps, stepsDropped, others }) {
  const [kind] = outcome(row.state);
  const facts = [["Message id", row.id], ["Token", row.token ?? "none"], ["Received", some(row.receives, "time")]];
  if (row.contactId) facts.push(["Contact id", row.contactId]);
  if (others.length) facts.push(["Same task", `${some(others.length, "other message")}, below`]);
  show(row.name ?? "Unreadable message",
    el("p", { className: "sum" }, chip(kind, stateWords(row, now())), " ", summary(row, others)),
    factsList(facts),
    el("h3", null, "What happened"),
    stepsDropped ? el("p", { className: "small" }, `${stepsDropped} steps in between are not kept.`) : "",
    el("ol", { className: "steps" }, ...steps.map(step => el("li", {
      className: `${step.kind.toLowerCase()} ${step.isTrouble ? "trouble" : ""}`,
    }, el("time", { dateTime: step.at, title: new Date(step.at).toLocaleString() }, atMoment(new Date(step.at))),
    el("p", null, step.text)))),
    ...(others.length ? [el("h3", null, "Other messages of this task"), el("ul", { className: "others" },
      ...others.map(other => el("li", null,
        el("button", { type: "button", className: "open", onclick: () => openLife(other.id) }, outside(other.id)),
        chip(outcome(other.state)[0], stateWords(other, now())),
        el("span", { className: "muted" }, at(new Date(other.updatedAt))))))] : []),
    el("h3", null, isCut ? "Body, its beginning" : "Body"),
    el("pre", { tabIndex: 0 }, body));
}

const factsList = facts => el("dl", { className: "facts-list" },
  ...facts.flatMap(([name, value]) => [el("dt", null, name), el("dd", null, value)]));

/** Opens a contact with what an agent sees of it. */
export async function openContact(contact) {
  const reply = await fetch(`/contacts/${encodeURIComponent(contact.id)}`).catch(() => null);
  const { request = {} } = reply?.ok ? await reply.json() : {};
  const rows = [["Description", request.Description ?? "none"]];
  for (const [name, reference] of Object.entries(request.References ?? {}))
    rows.push([name, linkOrText(String(reference?.Value ?? ""))]);
  for (const [name, value] of Object.entries(request.Attributes ?? {}))
    rows.push([`${name} (attribute)`, String(value)]);
  if (contact.scheduledTime) rows.push(["Starts", at(new Date(contact.scheduledTime))]);
  rows.push(["Flow", request.ContactFlowId ?? request.TaskTemplateId ?? request.QuickConnectId ?? "none"],
    ["Contact id", contact.id], ["Token", contact.token ?? "none"],
    ["Accepted calls", `${contact.calls}, of which one made the contact`]);
  const buttons = [];
  if (contact.token && contact.state !== "Ended") {
    buttons.push(el("button", { type: "button", onclick: () => {
      byId("life").close();
      act("cancel", { instanceId: contact.instanceId, clientToken: contact.token, endIfRunning: true });
    } }, contact.state === "Scheduled" ? "Cancel it" : "End it, though agents have it"));
  }
  life = null;
  show(contact.name ?? "(no name)", factsList(rows), el("div", { className: "buttons" }, ...buttons));
  if (!byId("life").open) byId("life").showModal();
}

/** Opens the editor of a dead letter. */
export async function openEdit(row) {
  letter = row;
  const reply = await fetch(`/letters/${encodeURIComponent(row.id)}`).catch(() => null);
  if (!reply?.ok) {
    tell({ error: "This dead letter is not there any more." });
    return;
  }
  const { body } = await reply.json();
  setText(byId("edit-reason"), `${row.reason}: ${row.detail}`);
  byId("edit-body").value = pretty(body);
  byId("edit").showModal();
  checkEdit();
}

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

async function redrive() {
  byId("edit-send").disabled = true;
  const answer = await post("redrive", { id: letter.id, body: byId("edit-body").value });
  byId("edit-send").disabled = false;
  tell(answer);
  if (answer.error) byId("edit-verdict").replaceChildren(el("p", { className: "bad" }, answer.error));
  else byId("edit").close();
}

/** Opens the choice of a new time for a task that waits. */
export function openMove(task) {
  moved = task;
  byId("move-task").replaceChildren(outside(task.name ?? task.token));
  const starts = new Date(task.startsAt ?? now());
  byId("move-time").value = new Date(starts - starts.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  setText(byId("move-problem"), "");
  byId("move").showModal();
}

async function move() {
  const time = new Date(byId("move-time").value);
  if (Number.isNaN(time.valueOf())) {
    setText(byId("move-problem"), "Give a day and a time.");
    return;
  }
  const answer = await post("reschedule", {
    instanceId: moved.instanceId, clientToken: moved.token, time: time.toISOString(),
  });
  tell(answer);
  if (answer.error) setText(byId("move-problem"), answer.error);
  else byId("move").close();
}
