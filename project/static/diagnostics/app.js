// What every page has: times in the person's zone, keys, and the panel. Pages work without it.

const zone = document.documentElement.dataset.zone;

// How a time is written; "clock" is that of a record.
const styles = {
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hour12: false },
  minute: { hour: "2-digit", minute: "2-digit", hour12: false },
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false },
  day: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false },
  "day-second": { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false },
};
const whole = { dateStyle: "medium", timeStyle: "medium", hour12: false };

function nameZone() {
  const button = document.querySelector("button[name=zone]");
  if (zone !== "local" || !button) return;
  button.title = `Times are shown in your zone, ${Intl.DateTimeFormat().resolvedOptions().timeZone}; switch to UTC`;
}

function showTimes(root) {
  if (zone !== "local") return;
  for (const element of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime()) || element.dataset.done) continue;
    element.dataset.done = "1";
    const options = styles[element.dataset.style] ?? whole;
    element.textContent = new Intl.DateTimeFormat(undefined, options).format(moment);
    element.title = `${moment.toISOString()} (UTC)`;
  }
}

// Moments in forms are sent in UTC; whose zone is local reads and writes them in it.
function localText(moment) {
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function localiseMoments() {
  if (zone !== "local") return;
  for (const form of document.querySelectorAll("form[data-moments]")) {
    const fields = [...form.querySelectorAll("input[type=datetime-local]")];
    for (const name of form.querySelectorAll("[data-zone-name]")) {
      name.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
    }
    for (const field of fields) if (field.value) field.value = localText(new Date(`${field.value}Z`));
    form.addEventListener("formdata", (event) => {
      for (const field of fields) if (field.value) event.formData.set(field.name, new Date(field.value).toISOString());
    });
  }
}

// Dragging over the bars of a chart chooses the time of all of them, as a click chooses that of one.
let drag = null;

function barAt(svg, x) {
  const box = svg.getBoundingClientRect();
  const bars = svg.querySelectorAll("a > .hit");
  const number = Math.floor(((x - box.left) / box.width) * bars.length);
  return bars[Math.min(Math.max(number, 0), bars.length - 1)];
}

function beginDrag(event) {
  const svg = event.button === 0 && event.pointerType === "mouse" ? event.target.closest(".chart svg") : null;
  if (svg?.querySelector("a > .hit")) drag = { svg, x: event.clientX, mark: null };
}

function moveDrag(event) {
  if (!drag || (!drag.mark && Math.abs(event.clientX - drag.x) < 6)) return;
  if (!drag.mark) {
    drag.mark = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    drag.mark.setAttribute("class", "zoom");
    drag.mark.setAttribute("height", drag.svg.viewBox.baseVal.height);
    drag.svg.append(drag.mark);
  }
  const [first, last] = draggedBars(event.clientX);
  drag.mark.setAttribute("x", first.x.baseVal.value);
  drag.mark.setAttribute("width", last.x.baseVal.value + last.width.baseVal.value - first.x.baseVal.value);
}

function draggedBars(x) {
  return [Math.min(drag.x, x), Math.max(drag.x, x)].map((end) => barAt(drag.svg, end));
}

function endDrag(event) {
  if (drag?.mark) {
    const [first, last] = draggedBars(event.clientX).map((bar) => new URL(bar.parentNode.href.baseVal, location.href));
    first.searchParams.set("until", last.searchParams.get("until"));
    location.assign(first);
  }
  drag = null;
}

document.addEventListener("pointerdown", beginDrag);
document.addEventListener("pointermove", moveDrag);
document.addEventListener("pointerup", endDrag);
document.addEventListener("dragstart", (event) => drag && event.preventDefault());
document.addEventListener("click", (event) => event.target.closest(".chart svg")?.querySelector(".zoom") && event.preventDefault());

const panel = document.getElementById("panel");
let chosen = null;

let loading = 0;

// What is folded away is passed over, and what the panel itself lists.
function rows() {
  return [...document.querySelectorAll("[data-row]")].filter((row) => !panel.contains(row) && (row.checkVisibility?.() ?? true));
}

function mark(row) {
  chosen?.classList.remove("is-chosen");
  chosen = row;
  row.classList.add("is-chosen");
}

function choose(step) {
  const all = rows();
  if (!all.length) return;
  mark(all[Math.min(Math.max(all.indexOf(chosen) + step, 0), all.length - 1)]);
  chosen.scrollIntoView({ block: "nearest" });
  chosen.focus({ preventScroll: true });
  follow(chosen);
}

// While a record is open, the panel shows the row that is marked.
function follow(row) {
  clearTimeout(loading);
  const address = row.getAttribute("hx-get");
  if (address && panel.childElementCount) loading = setTimeout(() => load(address), 150);
}

function load(address) {
  window.htmx?.ajax("GET", address, { target: "#panel" });
}

function referenceOf(address) {
  return new URL(address, location.href).pathname.split("/").at(-2);
}

// A search's address names the record that is open: Back closes it, a reload shows the same.
function nameRecord(reference, how) {
  const address = new URL(location.href);
  if (!document.querySelector("[data-opens-record]") || (address.searchParams.get("record") ?? "") === reference) return;
  if (reference) address.searchParams.set("record", reference);
  else address.searchParams.delete("record");
  history[how]({}, "", address);
}

function markRow(reference) {
  const row = rows().find((each) => each.hasAttribute("hx-get") && referenceOf(each.href) === reference);
  if (row) mark(row);
}

function emptyPanel() {
  clearTimeout(loading);
  panel.replaceChildren();
  chosen?.focus();
}

function closePanel() {
  emptyPanel();
  nameRecord("", "pushState");
}

function showNamed() {
  if (!document.querySelector("[data-opens-record]")) return;
  const reference = new URL(location.href).searchParams.get("record");
  if (!reference) return emptyPanel();
  load(new URL(`${encodeURIComponent(reference)}/`, location.href).pathname);
}

window.addEventListener("popstate", showNamed);

function closeMenu() {
  const menu = document.querySelector("details.menu-of[open]");
  if (!menu) return false;
  menu.open = false;
  menu.querySelector("summary").focus();
  return true;
}

const keys = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  j: () => choose(1),
  k: () => choose(-1),
  a: () => document.querySelector("[data-key=a]")?.click(),
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && closeMenu()) return;
  if (event.key === "Escape" && panel.childElementCount) return closePanel();
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  const act = keys[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) {
    event.preventDefault();
    closePanel();
  }
  const row = event.target.closest("[data-row]");
  if (row && !panel.contains(row)) mark(row);
});

// Ticks all boxes of that name in its form, or none.
function checkAll(box) {
  for (const one of box.form.querySelectorAll(`input[type=checkbox][name="${box.dataset.checkAll}"]`)) one.checked = box.checked;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-check-all]")) checkAll(event.target);
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// A part that renews itself waits while something in it is open or being typed.
function isInUse(part) {
  const focused = document.activeElement;
  return part.querySelector("details[open]") !== null || (part !== focused && part.contains(focused));
}

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (isInUse(event.detail.target)) event.detail.shouldSwap = false;
});
document.addEventListener("htmx:oobAfterSwap", () => showTimes(document));

// What the line may go on with: fields and values for its last word, behind what stands before it.
function completeLine(input) {
  const known = [...input.list.options];
  input.list.known ??= known.map((option) => option.value);
  const word = /\S*$/.exec(input.value)[0];
  const before = input.value.slice(0, input.value.length - word.length);
  const minus = word.startsWith("-") ? "-" : "";
  const fitting = input.list.known.filter((value) => word.length > minus.length && value.startsWith(word.slice(minus.length)));
  input.list.replaceChildren(...fitting.map((value) => new Option("", before + minus + value)));
}

document.addEventListener("input", (event) => event.target.matches("input[list=query-names]") && completeLine(event.target));

document.addEventListener("htmx:afterSwap", (event) => {
  showTimes(event.target);
  if (event.target !== panel) return;
  panel.scrollTop = 0;
  const reference = referenceOf(event.detail.pathInfo.requestPath);
  markRow(reference);
  nameRecord(reference, new URL(location.href).searchParams.has("record") ? "replaceState" : "pushState");
});

if (panel.childElementCount) {
  markRow(new URL(location.href).searchParams.get("record"));
  rows()[chosen]?.scrollIntoView({ block: "nearest" });
}
showTimes(document);
localiseMoments();
nameZone();
