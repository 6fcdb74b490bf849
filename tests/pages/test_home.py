"""The front page as the morning's one look, in the world of `world.py`."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.pages.reading import Page, read
from tests.pages.world import NOW
from tracker.models import (
    FLAGGED,
    Claim,
    ClaimVerdict,
    Event,
    GapResult,
    IndexRun,
    Insight,
    LicenceChange,
    LicenceText,
    OpennessState,
    RunReport,
    Scenario,
)

pytestmark = pytest.mark.usefixtures("world")


def card(page: Page, heading: str) -> str:
    """The words of one card."""
    for part in page.raw.split('<li class="card">')[1:]:
        told = Page(part.partition("</li>\n<li")[0].partition("</section>")[0]).text
        if told.startswith(heading):
            return told.removeprefix(heading).strip()
    raise AssertionError(f"no card is headed {heading}")


def home(client: Client, query: str = "") -> Page:
    return read(client.get(f"/{query}"))


def test_the_answer_comes_first_and_what_changed_before_any_chart(client: Client):
    raw = home(client).raw
    assert raw.index('id="answer"') < raw.index('id="changes"') < raw.index("Newest events") < raw.index("<figure")


def test_the_newest_findings_are_there(client: Client):
    newest = Insight.objects.filter(listed=True).order_by("-found_on", "-weight", "slug")[:4]
    told = card(home(client), "Insights")
    assert newest
    assert all(" ".join(one.title.split()) in told for one in newest)


def test_the_longest_running_clocks_are_those_of_the_stored_answer(client: Client):
    stored = GapResult.objects.get(
        run__historic=False, scope="all", open_means="weights", region="", max_parameters=0
    ).report["estimates"]["L7"]["rows"]
    running = sorted((row for row in stored if not row["other"]), key=lambda row: -row["months"])
    told = card(home(client), "Closed records still unmatched")
    assert running
    for row in running[:3]:
        assert f"{row['model']}: {row['months']:.1f} months" in told
    for row in stored:
        if row["other"]:
            assert f"{row['model']}:" not in told


def test_where_every_record_is_matched_the_page_says_so(client: Client):
    found = GapResult.objects.get(run__historic=False, scope="all", open_means="weights", region="", max_parameters=0)
    for row in found.report["estimates"]["L7"]["rows"]:
        row["other"] = row["other"] or "Birch 1"
    found.save()
    assert card(home(client), "Closed records still unmatched") == "Every closed record has been matched."


def test_a_verdict_that_flipped_this_week_is_told_and_an_older_one_is_not(client: Client):
    run = IndexRun.objects.get(historic=False)
    assert card(home(client), "Verdicts flipped this week") == "No verdict changed."
    claims = [
        Claim.objects.create(slug=slug, title=f"Claim {slug}", said_on="2024-01-01", precision="day", test={})
        for slug in ("fresh", "stale")
    ]
    before = [
        IndexRun.objects.create(
            known_at=run.known_at - timedelta(days=days), created_at=NOW, as_of=run.as_of, data_version=900 + days,
            method=run.method, historic=True, state=IndexRun.State.DONE, draws=1,
        )
        for days in (20, 10, 3)
    ]  # fmt: skip
    for claim, verdicts in zip(
        claims, (("fails", "fails", "fails", "holds"), ("fails", "holds", "holds", "holds")), strict=True
    ):
        for one, verdict in zip((*before, run), verdicts, strict=True):
            ClaimVerdict.objects.create(run=one, claim=claim, verdict=verdict)
    assert card(home(client), "Verdicts flipped this week") == "Claim fresh : fails, now holds"


def test_a_reworded_licence_is_an_alarm_for_thirty_days(client: Client):
    told = Event.objects.first()
    same = {"endpoint": told.endpoint, "first_snapshot": told.first_snapshot, "known_from": NOW}
    texts = [LicenceText.objects.create(key=f"text-{nth}", name="A License", text=str(nth), **same) for nth in range(2)]
    change = LicenceChange.objects.create(
        before=texts[0], after=texts[1], found_at=timezone.now() - timedelta(days=29),
        report={"forbidden_now": [{"term": "commercial"}]},
    )  # fmt: skip
    assert "A License reworded : forbids 1 more" in card(home(client), "Licences").replace("reworded:", "reworded :")
    LicenceChange.objects.filter(pk=change.pk).update(found_at=timezone.now() - timedelta(days=31))
    assert card(home(client), "Licences").startswith("No text reworded since")


def test_models_that_drop_a_term_of_their_base_are_counted(client: Client):
    judged = OpennessState.objects.filter(run__historic=False, rung__gte=2)
    assert "made from" not in card(home(client), "Licences")
    for state in judged[:3]:
        state.verdicts["lineage"] = [{"flags": [{"fact": "share"}]}]
        state.save()
    assert "3 models drop a term" in card(home(client), "Licences")


def test_scenarios_stand_with_the_signs_that_are_there(client: Client):
    told = card(home(client), "Scenarios")
    [signs] = RunReport.objects.get(run__historic=False, name="scenarios").report.values()
    met = [sign["met"] for sign in signs]
    assert told == f"Open <i>leads</i> : {met.count(True)} of {len(met) - met.count(None)} signs"


def test_the_newest_events_are_there_with_their_sources(client: Client):
    newest = Event.objects.order_by("-occurred_on", "-pk")[:5]
    page = home(client)
    told = card(page, "Newest events")
    assert all(event.title in told for event in newest)
    assert {f"/facts/event/{event.pk}/" for event in newest} <= set(page.links)


def test_before_anything_is_known_every_card_says_so(client: Client):
    for kind in (Insight, Event, ClaimVerdict, RunReport):
        kind.objects.all().delete()
    Scenario.objects.update(listed=False)
    page = home(client)
    assert card(page, "Insights") == "No finding yet."
    assert card(page, "Newest events") == "No event is known."
    assert card(page, "Scenarios") == "No scenario is listed."
    past = home(client, "?as_of=2019-01-01")
    assert card(past, "Closed records still unmatched") == "No clock is known."


def test_flagged_verdicts_are_counted_without_opening_any():
    run = IndexRun.objects.get(historic=False)
    with connection.cursor() as cursor:
        # Of a few rows the database would read all.
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = OpennessState.objects.filter(run=run, rung__gte=2).filter(FLAGGED).explain()
    assert "openness_flagged" in plan
    assert "Filter:" not in plan
