"""What a request says of its sessions: which releases each touched, and how these fared."""

from diagnostics.core.record import Parsed, Record, SpanRecord
from diagnostics.pipeline.parts import SERVICES_KEPT, read_parts
from diagnostics.pipeline.session_parts import FIELDS, RELEASES_KEPT
from diagnostics.pipeline.summarise import summarise


def record(service="checkout", release="2.4.2", severity=9):
    return Record(10**18, 10**18, severity_number=severity, service_name=service, release=release, session_id="s")


def span(service, release):
    return SpanRecord(
        "ab" * 16, "cd" * 8, 10**18, 10**18 + 1, name="n", service_name=service, release=release, session_id="s"
    )


def releases_in(records, spans=()):
    part = read_parts(summarise(Parsed(list(records), list(spans))).sessions)[0]
    return dict(zip(FIELDS, part, strict=True))["releases"]


def test_every_release_is_noted_and_trouble_is_of_the_one_whose_record_tells_of_it():
    records = [record("web", "1.9.2"), record(severity=17), record(severity=21), record(), record("pay", "3", 17)]
    found = releases_in(records, [span("cart", "5"), span("checkout", "2.4.1")])
    assert found == {"web": {"1.9.2": 0}, "checkout": {"2.4.2": 2, "2.4.1": 0}, "pay": {"3": 1}, "cart": {"5": 0}}


def test_without_a_release_only_trouble_is_noted():
    assert releases_in([record(release=""), record("web", "", 13), record("pay", "", 21)]) == {"pay": {"": 2}}


def test_they_are_bounded():
    found = releases_in(record("web", str(number)) for number in range(RELEASES_KEPT + 5))
    assert len(found["web"]) == RELEASES_KEPT
    assert len(releases_in(record(str(number)) for number in range(SERVICES_KEPT + 5))) == SERVICES_KEPT
