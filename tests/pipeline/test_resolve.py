"""Names become rows with foreign keys exactly or not at all; what waits, waits visibly and with a suggestion."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pipeline.catalogue import change
from tests.pipeline.steps import at, endpoint, in_threads, take_in, written_rows
from tests.pipeline.vintages import LINES, OFFERS, PANEL, PRICES, Line, Offer, panel, prices, records
from tracker.domain.records import EventRecord, ReleaseRecord, ScoreRecord, When
from tracker.models import Alias, Event, Price, Release, Score, Setting, Unresolved
from tracker.pipeline import ingest
from tracker.pipeline.catalog import load_catalog
from tracker.sources import record_file

pytestmark = pytest.mark.usefixtures("installed")

STRANGER = Offer("openai", "gpt-example-mini-2", released="2026-06-01", price=0.2)


def said(*what, day=1):
    """Any records, at the panel's address."""
    return take_in(PANEL, records(*what, url=PANEL), at(day), record_file.MEDIA_TYPE)


def scores(*names: str, **more) -> list[ScoreRecord]:
    """One score for each name; the panel never holds fewer than five rows."""
    return [ScoreRecord(f"row{n}", name, "gpqa-diamond", 0.5, **more) for n, name in enumerate(names)]


def settings() -> dict[str, tuple]:
    rows = Score.objects.known().select_related("setting")
    names = ("effort", "budget", "mode", "host", "scaffold", "shots")
    return {row.name: tuple(getattr(row.setting, name) for name in names) for row in rows}


def test_a_name_is_an_alias_exactly_or_it_waits():
    snapshot = take_in(PRICES, prices(*OFFERS, STRANGER), at(1))
    assert (snapshot.counts["resolved"], snapshot.counts["unresolved"]) == (10, 2)
    assert not Price.objects.filter(name=STRANGER.name).exists()
    waiting = Unresolved.objects.get()
    assert (waiting.kind, waiting.name, waiting.rows, waiting.state) == ("model", STRANGER.name, 2, "waiting")
    assert (waiting.first_snapshot, waiting.last_snapshot) == (snapshot, snapshot)
    assert waiting.example["released"] == "2026-06-01"


def test_a_name_that_waits_has_a_suggestion_with_its_likeness():
    take_in(PRICES, prices(*OFFERS, STRANGER), at(1))
    waiting = Unresolved.objects.get()
    assert waiting.suggestion.slug == "gpt-example-mini"
    assert 0.5 < waiting.suggestion_score < 1


def test_names_that_differ_in_case_and_separators_are_one():
    take_in(PRICES, prices(*OFFERS, Offer("anthropic", "Claude_Example FOUR", price=9.0)), at(1))
    assert Price.objects.get(input=9.0).model.slug == "claude-example-4"


def test_the_setting_is_taken_out_of_the_name():
    said(
        *scores(
            "claude-example-4_high",
            "claude-example-4_16k",
            "claude-example-4 (thinking)",
            "fireworks/deepseek-example",
            "claude-example-4 (5-shot)",
            "claude-example-4",
        )
    )
    assert settings() == {
        "claude-example-4_high": ("high", 0, "", "", "", ""),
        "claude-example-4_16k": ("", 16_000, "", "", "", ""),
        "claude-example-4 (thinking)": ("", 0, "thinking", "", "", ""),
        "fireworks/deepseek-example": ("", 0, "", "fireworks", "", ""),
        "claude-example-4 (5-shot)": ("", 0, "", "", "", "5"),
        "claude-example-4": ("", 0, "", "", "", ""),
    }
    assert set(Score.objects.values_list("model__slug", flat=True)) == {"claude-example-4", "deepseek-example"}


def test_what_the_source_states_in_columns_of_its_own_comes_first():
    same = scores(*["claude-example-4_high"] * 5, setting="low", scaffold=" Example Agent ", shots="3")
    said(*same)
    assert set(settings().values()) == {("low", 0, "", "", "Example Agent", "3")}


def test_a_setting_is_one_row_however_often_it_is_met():
    said(*scores(*["claude-example-4_high"] * 3, "gpt-example_high", "gpt-example"))
    assert sorted(Setting.objects.values_list("effort", flat=True)) == ["", "high"]
    before = written_rows()["tracker_setting"]
    take_in(PANEL, panel(*LINES), at(2))
    ingest.reingest(endpoint(PANEL).pk, now=at(3))
    assert written_rows()["tracker_setting"][0] == before[0] + 2  # 16k, fireworks


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_meet_the_same_new_settings_make_one_row_of_each():
    """And neither waits for the other for ever, whichever order the documents have them in."""
    names = [f"claude-example-4_{budget}k" for budget in range(1, 40)]
    hub = "https://epoch.ai/data/benchmark_data.zip"
    documents = ((PANEL, scores(*names)), (hub, scores(*reversed(names))))
    in_threads(
        2,
        lambda worker: take_in(
            documents[worker][0],
            records(*documents[worker][1], url=documents[worker][0]),
            at(1),
            record_file.MEDIA_TYPE,
        ),
    )
    assert Setting.objects.count() == 39
    assert Score.objects.count() == 78


def test_two_settings_of_one_model_are_two_scores():
    take_in(PANEL, panel(), at(1))
    mine = Score.objects.filter(model__slug="claude-example-4", benchmark__slug="gpqa-diamond")
    assert sorted(mine.values_list("value", "setting__effort", "setting__budget")) == [
        (0.7, "", 16_000),
        (0.75, "high", 0),
    ]


def test_a_score_waits_for_its_benchmark_too():
    take_in(PANEL, panel(*LINES, Line("nobody-9", "unheard_of", 0.5)), at(1))
    waiting = {(row.kind, row.name) for row in Unresolved.objects.all()}
    # The panel tells every model's release as well; it waits for the model alone.
    assert waiting == {("model", "nobody-9"), ("benchmark", "unheard_of")}
    assert not Score.objects.filter(name="nobody-9").exists()


def test_a_licence_in_unknown_words_stays_in_the_fact_and_waits_as_a_name():
    releases = [
        ReleaseRecord(f"r{n}", "gpt-example", licence=words) for n, words in enumerate(["Odd Terms v1", "MIT"] * 3)
    ]
    snapshot = said(*releases)
    assert snapshot.counts["unresolved"] == 0
    assert set(Release.objects.values_list("licence_words", "licence__slug")) == {
        ("Odd Terms v1", None),
        ("MIT", "mit"),
    }
    waiting = Unresolved.objects.get()
    assert (waiting.kind, waiting.name, waiting.rows) == ("licence", "Odd Terms v1", 3)


def test_an_event_waits_for_its_lab_and_its_model():
    def event(key: str, lab: str, model: str = "") -> EventRecord:
        return EventRecord(key, lab, "release", "Something new", When.parse("2026-05"), model=model)

    said(event("a", "OpenAI"), event("b", "OpenAI", "gpt-example"), event("c", "Nobody"), event("d", "OpenAI", "gpt-9"),
         event("e", "DeepSeek"))  # fmt: skip
    assert set(Event.objects.values_list("key", "lab__slug", "model__slug", "precision")) == {
        ("a", "openai", None, "month"),
        ("b", "openai", "gpt-example", "month"),
        ("e", "deepseek", None, "month"),
    }
    assert {(row.kind, row.name) for row in Unresolved.objects.all()} == {("lab", "Nobody"), ("model", "gpt-9")}


def test_a_moving_name_is_told_apart_by_the_date_beside_it(root):
    """ "deepseek-chat" has stood for several models in turn: alone it stands for none."""
    change(
        root,
        "labs/deepseek.toml",
        'released = "2026-03-01"\n',
        'released = "2026-03-01"\naliases = ["deepseek-chat 2026-03-01"]\n',
    )
    load_catalog(now=at(1), root=root)
    moving = [
        Offer("deepseek", "deepseek-chat", released=day, open_weights=True, price=None) for day in ("2026-03-01",)
    ]
    take_in(PRICES, prices(*OFFERS, *moving), at(1))
    assert Release.objects.get(name="deepseek-chat").model.slug == "deepseek-example"
    take_in(PRICES, prices(*OFFERS, replace(moving[0], released="2026-08-01")), at(2))
    assert not Release.objects.known().filter(name="deepseek-chat").exists()
    assert Unresolved.objects.get().name == "deepseek-chat"


def test_a_name_that_resolves_later_no_longer_waits():
    take_in(PRICES, prices(*OFFERS, STRANGER), at(1))
    model = Alias.objects.get(kind="model", key="gpt-example-mini").model
    Alias.objects.create(kind="model", key=STRANGER.name, name=STRANGER.name, model=model, added_by="curator")
    ingest.reingest(endpoint(PRICES).pk, now=at(2))
    assert Unresolved.objects.get().state == "resolved"
    Alias.objects.get(key=STRANGER.name).delete()
    ingest.reingest(endpoint(PRICES).pk, now=at(3))
    assert Unresolved.objects.get().state == "waiting"


def test_a_name_that_a_curator_ignores_stays_ignored():
    take_in(PRICES, prices(*OFFERS, STRANGER), at(1))
    Unresolved.objects.update(state="ignored")
    for day, offers in (
        (2, (*OFFERS, STRANGER, replace(STRANGER, host="deepseek"))),
        (3, OFFERS),
        (4, (*OFFERS, STRANGER)),
    ):
        take_in(PRICES, prices(*offers), at(day))
        assert Unresolved.objects.get().state == "ignored"


def test_names_that_wait_on_are_not_written_again():
    take_in(PRICES, prices(*OFFERS, STRANGER), at(1))
    before = written_rows()["tracker_unresolved"]
    take_in(PRICES, prices(*OFFERS, replace(STRANGER, price=0.3)), at(2))
    assert written_rows()["tracker_unresolved"] == before


def test_resolving_asks_the_database_as_often_for_many_rows_as_for_few():
    def asked(count: int, day: int) -> int:
        names = [f"claude-example-4_{budget}k" for budget in range(1, count + 1)]
        strangers = [f"stranger-{day}-{number}" for number in range(count)]
        with CaptureQueriesContext(connection) as queries:
            assert said(*scores(*names, *strangers), day=day).state == "ingested"
        return len(queries)

    few = asked(5, day=1)
    assert asked(40, day=2) <= few + 4  # the document before is looked at, and its names no longer wait
