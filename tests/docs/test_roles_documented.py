"""The table of docs/roles.md is what the code grants."""

from pathlib import Path

from diagnostics.core.permissions import ADMIN_PERMS, PRODUCTION_LEAVES_OUT, ROLES, Perm

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "roles.md").read_text(encoding="utf-8")


def read_table() -> tuple[list[str], dict[str, list[str]]]:
    """(roles, permission -> its cells)."""
    lines = [line for line in PAGE.splitlines() if line.startswith("|")]
    start = next(number for number, line in enumerate(lines) if line.startswith("| Permission |"))
    roles = cells(lines[start])[1:-1]
    rows = {}
    for line in lines[start + 2 :]:
        found = cells(line)
        if len(found) != len(roles) + 2:
            break
        rows[found[0].strip("`")] = found[1:-1]
    return roles, rows


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_table_is_what_the_roles_hold():
    roles, rows = read_table()
    assert {cell for row in rows.values() for cell in row} == {"yes", ""}
    documented = {role: {name for name, row in rows.items() if row[place]} for place, role in enumerate(roles)}
    assert documented == {role: {perm.value for perm in perms} for role, perms in ROLES.items()}


def test_every_permission_has_a_line():
    assert set(read_table()[1]) == {perm.value for perm in Perm}


def test_what_opens_the_admin():
    said = next(part for part in PAGE.split("\n\n") if part.startswith("The admin opens"))
    assert {perm.value for perm in Perm if f"`{perm.value}`" in said} == {perm.value for perm in ADMIN_PERMS}


def test_what_production_leaves_out():
    rows = [cells(line) for line in PAGE.splitlines() if line.startswith("|")]
    start = next(number for number, row in enumerate(rows) if row[0] == "Role")
    said = {}
    for row in rows[start + 2 :]:
        if row[0] not in ROLES:
            break
        said[row[0]] = {perm for perm in Perm if f"`{perm.value}`" in row[1]}
    assert said == {role: set(perms) for role, perms in PRODUCTION_LEAVES_OUT.items()}
