"""The curated events: that every row names what the catalogue knows, on a day it can stand on, and says it once."""

import csv
import tomllib
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tracker.domain.definitions import LabDefinition
from tracker.domain.events import EventKind
from tracker.domain.names import normalise
from tracker.domain.records import When

CATALOG = Path(__file__).parents[1] / "tracker" / "catalog"
INSTITUTIONS = {
    "china-government", "european-union", "open-source-initiative", "uk-aisi", "us-government",
}  # fmt: skip
# What phases of a lab's openness are computed from: without these a timeline is a list of names.
TURNS = (
    *(EventKind.LICENCE_CHANGE, EventKind.TRACK_OPENED, EventKind.TRACK_CLOSED, EventKind.REASONING_PIVOT),
    *(EventKind.STAGED_ACCESS, EventKind.PRICE_CHANGE, EventKind.FUNDING, EventKind.PEOPLE, EventKind.POLICY),
    *(EventKind.PROMISE, EventKind.PROMISE_KEPT, EventKind.PROMISE_BROKEN),
)
MAIN_LABS = (
    *("alibaba", "anthropic", "deepseek", "google", "meta", "minimax"),
    *("mistral", "moonshot", "nvidia", "openai", "xai", "zai"),
)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (CATALOG / "curated" / "events.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def labs() -> list[LabDefinition]:
    return [
        LabDefinition.from_toml(path.stem, tomllib.loads(path.read_text("utf-8")))
        for path in sorted((CATALOG / "labs").glob("*.toml"))
    ]


@pytest.fixture(scope="module")
def lab_of(labs) -> dict[str, str]:
    return {normalise(name): lab.slug for lab in labs for name in (lab.slug, lab.name, *lab.aliases)}


def repeated(values: Iterable[object]) -> list[object]:
    return [value for value, count in Counter(values).items() if count > 1]


def test_every_row_names_a_lab_of_the_catalogue(rows, lab_of):
    assert [row["key"] for row in rows if normalise(row["lab"]) not in lab_of] == []


def test_a_named_model_is_one_model_of_the_catalogue(rows, labs):
    owners: dict[str, set[str]] = {}
    for model in (model for lab in labs for model in lab.models):
        for name in (model.name, *model.aliases):
            owners.setdefault(normalise(name), set()).add(model.slug)
    named = [row for row in rows if row["model"]]
    assert len(named) > 200
    assert [row["key"] for row in named if len(owners.get(normalise(row["model"]), ())) != 1] == []


def test_a_release_names_a_model_of_the_lab_that_released_it(rows, labs, lab_of):
    makers = {normalise(model.name): lab.slug for lab in labs for model in lab.models}
    releases = [row for row in rows if row["kind"].endswith("-release") and row["model"]]
    assert len(releases) > 150
    wrong = [row["key"] for row in releases if makers[normalise(row["model"])] != lab_of[normalise(row["lab"])]]
    assert wrong == []


def test_no_model_comes_out_before_the_catalogue_knows_it(rows, labs):
    released = {normalise(m.name): m.released for lab in labs for m in lab.models if m.released is not None}
    early = []
    for row in rows:
        known = released.get(normalise(row["model"])) if row["kind"].endswith("-release") else None
        # A notice may come weeks before the weights or the API, or a paper before both; not a quarter of a year.
        if known is not None and (known.on - When.parse(row["occurred"]).on).days > 60:
            early.append((row["key"], row["occurred"], str(known)))
    assert early == []


def test_every_row_happened_between_2022_and_the_day_it_was_read(rows):
    for row in rows:
        on = When.parse(row["occurred"]).on
        assert date(2022, 1, 1) <= on <= date.fromisoformat(row["retrieved_on"]), row["key"]


def test_kinds_are_known_words_and_every_turn_of_strategy_has_rows(rows):
    counts = Counter(EventKind(row["kind"]) for row in rows)
    assert {
        kind for kind in (*TURNS, EventKind.OPEN_RELEASE, EventKind.RESTRICTED_RELEASE) if not counts[kind]
    } == set()


def test_no_row_stands_twice(rows):
    assert repeated(row["key"] for row in rows) == []
    assert repeated((row["lab"], row["kind"], row["title"]) for row in rows) == []


def test_a_title_fits_a_line_and_a_detail_is_one_sentence(rows):
    for row in rows:
        assert 0 < len(row["title"]) <= 90, row["key"]
        assert not row["title"].endswith("."), row["key"]
        assert not any(mark in row["detail"] for mark in (". ", "\n")), row["key"]
        assert not row["detail"] or row["detail"].endswith("."), row["key"]


def test_every_row_can_be_traced(rows):
    for row in rows:
        address = urlsplit(row["url"])
        assert (address.scheme, "." in address.netloc, " " in row["url"]) == ("https", True, False), row["key"]
        assert row["source"], row["key"]


def test_a_release_of_weights_is_not_called_open_source(rows):
    for row in (row for row in rows if row["kind"].endswith("-release")):
        text = f"{row['title']} {row['detail']}".lower()
        assert not any(words in text for words in ("open source", "open-source")), row["key"]


def test_an_outcome_settles_a_promise_of_the_same_lab(rows):
    by_key = {row["key"]: row for row in rows}
    outcomes = [row for row in rows if row["kind"] in (EventKind.PROMISE_KEPT, EventKind.PROMISE_BROKEN)]
    assert outcomes
    for row in outcomes:
        assert by_key[row["about"]]["kind"] == EventKind.PROMISE, row["key"]
        assert by_key[row["about"]]["lab"] == row["lab"], row["key"]
    assert repeated(row["about"] for row in outcomes) == []
    assert [row["key"] for row in rows if row["about"] and row not in outcomes] == []


@pytest.mark.parametrize("lab", MAIN_LABS)
def test_each_main_lab_has_enough_events_to_see_a_course(rows, lab_of, lab):
    kinds = [row["kind"] for row in rows if lab_of[normalise(row["lab"])] == lab]
    assert len(kinds) >= 8
    assert sum(kind.endswith("-release") for kind in kinds) >= 5


def test_a_file_for_an_institution_holds_no_models_and_has_events(labs, rows, lab_of):
    acting = {lab_of[normalise(row["lab"])] for row in rows}
    for lab in (lab for lab in labs if lab.slug in INSTITUTIONS):
        assert (lab.models, lab.families) == ((), ()), lab.slug
        assert lab.slug in acting, lab.slug
    assert {lab.slug for lab in labs} >= INSTITUTIONS


def test_there_are_about_three_hundred_events_or_more(rows):
    assert len(rows) >= 300
    assert Counter(row["occurred"][:4] for row in rows).keys() == {"2022", "2023", "2024", "2025", "2026"}


@pytest.mark.django_db
def test_every_row_becomes_a_fact_through_the_curated_door(rows):
    from tests.pipeline.steps import take_in
    from tracker.models import Event, Unresolved
    from tracker.pipeline.catalog import load_catalog
    from tracker.pipeline.collect import enrol

    read_on = datetime(2026, 11, 22, 12, tzinfo=UTC)
    load_catalog(now=read_on)
    enrol(now=read_on)
    body = (CATALOG / "curated" / "events.csv").read_bytes()
    snapshot = take_in("catalog:curated/events.csv", body, read_on, "text/csv")
    assert snapshot.state == "ingested", snapshot.message
    assert not Unresolved.objects.filter(endpoint__url="catalog:curated/events.csv").exists()
    assert Event.objects.known().count() == len(rows)
    assert Event.objects.known().exclude(model=None).count() == sum(bool(row["model"]) for row in rows)
