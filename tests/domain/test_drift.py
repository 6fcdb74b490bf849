"""What of a document beside the last good ones is an alarm, what is not believed, and what is no fault."""

import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from tests.sources.conftest import document, files, zipped
from tracker.domain import rhythm
from tracker.domain.drift import ADVICE, Bounds, Drift, Severity, drift
from tracker.domain.records import (
    Access,
    NewsRecord,
    PriceRecord,
    Record,
    ReleaseRecord,
    ScoreRecord,
    When,
)
from tracker.domain.rows import batches
from tracker.domain.shape import LOOKS, SAMPLE, Onlooker, from_dict, newest, to_dict
from tracker.sources import SOURCES, record_file

ON = date(2026, 9, 10)
EXAMS = ("gpqa", "math", "swe", "chess")


def scores(count=80, factor=1.0):
    return [
        ScoreRecord(
            f"row{at}",
            f"model-{at // len(EXAMS)}",
            EXAMS[at % len(EXAMS)],
            factor * (0.2 + 0.7 * at / max(count, 80)),
            stderr=0.02 * factor,
            evaluated=When(date(2026, 1, 1) + timedelta(days=at % 200)),
            url="https://example.org/board",
        )
        for at in range(count)
    ]


def prices(count=60):
    return [PriceRecord(f"h/{at}", f"model-{at}", "host", 0.1 + at / 10, 0.5 + at / 2) for at in range(count)]


def releases(count=40):
    return [
        ReleaseRecord(f"r{at}", f"model-{at}", "lab", When(date(2025, 1, 1) + timedelta(days=at)), Access.API,
                      parameters=7e9 + at)
        for at in range(count)
    ]  # fmt: skip


def shape(records, on=ON):
    onlooker = Onlooker(seen_on=on)
    for _ in onlooker.watch(batches(records)):
        pass
    return onlooker.shape()


def found(records, *past, **options):
    """Kind and severity of every finding; `past` are the records of the documents before, newest first."""
    told = drift(shape(records), [shape(one) for one in past], **options)
    assert all(finding.message.endswith(ADVICE[finding.kind]) for finding in told)
    return {(str(finding.kind), str(finding.severity)) for finding in told}


def message(kind, records, *past, **options):
    (one,) = [f for f in drift(shape(records), [shape(p) for p in past], **options) if f.kind is kind]
    return one.message


def test_the_same_document_is_no_finding():
    assert found([*scores(), *prices(), *releases()], [*scores(), *prices(), *releases()]) == set()


def test_the_order_of_rows_is_no_finding():
    mixed = scores()
    random.Random(3).shuffle(mixed)  # noqa: S311  no secret is made of it
    assert shape(mixed) == shape(scores())


def test_a_document_without_a_past_is_judged_by_itself_alone():
    assert found([*scores(), *prices()]) == set()


@pytest.mark.parametrize("count", [55, 121])
def test_a_row_count_outside_the_usual_is_an_alarm(count):
    assert ("rows", "alarm") in found(scores(count), scores(80))


@pytest.mark.parametrize("count", [56, 80, 120])
def test_a_row_count_inside_the_usual_is_none(count):
    assert "rows" not in {kind for kind, _ in found(scores(count), scores(80))}


def test_one_odd_document_among_the_last_five_does_not_say_what_is_usual():
    assert "rows" not in {kind for kind, _ in found(scores(80), scores(160), *[scores(80)] * 4)}


def test_a_list_of_three_that_gains_two_has_not_grown_by_two_thirds():
    assert found(releases(5), releases(3)) == set()


def test_rows_that_keep_their_number_and_lose_their_keys_are_not_believed():
    """Read on, histories would break in two."""
    renamed = [replace(row, key=f"new-{row.key}") if at % 5 == 0 else row for at, row in enumerate(scores())]
    assert found(renamed, scores()) == {("keys", "quarantine")}
    assert message(Drift.KEYS, renamed, scores()).startswith("Only 80 % of the last document's score rows")


def test_a_board_of_systems_may_replace_a_third_of_its_rows():
    renamed = [replace(row, key=f"new-{row.key}") if at % 3 == 0 else row for at, row in enumerate(scores())]
    assert found(renamed, scores(), slug="steel") == set()


def test_nine_keys_in_ten_that_stay_are_enough():
    kept = [replace(row, key=f"new-{row.key}") if at % 10 == 0 else row for at, row in enumerate(scores())]
    assert found(kept, scores()) == set()


def test_a_refit_is_an_alarm_and_the_document_is_believed():
    refit = [replace(row, value=row.value * 1.03) for row in scores()]
    assert found(refit, scores()) == {("changed", "alarm")}


def test_a_fifth_of_the_values_may_change_at_once():
    corrected = [replace(row, value=row.value * 1.03) if at % 5 == 0 else row for at, row in enumerate(scores())]
    assert found(corrected, scores()) == set()


def test_a_source_that_is_fitted_anew_every_day_may_be():
    refit = [replace(row, value=row.value * 1.03) for row in scores()]
    assert found(refit, scores(), slug="arena") == set()


def test_after_a_long_pause_nothing_has_happened_at_once():
    grown = [replace(row, value=row.value * 1.03) for row in scores(200)]
    assert found(grown, scores(80), elapsed=timedelta(days=90)) == set()
    assert found(grown, scores(80), elapsed=timedelta(days=29)) == {("rows", "alarm"), ("changed", "alarm")}


def test_what_leaves_a_rolling_document_has_not_gone():
    def feed(first):
        return [
            NewsRecord(f"n{at}", "lab", f"Title {at}", When(date(2026, 5, 1) + timedelta(days=at)))
            for at in range(first, first + 40)
        ]

    assert found(feed(40), feed(0), rolling=True) == set()
    assert ("keys", "quarantine") in found(feed(40), feed(0))


@pytest.mark.parametrize("factor", [100, 0.01, 1e6, 1e-6])
def test_another_unit_is_not_believed(factor):
    flipped = [replace(row, input=row.input * factor, output=row.output * factor) for row in prices()]
    assert ("unit", "quarantine") in found(flipped, prices())


def test_another_unit_of_one_benchmark_among_many_is_not_believed():
    flipped = [replace(row, value=100 * row.value) if row.benchmark == "swe" else row for row in scores()]
    assert ("unit", "quarantine") in found(flipped, scores())
    assert "swe is 100 times" in message(Drift.UNIT, flipped, scores())


def test_prices_that_halve_are_in_their_unit():
    cheaper = [replace(row, input=row.input / 2) for row in prices()]
    assert found(cheaper, prices()) == {("changed", "alarm")}


def test_a_unit_is_judged_beside_the_last_good_document_alone():
    """Once a curator has accepted it, it is the usual one."""
    dollars, cents = prices(), [replace(row, input=row.input * 100, output=row.output * 100) for row in prices()]
    assert found(cents, cents, dollars, dollars, dollars, dollars) == set()


def test_an_emptied_column_is_not_believed():
    emptied = [replace(row, released=None) for row in releases()]
    assert ("emptied", "quarantine") in found(emptied, releases())
    assert ("fields", "alarm") in found(emptied, releases())


def test_nor_is_one_that_stands_beside_the_value():
    """An error or a day of measurement is part of a fact as well: without it every score would be superseded."""
    without = [replace(row, stderr=None) for row in scores()]
    assert found(without, scores()) == {("emptied", "quarantine"), ("fields", "alarm")}
    assert "No score row fills stderr any more." in message(Drift.FIELDS, without, scores())


@pytest.mark.parametrize("share", [2, 8])
def test_nor_one_that_only_some_rows_filled_or_where_a_row_stands(share):
    some = [replace(row, stderr=None if at % share else 0.02) for at, row in enumerate(scores())]
    assert ("emptied", "quarantine") in found([replace(row, stderr=None) for row in scores()], some)
    assert ("emptied", "quarantine") in found([replace(row, url="") for row in scores()], scores())


def test_what_few_rows_said_may_go():
    few = [replace(row, stderr=None if at > 3 else 0.02) for at, row in enumerate(scores())]
    assert found([replace(row, stderr=None) for row in scores()], few) == set()


def test_what_only_some_rows_of_a_window_say_may_leave_it():
    some = [replace(row, stderr=None if at % 2 else 0.02) for at, row in enumerate(scores())]
    without = [replace(row, stderr=None) for row in scores()]
    assert found(without, some, rolling=True) == {("fields", "alarm")}


def test_a_new_column_is_a_notice():
    filled = [replace(row, licence="MIT") for row in releases()]
    assert ("fields", "notice") in found(filled, releases())


def test_a_new_benchmark_is_a_notice_and_one_that_went_is_an_alarm():
    more = [*scores(), *(ScoreRecord(f"new{at}", f"model-{at}", "new exam", 0.5) for at in range(8))]
    assert found(more, scores()) == {("fields", "notice")}
    assert found([row for row in scores() if row.benchmark != "chess"], scores()) == {
        ("fields", "alarm"), ("keys", "quarantine"),
    }  # fmt: skip


def test_a_benchmark_that_is_not_displayed_is_not_named():
    more = [*scores(), *(ScoreRecord(f"new{at}", f"model-{at}", "secret exam", 0.5) for at in range(8))]
    said = message(Drift.FIELDS, more, scores(), named=lambda words: "one of them" if "secret" in words else words)
    assert "one of them" in said
    assert "secret" not in said


def test_blank_cells_where_nearly_all_were_filled_are_an_alarm():
    blanked = [replace(row, evaluated=None) if at < 3 else row for at, row in enumerate(scores())]
    assert found(blanked, scores()) == {("coverage", "alarm")}
    assert (
        found([replace(row, evaluated=None) if at < 1 else row for at, row in enumerate(scores())], scores()) == set()
    )


def test_doubled_names_where_there_were_none_are_an_alarm():
    doubled = [replace(row, model="model-0") if at in (4, 8, 12) else row for at, row in enumerate(scores())]
    doubled = [replace(row, evaluated=None) for row in doubled]
    assert ("repeated", "alarm") in found(doubled, [replace(row, evaluated=None) for row in scores()])


def test_a_publisher_that_always_lists_every_run_may():
    twice = [*scores(), *(replace(row, key=f"again-{row.key}") for row in scores())]
    assert shape(twice)["score"].repeated == 80
    assert found(twice, twice) == set()


def test_dates_in_the_future_are_an_alarm_and_are_not_the_newest():
    ahead = [replace(row, evaluated=When(date(2026, 12, 1))) if at < 2 else row for at, row in enumerate(scores())]
    assert found(ahead, scores()) == {("future", "alarm")}
    assert newest(shape(ahead)) == max(row.evaluated.on for row in scores())


def test_tomorrow_is_today_where_the_publisher_sits():
    dated = [replace(row, evaluated=When(ON + timedelta(days=1))) for row in scores()]
    assert shape(dated)["score"].ahead == 0


def test_a_price_may_be_announced_for_a_day_to_come():
    assert found([replace(row, since=When(date(2027, 1, 1))) for row in prices()]) == set()


def test_a_score_above_the_ceiling_is_an_alarm_and_most_above_it_are_not_believed():
    bounds = {"gpqa": Bounds(0.0, 1.0), "math": Bounds(0.0, 1.0)}.get
    one = [replace(row, value=1.4) if at == 0 else row for at, row in enumerate(scores())]
    assert found(one, bounds=bounds) == {("range", "alarm")}
    assert "gpqa go from" in message(Drift.RANGE, one, bounds=bounds)
    assert found(scores(factor=100), bounds=bounds) == {("range", "quarantine")}
    assert found([replace(row, value=1.004) for row in scores()], bounds=bounds) == set()
    assert found([replace(row, value=-0.2) if at == 0 else row for at, row in enumerate(scores())], bounds=bounds) == {
        ("range", "alarm")
    }


def test_a_highest_value_ten_times_that_of_before_is_an_alarm():
    slipped = [replace(row, input=row.input * 40) if at == 59 else row for at, row in enumerate(prices())]
    assert found(slipped, prices()) == {("range", "alarm")}
    negative = [replace(row, input=-1.0) if at == 59 else row for at, row in enumerate(prices())]
    assert found(negative, prices()) == {("range", "alarm")}


def test_the_worst_comes_first():
    worse = [replace(row, value=row.value * 100, setting="high") for row in scores()]
    told = drift(shape(worse), [shape(scores())])
    assert [finding.severity for finding in told] == sorted((f.severity for f in told), key=lambda one: -one.rank)
    assert told[0].severity is Severity.QUARANTINE
    assert told[-1].severity is Severity.NOTICE


def test_of_a_large_document_the_sample_tells_overlap_and_change_within_a_few_points():
    """Rows that come and go move the sample; what it compares is whole in both."""
    rows = [ScoreRecord(f"row-{at}", f"model-{at}", "exam", at / 20_000) for at in range(20_000)]
    assert len(shape(rows)["score"].sample) == SAMPLE
    gone = rows[4000:] + [ScoreRecord(f"new-{at}", f"new-{at}", "exam", 0.5) for at in range(4000)]
    share = int(message(Drift.KEYS, gone, rows).split()[1])
    assert 74 <= share <= 86
    kept = rows[1000:] + [ScoreRecord(f"new-{at}", f"new-{at}", "exam", 0.5) for at in range(9000)]
    assert found(kept, rows) == set()


def test_a_shape_is_the_same_after_it_was_stored():
    made = shape([*scores(), *prices(), *releases()])
    assert from_dict(json.loads(json.dumps(to_dict(made)))) == made


def test_an_onlooker_hands_on_every_record_unchanged():
    rows = [*scores(5000), *prices()]
    onlooker = Onlooker(seen_on=ON)
    assert [record for batch in onlooker.watch(batches(rows)) for record in batch.records()] == rows
    assert onlooker.shape() == shape(rows)
    assert onlooker.shape()["score"].rows == 5000


def test_every_kind_of_record_is_looked_at_under_the_name_it_has_elsewhere():
    assert {kind: look.name for kind, look in LOOKS.items()} == record_file.NAMES
    assert LOOKS.keys() == set(get_args(Record))
    for kind, look in LOOKS.items():
        wanted = {*look.says, *look.same, *look.numbers, *look.dates, *filter(None, [look.group])}
        assert wanted <= set(kind.__dataclass_fields__), kind


def test_two_hundred_ordinary_days_raise_no_alarm():
    """Every day some rows come, one or two are corrected, now and then one is withdrawn or a benchmark added."""
    chance = random.Random(11)  # noqa: S311  no secret is made of it
    rows = {row.key: row for row in scores(120)}
    past, told = [shape(rows.values())], []
    for day in range(200):
        for key in chance.sample(sorted(rows), 2):
            rows[key] = replace(rows[key], value=rows[key].value * chance.uniform(0.98, 1.02))
        if day % 5 == 0:
            del rows[chance.choice(sorted(rows))]
        exams = (*EXAMS, *(f"exam-{n}" for n in range(day // 50)))
        for n in range(chance.randrange(4)):
            at = ON + timedelta(days=day)
            key = f"{day}-{n}"
            rows[key] = ScoreRecord(
                key, f"new-{key}", chance.choice(exams), chance.uniform(0.2, 0.95), evaluated=When(at), stderr=0.02
            )
        seen = shape(rows.values(), on=ON + timedelta(days=day))
        told += drift(seen, past[:5], elapsed=timedelta(days=1))
        past.insert(0, seen)
    assert len(rows) > 300
    assert [finding for finding in told if finding.severity is not Severity.NOTICE] == []
    assert any(finding.severity is Severity.NOTICE for finding in told)


SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples" / "epoch-benchmarks"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the stored samples are not on this machine")
def test_three_months_of_epochs_hub_are_no_alarm_even_if_they_had_been_one_day():
    january, april = files(SAMPLES / "2026-01", "*.csv"), files(SAMPLES / "2026-04", "*.csv")
    # The January sample holds some of the sheets only.
    april = {name: body for name, body in april.items() if name in january}
    before, now = (
        shape(SOURCES["epoch_benchmarks"].records(document(zipped(sheets), "benchmark_data.zip")))
        for sheets in (january, april)
    )
    assert now["score"].rows > before["score"].rows > 400
    assert {finding.severity for finding in drift(now, [before])} == {Severity.NOTICE}


NOW = datetime(2026, 9, 10, 6, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_rhythm_is_the_usual_pause_and_few_changes_tell_none():
    days = [NOW - n * DAY for n in (0, 2, 4, 6, 30)]
    assert rhythm.rhythm(days) == 2 * DAY
    assert rhythm.rhythm(days[:3]) is None


def test_patience_is_what_is_declared_or_three_usual_pauses():
    weekly = [NOW - 7 * n * DAY for n in range(6)]
    hourly = [NOW - n * timedelta(hours=1) for n in range(6)]
    assert rhythm.patience(weekly, every=DAY, stale_after=None) == 21 * DAY
    assert rhythm.patience(weekly, every=DAY, stale_after=60 * DAY) == 60 * DAY
    assert rhythm.patience(weekly[:2], every=DAY, stale_after=None) is None
    assert rhythm.patience(hourly, every=timedelta(hours=1), stale_after=None) == rhythm.LEAST
    assert rhythm.patience(weekly, every=None, stale_after=60 * DAY) is None


def test_only_what_was_heard_once_can_fall_silent():
    assert rhythm.silent({}, now=NOW) == {}
    heard = {"collect": NOW - rhythm.SILENT_AFTER, "ingest": NOW - 2 * rhythm.SILENT_AFTER, "other": NOW - DAY}
    assert rhythm.silent(heard, now=NOW) == {"ingest": NOW - 2 * rhythm.SILENT_AFTER}
    after_a_pause = heard | {rhythm.STARTED: NOW - rhythm.SILENT_AFTER / 2}
    assert rhythm.silent(after_a_pause, now=NOW) == {}
    assert rhythm.silent(after_a_pause, now=NOW + rhythm.SILENT_AFTER).keys() == {"collect", "ingest"}
