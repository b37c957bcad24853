"""Records in the admin: the newest of one environment, bounded, never counted, harmless to look at."""

import pytest
from django.urls import reverse

from alerts.models import Incident
from diagnostics.admin import scoped
from diagnostics.models import LogRecord
from tests.views.reading import Page
from tests.world import make_record, make_session, make_span

RECORDS = "/admin/diagnostics/logrecord/"


def test_the_list_reads_a_page_and_counts_nothing(world, admin, django_assert_max_num_queries):
    LogRecord.objects.bulk_create(
        LogRecord(
            id=number, environment_id=world.environment.pk, timestamp=world.record.timestamp,
            observed_timestamp=world.record.timestamp, body=f"n{number}", batch_id=1,
        )
        for number in range(120)
    )  # fmt: skip
    with django_assert_max_num_queries(30) as asked:
        page = admin.get(RECORDS)
    assert page.status_code == 200
    assert len(page.context["cl"].result_list) == 50
    for query in asked.captured_queries:
        if "diagnostics_log" in query["sql"]:
            assert "count(" not in query["sql"].lower()
            assert "LIMIT" in query["sql"]
            assert '"environment_id" = ' in query["sql"]


def test_pages_end_where_counting_ends(world, admin, monkeypatch):
    monkeypatch.setattr(scoped, "COUNTED", 2)
    for _ in range(4):
        make_record(world.environment)
    assert admin.get(RECORDS).context["cl"].result_count == 2


@pytest.mark.parametrize("query", ["", "?environment={other}", "?environment=x", "?environment_id={other}", "?p=3"])
def test_only_ones_own_environments_are_shown_however_it_is_asked(query, world, other, admin):
    page = admin.get(RECORDS + query.format(other=other.environment.pk), follow=True)
    text = page.content.decode()
    assert page.status_code == (400 if "environment_id" in query else 200)  # not a filter that the page offers
    assert other.record.body not in text
    assert other.environment.name not in text
    assert query in ("?environment_id={other}", "?p=3") or world.record.body in text


def test_a_superuser_sees_one_environment_at_a_time(world, other, superuser):
    for one, another in ((world, other), (other, world)):
        text = superuser.get(f"{RECORDS}?environment={one.environment.pk}").content.decode()
        assert one.record.body in text
        assert another.record.body not in text
    assert superuser.get(RECORDS).status_code == 200


def test_text_of_senders_is_text_in_every_list_and_on_every_page(world, admin):
    bad = '<script>alert(1)</script>"\u202e\x1b[2J'
    world.furnish()
    record = make_record(world.environment, body=bad, service_name=bad, session_id=bad)
    make_span(world.environment, name=bad, service_name=bad)
    session = make_session(world.environment, session_id=bad, browser=bad)
    Incident.objects.update(title=bad, summary=bad, service_name=bad)
    listed = admin.get(RECORDS).content.decode()
    assert reverse("log-detail", args=[world.slug, record.reference]) in Page(listed).links("alert(1)")
    sessions = admin.get("/admin/sessions_app/logsession/").content.decode()
    assert reverse("session", args=[world.slug, bad]) in Page(sessions).links("open")
    pages = [listed, sessions]
    for address in (
        "diagnostics/span/", f"sessions_app/logsession/{session.pk}/change/", "alerts/incident/", "alerts/notification/",
        f"alerts/incident/{world.incident.pk}/change/", f"alerts/notification/{world.notification.pk}/change/",
    ):  # fmt: skip
        page = admin.get(f"/admin/{address}")
        assert page.status_code == 200, address
        pages.append(page.content.decode())
    for text in pages[:-1]:
        assert "[U+202E]" in text
    for text in pages:
        assert "<script>alert(1)" not in text
        assert not {"\u202e", "\x1b"} & set(text)
    assert Incident.objects.get(pk=world.incident.pk).title == bad


def test_nothing_of_a_record_can_be_changed_or_opened_here(world, admin, superuser):
    for client in (admin, superuser):
        for view in ("change", "delete", "history"):
            assert client.get(reverse(f"admin:diagnostics_logrecord_{view}", args=[world.record.pk])).status_code in (
                403,
                404,
            )
        assert client.get(reverse("admin:diagnostics_logrecord_add")).status_code == 403
        client.post(RECORDS, {"action": "delete_selected", "_selected_action": [world.record.pk], "post": "yes"})
    assert LogRecord.objects.filter(pk=world.record.pk).exists()
