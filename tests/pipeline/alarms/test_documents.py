"""Ten second vintages that differ from the first in one thing, and what is made of each."""

from dataclasses import replace

import pytest

from tests.pipeline.alarms.steps import LINES, OFFERS, after, offers, opened, said
from tests.pipeline.steps import at, content, endpoint, take_in
from tests.pipeline.vintages import NOTABLE, PANEL, PRICES, Line, notable, panel, prices, records
from tracker.domain.records import ScoreRecord
from tracker.sources.record_file import MEDIA_TYPE

pytestmark = pytest.mark.usefixtures("installed")


def test_a_renamed_column_is_quarantined_and_the_last_good_facts_stay():
    rows = [(f"Model {n}", "2025-03-01", "API access") for n in range(20)]
    take_in(NOTABLE, notable(*rows), at(1))
    facts = content()
    bad = take_in(NOTABLE, notable(*rows).replace(b"Model accessibility", b"Accessibility"), at(2))
    assert (bad.state, opened()) == ("quarantined", {"quarantined": "quarantine"})
    assert "Model accessibility" in said("quarantined")
    assert "Compare it with the last good one" in said("quarantined")
    assert content() == facts


def test_halved_rows_are_quarantined():
    assert after(PRICES, prices(*OFFERS), prices(*OFFERS[:20])).state == "quarantined"
    assert opened() == {"quarantined": "quarantine"}
    assert "where the last good document had 40" in said("quarantined")


def test_prices_by_the_token_instead_of_the_million_are_quarantined():
    take_in(PRICES, prices(*OFFERS), at(1))
    facts = content()
    bad = take_in(PRICES, offers(price=lambda offer: offer.price / 1e6), at(2))
    assert (bad.state, opened()) == ("quarantined", {"unit": "quarantine"})
    assert "1e-06 times" in bad.message
    assert content() == facts
    assert endpoint(PRICES).current.fetched_at == at(1)


def test_an_emptied_column_is_quarantined():
    bad = after(PRICES, prices(*OFFERS), offers(released=lambda offer: ""))
    assert (bad.state, opened()) == ("quarantined", {"emptied": "quarantine"})
    assert "0 of 40 release rows say released" in bad.message


def test_doubled_names_are_an_alarm():
    read = after(PANEL, panel(*LINES), panel(*LINES, *LINES[:4]))
    assert (read.state, opened()) == ("ingested", {"repeated": "alarm"})


def test_dates_in_the_future_are_an_alarm():
    read = after(
        PRICES, prices(*OFFERS), prices(*OFFERS, replace(OFFERS[0], name="claude-test-x", released="2027-05-01"))
    )
    assert (read.state, opened()) == ("ingested", {"future": "alarm"})


def test_values_out_of_range_are_refused_by_the_parser_or_by_the_benchmarks_own_bounds():
    assert take_in(PANEL, panel(*LINES, Line("model-x", "gpqa_diamond", 1.7)), at(1)).state == "quarantined"
    rows = [ScoreRecord(f"k{n}", f"model-{n}", "gpqa_diamond", 0.5) for n in range(20)]
    odd = [*rows[1:], replace(rows[0], value=1.7)]
    read = take_in(PANEL, records(*odd, url=PANEL), at(2), MEDIA_TYPE)
    assert (read.state, opened()) == ("ingested", {"range": "alarm"})
    assert "gpqa_diamond go from 0.5 to 1.7; it gives 0 to 1" in said("range")
    percent = [replace(row, value=50.0 + n) for n, row in enumerate(rows)]
    bad = take_in(PANEL, records(*percent, url=PANEL), at(3), MEDIA_TYPE)
    assert bad.state == "quarantined"
    assert opened(severity="quarantine").keys() == {"range", "unit"}


def test_reordered_rows_are_no_alarm():
    assert after(PANEL, panel(*LINES), panel(*reversed(LINES))).state == "ingested"
    assert opened() == {}


def test_one_new_benchmark_is_a_notice():
    more = [Line(f"model-{n}", "new_exam", 0.5) for n in range(12)]
    read = after(PANEL, panel(*LINES), panel(*LINES, *more))
    assert (read.state, opened()) == ("ingested", {"fields": "notice"})
    assert "benchmark new_exam" in said("fields")


def test_a_refit_is_read_with_an_alarm():
    read = after(PANEL, panel(*LINES), panel(*(replace(line, score=round(line.score * 0.97, 5)) for line in LINES)))
    assert (read.state, opened()) == ("ingested", {"changed": "alarm"})
    assert "100 % of the score rows changed at once" in said("changed")
