// Replay: a session's lines as a film. The page is whole without it; it moves a playhead over what the page shows, and
// fetches the page's next part when the film gets there. Times are milliseconds since the scope began.

const panel = document.getElementById("player");
const bar = document.getElementById("player-transport");

const STEP_MS = 50; // lines are looked at so often: faster than anybody reads
const QUIET_MS = 2000; // of the viewer's time: a longer pause is skipped
const LEAD_MS = 30000;
const NAMES = 150; // where the lanes begin, and how wide they are
const LANES = 830;

if (panel && bar) start();

function start() {
  const first = Number(panel.dataset.first);
  const last = Number(panel.dataset.last);
  const moments = read("player-moments");
  const errors = read("player-errors");
  const head = document.getElementById("player-head");
  const scrub = document.getElementById("player-scrub");
  const clock = document.getElementById("player-clock");
  const speed = document.getElementById("player-speed");
  const quiet = document.getElementById("player-quiet");
  const spans = document.getElementById("player-spans"); // nothing for who may not see them
  const note = document.getElementById("player-note");
  const acts = Object.fromEntries([...bar.querySelectorAll("[data-act]")].map((button) => [button.dataset.act, button]));
  const word = acts.play.querySelector("[data-word]");

  let named = null; // the moment that the address named when the page was opened
  let now = first;
  let playing = false;
  let following = true;
  let fetching = false;
  let ticked = 0;
  let lines = [];
  let steps = null;

  function gather() {
    steps = document.getElementById("steps");
    steps.classList.toggle("is-playing", playing);
    steps.classList.toggle("hides-spans", spans !== null && !spans.checked);
    const shown = steps.classList.contains("hides-spans") ? "[data-at]:not(.is-span)" : "[data-at]";
    lines = [...steps.querySelectorAll(shown)].map((row) => ({ row, at: Number(row.dataset.at) }));
  }

  // The last line that has happened: the position of the first that has not, less one.
  function reached() {
    let low = 0;
    let high = lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lines[middle].at <= now) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  function show() {
    const share = (now - first) / Math.max(last - first, 1);
    const x = (NAMES + share * LANES).toFixed(1);
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
    scrub.value = String(Math.round(now));
    clock.value = `${written(now)} of ${written(last)}`;
    scrub.setAttribute("aria-valuetext", clock.value);
    const index = reached();
    lines.forEach(({ row }, place) => {
      row.classList.toggle("is-ahead", place > index);
      row.classList.toggle("is-now", place === index);
    });
    const row = lines[index]?.row;
    offerLead();
    if (row && following && playing) row.scrollIntoView({ block: "center" });
    return row;
  }

  // Whoever comes from an incident wants what led to it: until the film has moved, that is the button to press.
  function offerLead() {
    const isNamed = now === named;
    acts.lead.hidden = playing || !(isNamed || errors.some((at) => Math.abs(at - now) < 1000));
    acts.lead.textContent = errors.some((at) => Math.abs(at - now) < 1000) ? "The 30 s before this error" : "The 30 s before";
    acts.lead.classList.toggle("primary", isNamed && !playing);
    acts.play.classList.toggle("primary", !isNamed || playing);
  }

  function keep() {
    const address = new URL(location.href);
    address.searchParams.delete("cursor");
    address.searchParams.delete("at");
    address.searchParams.set("t", String(Math.round(now)));
    address.hash = "";
    history.replaceState(history.state, "", address);
  }

  function isHere(moment) {
    const since = steps.dataset.since;
    const until = steps.dataset.until;
    return (since === undefined || moment >= Number(since)) && (until === undefined || moment <= Number(until));
  }

  // The part of the page that holds the moment takes the place of the present one.
  async function fetchPart(query) {
    fetching = true;
    note.textContent = "Fetching …";
    try {
      await window.htmx.ajax("GET", `${location.pathname}${query}`, { target: "#steps", select: "#steps", swap: "outerHTML" });
      note.textContent = "";
    } catch {
      note.textContent = "Could not be fetched; press Play to try again.";
      stop();
    }
    gather();
    fetching = false;
  }

  function queryAt(moment) {
    const params = new URLSearchParams(location.search);
    for (const name of ["cursor", "at"]) params.delete(name);
    params.set("t", String(Math.round(moment)));
    return `?${params}`;
  }

  async function seek(moment, { scroll = true } = {}) {
    now = Math.min(Math.max(moment, first), last);
    if (!isHere(now) && !fetching) await fetchPart(queryAt(now));
    const row = show();
    keep();
    if (row && scroll) row.scrollIntoView({ block: "center" });
  }

  function stop() {
    playing = false;
    word.textContent = "Play";
    steps.classList.remove("is-playing");
    keep();
    show();
  }

  function play() {
    if (now >= last) now = named === null ? first : Math.max(named - LEAD_MS, first);
    playing = true;
    following = true;
    acts.follow.hidden = true;
    word.textContent = "Pause";
    steps.classList.add("is-playing");
    ticked = performance.now();
    show();
    setTimeout(tick, STEP_MS);
  }

  function toggle() {
    if (playing) stop();
    else play();
  }

  function pass() {
    const rate = Number(speed.value);
    const moment = performance.now();
    now += (moment - ticked) * rate;
    ticked = moment;
    if (!quiet.checked) return;
    const next = moments.find((at) => at > now);
    const pause = next === undefined ? 0 : next - now;
    if (pause > QUIET_MS * rate) {
      now = next - (QUIET_MS / 4) * rate;
      note.textContent = `Skipped ${written(pause).slice(1)}`;
    }
  }

  async function tick() {
    if (!playing) return;
    if (document.hidden) ticked = performance.now();
    else if (!fetching) pass();
    now = Math.min(now, last);
    if (!isHere(now) && !fetching) {
      await fetchPart(queryAt(now));
      ticked = performance.now();
      if (!playing) return;
    }
    show();
    if (now >= last) {
      stop();
      note.textContent = "The end.";
      return;
    }
    setTimeout(tick, STEP_MS);
  }

  function toError(forward) {
    const found = forward ? errors.find((at) => at > now + 1) : errors.findLast((at) => at < now - 1);
    note.textContent = found === undefined ? `No ${forward ? "later" : "earlier"} error` : "";
    if (found !== undefined) seek(found);
  }

  acts.play.addEventListener("click", toggle);
  acts.next.addEventListener("click", () => toError(true));
  acts.previous.addEventListener("click", () => toError(false));
  acts.lead.addEventListener("click", () => seek(now - LEAD_MS, { scroll: false }).then(play));
  acts.follow.addEventListener("click", () => {
    following = true;
    acts.follow.hidden = true;
  });
  spans?.addEventListener("change", gather);
  scrub.addEventListener("input", () => {
    now = Number(scrub.value);
    show();
  });
  scrub.addEventListener("change", () => seek(Number(scrub.value)));
  document.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-seek]");
    if (!mark) return;
    event.preventDefault();
    seek(Number(mark.dataset.seek));
  });
  for (const kind of ["wheel", "touchmove"]) {
    window.addEventListener(kind, () => {
      if (!playing) return;
      following = false;
      acts.follow.hidden = false;
    }, { passive: true });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog, button")) return;
    const act = { " ": toggle, e: () => toError(true), E: () => toError(false) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  bar.hidden = false;
  head.setAttribute("visibility", "visible");
  gather();
  const here = steps.querySelector(".is-here");
  const params = new URLSearchParams(location.search);
  if (here) now = Number(here.dataset.at);
  else if (params.has("t")) now = Math.min(Math.max(Number(params.get("t")) || first, first), last);
  else if (params.has("cursor")) now = Math.max(Number(lines[0]?.at ?? first), first);
  if (here || params.has("t")) named = now;
  const row = show();
  if (params.has("t") && !location.hash) row?.scrollIntoView({ block: "center" });
}

function read(name) {
  return JSON.parse(document.getElementById(name).textContent);
}

// '+1.5 s', '+4:05', '+1:12:03'
function written(milliseconds) {
  const sign = milliseconds < 0 ? "-" : "+";
  const size = Math.abs(milliseconds);
  if (size < 60000) return `${sign}${(size / 1000).toFixed(1)} s`;
  const pad = (number) => String(number).padStart(2, "0");
  const whole = Math.floor(size / 1000);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${sign}${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${sign}${minutes}:${pad(whole % 60)}`;
}
