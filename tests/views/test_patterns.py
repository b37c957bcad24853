"""The patterns pages: what came how often, what is new, and the way to its records."""

from datetime import timedelta

import pytest
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.models import Event, Template
from tests.people import client_with
from tests.views.reading import read
from tests.world import make_record, make_template, make_world


@pytest.fixture
def viewer(environment):
    return client_with(environment, "viewer")


@pytest.fixture
def look(environment, viewer):
    Template.objects.all().delete()

    def ask(**params):
        return read(viewer.get(reverse("patterns", args=[environment.slug]), query_params=params))

    return ask


def texts(page):
    return [element.text for element in page.all("a", class_="row-link mono")]


def deploy(environment, title, ago):
    Event.objects.create(
        environment=environment, timestamp=clock.now() - ago, kind="deploy", service_name="shop",
        release=title[-3:], title=title,
    )  # fmt: skip


def test_patterns_stand_with_records_and_share_and_are_sorted_and_filtered(environment, look):
    make_template(environment, "order <*> paid", 30, severity_number=9)
    make_template(environment, "order <*> lost", 10, service_name="cart", last_seen=clock.now())
    page = look()
    assert texts(page) == ["order <*> paid", "order <*> lost"]
    assert "75%" in page.text
    assert not [
        bar for bar in page.all("rect") if "tone-" in bar.attributes.get("class", "")
    ]  # the level stands beside
    assert [element.text for element in page.all("td", data_label="Records")] == ["30", "10"]
    assert texts(look(sort="last")) == texts(look(sort="level")) == ["order <*> lost", "order <*> paid"]
    assert texts(look(service="cart")) == texts(look(level="error")) == texts(look(q="LOST")) == ["order <*> lost"]
    assert texts(look(q="<*> paid", range="15m")) == ["order <*> paid"]
    assert "No patterns match" in look(q="nothing").text


def test_new_patterns_are_marked_and_can_be_chosen(environment, look):
    old = clock.now() - timedelta(days=3)
    deploy(environment, "shop first seen with 1.0", timedelta(days=9))
    make_template(environment, "as ever", first_seen=old)
    make_template(environment, "of today")
    assert texts(look(new="24h")) == ["of today"]
    assert texts(look(new="deploy")) == []  # the first release that is seen is no deploy
    deploy(environment, "shop deployed 1.1", timedelta(days=5))
    assert len(texts(look(new="deploy"))) == 2
    deploy(environment, "shop deployed 1.2", timedelta(hours=1))
    assert texts(look(new="deploy")) == ["of today"]
    marks = [element.text for element in look().all("span", class_="tag is-new")]
    assert marks == ["new since deploy", "new in 24 h"]


def test_what_did_not_come_in_the_time_is_not_listed_and_an_empty_environment_says_what_to_do(environment, look):
    assert "No patterns yet" in look().text
    make_template(environment, "once")
    assert texts(look(range="30d")) == ["once"]
    assert texts(look(range="nonsense", sort="x", new="y", level="z", page="-1")) == ["once"]
    assert texts(look(page="2")) == []


def test_many_patterns_are_shown_page_by_page(environment, look):
    for number in range(53):
        make_template(environment, f"pattern {number:03d}", 100 - number)
    first = look()
    (more,) = first.links("More")
    assert len(texts(first)) == 50
    assert texts(look(page="2")) == ["pattern 050", "pattern 051", "pattern 052"]
    assert "page=2" in more
    assert "53 patterns" in first.text


def test_other_environments_and_joined_templates_are_not_shown(environment, look):
    make_world("shop-two")
    root = make_template(environment, "user <*> left")
    make_template(environment, "user anna left", merged_into=root.template_id)
    assert texts(look()) == ["user <*> left"]


def test_one_pattern_shows_its_facts_its_example_and_the_way_to_its_records(environment, viewer):
    template = make_template(environment, "order <*> paid", 30, releases={"1.0": 29_000_000, "1.1": 29_000_001})
    twin = make_template(environment, "order <*> paid", service_name="cart")
    alias = make_template(environment, "order soon paid", merged_into=template.template_id, records=0)
    record = make_record(environment, body="order 17 paid", template_id=alias.template_id, has_restricted=False)
    page = read(viewer.get(reverse("pattern", args=[environment.slug, template.reference])))
    assert [element.text for element in page.all("td", class_="mono")] == ["1.1", "1.0"]
    assert reverse("pattern", args=[environment.slug, twin.reference]) in page.links("cart")
    assert "order 17 paid" in page.text
    assert reverse("log-detail", args=[environment.slug, record.reference]) in page.links("Open the record")
    (address,) = page.links("Its records")
    assert "order 17 paid" in read(viewer.get(address)).text
    detail = read(viewer.get(reverse("log-detail", args=[environment.slug, record.reference])))
    assert f"?template={alias.reference}" in detail.links("More like this")[0]
    (pattern_address,) = detail.links("Pattern")[-1:]
    moved = viewer.get(pattern_address)
    assert moved["Location"] == reverse("pattern", args=[environment.slug, template.reference])


def test_records_are_found_by_their_template_in_the_query_line(environment, viewer):
    template = make_template(environment, "order <*> paid")
    make_record(environment, body="order 17 paid", template_id=template.template_id, has_restricted=False)
    page = read(
        viewer.get(reverse("logs", args=[environment.slug]), query_params={"q": f"template:{template.reference}"})
    )
    assert [element.text for element in page.all("span", class_="text")] == ["order 17 paid"]


@pytest.mark.parametrize("reference", ["zz", "f" * 17, "123", "a b", "ffffffffffffffff"])
def test_an_address_of_no_pattern_is_missing(environment, viewer, reference):
    assert viewer.get(reverse("pattern", args=[environment.slug, reference])).status_code == 404


def test_an_erased_pattern_keeps_its_counts_and_says_nothing(environment, viewer):
    template = make_template(environment, Template.ERASED, 5)
    make_template(environment, Template.ERASED, 5, service_name="cart")
    page = read(viewer.get(reverse("pattern", args=[environment.slug, template.reference])))
    assert "[erased]" in page.text
    assert "not here any more" in page.text
    assert "cart" not in page.text
