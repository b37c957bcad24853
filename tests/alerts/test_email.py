"""Mail to a real SMTP server: threads, one message a recipient, what the server refuses and what is tried again."""

import io
import logging
from dataclasses import replace

import pytest
from PIL import Image

from alerts.delivery.errors import DeliveryError
from alerts.delivery.render import clean
from alerts.delivery.run import deliver_due
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import DeliveryAttempt, Notification, Receipt, Target
from tests.alerts.mailbox import heard, read, send
from tests.alerts.samples import LINKS, make_alert
from tests.alerts.test_battery import CANARIES, HOSTILE, PLACES, SECRET_PARTS


def test_text_comes_first_then_html_then_the_chart(mailbox):
    assert send().status == 250
    (mail,) = mailbox.got
    message = read(mail)
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/related", "multipart/alternative", "text/plain", "text/html", "image/png"]
    assert message["Subject"] == "[Shop] 5xx surge: checkout"
    assert message["From"] == "Diagnostics <alerts@shop.com>"
    text = message.get_body(["plain"]).get_content()
    html = message.get_body(["html"]).get_content()
    for said in (text, html):
        assert "checkout: 5xx 14.0% of 1,240 requests in 3 min." in said
        assert "4.2 times the usual 12" in said
        assert "card provider timed out" in said
        assert "2026-03-01 12:00:00 UTC" in said
    assert LINKS.incident in text
    assert LINKS.logs in text
    assert 'src="cid:chart"' in html
    assert "<script" not in html
    image = next(part for part in message.walk() if part.get_content_type() == "image/png")
    picture = Image.open(io.BytesIO(image.get_content()))
    assert picture.size == (560, 120)
    assert len(picture.getcolors(100_000)) > 3  # something is drawn
    assert image["Content-ID"] == "<chart>"
    assert len(image.get_content()) < 20_000


def test_without_a_trend_there_is_no_picture(mailbox):
    send(make_alert(trend=()))
    assert "image/png" not in [part.get_content_type() for part in read(mailbox.got[0]).walk()]


def test_all_turns_of_an_incident_form_one_thread_and_answer_machines_are_told_to_be_quiet(mailbox):
    send()
    send(make_alert(id="2", action="resolve", resolved_at="2026-03-01T12:30:00+00:00"))
    send(make_alert(id="3", incident_id=8))
    first, second, other = map(read, mailbox.got)
    assert first["References"] == second["References"] == second["In-Reply-To"] != other["References"]
    assert first["Subject"] == second["Subject"]
    lines = [said.get_body(["plain"]).get_content().splitlines()[0] for said in (first, second)]
    assert lines == ["Triggered: 5xx surge: checkout", "Resolved: 5xx surge: checkout"]
    assert len({first["Message-ID"], second["Message-ID"], other["Message-ID"]}) == 3
    assert (first["Auto-Submitted"], first["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert first["List-Id"] == "<alerts.diagnostics.shop.com>"
    send()
    assert read(mailbox.got[3])["Message-ID"] == first["Message-ID"]  # the same message on each try


def test_each_recipient_has_a_message_of_their_own(mailbox):
    send(recipients="ann@shop.com, bob@shop.com; ann@shop.com\ncid@shop.com")
    assert [to for to, _ in mailbox.got] == [("ann@shop.com",), ("bob@shop.com",), ("cid@shop.com",)]
    assert "bob@shop.com" not in mailbox.got[0][1].decode()


def test_one_refused_recipient_of_three_keeps_nobody_else_from_being_told(mailbox):
    mailbox.codes["bob@shop.com"] = 550
    sent = send(recipients="ann@shop.com bob@shop.com cid@shop.com")
    assert [to[0] for to, _ in mailbox.got] == ["ann@shop.com", "cid@shop.com"]
    assert sent.note == "1 of 3 recipients were refused"


@pytest.mark.parametrize("code", [421, 450, 451, 452])
def test_a_recipient_who_is_busy_is_tried_again_and_the_others_are_not_told_twice(mailbox, code):
    mailbox.codes["bob@shop.com"] = code
    with pytest.raises(DeliveryError) as failure:
        send(recipients="ann@shop.com bob@shop.com")
    error = failure.value
    assert (error.permanent, error.status) == (False, code)
    assert "bob" not in str(error)
    mailbox.codes.clear()
    send(recipients="ann@shop.com bob@shop.com", receipt=error.receipt)
    assert [to[0] for to, _ in mailbox.got] == ["ann@shop.com", "bob@shop.com"]
    assert "shop.com" not in str(error.receipt)


@pytest.mark.parametrize("code", [550, 552, 553, 554])
def test_when_all_are_refused_it_has_failed_for_good(mailbox, code):
    mailbox.codes["ann@shop.com"] = code
    with pytest.raises(DeliveryError) as failure:
        send()
    assert (failure.value.permanent, str(failure.value)) == (True, f"the mail server answered {code}")


@pytest.mark.parametrize(("said", "permanent"), [("451", False), ("554", True), ("drop", False)])
def test_what_the_server_says_of_the_message_counts(mailbox, said, permanent):
    mailbox.data_code = said
    with pytest.raises(DeliveryError) as failure:
        send()
    assert failure.value.permanent is permanent


def test_a_server_that_is_not_there_is_tried_again(mailbox, settings):
    settings.EMAIL_PORT = 1
    with pytest.raises(DeliveryError) as failure:
        send()
    assert not failure.value.permanent
    assert "127.0.0.1" not in str(failure.value)


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_no_text_makes_a_header_a_long_line_or_markup(mailbox, name):
    text = clean(HOSTILE[name])
    send(make_alert(**dict.fromkeys(PLACES, text), messages=((text, 1),)))
    (mail,) = mailbox.got
    assert all(len(line) <= 998 for line in mail[1].split(b"\r\n"))
    message = read(mail)
    assert "X-Evil" not in message
    assert len(message["Subject"]) < 300
    html = message.get_body(["html"]).get_content()
    assert "<b onclick" not in html
    assert "</script>" not in html


def test_no_secret_is_mailed_though_nothing_was_redacted_before(mailbox, caplog):
    caplog.set_level(logging.DEBUG)
    for name in sorted(CANARIES):
        send(make_alert(**dict.fromkeys(PLACES, f"see {CANARIES[name]} end"), messages=((CANARIES[name], 1),)))
    said = ""
    for mail in mailbox.got:
        message = read(mail)
        said += str(message["Subject"]) + "".join(
            part.get_content() for part in message.walk() if part.get_content_maintype() == "text"
        )
    assert [part for part in SECRET_PARTS if part in said] == []
    assert [part for part in SECRET_PARTS if part in caplog.text] == []


def test_links_that_act_stand_in_a_mail_only_when_the_target_wants_them(mailbox):
    send()
    acts = replace(LINKS, acknowledge="https://d.shop.com/respond/tok-a/", resolve="https://d.shop.com/respond/tok-r/")
    send(make_alert(links=acts))
    texts = [read(mail).get_body(["plain"]).get_content() for mail in mailbox.got]
    assert ["respond" in text for text in texts] == [False, True]
    assert "https://d.shop.com/respond/tok-a/" in texts[1]


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({}, "Recipients is needed."),
        ({"recipients": "ann"}, "'ann' is not an address"),
        ({"recipients": " ".join(f"a{n}@shop.com" for n in range(21))}, "at most 20"),
        ({"recipients": "ann@shop.com", "action_links": "perhaps"}, "Links that act"),
    ],
)
def test_recipients_are_checked_before_they_are_saved(mailbox, config, problem):
    assert problem in " ".join(INTEGRATIONS["email"].validate(config, {}))


def test_without_a_mail_server_the_form_says_so(settings):
    settings.EMAIL_HOST = ""
    assert "EMAIL_HOST" in " ".join(INTEGRATIONS["email"].validate({"recipients": "ann@shop.com"}, {}))


@pytest.mark.django_db
def test_a_mail_goes_the_real_way_with_the_incidents_chart(mailbox, make_target, make_incident, make_rollup):
    for ago in range(5):
        make_rollup(ago=ago, service="checkout", errors=10 * ago + 5)
    make_target("email", config={"recipients": "ann@shop.com", "action_links": "yes"})
    make_incident()
    deliver_due()
    assert Notification.objects.get().state == "sent"
    assert DeliveryAttempt.objects.get().status_code == 250
    assert len(Receipt.objects.get().data) == 1
    message = read(mailbox.got[0])
    assert "image/png" in [part.get_content_type() for part in message.walk()]
    assert "/respond/" in message.get_body(["plain"]).get_content()


@pytest.mark.django_db
def test_one_full_mailbox_is_tried_again_alone_and_is_no_failure_of_the_target(
    mailbox, make_target, make_incident, standing
):
    target = make_target("email", config={"recipients": "ann@shop.com bob@shop.com"}, fallback=make_target("inbox"))
    Target.objects.filter(pk=target.pk).update(failing_since=standing.now)
    mailbox.codes["bob@shop.com"] = 452
    make_incident()
    row = Notification.objects.get(target=target)
    while row.state == "pending":
        deliver_due()
        target.refresh_from_db()
        assert target.failing_since is None
        standing.advance(minutes=5)
        row.refresh_from_db()
    assert heard(mailbox) == ["ann"]
    assert row.state == "sent"  # to whom it could be
    assert row.delivery_attempts.count() > 2
    last = row.delivery_attempts.last()
    assert (last.outcome, last.status_code) == ("sent", 452)
    assert last.error == "1 of 2 recipients were not reached: the mail server answered 452"
    assert not row.fallbacks.exists()


@pytest.mark.django_db
def test_a_digest_is_not_sent_again_to_who_had_it(mailbox, make_rule, make_target, make_incident, standing):
    make_target("email", config={"recipients": "ann@shop.com bob@shop.com"})
    for service in "abc":
        make_incident(make_rule(), service)
    deliver_due()
    mailbox.codes["bob@shop.com"] = 452
    mailbox.got.clear()
    for _ in range(3):
        standing.advance(minutes=2)
        deliver_due()
    mailbox.codes.clear()
    standing.advance(minutes=2)
    deliver_due()
    assert heard(mailbox) == ["ann", "bob"]
    assert Notification.objects.get(action="digest").state == "sent"
