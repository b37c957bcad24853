// A rule's form: fields that mean nothing for the chosen signal and condition fold away, a new rule begins with values
// that are seldom wrong, and the rule is told in words while it is edited. The form works without any of this.

const box = document.querySelector("[data-rule-form]");
const form = box?.closest("form");
const facts = JSON.parse(document.getElementById("rule-facts")?.textContent ?? "null");
const WAIT = 350; // milliseconds after the last key

function field(name) {
  return form.elements.namedItem(name);
}

function show(name, is) {
  const line = form.querySelector(`.field-line.field-${name}`) ?? field(name)?.closest(".field-line");
  if (line) line.style.display = is ? "" : "none";
}

function fold() {
  const signal = field("signal").value;
  const condition = field("condition").value;
  for (const [name, when] of Object.entries(facts.conditions)) show(name, when.includes(condition));
  for (const [name, when] of Object.entries(facts.signals)) show(name, when.includes(signal) || Boolean(field(name)?.value));
  if (facts.ungrouped.includes(signal)) show("group_by", false);
  const fits = facts.fits[signal];
  for (const option of field("condition").options) {
    option.disabled = Boolean(option.value && fits && !fits.includes(option.value) && option.value !== condition);
  }
}

// A rule tells targets of its own environment: those of others are not offered once it is chosen.
function offerTargets() {
  const environment = field("environment")?.value;
  for (const box of form.querySelectorAll("input[name=targets][data-environment]")) {
    const fits = !environment || box.dataset.environment === environment;
    if (!fits) box.checked = false;
    (box.closest("li") ?? box.closest("label") ?? box.parentElement).style.display = fits ? "" : "none";
  }
}

const touched = new Set();

// Limits of one condition mean nothing for another: what nobody typed is offered anew.
function offer() {
  const values = facts.offers[field("signal").value]?.[field("condition").value];
  if (!values || !("new" in box.dataset)) return;
  for (const [name, value] of Object.entries(values)) {
    if (name !== "condition" && !touched.has(name) && field(name)) field(name).value = value;
  }
  forgetRecovery();
}

function begin() {
  const values = facts.beginnings[field("signal").value];
  if (!values || !("new" in box.dataset)) return;
  for (const name of facts.chosen) {
    if (!touched.has(name) && field(name)) field(name).value = values[name];
  }
  forgetRecovery();
}

// What it recovers at belongs to the limit that was offered, not to one that somebody typed.
function forgetRecovery() {
  if ("new" in box.dataset && touched.has("threshold") && !touched.has("recover_threshold")) {
    field("recover_threshold").value = "";
  }
}

let timer;
let latest = 0;

async function tell() {
  const number = ++latest;
  const response = await fetch(box.dataset.address, { method: "POST", body: new FormData(form), credentials: "same-origin" });
  if (!response.ok || number !== latest) return;
  const { sentence, problems } = await response.json();
  document.querySelector("[data-sentence]").textContent = sentence || "This makes no rule yet:";
  const list = document.querySelector("[data-problems]");
  list.replaceChildren(...problems.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  list.style.display = problems.length ? "flex" : "none";
}

function tellSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => tell().catch(() => {}), WAIT);
}

function changed(event) {
  const name = event.target.name;
  if (name === "signal" && event.type === "change") begin();
  else if (event.isTrusted) touched.add(name);
  if (name === "condition" && event.type === "change") offer();
  if (name === "threshold") forgetRecovery();
  if (name === "environment") offerTargets();
  fold();
  tellSoon();
}

if (form && facts && field("signal")) {
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  const links = box.querySelector("[data-beginnings]");
  links?.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    field("signal").value = new URL(link.href).searchParams.get("signal");
    begin();
    fold();
    tell().catch(() => {});
  });
  fold();
  offerTargets();
  tell().catch(() => {});
}
