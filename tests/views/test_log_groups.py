"""The search page's table: what is found, counted by a field's values."""

from urllib.parse import parse_qsl

import pytest
from django.urls import reverse

from diagnostics.models import LogRecord, SavedView, Template
from diagnostics.saved_views.keeping import save_view
from tests.people import make_person
from tests.views.reading import read
from tests.world import make_record, make_template


@pytest.fixture
def ask(world, viewer):
    LogRecord.objects.all().delete()
    for route, level in (("/pay", 17), ("/pay", 9), ("/cart", 9), ("", 9)):
        make_record(
            world.environment, http_route=route, severity_number=level, body="hi", attributes={"tenant": "<b>a</b>"}
        )
    return lambda **params: read(viewer.get(reverse("logs", args=[world.slug]), params))


def cells(page):
    """What stands in the table, its charts apart."""
    return [cell.text for cell in page.all("td") if cell.attributes.get("class") != "spark"]


def params_of(address):
    return dict(parse_qsl(address.partition("?")[2]))


def test_values_stand_in_the_place_of_the_records_and_lead_to_theirs(ask):
    page = ask(by="route", range="6h", q="hi")
    assert "2 values in 4 records." in page.text
    assert cells(page)[:3] == ["/pay not", "2 50%", "1"]
    assert not page.all("span", class_="text")
    assert params_of(page.links("/pay")[0]) == {"range": "6h", "q": "hi route:/pay"}
    assert params_of(page.all("a", title="Leave out records with this")[1].attributes["href"])["q"] == "hi -route:/cart"
    assert params_of(page.links("1 without any")[0])["q"] == "hi -route:*"
    assert params_of(page.links("Errors")[-1]) == {"range": "6h", "q": "hi", "by": "route", "order": "errors"}
    assert params_of(page.links("Back to the records")[0]) == {"range": "6h", "q": "hi"}
    assert len(ask(**params_of(page.links("/pay")[0])).all("span", class_="text")) == 2


def test_markup_in_a_value_is_text(ask):
    page = ask(by="@tenant")
    assert "<b>a</b>" in page.text
    assert "<b>a" not in page.html
    assert "Slowest 5%" not in page.text  # nothing was measured


def test_templates_are_told_by_their_words(world, ask):
    template = make_template(world.environment, "paid <*>")
    make_record(world.environment, template_id=template.template_id)
    page = ask(by="template")
    assert "paid <*>" in page.text
    assert params_of(page.links("paid <*>")[0])["q"] == f"template:{Template.objects.get(pk=template.pk).reference}"


def test_what_is_wrong_with_the_field_stands_beside_the_records(ask):
    page = ask(by="tenant")
    assert "by: 'tenant' is no field" in page.text
    assert len(page.all("span", class_="text")) == 4
    assert "None of them has a @nothing" in ask(by="@nothing").text
    assert "No records match" in ask(by="route", q="nothing says this").text


def test_the_table_can_be_kept_as_a_view(world, ask, viewer):
    save_view(make_person(world.environment, "developer"), world.environment, "logs", "routes", {"by": "route", "order": "errors"},
              shared=True)  # fmt: skip
    (opened,) = read(viewer.get(reverse("views", args=[world.slug]))).links("routes")
    assert params_of(viewer.get(opened)["Location"]) == {"by": "route", "order": "errors"}
    with pytest.raises(ValueError, match="by: 'x y' is no field"):
        save_view(make_person(world.environment, "developer"), world.environment, "logs", "none", {"by": "x y"})
    assert SavedView.objects.count() == 1


def test_an_attribute_of_a_record_leads_to_its_values(world, ask, viewer):
    record = LogRecord.objects.first()
    page = read(viewer.get(reverse("log-detail", args=[world.slug, record.reference])))
    (link,) = page.all("a", title="Count by this: which values there are, and how often")
    assert params_of(link.attributes["href"])["by"] == "@tenant"
    assert "1 value in 4 records." in read(viewer.get(link.attributes["href"])).text
