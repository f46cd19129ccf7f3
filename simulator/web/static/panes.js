// A value and its counterpart: pointed at or focused, both are marked and the rule between them is told.

const rows = (element) => (element.dataset.rows ?? element.dataset.row ?? "").split(" ").filter(Boolean);

function valuesOf(pane) {
  return [...pane.querySelectorAll(".v[data-rows]")];
}

function unmark() {
  for (const marked of document.querySelectorAll(".marked")) marked.classList.remove("marked");
}

function mark(element) {
  unmark();
  const wanted = new Set(rows(element));
  for (const other of document.querySelectorAll("[data-panes] .v[data-rows], tr[data-row]")) {
    if (rows(other).some((row) => wanted.has(row))) other.classList.add("marked");
  }
  const told = [...wanted].map((row) => {
    const found = document.querySelector(`tr[data-row="${row}"]`);
    const what = found?.querySelector(".badge")?.textContent ?? "";
    return [found?.dataset.rule, found?.dataset.words, what].filter(Boolean).join(" · ");
  });
  const place = document.querySelector("[data-pointed]");
  if (place) place.textContent = told.join("  |  ");
}

function counterpart(element) {
  const wanted = new Set(rows(element));
  const side = element.closest(".side");
  return [...document.querySelectorAll("[data-panes] .v[data-rows]")]
    .find((other) => other.closest(".side") !== side && rows(other).some((row) => wanted.has(row)));
}

/** Scroll a pane, and never the page, so that a value in it is seen. */
function reveal(element) {
  const pane = element.closest("pre");
  if (!pane) return;
  const inside = element.getBoundingClientRect();
  const frame = pane.getBoundingClientRect();
  if (inside.top < frame.top || inside.bottom > frame.bottom) {
    pane.scrollTop += inside.top - frame.top - frame.height / 3;
  }
  if (inside.left < frame.left || inside.right > frame.right) {
    pane.scrollLeft += inside.left - frame.left - frame.width / 3;
  }
}

function focus(element) {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  reveal(element);
}

document.addEventListener("pointerover", (event) => {
  const value = event.target.closest?.("[data-panes] .v[data-rows], tr[data-row]");
  if (!value) return;
  mark(value);
  const other = value.matches("tr") ? null : counterpart(value);
  if (other) reveal(other);
});

document.addEventListener("focusin", (event) => {
  const value = event.target.closest?.("[data-panes] .v[data-rows]");
  if (!value) return;
  mark(value);
  const other = counterpart(value);
  if (other) reveal(other);
});

document.addEventListener("keydown", (event) => {
  const pane = event.target.closest?.("[data-panes] pre");
  if (!pane || event.altKey || event.ctrlKey || event.metaKey) return;
  const all = valuesOf(pane);
  if (!all.length) return;
  const at = all.indexOf(event.target.closest(".v"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = at < 0 ? 0 : Math.min(Math.max(at + (event.key === "ArrowDown" ? 1 : -1), 0), all.length - 1);
    focus(all[next]);
  } else if (event.key === "Enter" && at >= 0) {
    const other = counterpart(all[at]);
    if (other) { event.preventDefault(); focus(other); }
  } else if (event.key === "Escape") {
    unmark();
    pane.focus();
  }
});
