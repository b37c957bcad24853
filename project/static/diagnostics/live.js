// The live page: an honest state, records by textContent only, and never a jump below the reader's eyes.

const list = document.getElementById("live-rows");
const word = document.getElementById("live-word");
const state = document.getElementById("live-state");
const rate = document.getElementById("live-rate");
const pause = document.getElementById("live-pause");
const clear = document.getElementById("live-clear");
const fresh = document.getElementById("live-new");
const filter = document.getElementById("live-filter");
const empty = document.getElementById("live-empty");
const nothing = document.getElementById("live-nothing");
const problem = document.getElementById("live-error");
const local = document.documentElement.dataset.zone === "local";

const MOST_ROWS = 1000;
const SILENT_MS = 12000; // the server speaks every 3 s; longer silence is a dead connection
const seen = new Set();
let socket = null;
let paused = false;
let skipped = 0;
let waiting = [];
let arrived = [];
let heardAt = Date.now();
let newest = new Date().toISOString();
let attempt = 0;
let ended = false;

for (const row of list.querySelectorAll("[data-row]")) seen.add(row.getAttribute("href").split("/").at(-2));

function show(name, text) {
  state.className = `state state-${name}`;
  word.textContent = text;
}

function showState() {
  if (ended) return;
  if (!socket || socket.readyState !== WebSocket.OPEN) show("pending", "Reconnecting …");
  else if (paused) show("paused", `Paused by you${skipped ? `: ${skipped} skipped` : ""}`);
  else if (skipped) show("pending", `Behind: ${skipped} skipped (more than can be read)`);
  else show("live", "Live");
}

function clock(text) {
  const moment = new Date(text);
  const pad = (number, size = 2) => String(number).padStart(size, "0");
  return local
    ? `${pad(moment.getHours())}:${pad(moment.getMinutes())}:${pad(moment.getSeconds())}.${pad(moment.getMilliseconds(), 3)}`
    : text.slice(11, 23).padEnd(12, "0");
}

function visible(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/[\u007f-\u009f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu, (c) => `[U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
}

function part(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function rowOf(record) {
  const row = document.createElement("a");
  const address = `${list.dataset.record}${record.reference}/`;
  row.className = `record is-${record.severity}`;
  row.href = address;
  row.dataset.row = "";
  row.setAttribute("hx-get", address);
  row.setAttribute("hx-target", "#panel");
  const time = part("time", "", clock(record.timestamp));
  time.dateTime = record.timestamp;
  row.append(time, part("span", `sev sev-${record.severity}`, record.severity),
    part("span", "service", visible(record.service_name)), part("span", "text", visible(record.body || record.event_name)));
  return row;
}

function add(records) {
  const unseen = records.filter((record) => !seen.has(record.reference));
  for (const record of unseen) {
    seen.add(record.reference);
    if (record.timestamp > newest) newest = record.timestamp;
  }
  arrived.push(...unseen.map(() => Date.now()));
  if (list.scrollTop > 40) {
    waiting.push(...unseen);
    waiting = waiting.slice(-MOST_ROWS);
    fresh.hidden = !waiting.length;
    fresh.textContent = `${waiting.length} new — show`;
    return;
  }
  put(unseen);
}

// A batch comes as its senders sent it; equal times stay in that order.
function byTime(one, other) {
  const apart = Date.parse(one.timestamp) - Date.parse(other.timestamp);
  if (apart || one.timestamp === other.timestamp) return apart;
  return one.timestamp < other.timestamp ? -1 : 1; // microseconds, which Date.parse leaves out
}

function showEmpty() {
  empty.hidden = list.childElementCount > 0 || waiting.length > 0;
}

function restart(words) {
  list.replaceChildren();
  waiting = [];
  fresh.hidden = true;
  nothing.textContent = words;
  showEmpty();
}

function put(records) {
  const rows = [...records].sort(byTime).map(rowOf).reverse();
  list.prepend(...rows);
  for (const row of rows) window.htmx?.process(row);
  while (list.childElementCount > MOST_ROWS) list.lastElementChild.remove();
  showEmpty();
}

function showWaiting() {
  put(waiting);
  waiting = [];
  fresh.hidden = true;
  list.scrollTop = 0;
}

function params() {
  const { csrfmiddlewaretoken, ...given } = Object.fromEntries(new FormData(filter));
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value && value !== "trace"));
}

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

async function refill() {
  const body = new URLSearchParams({ ...params(), since: newest });
  const headers = { Accept: "application/json", "X-CSRFToken": filter.elements.csrfmiddlewaretoken.value };
  const answer = await fetch(list.dataset.refill, { method: "POST", body, headers });
  if (!answer.ok) return;
  const found = await answer.json();
  if (found.is_cut) skipped += 1;
  add(found.records);
}

const handlers = {
  hello: () => send({ type: "filter", params: params() }),
  beat: (message) => { skipped = paused ? skipped + message.skipped : message.skipped; if (message.behind) show("pending", "Behind: the stream's server is away; records are kept"); },
  records: (message) => { skipped += message.skipped; add(message.records); },
  paused: (message) => { skipped = message.skipped; },
  resumed: () => { skipped = 0; refill(); },
  filtered: () => { problem.hidden = true; },
  error: (message) => { problem.textContent = message.message; problem.hidden = false; },
};

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}${list.dataset.socket}`);
  socket.addEventListener("open", () => {
    const wasAway = attempt > 0;
    attempt = 0;
    heardAt = Date.now();
    if (paused) send({ type: "pause" });
    if (wasAway && !paused) refill();
    showState();
  });
  socket.addEventListener("message", (event) => {
    heardAt = Date.now();
    const message = JSON.parse(event.data);
    handlers[message.type]?.(message);
    showState();
  });
  socket.addEventListener("close", (event) => {
    if (event.code >= 4400 && event.code < 4500 && event.code !== 4408) {
      ended = true;
      show("stopped", `Stopped because ${event.reason || "access ended"}`);
      pause.hidden = true;
      return;
    }
    attempt += 1;
    showState();
    setTimeout(connect, Math.min(500 * 2 ** attempt, 10000) * (0.5 + Math.random() / 2));
  });
}

function toggle() {
  paused = !paused;
  send({ type: paused ? "pause" : "resume" });
  pause.firstChild.textContent = paused ? "Go on " : "Pause ";
  if (!paused) skipped = 0;
  showState();
}

if (list.dataset.socket) {
  pause.hidden = clear.hidden = false;
  pause.addEventListener("click", toggle);
  clear.addEventListener("click", () => restart("Nothing since you cleared it"));
  fresh.addEventListener("click", showWaiting);
  filter.addEventListener("submit", (event) => {
    event.preventDefault();
    restart("Nothing matches yet");
    send({ type: "filter", params: params() });
  });
  filter.elements.level.addEventListener("change", () => filter.requestSubmit());
  document.querySelector("form[data-save-view]")?.addEventListener("formdata", (event) => {
    event.formData.set("search", new URLSearchParams(params()).toString()); // as it is applied now: no address says it
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && !event.target.closest("input, select, button, a, dialog")) {
      event.preventDefault();
      toggle();
    }
  });
  setInterval(() => {
    arrived = arrived.filter((at) => Date.now() - at < 5000);
    rate.textContent = `${(arrived.length / 5).toFixed(1)} a second`;
    if (!ended && socket.readyState === WebSocket.OPEN && Date.now() - heardAt > SILENT_MS) socket.close();
    showState();
  }, 1000);
  show("pending", "Connecting …");
  connect();
}
