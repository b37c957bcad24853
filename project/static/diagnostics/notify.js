// Tells of new inbox messages in the browser, while a page of Diagnostics is open. Asked for by a click, kept in this browser.

const SECONDS = 20;
const button = document.querySelector("[data-notify]");
const stored = (name) => localStorage.getItem(`diagnostics.${name}`);
const store = (name, value) => localStorage.setItem(`diagnostics.${name}`, value);
const isOn = () => stored("notify") === "on" && window.Notification?.permission === "granted";

async function readNews() {
  const seen = stored("inbox-seen");
  const query = seen === null ? "" : `?after=${encodeURIComponent(seen)}`;
  const answer = await fetch(`/inbox/news/${query}`, { headers: { accept: "application/json" } });
  return answer.ok && !answer.redirected ? answer.json() : null;
}

async function tell() {
  if (!isOn()) return;
  const news = await readNews();
  if (!news || String(news.latest) === stored("inbox-seen")) return;
  store("inbox-seen", String(news.latest)); // before showing: another tab asks as well
  for (const message of news.messages) {
    const shown = new Notification(message.title, { body: message.text, tag: `diagnostics-${message.id}` });
    shown.onclick = () => {
      window.focus();
      location.assign(message.url);
    };
  }
}

function draw() {
  button.hidden = false;
  button.textContent = isOn() ? "Stop telling me in this browser" : "Tell me in this browser";
  button.setAttribute("aria-pressed", String(isOn()));
  if (Notification.permission === "denied") {
    button.disabled = true;
    button.textContent = "This browser refuses notifications";
  }
}

async function toggle() {
  if (isOn()) {
    store("notify", "off");
  } else if ((await Notification.requestPermission()) === "granted") {
    const news = await readNews();
    if (news) store("inbox-seen", String(news.latest)); // only what comes from now on
    store("notify", "on");
  }
  draw();
}

if ("Notification" in window) {
  if (button) {
    draw();
    button.addEventListener("click", toggle);
  }
  setInterval(() => tell().catch(() => {}), SECONDS * 1000);
}
