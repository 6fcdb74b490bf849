"""Claims about the world: how a run judges them, and what their pages, files and the command show."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages.reading import read
from tests.pages.world import HIDDEN_BENCHMARK, HIDDEN_SCORE, NOW, catalogue
from tracker.models import Claim, ClaimVerdict, DataVersion, IndexRun
from tracker.pipeline import claims, recompute
from tracker.pipeline.catalog import load_catalog

pytestmark = pytest.mark.usefixtures("world")

HEAD = """
title = "The claim {slug}"
quote = "so it is"
author = "A. Writer"
publication = "A <i>Paper</i>"
"""
CLAIMS = {
    "behind": """
date = "2026-05-01"
topic = "gap"
url = "https://example.org/paper"
[test]
kind = "lag"
estimator = "L8"
more_than = 0
vary = []
""",
    "far-behind": """
date = "2026-05-01"
topic = "gap"
[test]
kind = "lag"
estimator = "L1"
at_least = 60
vary = []
""",
    "turns-on-openness": """
date = "2025"
topic = "gap"
[test]
kind = "licence-term"
licences = ["mit", "example-community"]
term = "osi_approved"
one_of = ["yes"]
""",
    "gpt-5-is-closed": """
date = "2026-05-01"
topic = "openness"
[test]
kind = "model-fact"
models = ["gpt-5"]
field = "open_means"
one_of = ["closed"]
""",
    "gpt-5-on-gpqa": """
date = "2026-05-01"
topic = "scores"
[test]
kind = "score"
benchmark = "gpqa-diamond"
model = "gpt-5"
at_least = 0.5
""",
    "nothing-veiled": """
date = "2026-05-01"
topic = "scores"
[test]
kind = "side-gap"
benchmarks = ["veiled-exam"]
at_most = 1
""",
    "price": """
date = "2026-05-01"
topic = "prices"
[test]
kind = "price-ratio"
cheap = "birch-1"
dear = "gpt-5"
at_most = 1
""",
    "next-december": """
date = "2026-06"
topic = "forecasts"
[test]
kind = "lag"
estimator = "L8"
at_most = 0
as_of = "2026-12-03"
[forecast]
due = "2026-12-03"
""",
}


def write(root, files=CLAIMS):
    (root / "claims").mkdir(parents=True, exist_ok=True)
    for slug, text in files.items():
        (root / "claims" / f"{slug}.toml").write_text(HEAD.format(slug=slug) + text, "utf-8")
    return root


@pytest.fixture
def root(tmp_path):
    return write(catalogue(tmp_path))


@pytest.fixture
def today(root):
    """The world's run of today, with the claims loaded and judged."""
    load_catalog(now=NOW, root=root)
    run = IndexRun.objects.get(historic=False)
    assert claims.judge(run) == len(CLAIMS)
    return run


def verdicts(run):
    return dict(ClaimVerdict.objects.filter(run=run).values_list("claim__slug", "verdict"))


# Judged by a run


def test_a_run_judges_every_claim_on_its_own_facts(today):
    assert verdicts(today) == {
        "behind": "holds",
        "far-behind": "fails",
        "turns-on-openness": "depends",
        "gpt-5-is-closed": "holds",
        "gpt-5-on-gpqa": "holds",
        "nothing-veiled": "untestable",
        "price": "holds",
        "next-december": "untestable",
    }
    turning = ClaimVerdict.objects.get(run=today, claim__slug="turns-on-openness")
    assert "holds with MIT License (yes); fails with Example Community License (no)" in turning.assumption
    evidence = ClaimVerdict.objects.get(run=today, claim__slug="gpt-5-on-gpqa").reading["figures"][0]["evidence"]
    assert evidence[0]["kind"] == "score"


def test_judging_a_run_again_changes_nothing(today):
    before = list(ClaimVerdict.objects.order_by("claim").values("pk", "claim", "verdict", "assumption", "reading"))
    claims.judge(today)
    after = list(ClaimVerdict.objects.order_by("claim").values("pk", "claim", "verdict", "assumption", "reading"))
    assert after == before


def test_loading_the_same_files_again_writes_nothing(today, root):
    version = DataVersion.objects.get().value
    assert load_catalog(now=NOW, root=root) == 0
    assert DataVersion.objects.get().value == version


def test_a_claim_whose_file_is_gone_is_no_longer_judged_and_keeps_its_verdicts(today, root):
    (root / "claims" / "behind.toml").unlink()
    load_catalog(now=NOW, root=root)
    past = IndexRun.objects.filter(historic=True).latest("known_at")
    claims.judge(past)
    assert not Claim.objects.get(slug="behind").listed
    assert "behind" not in verdicts(past)
    assert "behind" in verdicts(today)


def test_a_broken_claim_file_stops_the_load_with_its_place(root):
    (root / "claims" / "broken.toml").write_text('title = "x"\n', "utf-8")
    with pytest.raises(ValueError, match=r"claims/broken\.toml"):
        load_catalog(now=NOW, root=root)
    assert Claim.objects.count() == 0


def test_a_run_is_judged_before_it_is_done(root):
    load_catalog(now=NOW, root=root)
    recompute.plan(now=NOW)
    run = IndexRun.objects.filter(historic=False).latest("pk")
    while recompute.advance(run.pk, clock=lambda: NOW, by="test"):
        pass
    run.refresh_from_db()
    assert run.state == IndexRun.State.DONE
    assert len(verdicts(run)) == len(CLAIMS)


def test_judging_fits_nothing_and_asks_no_more_for_more_claims(today, root):
    def asked():
        with CaptureQueriesContext(connection) as found:
            claims.judge(today)
        return len(found)

    before = asked()
    write(root, {f"more-{number}": CLAIMS["gpt-5-on-gpqa"] for number in range(40)})
    load_catalog(now=NOW, root=root)
    assert asked() == before < 20


# Pages


def test_the_ledger_lists_every_claim_with_its_verdict_in_a_word(client, today):
    page = read(client.get("/claims/"))
    rows = {row[0]: row for row in page.rows("Claim", "Verdict", "Why")}
    assert len(rows) == len(CLAIMS)
    assert rows["The claim turns-on-openness"][1] == "depends"
    assert "fails with Example Community License" in rows["The claim turns-on-openness"][2]
    assert rows["The claim next-december"][1] == "? untestable"
    for name, count in (("all", 8), ("holds", 4), ("fails", 1), ("depends", 1), ("untestable", 2)):
        assert f"{name} {count}" in page.text
    assert (page.count("h1"), page.count("style")) == (1, 0)


@pytest.mark.parametrize(
    ("query", "found"),
    [("verdict=fails", 1), ("topic=gap", 3), ("topic=gap&verdict=holds", 1), ("author=Nobody", 0), ("topic=%00", 8)],
)
def test_the_ledger_is_narrowed_by_verdict_topic_and_author(client, today, query, found):
    response = client.get(f"/claims/?{query}")
    assert response.status_code == 200
    page = read(response)
    assert (len(page.rows("Claim", "Verdict")) if found else 0) == found
    assert len(json.loads(client.get(f"/claims.json?{query}").content)["rows"]) == found


def test_nonsense_is_told_in_words(client, today):
    for address, said in (
        ("/claims/?verdict=maybe", "verdict=maybe is not known"),
        ("/claims/?as_of=soon", "as_of=soon is not a day"),
        ("/claims/no-such-claim/", "Nothing"),
    ):
        response = client.get(address)
        assert response.status_code == 404
        assert said in read(response).text or said == "Nothing"


def test_a_claim_shows_its_test_figures_evidence_and_source_without_scripts(client, today):
    page = read(client.get("/claims/behind/"))
    assert "L8 (vertical gap) over all benchmarks is more than 0.0 points." in page.text
    assert "“so it is”" in page.text
    assert "It would fail at 0.0 points or below" in page.text
    assert "/gap/?scope=all&open=weights" in page.links
    assert "https://example.org/paper" in page.links
    assert "A <i>Paper</i>" in page.text
    (row,) = page.rows("With", "Choice", "Figure")
    assert row[1] == "its own definition"
    assert row[4] == "holds"


def test_the_links_of_a_claim_lead_somewhere(client, today):
    # Each once: the pages have most of their links in common.
    links = {link: slug for slug in CLAIMS for link in read(client.get(f"/claims/{slug}/")).links}
    for link, slug in links.items():
        if link.startswith("/"):
            assert client.get(link).status_code == 200, (slug, link)


def test_a_forecast_says_when_it_is_due(client, today):
    text = read(client.get("/claims/next-december/")).text
    assert "It speaks of 3 December 2026. It is scored on that day." in text
    assert "so far not so" in text
    assert "It speaks of 2026-12-03, and the data end on 2026-09-01." in text


def test_the_files_hold_the_rows_of_the_page(client, today):
    rows = list(csv.DictReader(io.StringIO(client.get("/claims.csv").content.decode())))
    assert {row["slug"]: row["verdict"] for row in rows} == verdicts(today)
    one = json.loads(client.get("/claims/behind.json").content)
    assert one["claim"]["verdict"] == "holds"
    assert one["rows"][0]["evidence"] == "gap:scope=all&open=weights"
    assert client.get("/claims.parquet").content[:4] == b"PAR1"
    assert client.get("/claims/behind.parquet").content[:4] == b"PAR1"


def test_what_may_not_be_shown_is_not_known_to_the_ledger(client, today):
    for address in ("/claims/", "/claims.json", "/claims/nothing-veiled/", "/claims/nothing-veiled.json"):
        body = client.get(address).content.decode()
        assert HIDDEN_BENCHMARK not in body
        assert str(HIDDEN_SCORE) not in body


def test_before_any_run_has_judged_the_ledger_says_so(client):
    page = read(client.get("/claims/"))
    assert "No run has judged the claims yet." in page.text
    assert client.get("/claims.csv").status_code == 200


def test_a_claim_that_no_run_has_judged_has_its_page(client, root):
    load_catalog(now=NOW, root=root)
    page = read(client.get("/claims/behind/"))
    assert "not judged" in page.text
    assert "No run has judged this claim yet." in page.text


def test_the_past_has_its_own_verdicts_and_a_change_since_the_claim_was_made_is_a_flip(client, today):
    past = IndexRun.objects.filter(historic=True).earliest("known_at")
    claims.judge(past)
    behind = ClaimVerdict.objects.get(run=past, claim__slug="behind")
    early = ClaimVerdict.objects.get(run=past, claim__slug="price")
    Claim.objects.filter(slug="price").update(said_on=today.known_at.date())
    for verdict in (behind, early):
        # As if the data had said otherwise: both runs see the same here.
        verdict.verdict = "fails"
        verdict.save()
    rows = {row["slug"]: row for row in json.loads(client.get("/claims.json").content)["rows"]}
    assert (rows["behind"]["then"], rows["behind"]["verdict"], rows["behind"]["flips"]) == ("fails", "holds", 1)
    assert rows["price"]["flips"] == 0
    assert rows["turns-on-openness"]["then"] == ""
    page = read(client.get("/claims/"))
    assert "fails, now holds" in page.text
    history = read(client.get("/claims/behind/")).rows("Facts known on", "Data to", "Verdict")
    assert [row[2] for row in history] == ["holds", "fails"]
    day = past.known_at.date()
    then = read(client.get(f"/claims/behind/?as_of={day}"))
    assert [row[2] for row in then.rows("Facts known on", "Data to", "Verdict")] == ["fails"]
    assert "As known on" in then.text
    listed = {row["slug"] for row in json.loads(client.get(f"/claims.json?as_of={day}").content)["rows"]}
    assert listed == {"turns-on-openness"}, "the others were made after that day"


def test_the_pages_ask_no_more_when_there_are_ten_times_as_many_claims(client, today, root):
    def asked(address):
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    addresses = ("/claims/", "/claims.csv", "/claims/behind/")
    before = {address: asked(address) for address in addresses}
    write(root, {f"more-{number}": CLAIMS["behind"] for number in range(80)})
    load_catalog(now=NOW, root=root)
    claims.judge(today)
    assert {address: asked(address) for address in addresses} == before
    assert max(before.values()) <= 20


# The command


def told(*args):
    out = io.StringIO()
    call_command("claims", *args, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_ledger_as_a_table_and_as_json(today):
    table = told()
    assert "8 claims: 4 holds, 1 fails, 1 depends, 2 untestable." in table
    found = json.loads(told("--json"))
    assert {row["slug"]: row["verdict"] for row in found["claims"]} == verdicts(today)
    assert found["verdicts"] == {"holds": 4, "fails": 1, "depends": 1, "untestable": 2}


def test_the_command_judges_runs_that_were_finished_before(root):
    load_catalog(now=NOW, root=root)
    with pytest.raises(CommandError, match="No run has judged the claims yet"):
        told("--json")
    assert len(json.loads(told("--json", "--judge"))["claims"]) == len(CLAIMS)


def test_the_command_knows_the_past_and_not_the_future(today):
    with pytest.raises(CommandError, match="has not come yet"):
        told("--as-of", "2999-01-01")
    with pytest.raises(CommandError, match="by the end of 2026-01-01"):
        told("--as-of", "2026-01-01")
    day = datetime(2026, 9, 30, tzinfo=UTC).date()
    assert json.loads(told("--json", "--as-of", str(day)))["run"] == today.pk
