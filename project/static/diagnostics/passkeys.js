// Passkeys: shows the button where the browser can, and says in words why it cannot or did not.
const note = document.getElementById("passkey-note");
const say = (text) => { if (note) { note.textContent = text; note.hidden = false; } };
const isAddress = /^[\d.]+$|:/.test(location.hostname);
const can = Boolean(window.PublicKeyCredential) && window.isSecureContext && !isAddress;

for (const button of document.querySelectorAll("#passkey_login")) button.hidden = !can;
if (!can && document.getElementById("passkey_add")) {
  say(isAddress
    ? "Passkeys are bound to a name, and you came by an address of numbers. On this machine, open http://localhost instead."
    : "This browser or connection cannot use passkeys: they need HTTPS (or localhost).");
}
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  say("That did not work: the browser or the key said no. Try again, or use another way.");
});
