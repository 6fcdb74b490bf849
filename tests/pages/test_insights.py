"""Findings: what a run makes, what the pages show, and that curators have the last word."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.pages.reading import read
from tests.pages.world import NOW
from tracker import curation
from tracker.models import ClaimVerdict, IndexRun, Insight
from tracker.pipeline import insights

pytestmark = pytest.mark.usefixtures("world")


def today() -> IndexRun:
    return IndexRun.objects.get(historic=False)


def test_the_run_told_of_new_records_and_of_a_phase():
    found = Insight.objects.filter(run=today())
    assert {row.kind for row in found} >= {"frontier"}
    for row in found.filter(kind="frontier"):
        assert row.evidence[0]["url"].startswith("/models/")
        assert any(subject.startswith("model:") for subject in row.subjects)


def test_a_second_look_at_the_same_run_finds_nothing_new():
    count = Insight.objects.count()
    assert insights.find(today(), now=NOW) == []
    assert Insight.objects.count() == count


def test_a_run_of_the_past_finds_nothing():
    assert insights.find(IndexRun.objects.filter(historic=True)[0], now=NOW) == []


def test_every_finding_has_a_page_whose_links_lead_somewhere(client: Client):
    rows = client.get("/insights.json").json()["rows"]
    assert len(rows) == Insight.objects.filter(listed=True).count() > 0
    for row in rows:
        page = read(client.get(f"/insights/{row['slug']}/"))
        assert row["title"] in " ".join(page.words)
        for link in page.links:
            if link.startswith(("/models/", "/labs/", "/gap/", "/claims/", "/facts/")):
                assert client.get(link.partition("#")[0]).status_code == 200, link


def test_a_day_before_a_finding_does_not_show_it(client: Client):
    assert client.get("/insights.json?as_of=2026-08-01").json()["rows"] == []
    slug = Insight.objects.values_list("slug", flat=True)[0]
    assert client.get(f"/insights/{slug}/?as_of=2026-08-01").status_code == 404


def test_what_a_curator_wrote_no_run_touches(client: Client):
    curator = User.objects.create_user("curator", is_staff=True)
    row = Insight.objects.filter(kind="frontier")[0]
    done = curation.edit_insight(row, title="Said better", by=curator, reason="Clearer", now=NOW)
    insights.find(today(), now=NOW)
    row.refresh_from_db()
    assert (row.title, row.edited) == ("Said better", ["title"])
    curation.undo(done.decisions[0], by=curator, reason="It was clear", now=NOW + timedelta(minutes=1))
    row.refresh_from_db()
    assert row.title != "Said better"
    assert row.edited == []


def test_a_curator_can_hide_a_finding_and_write_one(client: Client):
    curator = User.objects.create_user("curator", is_staff=True)
    row = Insight.objects.filter(kind="frontier")[0]
    curation.edit_insight(row, listed=False, by=curator, reason="Noise", now=NOW)
    assert client.get(f"/insights/{row.slug}/").status_code == 404
    words = {"title": "Weights come late", "summary": "Two labs waited.", "impact": "", "horizon": "months"}
    words |= {"tags": ["openness"], "evidence": [{"text": "The timeline", "url": "/timeline/"}], "listed": True}
    curation.write_insight(**words, by=curator, reason="Seen by hand", now=NOW)
    assert "Weights come late" in " ".join(read(client.get("/insights/weights-come-late/")).words)
    with pytest.raises(curation.Refused, match="already"):
        curation.write_insight(**words, by=curator, reason="Again", now=NOW)


def test_a_flipped_verdict_is_a_finding():
    run = today()
    before = IndexRun.objects.filter(historic=True).order_by("-known_at")[0]
    assert before.known_at < run.known_at
    claim = ClaimVerdict._meta.get_field("claim").related_model.objects.create(
        slug="so", title="So it is", author="A", said_on="2026-01-01", publication="P", topic="gap", test={}
    )
    ClaimVerdict.objects.create(run=before, claim=claim, verdict="holds")
    ClaimVerdict.objects.create(run=run, claim=claim, verdict="fails")
    fresh = [row for row in insights.find(run, now=NOW) if row.kind == "verdict"]
    assert [(row.subjects, row.tags) for row in fresh] == [(["claim:so"], ["claims", "fails"])]
