"""docs/settings.md names each environment variable that the product reads, and none that it does not."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("project/settings", "project/up", "project/management", "project/demo")
READ = re.compile(
    r"""read_(?:text|int|bool|list|url)\(\s*["']([A-Z][A-Z0-9_]+)["']"""
    r"""|environ(?:\.get\(|\.setdefault\(|\[)\s*["']([A-Z][A-Z0-9_]+)["']"""
    r"""|["']([A-Z][A-Z0-9_]+)["'] (?:not )?in os\.environ"""
)
ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]+)` \|", re.MULTILINE)


def names_read() -> set[str]:
    files = [ROOT / "manage.py", *(ROOT / "project").glob("*.py")]
    files += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return {next(filter(None, found)) for path in files for found in READ.findall(path.read_text(encoding="utf-8"))}


def test_every_variable_is_documented():
    documented = ROW.findall((ROOT / "docs" / "settings.md").read_text(encoding="utf-8"))
    assert len(documented) == len(set(documented)), "a variable stands twice in docs/settings.md"
    assert names_read() == set(documented)


def test_the_search_finds_every_way_of_reading():
    assert {"DATABASE_URL", "DATABASE_POOL_SIZE", "DEMO", "TRUSTED_PROXIES", "NO_COLOR", "PORT"} <= names_read()
