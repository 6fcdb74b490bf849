"""Conflicts between sources: they are found, decided, believed as decided, reopened by new evidence, and undone."""

from dataclasses import replace
from datetime import date

import pytest

from tests.curation.steps import everything
from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import HUB, OFFERS, PANEL, PRICES, panel, prices, records
from tracker import curation
from tracker.curation import Refused
from tracker.domain.records import Access, PriceRecord, ReleaseRecord, When
from tracker.models import AIModel, Conflict, DataVersion, Decision, IndexRun, ModelState, Price, Release
from tracker.pipeline import conflicts, recompute
from tracker.pipeline.beliefs import beliefs
from tracker.sources import record_file

pytestmark = pytest.mark.usefixtures("installed")

SLUG = "deepseek-example"
WHY = "Read on the model card"
LITELLM = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"


def hub_says(day: int = 1, **about) -> None:
    """The hub's release of a model that models.dev lists as open weights of 1 March under no licence."""
    said = ReleaseRecord("deepseek", SLUG, **{"released": When.parse("2026-03-01"), **about})
    others = [replace(said, key=f"other{n}", model=name) for n, name in enumerate(("gpt-example", "claude-example-4"))]
    others = [replace(one, released=None, access=Access.API, licence="") for one in others]
    filler = [replace(said, key=f"filler{n}", model=f"nobody-{n}") for n in range(6)]
    take_in(HUB, records(said, *others, *filler, url=HUB), at(day), record_file.MEDIA_TYPE)


@pytest.fixture(autouse=True)
def disagreement(installed):
    take_in(PRICES, prices(*OFFERS), at(1))
    hub_says(released=When.parse("2026-05-20"), access=Access.API)


def model() -> AIModel:
    return AIModel.objects.get(slug=SLUG)


def fact_of(source: str) -> Release:
    return Release.objects.known().get(model__slug=SLUG, endpoint__source__slug=source)


def believed(field: str, known_at=None):
    return beliefs(known_at).models[SLUG].release[field]


def weighed(day: int, hour: int = 6) -> dict[str, str]:
    """The list of conflicts after the facts were weighed."""
    conflicts.refresh(beliefs(at(day, hour)), known_at=at(day, hour), now=at(day, hour))
    return dict(Conflict.objects.filter(model__slug=SLUG, host="").values_list("field", "state"))


def prefer(ann, source: str, field: str = "released_on", day: int = 2) -> Decision:
    done = curation.prefer_evidence(model(), field, fact_of(source), by=ann, reason=WHY, now=at(day))
    return done.decisions[0]


def test_sources_that_disagree_are_listed_field_by_field():
    assert weighed(1) == {"access": "open", "released_on": "open"}


def test_a_list_that_did_not_change_is_not_written():
    weighed(1)
    before = list(Conflict.objects.order_by("pk").values_list("pk", "state", "found_at"))
    weighed(2)
    assert list(Conflict.objects.order_by("pk").values_list("pk", "state", "found_at")) == before


def test_what_a_curator_chooses_is_believed_whoever_is_trusted_more(ann):
    trusted = believed("released_on")
    other = {date(2026, 3, 1): "epoch_benchmarks", date(2026, 5, 20): "models_dev"}[trusted]
    decision = prefer(ann, other)
    assert believed("released_on") != trusted
    assert believed("released_on") == fact_of(other).released_on
    assert beliefs(None).models[SLUG].release.evidence["released_on"] == fact_of(other).pk
    assert (decision.kind, decision.by, decision.at, decision.reason) == ("prefer-evidence", ann, at(2), WHY)
    assert "released_on of DeepSeek Example" in decision.words


def test_the_conflict_is_decided_and_the_others_stay_open(ann):
    weighed(1)
    prefer(ann, "models_dev")
    assert Conflict.objects.get(field="released_on").state == "decided"
    assert weighed(2, 12) == {"access": "open", "released_on": "decided"}


def test_an_earlier_day_shows_what_was_believed_then(ann):
    first = believed("released_on")
    other = next(slug for slug in ("models_dev", "epoch_benchmarks") if fact_of(slug).released_on != first)
    prefer(ann, other)
    assert believed("released_on", at(1, 20)) == first
    assert believed("released_on", at(2, 1)) == first
    assert believed("released_on", at(2, 7)) == fact_of(other).released_on


def test_undoing_believes_the_order_of_trust_again_and_opens_the_conflict(ann, bob):
    weighed(1)
    before, first = everything(), believed("released_on")
    other = next(slug for slug in ("models_dev", "epoch_benchmarks") if fact_of(slug).released_on != first)
    decision = prefer(ann, other)
    curation.undo(decision, by=bob, reason="Misread", now=at(3))
    assert everything() == before
    assert believed("released_on") == first
    assert believed("released_on", at(2, 12)) == fact_of(other).released_on
    assert weighed(3, 12) == {"access": "open", "released_on": "open"}


def test_undoing_a_second_choice_gives_back_the_first(ann):
    prefer(ann, "models_dev")
    second = prefer(ann, "epoch_benchmarks", day=3)
    assert believed("released_on") == date(2026, 5, 20)
    curation.undo(second, by=ann, reason="Misread", now=at(4))
    assert believed("released_on") == date(2026, 3, 1)
    assert believed("released_on", at(3, 12)) == date(2026, 5, 20)
    with pytest.raises(Refused, match="decided since"):
        curation.undo(Decision.objects.get(at=at(2)), by=ann, reason="Misread", now=at(5))


def test_a_value_that_nobody_weighed_reopens_the_conflict(ann):
    weighed(1)
    prefer(ann, "models_dev")
    assert weighed(2, 12)["released_on"] == "decided"
    hub_says(day=3, released=When.parse("2026-07-07"), access=Access.API)
    assert weighed(3)["released_on"] == "open"
    assert believed("released_on") == date(2026, 3, 1)  # the chosen source still says so


def test_a_chosen_source_that_says_something_else_is_no_longer_chosen(ann):
    prefer(ann, "models_dev")
    changed = [replace(offer, released="2026-06-06") if offer.name == SLUG else offer for offer in OFFERS]
    take_in(PRICES, prices(*changed), at(3))
    # The order of trust decides again.
    assert believed("released_on") == fact_of("epoch_benchmarks").released_on
    assert weighed(3)["released_on"] == "open"


def test_a_choice_lasts_while_other_words_of_the_same_row_change(ann):
    weighed(1)
    prefer(ann, "models_dev")
    changed = [replace(offer, context=1_000_000) if offer.name == SLUG else offer for offer in OFFERS]
    take_in(PRICES, prices(*changed), at(3))
    assert fact_of("models_dev").context == 1_000_000
    assert believed("released_on") == date(2026, 3, 1)
    assert weighed(3)["released_on"] == "decided"


def test_the_next_run_stands_on_the_choice_and_the_run_before_stays(ann):
    take_in(PANEL, panel(), at(1))
    recompute.plan(now=at(1, 12))
    version = DataVersion.objects.get().value
    first = IndexRun.objects.get(historic=False)
    recompute.headline(first.pk, clock=lambda: at(1, 13), by="worker")
    prefer(ann, "models_dev")
    assert DataVersion.objects.get().value == version + 1
    recompute.plan(now=at(2, 12))
    second = IndexRun.objects.filter(historic=False).latest("pk")
    assert (second.pk != first.pk, second.data_version) == (True, version + 1)
    recompute.headline(second.pk, clock=lambda: at(2, 13), by="worker")
    assert dict(Conflict.objects.filter(host="").values_list("field", "state"))["released_on"] == "decided"
    states = ModelState.objects.filter(run=second, model__slug=SLUG)
    assert all(state.released_on == date(2026, 3, 1) for state in states)


def test_only_what_a_source_says_of_this_model_today_can_be_chosen(ann):
    other = Release.objects.known().filter(model__slug="gpt-example").first()
    with pytest.raises(Refused, match="nothing that a source says of"):
        curation.prefer_evidence(model(), "released_on", other, by=ann, reason=WHY, now=at(2))
    with pytest.raises(Refused, match="says nothing of that field"):
        curation.prefer_evidence(model(), "licence", fact_of("models_dev"), by=ann, reason=WHY, now=at(2))
    with pytest.raises(Refused, match="has no digest"):
        curation.prefer_evidence(model(), "digest", fact_of("models_dev"), by=ann, reason=WHY, now=at(2))


def test_prices_that_differ_by_more_than_a_tenth_are_a_conflict_until_one_is_chosen(ann):
    said = PriceRecord("a", SLUG, "deepseek", input=0.9, output=1.5)
    filler = [replace(said, key=f"filler{n}", model=f"nobody-{n}") for n in range(500)]
    take_in(LITELLM, records(said, *filler, url=LITELLM), at(1, 7), record_file.MEDIA_TYPE)
    weighed(1, 8)
    assert list(Conflict.objects.exclude(host="").values_list("field", "host", "state")) == [
        ("price-input", "deepseek", "open")
    ]
    fact = Price.objects.known().get(model__slug=SLUG, endpoint__source__slug="litellm")
    curation.prefer_evidence(model(), "price-input", fact, by=ann, reason=WHY, now=at(2))
    weighed(2, 7)
    assert Conflict.objects.get(field="price-input").state == "decided"
