"""Screenshots of every page in light, dark and narrow, of a product that runs: `python -m tests.browser.shoot URL FOLDER`.

NAME and PASSWORD of the environment sign in (by default those that `make up` printed).
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from project.settings.embedded import DATA_DIR
from project.up.lock import read_note

LOOKS = {"light": ("light", 1440, 900), "dark": ("dark", 1440, 900), "narrow": ("light", 390, 844)}
ADMIN = {
    "admin": "/admin/",
    "admin-rules": "/admin/alerts/alertrule/",
    "admin-rule": "/admin/alerts/alertrule/1/change/",
    "admin-rule-add": "/admin/alerts/alertrule/add/?signal=status_5xx",
    "admin-rule-mute": "/admin/alerts/alertrule/1/mute",
    "admin-monitors": "/admin/alerts/monitor/",
    "admin-monitor": "/admin/alerts/monitor/1/change/",
    "admin-monitor-add": "/admin/alerts/monitor/add/",
    "admin-target-add": "/admin/alerts/target/add/",
    "admin-target-slack": "/admin/alerts/target/add/?kind=slack",
    "admin-policy": "/admin/diagnostics/privacypolicy/1/change/",
    "admin-pseudonyms": "/admin/diagnostics/environment/1/pseudonyms/",
    "admin-keys": "/admin/diagnostics/ingestkey/",
    "admin-people": "/admin/auth/user/1/change/",
    "admin-records": "/admin/diagnostics/logrecord/",
}


def find_pages(page: Page, base: str, slug: str) -> dict[str, str]:
    """Addresses of all pages; of records, sessions and incidents the newest."""
    start = f"/e/{slug}"
    found = {
        "overview": f"{start}/",
        "logs": f"{start}/logs/",
        "errors": f"{start}/errors/",
        "releases": f"{start}/releases/",
        "live": f"{start}/live/",
        "sessions": f"{start}/sessions/?show=errors",
        "journeys": f"{start}/journeys/?range=1h",
        "timeline": f"{start}/timeline/",
        "snapshots": f"{start}/snapshots/?range=all",
        "traces": f"{start}/traces/?sort=slowest",
        "views": f"{start}/views/",
        "traces-found": f"{start}/traces/?service=payments&status=error&range=24h",
        "patterns": f"{start}/patterns/?range=1h",
        "incidents": f"{start}/incidents/?state=all",
        "monitors": f"{start}/monitors/",
        "privacy": f"{start}/privacy/",
        "processing": f"{start}/privacy/record/",
        "inbox": "/inbox/",
        "account": "/account/",
        "api-docs": "/api/docs/",
    }
    newest = {
        "record": f"{start}/logs/?level=error&range=1h",
        "error": f"{start}/errors/?sort=count&range=1h",
        "release": f"{start}/releases/",
        "session": f"{start}/sessions/?show=errors",
        "journey": f"{start}/journeys/?range=1h&outcome=completed",
        "incident": f"{start}/incidents/?state=all",
        "monitor": f"{start}/monitors/",
        "pattern": f"{start}/patterns/?range=1h",
        "snapshot": f"{start}/snapshots/?range=all",
    }
    for name, address in newest.items():
        page.goto(base + address)
        link = page.locator("main [data-row]").first
        if link.count():
            found[name] = link.get_attribute("href")
    page.goto(base + found.get("incident", found["overview"]))
    link = page.locator("main a[href*='/traces/']").first
    if link.count():
        found["trace"] = link.get_attribute("href")
    page.goto(base + found.get("session", found["overview"]))
    link = page.locator("main a[href*='/timeline/?user=']").first
    if link.count():
        found["person"] = link.get_attribute("href")
    return found


def shoot(base: str, folder: Path, only: set[str]) -> None:
    """Each page in each look."""
    note = read_note(DATA_DIR / "credentials.json")
    name, password = os.environ.get("NAME", note.get("username")), os.environ.get("PASSWORD", note.get("password"))
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        context = browser.new_context()
        page = context.new_page()
        page.on("console", lambda message: print(message.type, message.text) if message.type == "error" else None)
        page.goto(f"{base}/login/")
        page.fill("#id_login", name)
        page.fill("#id_password", password)
        page.press("#id_password", "Enter")
        page.wait_for_url("**/e/**")
        pages = find_pages(page, base, note.get("environment", "production")) | ADMIN
        for label, address in pages.items():
            if only and label not in only:
                continue
            for look, (scheme, width, height) in LOOKS.items():
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": height})
                page.goto(base + address)
                page.wait_for_timeout(700)
                page.screenshot(path=str(folder / f"{label}-{look}.png"))
        browser.close()


if __name__ == "__main__":
    shoot(sys.argv[1], Path(sys.argv[2]), set(sys.argv[3:]))
