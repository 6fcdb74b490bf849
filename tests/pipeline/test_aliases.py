"""What names stand for is kept while the alias table is the same, and found anew as soon as anything in it is not."""

from datetime import date

import pytest

from tests.pipeline.catalogue import change
from tests.pipeline.steps import at, endpoint, take_in
from tests.pipeline.vintages import LINES, OFFERS, PANEL, PRICES, Line, Offer, panel, prices
from tracker.models import AIModel, Alias, NamedSetting, Price, Score
from tracker.models.entities import Kind
from tracker.pipeline import ingest
from tracker.pipeline.aliases import KEPT, Kept
from tracker.pipeline.catalog import load_catalog

pytestmark = pytest.mark.usefixtures("installed")


def test_what_was_found_is_known_to_the_next_document():
    take_in(PANEL, panel(), at(1))
    before = KEPT.now()
    assert {name for name, _ in before.matches} >= {line.model for line in LINES}
    assert KEPT.now() is before


def test_an_alias_that_is_added_moved_or_taken_away_is_met_at_once():
    first, second = AIModel.objects.order_by("pk")[:2]
    kept = Kept()
    assert kept.now().ids[Kind.MODEL]["oracle-example", None] is None
    alias = Alias.objects.create(kind="model", key="oracle-example", name="oracle-example", model=first)
    assert kept.now().ids[Kind.MODEL]["oracle-example", None] == first.pk
    Alias.objects.filter(pk=alias.pk).update(model=second)
    assert kept.now().ids[Kind.MODEL]["oracle-example", None] == second.pk
    alias.delete()
    assert kept.now().ids[Kind.MODEL]["oracle-example", None] is None


def test_a_setting_that_a_curator_read_in_a_name_is_met_at_once():
    kept = Kept()
    model = AIModel.objects.first()
    alias = Alias.objects.create(kind="model", key="oracle-odd", name="oracle-odd", model=model)
    assert kept.now().matches["oracle-odd", None].setting.effort == ""
    NamedSetting.objects.create(alias=alias, effort="high")
    assert kept.now().matches["oracle-odd", None].setting.effort == "high"


def test_a_date_that_the_catalogue_corrects_is_met_at_once(root):
    kept = Kept()
    name = "gpt-example-2025-08-09"
    assert kept.now().ids[Kind.MODEL][name, None] is None
    change(root, "labs/openai.toml", 'released = "2025-08-07"', 'released = "2025-08-09"')
    load_catalog(now=at(2), root=root)
    assert kept.now().ids[Kind.MODEL][name, None] == AIModel.objects.get(slug="gpt-example").pk


def test_a_decision_between_two_readings_of_one_document_is_in_the_second():
    stranger = Offer("openai", "oracle-example", price=7.0)
    take_in(PRICES, prices(*OFFERS, stranger), at(1))
    model = AIModel.objects.get(slug="gpt-example")
    Alias.objects.create(kind="model", key="oracle-example", name="oracle-example", model=model)
    assert ingest.reingest(endpoint(PRICES).pk, now=at(2)).added == 2  # its release and its price
    assert Price.objects.known().get(name="oracle-example").model == model


def test_a_name_is_told_apart_by_its_rows_date_also_when_it_was_met_before():
    ids = Kept().now().ids[Kind.MODEL]
    Alias.objects.create(kind="model", key="moving-2026-03-01", name="moving 2026-03-01", model=AIModel.objects.first())
    assert ids["moving", date(2026, 3, 1)] is None  # the table as it was read
    again = Kept().now().ids[Kind.MODEL]
    assert again["moving", date(2026, 3, 1)] == AIModel.objects.first().pk
    assert again["moving", date(2026, 3, 2)] is None
    assert again["moving", None] is None


def test_more_names_than_are_kept_are_forgotten(monkeypatch):
    kept = Kept()
    monkeypatch.setattr("tracker.pipeline.aliases.MOST_KEPT", 3)
    before = kept.now()
    for number in range(4):
        assert before.ids[Kind.BENCHMARK][f"nothing-{number}"] is None
    assert kept.now() is not before


def test_new_settings_are_found_again_by_the_next_document():
    lines = [Line(f"claude-example-4_{budget}k", "gpqa_diamond", 0.5) for budget in range(1, 30)]
    take_in(PANEL, panel(*lines), at(1))
    read = take_in(PANEL, panel(*lines) + b"\n", at(2))
    assert (read.counts["added"], read.counts["superseded"], read.counts["unchanged"]) == (
        0,
        0,
        read.counts["resolved"],
    )
    assert sorted(Score.objects.values_list("setting__budget", flat=True)) == [n * 1000 for n in range(1, 30)]
