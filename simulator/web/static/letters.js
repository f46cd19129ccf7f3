// The list of letters: live, used by keys, selected for what is done with several at once.

import { say, tellAges } from "./vansim.js";

const table = document.querySelector("[data-letters]");
const list = document.getElementById("letters");
const bulk = document.querySelector("[data-bulk]");
const search = document.getElementById("q");
const rowsOf = () => [...list.querySelectorAll("tr[data-key]")];

// Selection.

function count() {
  const chosen = list.querySelectorAll("input[name=key]:checked").length;
  bulk.classList.toggle("shown", chosen > 0);
  const told = bulk.querySelector("[data-count]");
  told.textContent = told.dataset.count.replace("%", chosen);
}
list.addEventListener("change", count);
document.documentElement.classList.add("selecting");
count();

const deletion = document.getElementById("delete");
bulk.querySelector("[data-ask]").addEventListener("click", (event) => {
  event.preventDefault();
  deletion.showModal();
});
deletion.querySelector("[data-no]").addEventListener("click", () => deletion.close());
deletion.querySelector("[data-yes]").addEventListener("click", () => {
  bulk.action = bulk.querySelector("[data-ask]").formAction;
  bulk.submit();
});

// Keys.

const help = document.getElementById("help");
const helper = document.querySelector("[data-help]");
helper.hidden = false;
helper.addEventListener("click", () => help.showModal());
help.querySelector("[data-close]").addEventListener("click", () => help.close());

const current = () => document.activeElement?.closest?.("tr[data-key]");

function move(step) {
  const rows = rowsOf();
  const at = rows.indexOf(current());
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
  const link = next?.querySelector("a");
  link?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  x: () => {
    const box = current()?.querySelector("input[name=key]");
    if (box) { box.checked = !box.checked; count(); }
  },
  "/": () => { search.focus(); search.select(); },
  "?": () => help.showModal(),
  Escape: () => {
    for (const box of list.querySelectorAll("input[name=key]:checked")) box.checked = false;
    count();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) {
    if (event.key === "Escape" && event.target === search) { search.blur(); move(0); event.preventDefault(); }
    return;
  }
  if (event.key.startsWith("Arrow") && !current() && event.target !== document.body) return;
  const action = keys[event.key];
  if (action) {
    event.preventDefault();
    action();
  }
});

// What is new.

const parse = (html) => {
  const made = document.createElement("template");
  made.innerHTML = `<table><tbody>${html}</tbody></table>`;
  return [...made.content.querySelectorAll("tr[data-key]")];
};

function replace(old, row) {
  if (old.innerHTML === row.innerHTML) return;
  const chosen = old.querySelector("input[name=key]")?.checked;
  const focused = old.contains(document.activeElement) ? document.activeElement.tagName : null;
  old.innerHTML = row.innerHTML;
  old.querySelector("input[name=key]").checked = chosen ?? false;
  if (focused) old.querySelector(focused.toLowerCase())?.focus({ preventScroll: true });
}

let fresh = 0;
let quiet = null;

/** Tell of new letters at most every ten seconds. */
function announce() {
  if (quiet) return;
  quiet = setTimeout(() => {
    quiet = null;
    if (fresh) say(table.dataset.new.replace("%", fresh));
    fresh = 0;
  }, 10000);
}

let first = true;

function merge(rows) {
  for (const row of rows) {
    const old = document.getElementById(row.id);
    if (old) {
      replace(old, row);
      continue;
    }
    const key = BigInt(row.dataset.key);
    const below = rowsOf().find((other) => BigInt(other.dataset.key) < key);
    const more = list.querySelector("tr.more");
    if (!below && more) continue; // it is on a page that has not been asked for
    list.insertBefore(row, below ?? null);
    if (!first) row.classList.add("fresh");
    fresh += 1;
  }
  first = false;
  if (rows.length) {
    table.hidden = false;
    document.querySelector("[data-none]")?.remove();
  }
  tellAges();
  announce();
}

const source = document.querySelector("[data-live-source]");
const light = document.querySelector("[data-live]");

// A window that nobody sees lets go of its connection: a browser has six for one network.
function connect() {
  const live = document.createElement("div");
  live.setAttribute("sse-connect", source.dataset.connect);
  live.setAttribute("sse-swap", "letters,page");
  live.setAttribute("hx-swap", "none");
  source.replaceChildren(live);
  htmx.process(source);
}
function disconnect() {
  for (const live of source.children) htmx.remove(live);
  light.hidden = true;
}
document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
source.addEventListener("htmx:sseOpen", () => { light.hidden = false; });
source.addEventListener("htmx:sseError", () => { light.hidden = true; });
source.addEventListener("htmx:sseBeforeMessage", (event) => {
  event.preventDefault();
  const rows = parse(event.detail.data);
  if (event.detail.type === "page") {
    const chosen = new Set([...list.querySelectorAll("input[name=key]:checked")].map((box) => box.value));
    list.replaceChildren();
    for (const row of rows) {
      const box = row.querySelector("input[name=key]");
      box.checked = chosen.has(box.value);
    }
  }
  merge(rows);
  count();
});
if (!document.hidden) connect();
