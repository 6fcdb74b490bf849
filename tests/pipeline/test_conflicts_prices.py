"""Prices that sources tell differently: found against the most trusted, shown with what may explain it, decided."""

from dataclasses import replace

import pytest

from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import OFFERS, PRICES, prices, records
from tracker import curation
from tracker.curation import evidence
from tracker.domain.records import PriceRecord, When
from tracker.models import AIModel, Conflict, Price
from tracker.pipeline import conflicts
from tracker.pipeline.beliefs import beliefs
from tracker.sources import record_file

pytestmark = pytest.mark.usefixtures("installed")

SLUG = "deepseek-example"
LITELLM = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
FILLER = [PriceRecord(f"filler{n}", f"nobody-{n}", "deepseek", input=1.0, output=1.0) for n in range(500)]


def litellm(*said: PriceRecord, day: int = 1, hour: int = 7) -> None:
    take_in(LITELLM, records(*said, *FILLER, url=LITELLM), at(day, hour), record_file.MEDIA_TYPE)


def price(**about) -> PriceRecord:
    return PriceRecord(**{"key": "a", "model": SLUG, "host": "deepseek", "input": 0.3, "output": 1.5, **about})


@pytest.fixture(autouse=True)
def listed(installed):
    """models.dev asks 0.30 and 1.50 for the model."""
    take_in(PRICES, prices(*OFFERS), at(1))


@pytest.fixture
def ann(db):
    from django.contrib.auth.models import User

    return User.objects.create_user("ann", password="a long enough secret", is_staff=True)


def weighed(day: int = 1, hour: int = 12) -> list[tuple[str, str, str]]:
    conflicts.refresh(beliefs(at(day, hour)), known_at=at(day, hour), now=at(day, hour))
    return list(Conflict.objects.exclude(host="").order_by("field").values_list("field", "host", "state"))


def model() -> AIModel:
    return AIModel.objects.get(slug=SLUG)


def shown(field: str = "price-input", day: int = 1) -> dict[str, evidence.WeighedPrice]:
    rows = evidence.weighed_prices(model(), field, "deepseek", now=at(day, 12))
    return {row.fact.endpoint.source.slug: row for row in rows}


@pytest.mark.parametrize(("asked", "open_"), [(0.33, False), (0.34, True), (0.27, False), (0.26, True), (0.0, True)])
def test_a_tenth_is_bookkeeping_and_more_is_a_conflict(asked, open_):
    litellm(price(input=asked))
    assert weighed() == ([("price-input", "deepseek", "open")] if open_ else [])


def test_input_and_output_are_conflicts_of_their_own():
    litellm(price(input=0.9, output=4.5))
    assert weighed() == [("price-input", "deepseek", "open"), ("price-output", "deepseek", "open")]


def test_another_hosts_price_contradicts_nobody():
    litellm(price(host="elsewhere", input=9.0))
    assert weighed() == []


def test_both_evidences_are_told_with_how_far_apart_they_are():
    litellm(price(input=0.6))
    rows = shown()
    assert (rows["models_dev"].value, rows["models_dev"].believed, rows["models_dev"].difference) == (0.3, True, 0.0)
    assert (rows["litellm"].value, rows["litellm"].believed, rows["litellm"].percent) == (0.6, False, "+100%")
    assert not rows["litellm"].flip


@pytest.mark.parametrize("asked", [30.0, 0.003, 0.0003])
def test_a_price_a_hundred_times_off_is_told_as_a_unit_mistaken(asked):
    litellm(price(input=asked))
    assert shown()["litellm"].flip
    assert weighed()[0][2] == "open"


def test_a_price_beside_a_free_one_has_no_share_to_differ_by():
    take_in(PRICES, prices(*(replace(offer, price=0.0) if offer.name == SLUG else offer for offer in OFFERS)), at(1, 8))
    litellm(price(input=0.6), hour=9)
    assert shown()["litellm"].percent == "the other is free"
    assert ("price-input", "deepseek", "open") in weighed()


def test_a_price_that_is_only_announced_is_no_conflict_and_told_as_such():
    litellm(price(key="a"), price(key="b", input=9.0, since=When.parse("2026-12-01")))
    assert weighed() == []
    rows = evidence.weighed_prices(model(), "price-input", "deepseek", now=at(1, 12))
    assert [row.value for row in rows if row.past] == [9.0]


def test_the_more_trusted_source_is_believed_until_a_curator_chooses_another(ann):
    litellm(price(input=0.6))
    weighed()
    assert evidence.believed_price(model(), "price-input", "deepseek", now=at(1, 12)).input == 0.3
    theirs = Price.objects.known().get(model__slug=SLUG, endpoint__source__slug="litellm")
    done = curation.prefer_evidence(model(), "price-input", theirs, by=ann, reason="Read there", now=at(2))
    assert evidence.believed_price(model(), "price-input", "deepseek", now=at(2, 12)) == theirs
    assert shown(day=2)["models_dev"].percent == "-50%"
    assert weighed(2) == [("price-input", "deepseek", "decided")]
    curation.undo(done.decisions[0], by=ann, reason="Misread", now=at(3))
    assert evidence.believed_price(model(), "price-input", "deepseek", now=at(3)).input == 0.3
    assert weighed(3) == [("price-input", "deepseek", "open")]


def test_a_chosen_price_that_changes_is_chosen_no_longer_and_the_conflict_opens_again(ann):
    litellm(price(input=0.6))
    theirs = Price.objects.known().get(model__slug=SLUG, endpoint__source__slug="litellm")
    curation.prefer_evidence(model(), "price-input", theirs, by=ann, reason="Read there", now=at(2))
    litellm(price(input=0.9), day=3)
    assert evidence.believed_price(model(), "price-input", "deepseek", now=at(3, 12)).input == 0.3
    assert weighed(3) == [("price-input", "deepseek", "open")]


def test_sources_that_agree_again_close_the_conflict():
    litellm(price(input=0.6))
    assert weighed()[0][2] == "open"
    litellm(price(input=0.3), day=2)
    assert weighed(2) == [("price-input", "deepseek", "gone")]


def test_without_any_price_nothing_is_believed():
    assert evidence.believed_price(model(), "price-input", "nobody", now=at(1)) is None
