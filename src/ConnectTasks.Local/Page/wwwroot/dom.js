// Everything on the page is made here, from text: what comes from a message is never parsed as markup.

export const byId = id => document.getElementById(id);

/** Makes an element. Properties are set as properties; children are elements or texts. */
export function el(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name === "data") Object.assign(made.dataset, value);
    else if (name === "label") made.setAttribute("aria-label", value);
    else if (value !== undefined) made[name] = value;
  }
  made.append(...children.filter(child => child !== null && child !== undefined && child !== ""));
  return made;
}

/** Text that came from outside: isolated, so that its direction does not reach its neighbours. */
export const outside = (text, className = "") => el("bdi", { className: `text ${className}` }, text);

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export const chip = (kind, words) => el("span", { className: `chip ${kind}` }, words);

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const year = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const number = new Intl.NumberFormat();

export const count = value => number.format(value);
export const some = (value, one, many = one + "s") => `${count(value)} ${value === 1 ? one : many}`;
export const atClock = date => clock.format(date);

/** Milliseconds too: the steps of a message are close together. */
export const atMoment = date => `${clock.format(date)}.${String(date.getMilliseconds()).padStart(3, "0")}`;

/** The clock today, the day as well on other days. */
export function at(date, now = new Date()) {
  if (date.toDateString() === now.toDateString()) return clock.format(date);
  return `${(date.getFullYear() === now.getFullYear() ? day : year).format(date)}, ${clock.format(date)}`;
}

/** How long, in its largest unit: "45 s", "3 min", "2 h", "6 days". */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

/** A link if the text is an http or https URL, otherwise the text. */
export function linkOrText(text) {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && (url.protocol === "https:" || url.protocol === "http:")
    ? el("a", { href: url.href, rel: "noopener noreferrer", target: "_blank", className: "text" }, text)
    : outside(text);
}

const marks = new WeakMap();

/**
 * Keeps a table's or list's rows in step with a list: rows are kept by their key, and made anew when their mark is
 * another one than before.
 */
export function syncRows(parent, items, keyOf, markOf, make) {
  const kept = new Map();
  for (const row of parent.children) kept.set(row.dataset.key, row);
  let place = parent.firstChild;
  for (const item of items) {
    const [key, mark] = [keyOf(item), markOf(item)];
    let row = kept.get(key);
    kept.delete(key);
    if (!row || marks.get(row) !== mark) {
      const made = make(item);
      made.dataset.key = key;
      marks.set(made, mark);
      if (row) replace(row, made);
      if (place === row) place = made;
      row = made;
    }
    if (row === place) place = place.nextSibling;
    else parent.insertBefore(row, place);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

/** Replaces a row; if the focus was in it, it goes to the same control of the new one. */
function replace(row, made) {
  const focused = row.contains(document.activeElement)
    ? [...row.querySelectorAll("button")].indexOf(document.activeElement)
    : -1;
  row.replaceWith(made);
  if (focused >= 0) made.querySelectorAll("button")[focused]?.focus();
}
