// What every page does in the browser: the clock's display, the menu on narrow screens, and copying.

const body = document.body;
const loaded = performance.now();
const units = JSON.parse(body.dataset.units ?? "{}");

function networkNow() {
  const then = Date.parse(body.dataset.now);
  return body.dataset.mode === "frozen" ? then : then + (performance.now() - loaded);
}

const danish = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Europe/Copenhagen", year: "numeric", month: "2-digit", day: "2-digit",
  hour: "2-digit", minute: "2-digit", second: "2-digit",
});

function tick() {
  const told = danish.format(networkNow());
  for (const clock of document.querySelectorAll("time[data-clock]")) {
    if (clock.textContent !== told) clock.textContent = told;
  }
}

const sizes = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];

/** Tell every age anew, as the server tells it. */
export function tellAges() {
  const now = networkNow();
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = Math.trunc((now - Date.parse(time.dateTime)) / 1000);
    const found = sizes.find(([size]) => Math.abs(seconds) >= size);
    let told = units.now;
    if (found) {
      told = units[found[1]].replace("%", Math.floor(Math.abs(seconds) / found[0]));
      if (seconds < 0) told = units.later.replace("%", told);
    }
    if (time.textContent !== told) time.textContent = told;
  }
}

if (body.dataset.now) {
  tick();
  setInterval(tick, 1000);
  setInterval(tellAges, 5000);
}

const menu = document.querySelector(".menu-button");
if (menu) {
  menu.hidden = false;
  document.documentElement.classList.add("scripted");
  menu.addEventListener("click", () => {
    const open = menu.getAttribute("aria-expanded") !== "true";
    menu.setAttribute("aria-expanded", String(open));
    document.getElementById("menu").classList.toggle("open", open);
  });
}

/** Tell a screen reader something, once. */
export function say(text) {
  const place = document.getElementById("said");
  if (place) place.textContent = text;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    const field = document.createElement("textarea");
    field.value = button.dataset.copy;
    body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  const before = button.textContent;
  button.textContent = body.dataset.copied;
  say(body.dataset.copied);
  setTimeout(() => { button.textContent = before; }, 1500);
});
