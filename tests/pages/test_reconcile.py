"""The reconciler: both sides replayed, every bar in its place, and a plain word where the data do not reach."""

import csv
import io
from itertools import combinations, permutations

import pytest
from django.utils import timezone

from tests.pages.reading import read
from tracker.domain.reconcile import PUBLISHED, STORED_AS, place
from tracker.models import GapResult, IndexRun
from tracker.pipeline import drawing, recompute, replays
from tracker.queries import reconcile
from tracker.queries.runs import run_for

pytestmark = pytest.mark.usefixtures("world")
PRESETS = [one.slug for one in PUBLISHED]


def bars(client, **keys):
    query = "&".join(f"{name}={value}" for name, value in keys.items())
    text = client.get(f"/gap/reconcile.csv?{query}").content.decode()
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(("a", "b"), list(combinations(PRESETS, 2)))
def test_the_bars_between_any_two_published_answers_add_up_exactly(a, b):
    found = reconcile.reconciled(run_for(None), {"a": a, "b": b})
    if not found.rows:
        assert found.problems
        return
    numbers = [row for row in found.rows if row.kind in ("published", "replayed")]
    moves = [row for row in found.rows if row.kind in ("step", "rest")]
    # In hundredths, as they are printed: without any rounding left over.
    hundredths = sum(round(100 * row.months) for row in moves)
    assert hundredths == round(100 * numbers[-1].end) - round(100 * numbers[0].end)
    assert all(round(100 * row.months) == round(100 * row.end) - round(100 * row.start) for row in found.rows)


def test_what_was_published_stands_beside_what_our_data_give_and_the_rest_is_a_bar_of_its_own(client):
    rows = bars(client, a="ours", b="epoch-2025-10")
    assert [row["kind"] for row in rows if row["kind"] != "step"] == ["replayed", "replayed", "rest", "published"]
    replayed, rest, published = rows[-3:]
    assert float(published["end"]) == 3.5
    assert float(rest["start"]) == float(replayed["end"])
    assert float(rest["end"]) == 3.5


def test_our_own_side_is_todays_headline(client):
    report = GapResult.objects.get(run__historic=False, scope="all", open_means="weights", region="", max_parameters=0)
    side = reconcile.reconciled(run_for(None), {"a": "ours", "b": "ours"}).a
    assert side.value == pytest.approx(report.report["estimates"]["L1"]["value"], abs=0.005)


def test_a_changed_choice_takes_the_published_number_away(client):
    rows = bars(client, a="ours", b="epoch-2025-10", b_benchmarks="public")
    assert "published" not in {row["kind"] for row in rows}
    page = read(client.get("/gap/reconcile/?a=ours&b=epoch-2025-10&b_benchmarks=public"))
    assert "Epoch AI Oct 2025, changed" in page.text


def test_choices_are_changed_in_the_documented_order(client):
    rows = bars(client, a="ours", b="ihle-private")
    names = [row["name"] for row in rows if row["kind"] == "step"]
    joined = " and ".join(names).split(" and ")
    order = [reconcile.CHOICE_NAMES[name] for name in reconcile.ORDER]
    assert joined == [name for name in order if name in joined]


def test_facts_that_nobody_stored_then_are_said_to_be_missing(client):
    page = read(client.get("/gap/reconcile/?a=ours&b=epoch-2025-10"))
    assert (
        "No facts are stored that were known on 2025-10-30 and reach there; replayed on what is known now" in page.text
    )


def test_facts_as_they_were_known_then_come_from_the_run_of_then():
    from tracker.pipeline.gap_parts import parts
    from tracker.queries.reconcile import Definition, Replays

    then = IndexRun.objects.filter(historic=True).earliest("known_at")
    made = GapResult.objects.get(run__historic=False, scope="reconcile").report
    assert len(parts()) == 3
    # The past run says a month more everywhere.
    values = [None if value is None else value + 1 for value in made["values"]]
    GapResult.objects.create(run=then, scope="reconcile", report={**made, "values": values})
    replays = Replays(run_for(None))
    now, past = (replays.value(Definition("2026-05", vintage=vintage)) for vintage in ("now", "then"))
    assert past == pytest.approx(now + 1)


def test_a_pair_that_cannot_be_replayed_says_which_choice_lacks_data(client):
    page = read(client.get("/gap/reconcile/?a=ours&b=ours&b_openness=osaid"))
    assert "cannot be replayed" in page.within("answer")
    assert "What is missing shows in meaning of “open”" in page.text
    assert bars(client, a="ours", b="ours", b_openness="osaid") == []


def test_a_choice_that_does_not_exist_is_refused_with_those_that_do(client):
    response = client.get("/gap/reconcile/?a=nobody")
    assert response.status_code == 404
    assert client.get("/gap/reconcile/?a_estimator=L9").status_code == 404


def test_the_mean_over_all_orders_ends_where_the_fixed_order_ends(client):
    keys = {"a": "ours", "b": "ihle-public"}
    fixed, mean = (reconcile.reconciled(run_for(None), keys | more) for more in ({}, {"order": "average"}))
    assert (fixed.rows[0].end, fixed.rows[-1].end) == (mean.rows[0].end, mean.rows[-1].end)
    months = [sum(row.months for row in found.rows if row.kind == "step") for found in (fixed, mean)]
    assert months[0] == pytest.approx(months[1], abs=0.04)


def test_every_published_answer_is_listed_with_its_replay(client):
    rows = read(client.get("/gap/reconcile/")).rows("Author", "Published", "Says")
    assert len(rows) == len(PUBLISHED)


def test_without_a_run_there_is_a_sentence(client):
    page = read(client.get("/gap/reconcile/?as_of=2020-01-01"))
    assert "Nothing has been computed for this day" in page.within("answer")


def test_a_change_since_an_earlier_day_is_what_was_revised_and_what_moved():

    then = IndexRun.objects.filter(historic=True).earliest("known_at")
    rows = reconcile.moment_rows(run_for(None))
    assert [row.known_at for row in rows] == sorted((row.known_at for row in rows), reverse=True)
    row = rows[-1]
    assert row.known_at == then.known_at
    said = GapResult.objects.get(run=then, scope="all", open_means="weights", region="", max_parameters=0)
    assert row.said == pytest.approx(said.report["estimates"]["L1"]["value"], abs=0.005)
    assert row.now == reconcile.reconciled(run_for(None), {"a": "ours", "b": "ours"}).a.value
    assert round(100 * row.revised) + round(100 * row.moved) == round(100 * row.change)
    assert round(100 * row.change) == round(100 * row.now) - round(100 * row.said)


def test_todays_own_day_looked_at_again_is_todays_answer():
    moments = GapResult.objects.get(run__historic=False, scope="reconcile").report["moments"]
    report = GapResult.objects.get(run__historic=False, scope="all", open_means="weights", region="", max_parameters=0)
    today = moments[report.report["as_of"]]
    for name in ("L1", "L3", "L4", "L5", "L6", "L7"):
        assert today[name] == pytest.approx(report.report["estimates"][name]["value"], abs=1e-3), name


def test_the_page_tells_what_moved_from_what_was_revised(client):
    page = read(client.get("/gap/reconcile/"))
    rows = page.rows("As known on", "Counted to")
    assert rows[-1][0] == "2026-04-01"
    said, revised, moved, now, change = (round(100 * float(cell.replace("−", "-"))) for cell in rows[-1][2:])
    assert said + revised + moved == now == said + change


# Intervals


def stored():
    return GapResult.objects.get(run__historic=False, scope="reconcile").report["drawn"]


@pytest.mark.parametrize(("a", "b"), list(permutations(PRESETS, 2)))
def test_a_step_has_the_interval_of_its_draws_or_says_why_not(a, b):
    """Computed again here from the stored draws, in another way."""
    found, drawn = reconcile.reconciled(run_for(None), {"a": a, "b": b}), stored()
    at = found.a.definition
    for row in found.rows:
        assert (row.low is None) == (row.high is None) == row.interval.startswith("none")
        if row.kind != "step":
            continue
        names = [name for name, words in reconcile.CHOICE_NAMES.items() if words in row.name]
        before, at = at, at.towards(found.b.definition, names)
        rows = [drawn.get(str(place(one))) for one in (before, at)]
        if row.low is None:
            assert None in rows or sum(None in pair for pair in zip(*rows, strict=True)) * 2 >= len(rows[0])
            continue
        apart = sorted(after - first for first, after in zip(*rows, strict=True) if None not in (first, after))
        assert row.low == pytest.approx(apart[round(0.05 * (len(apart) - 1))], abs=0.3)
        assert row.high == pytest.approx(apart[round(0.95 * (len(apart) - 1))], abs=0.3)
        assert sum(one < row.low - 0.005 for one in apart) <= 0.06 * len(apart)
        assert sum(one > row.high + 0.005 for one in apart) <= 0.06 * len(apart)
    assert at == found.b.definition or not found.rows


def test_most_steps_between_published_answers_have_an_interval():
    rows = [
        row
        for a, b in permutations(PRESETS, 2)
        for row in reconcile.reconciled(run_for(None), {"a": a, "b": b}).rows
        if row.kind == "step"
    ]
    told = [row for row in rows if row.low is not None]
    assert len(told) > 0.8 * len(rows) > 50
    assert {row.interval for row in told} == {"scores", "benchmarks", "scores and benchmarks"}
    # A choice that changes nothing changes nothing in any draw; others spread.
    assert any(row.low < row.high for row in told)


def test_the_table_and_the_files_hold_the_intervals(client):
    rows = bars(client, a="ours", b="epoch-2025-10")
    known = [row for row in rows if row["low"]]
    assert {"step", "replayed", "published"} == {row["kind"] for row in known}
    assert all(float(row["low"]) <= float(row["high"]) for row in known)
    assert [row["interval"] for row in rows if row["kind"] == "rest"] == ["none: what it lacks cannot be drawn"]
    published = rows[-1]
    assert (float(published["low"]), float(published["high"])) == (1.1, 5.3)
    page = read(client.get("/gap/reconcile/?a=ours&b=epoch-2025-10"))
    (headed,) = [table for table in page.tables if "90 % from" in str(table)]
    assert "scores" in str(headed)
    assert "90 % interval" in page.within("answer") or "90 % interval" in page.text
    svg = client.get("/gap/reconcile.svg?a=ours&b=epoch-2025-10").content.decode()
    assert f"({float(known[0]['low']):.2f} to {float(known[0]['high']):.2f})" in svg


def test_a_definition_of_ones_own_and_the_mean_over_orders_say_why_they_have_none(client):
    own = bars(client, a="ours", b="epoch-2025-10", b_openness="commercial", b_estimator="L6")
    steps = [row for row in own if row["kind"] == "step"]
    assert any("only what lies between published answers" in row["interval"] for row in steps)
    mean = bars(client, a="ours", b="epoch-2025-10", order="average")
    steps = [row for row in mean if row["kind"] == "step"]
    assert steps
    assert all("over all orders" in row["interval"] and not row["low"] for row in steps)


def test_a_run_that_has_drawn_nothing_shows_its_steps_without_intervals(client):
    made = GapResult.objects.get(run__historic=False, scope="reconcile")
    del made.report["drawn"]
    made.save()
    rows = [row for row in bars(client, a="ours", b="epoch-2025-10") if row["kind"] in ("step", "replayed")]
    assert rows
    assert all(row["interval"].startswith("none") for row in rows)


def test_replays_made_scope_by_scope_in_tasks_of_their_own_are_those_of_one_go(monkeypatch):
    run = IndexRun.objects.get(historic=False)
    stored = GapResult.objects.filter(run=run, scope__startswith=STORED_AS)
    before = stored.get().report
    fit = drawing.fit_of(run)
    stored.delete()
    assert replays.whole(run, fit).items() <= before.items(), "in one go"
    IndexRun.objects.filter(pk=run.pk).update(state=IndexRun.State.READY)
    monkeypatch.setattr(recompute, "SLICE_SECONDS", 0.0)
    shown = []
    while recompute.advance(run.pk, clock=timezone.now, by="worker"):
        shown.append(sorted(stored.values_list("scope", flat=True)))
    slices = [replays.stored_as(scope) for scope in replays.SCOPES]
    assert shown == [*(sorted(slices[: at + 1]) for at in range(len(slices))), [STORED_AS]]
    assert stored.get().report == before
