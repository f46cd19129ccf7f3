// The chart's mark: dragged or moved by keys to another day, it shows the day and asks before the clock is moved.

const axis = document.querySelector("[data-axis]");
const slider = axis?.querySelector(".mark-slider");
const shown = axis?.querySelector(".mark-day");
const dialog = document.getElementById("move");

const first = Date.parse(`${axis.dataset.first}T00:00:00Z`);
const days = Number(axis.dataset.days);
const start = slider.value;
const startText = shown.textContent;
slider.hidden = false;

const dayAt = (offset) => new Date(first + offset * 86400000).toISOString().slice(0, 10);

function place(offset) {
  const share = `${(100 * offset / days).toFixed(3)}%`;
  for (const line of document.querySelectorAll("line.today")) {
    line.setAttribute("x1", share);
    line.setAttribute("x2", share);
  }
  shown.textContent = offset === Number(start) ? startText : dayAt(offset);
  shown.style.left = share;
  shown.style.setProperty("--share", share);
  slider.setAttribute("aria-valuetext", dayAt(offset));
}

let dragging = false;

function ask() {
  if (slider.value === start || dialog.open) return;
  const day = dayAt(Number(slider.value));
  const at = dialog.querySelector("[name=at]");
  at.value = `${day}T${at.dataset.time}`;
  dialog.querySelector("[data-move-day]").textContent = `${day} ${at.dataset.time}`;
  dialog.showModal();
}

function reset() {
  slider.value = start;
  place(Number(start));
}

slider.addEventListener("input", () => place(Number(slider.value)));
slider.addEventListener("pointerdown", () => { dragging = true; });
// A key moves the mark; Enter asks. The pointer asks when it lets go.
slider.addEventListener("change", () => { if (dragging) { dragging = false; ask(); } });
slider.addEventListener("pointerup", () => setTimeout(() => { if (dragging) { dragging = false; ask(); } }, 0));
slider.addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); ask(); }
  if (event.key === "Escape") reset();
  const month = { PageUp: 30, PageDown: -30 }[event.key];
  if (month) {
    event.preventDefault();
    slider.value = String(Number(slider.value) + month);
    place(Number(slider.value));
  }
});
dialog.addEventListener("close", reset);
dialog.querySelector("[data-cancel]").addEventListener("click", () => { dialog.close(); slider.focus(); });
dialog.querySelector("[data-look]").addEventListener("click", () => {
  const day = dayAt(Number(slider.value));
  const address = new URL(location.href);
  address.search = "";
  address.searchParams.set("day", day);
  const wanted = document.getElementById("q").value;
  if (wanted) address.searchParams.set("q", wanted);
  location.assign(address);
});
document.body.addEventListener("htmx:afterSwap", () => place(Number(slider.value)));
place(Number(slider.value));
