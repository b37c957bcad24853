"""`erase` and `export_person`; erasing again after a backup came back."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from diagnostics.core import clock
from diagnostics.models import LogRecord, PrivacyJob
from tests.privacy.dump import tables_with
from tests.privacy.people import plant_person
from tests.world import make_record, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return make_world("command-one")


def run(name, *words, **options):
    out = io.StringIO()
    call_command(name, *words, stdout=out, **options)
    return out.getvalue()


def test_erase_says_what_goes_and_what_went(world, monkeypatch):
    plant_person(world, "jane", "JANEMARK")
    monkeypatch.setattr("builtins.input", lambda text: world.slug)
    said = run("erase", "--environment", world.slug, "--user", "jane")
    assert said.count("3 records, 1 restricted fields, 1 sessions, 2 spans") == 2
    assert tables_with("JANEMARK") == []


def test_erase_asks_first_and_reads_the_id_from_standard_input(world, monkeypatch):
    plant_person(world, "jane", "JANEMARK")
    monkeypatch.setattr("sys.stdin", io.StringIO("jane\n"))
    monkeypatch.setattr("builtins.input", lambda text: "no")
    with pytest.raises(CommandError, match="nothing was erased"):
        run("erase", "--environment", world.slug)
    assert LogRecord.objects.filter(body__contains="JANEMARK").count() == 3


def test_wrong_words_are_told(world):
    with pytest.raises(CommandError, match="command-one"):
        run("erase", "--environment", "nowhere", "--user", "jane")
    with pytest.raises(CommandError, match="--reapply"):
        run("erase")
    with pytest.raises(CommandError, match="no log"):
        run("erase", "--reapply", "/dev/null/nothing")


def test_export_writes_a_file_of_its_own(world, tmp_path):
    plant_person(world, "jane", "JANEMARK")
    path = tmp_path / "jane.json"
    said = run("export_person", "--environment", world.slug, "--user", "jane", "--output", str(path))
    assert "3 records" in said
    assert len(json.loads(path.read_text())["stores"]["records"]) == 3
    assert path.stat().st_mode & 0o077 == 0
    assert not PrivacyJob.objects.get(kind="export", requested_by_name="command line", state="expired").parts.exists()
    with pytest.raises(CommandError, match="already"):
        run("export_person", "--environment", world.slug, "--user", "jane", "--output", str(path))


def test_a_restored_backup_is_erased_again_and_what_came_later_stays(world, tmp_path, monkeypatch):
    key, _ = plant_person(world, "jane", "JANEMARK")
    run("erase", "--environment", world.slug, "--user", "jane", "--yes")
    log = tmp_path / "erasures.jsonl"
    log.write_text(run("erase", "--log"))
    assert key not in log.read_text()
    assert len(log.read_text().splitlines()) == 1
    PrivacyJob.objects.filter(kind="erase").delete()  # the backup is from before the erasure: it knows nothing of it
    erased_at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: erased_at - timedelta(hours=1))
    plant_person(world, "jane", "JANEMARK")
    monkeypatch.setattr(clock, "now", lambda: erased_at + timedelta(hours=1))
    make_record(world.environment, body="jane came back", user_key=key, has_restricted=False)
    assert "0 had to be done again" in run("erase", "--reapply")
    assert "1 erasures in the log, 1 had to be done again" in run("erase", "--reapply", str(log))
    assert tables_with("JANEMARK") == []
    assert LogRecord.objects.filter(body="jane came back").count() == 1
    assert "0 had to be done again" in run("erase", "--reapply", str(log))
