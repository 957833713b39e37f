// What can be done from the page. Each action says in a sentence what it did, or why it did not.
import { byId, el } from "./dom.js";

const token = document.querySelector('meta[name="page-token"]').content;
const checkMilliseconds = 250;

/** Calls an action and gives its answer, also for a refusal. */
export async function post(name, values = {}) {
  try {
    const reply = await fetch(`/actions/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Page-Token": token },
      body: JSON.stringify(values),
    });
    return await reply.json();
  } catch {
    return { error: "The local run does not answer: is it still running?" };
  }
}

/** Calls an action and tells what came of it. */
export async function act(name, values) {
  const answer = await post(name, values);
  tell(answer);
  return answer;
}

/** Says what came of an action; of one that sent a message, with a way to its life. */
export function tell(answer) {
  const did = byId("did");
  const { messageId } = answer;
  did.replaceChildren(answer.error ?? answer.done);
  did.dataset.message = messageId ?? "";
  if (messageId) {
    did.append(" ", el("button", {
      type: "button", className: "open", onclick: () => dispatchEvent(new CustomEvent("life", { detail: messageId })),
    }, "Its life"));
  }
  did.classList.toggle("failed", Boolean(answer.error));
  did.classList.toggle("done", !answer.error);
}

/** Shows under a text field what the function would say of the body in it, while it is written. */
export function judge(field, verdict, button) {
  let timer = 0;
  const check = async () => {
    const body = field.value;
    if (!body) {
      verdict.replaceChildren();
      return;
    }
    const answer = await post("check", { body });
    if (field.value !== body) return;
    const broken = answer.violations ?? [];
    verdict.replaceChildren(
      el("p", { className: answer.error || broken.length ? "bad" : "good" }, answer.error ?? answer.done),
      el("ul", null, ...broken.map(({ path, message }) => el("li", null, el("code", null, path), " ", message))));
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(check, checkMilliseconds);
  });
  button.addEventListener("click", () => clearTimeout(timer));
  return check;
}

/** Shows the fields that a fault has, and offers only the calls that it can meet. */
function fitFault() {
  const { lasts, calls } = byId("fault-kind").selectedOptions[0].dataset;
  for (const name of ["call", "times"]) byId(`fault-${name}`).parentElement.hidden = lasts !== undefined;
  byId("fault-seconds").parentElement.hidden = lasts === undefined;
  const call = byId("fault-call");
  for (const option of call.options) option.disabled = Boolean(calls) && !`${calls} any`.includes(option.value);
  if (call.selectedOptions[0].disabled) call.value = [...call.options].find(option => !option.disabled).value;
}

export function startActions() {
  byId("samples").addEventListener("click", event => {
    const kind = event.target.dataset.sample;
    if (kind) act("sample", { kind });
  });
  judge(byId("body"), byId("verdict"), byId("send"));
  byId("send").addEventListener("click", () => act("send", { body: byId("body").value }));
  byId("burst-start").addEventListener("click", () => act("burst", {
    count: byId("burst-count").valueAsNumber, perSecond: byId("burst-rate").valueAsNumber,
    isMixed: byId("burst-mixed").checked,
  }));
  byId("burst-stop").addEventListener("click", () => act("stop-burst"));
  byId("fault-kind").addEventListener("change", fitFault);
  byId("fault-start").addEventListener("click", () => act("faults", {
    kind: byId("fault-kind").value, call: byId("fault-call").value, times: byId("fault-times").valueAsNumber,
    seconds: byId("fault-seconds").valueAsNumber,
  }));
  byId("fault-stop").addEventListener("click", () => act("stop-faults"));
  byId("kill").addEventListener("click", () => act("kill"));
}
