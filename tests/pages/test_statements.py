"""What people said, by topic and by person, and the page on efficiency, in the world of `world.py`."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages.reading import read
from tests.pages.test_claims import HEAD
from tests.pages.world import NOW, SECRET, catalogue
from tracker.models import Endpoint, Evaluation, IndexRun, Person, Statement
from tracker.pipeline import claims
from tracker.pipeline.catalog import load_catalog
from tracker.queries.statements import StatementRow

pytestmark = pytest.mark.usefixtures("world")

LOCAL = {
    "local-models-answer-887": """
date = "2026"
topic = "local"
[test]
kind = "stated"
what = "The share"
unit = "share"
at_least = 0.887
[[test.evidence]]
assumption = "each query routed to the best of many"
value = 0.887
source = "A study"
url = "https://example.org/study"
on = "2025-11-11"
[[test.evidence]]
assumption = "the best single local model"
value = 0.713
choice = "routing or one model"
source = "A study"
url = "https://example.org/study"
on = "2025-11-11"
""",
    "local-coverage-was-487-in-2024": """
date = "2026"
topic = "local"
[test]
kind = "none"
missing = "The study's own figure for that year"
""",
    "of-another-topic": """
date = "2026"
topic = "gap"
[test]
kind = "none"
missing = "Everything that it would take"
""",
}


def rows_of(client, query=""):
    return json.loads(client.get(f"/statements.json{query}").content)["rows"]


def said(name):
    return {row["summary"] for row in name}


@pytest.fixture
def judged(tmp_path):
    root = catalogue(tmp_path)
    (root / "claims").mkdir(exist_ok=True)
    for slug, text in LOCAL.items():
        (root / "claims" / f"{slug}.toml").write_text(HEAD.format(slug=slug) + text, "utf-8")
    hers = HEAD.replace("A. Writer", "Ada Birchwood, as told by a page").format(slug="hers")
    (root / "claims" / "hers.toml").write_text(hers + LOCAL["of-another-topic"], "utf-8")
    load_catalog(now=NOW, root=root)
    run = IndexRun.objects.get(historic=False)
    assert claims.judge(run) == 4
    return run


# Statements


def test_every_statement_stands_under_its_topic_with_speaker_words_and_evidence(ask):
    page = read(ask("/statements/"))
    for topic in ("openness", "gap", "safety"):
        assert f"t-{topic}" in {attrs.get("id") for _, attrs in page.tags}
    for words in ("Ada Birchwood for Birch : Weights should be open up to a point", "A conference & more"):
        assert words in page.text
    assert "No <u>One</u> : Gates come first" in page.text
    assert "/people/ada-birchwood/" in page.links
    assert "/labs/birch/" in page.links
    facts = {link for link in page.links if link.startswith("/facts/statement/")}
    assert facts == {f"/facts/statement/{one.pk}/" for one in Statement.objects.filter(known_to=None)}


def test_the_newest_of_a_topic_stands_first(client):
    like = Statement.objects.get(key="ada-1")
    for number, day in enumerate(("2024-01-01", "2026-01-01", "2025-01-01")):
        values = {field.attname: getattr(like, field.attname) for field in like._meta.concrete_fields}
        del values["id"]
        Statement.objects.create(**values | {"key": f"more-{number}", "said_on": day, "summary": f"On {day}"})
    rows = [row for row in rows_of(client) if row["topic"] == "openness"]
    assert [row["said"] for row in rows] == sorted((row["said"] for row in rows), reverse=True)
    text = read(client.get("/statements/?topic=openness")).text
    assert text.index("On 2026-01-01") < text.index("Weights should be open") < text.index("On 2024-01-01")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?topic=gap", {"The gap is closing"}),
        ("?person=ada-birchwood", {"The gap is closing", "Weights should be open up to a point"}),
        ("?person=ada-birchwood&topic=safety", set()),
        ("?lab=birch", {"Weights should be open up to a point"}),
        ("?from=2026-01-01", {"The gap is closing"}),
        ("?to=2024-12-31", {"Gates come first"}),
        ("?from=2025-01-01&to=2025-12-31", {"Weights should be open up to a point"}),
        ("?person=nobody", set()),
    ],
)
def test_the_address_narrows_the_page_and_its_files_alike(client, query, found):
    assert said(rows_of(client, query)) == found
    page = read(client.get(f"/statements/{query}"))
    everything = {"The gap is closing", "Weights should be open up to a point", "Gates come first"}
    body = page.raw.partition('<figure class="chart"')[0]
    assert {one for one in everything if one in body} == found
    assert ("No statement matches" in page.text) is not found


def test_a_topic_of_many_is_cut_and_shown_whole_when_asked_for(client):
    like = Statement.objects.get(key="ada-2")
    values = {field.attname: getattr(like, field.attname) for field in like._meta.concrete_fields}
    del values["id"]
    for number in range(20):
        Statement.objects.create(**values | {"key": f"more-{number}", "summary": f"Told {number} times"})
    page = read(client.get("/statements/?person=ada-birchwood"))
    assert "All 21 on this topic" in page.text
    (more,) = [link for link in page.links if link.endswith("topic=gap") and "person=" in link][-1:]
    whole = read(client.get(more))
    assert sum(link.startswith("/facts/statement/") for link in whole.links) >= 21
    assert "All 21" not in whole.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?topic=weather", "topic=weather is not known"),
        ("?from=soon", "from=soon is not a day"),
        ("?to=2026-02-30", "to=2026-02-30 is not a day"),
        ("?as_of=soon", "as_of=soon is not a day"),
    ],
)
def test_nonsense_in_the_address_is_told_in_words(client, query, words):
    response = client.get(f"/statements/{query}")
    assert response.status_code == 404
    assert words in read(response).text


def test_the_files_hold_every_column_of_every_statement(client):
    table = list(csv.DictReader(io.StringIO(client.get("/statements.csv").content.decode())))
    assert list(table[0]) == list(StatementRow.__slots__)
    assert len(table) == 3
    assert client.get("/statements.parquet").content[:4] == b"PAR1"


def test_the_evidence_of_a_statement_names_who_said_what(client):
    fact = Statement.objects.get(key="ada-1")
    page = read(client.get(f"/facts/statement/{fact.pk}/"))
    assert "Where this statement comes from" in page.text
    for words in ("Ada Birchwood", "openness", "up to a point", "A conference & more", "2025-03-04"):
        assert words in page.text
    assert "https://example.org/news" in page.links


def test_a_day_of_the_past_knows_only_what_had_been_said_and_read_by_then(client):
    assert len(rows_of(client, "?as_of=2026-04-15")) == 3
    Statement.objects.filter(key="ada-2").update(said_on="2026-08-01")
    assert said(rows_of(client, "?as_of=2026-04-15")) == {"Weights should be open up to a point", "Gates come first"}
    assert rows_of(client, "?as_of=2026-03-01") == []
    assert "No statement is known as of this day." in read(client.get("/statements/?as_of=2026-03-01")).text


def test_what_may_not_be_shown_is_on_no_page(client):
    Statement.objects.filter(key="ada-2").update(endpoint=Endpoint.objects.get(url=SECRET), summary="Veiled words")
    fact = Statement.objects.get(key="ada-2")
    for address in ("/statements/", "/statements.csv", "/people/ada-birchwood/", "/charts/statements.csv"):
        assert "Veiled words" not in client.get(address).content.decode(), address
    assert client.get(f"/facts/statement/{fact.pk}/").status_code == 404


def test_the_chart_stands_on_the_page_with_a_dot_for_every_statement(client):
    figure = json.loads(client.get("/charts/statements.json").content)["figure"]
    assert sum(len(trace["x"]) for trace in figure["data"]) == 3
    assert 'id="statements"' in client.get("/statements/").content.decode()


# People


def test_everybody_is_listed_with_how_much_they_said(ask):
    rows = {row[0]: row for row in read(ask("/people/")).rows("Person", "Known for")}
    assert rows["Ada Birchwood"][1:] == ["Head of research", "Birch", "2", "2025-03-04", "2026-02-01", "openness, gap"]
    assert rows["No <u>One</u>"][1:4] == ["–", "–", "1"]


def test_a_person_who_has_said_nothing_is_listed_now_and_not_in_the_past(client):
    Person.objects.create(slug="silent", name="Silent Sam")
    assert "Silent Sam" in read(client.get("/people/")).text
    assert "Silent Sam" not in read(client.get("/people/?as_of=2026-04-15")).text
    assert "No statement of Silent Sam is known yet." in read(client.get("/people/silent/")).text


def test_a_person_shows_role_lab_statements_by_topic_and_claims(client, judged):
    page = read(client.get("/people/ada-birchwood/"))
    for words in ("Head of research", "Birch", "2, from 2025-03-04 to 2026-02-01", "The gap is closing"):
        assert words in page.text
    assert "Gates come first" not in page.text
    (claim,) = page.rows("Claim", "Verdict")
    assert claim[:3] == ["The claim hers", "? untestable", "Everything that it would take."]
    assert "/claims/hers/" in page.links


def test_a_person_without_claims_has_no_table_of_them(client, judged):
    page = read(client.get("/people/no-one/"))
    assert "Claims in the ledger 0" in page.text
    assert page.count("table") == 0


def test_nobody_of_that_name_is_told_in_words(client):
    response = client.get("/people/nobody/")
    assert response.status_code == 404
    assert client.get("/people/nobody.csv").status_code == 404


def test_the_files_of_people_and_of_a_person(client):
    assert {row["slug"] for row in csv.DictReader(io.StringIO(client.get("/people.csv").content.decode()))} == {
        "ada-birchwood",
        "no-one",
    }
    one = json.loads(client.get("/people/ada-birchwood.json").content)
    assert one["person"]["statements"] == len(one["rows"]) == 2


def test_no_page_asks_more_when_there_are_ten_times_as_many_statements(client, judged):
    def asked(address):
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    addresses = ("/statements/", "/statements.csv", "/people/", "/people/ada-birchwood/", "/efficiency/")
    before = {address: asked(address) for address in addresses}
    fresh = []
    for one in Statement.objects.filter(known_to=None):
        values = {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields}
        del values["id"]
        fresh += [Statement(**values | {"key": f"{one.key}-{number}"}) for number in range(9)]
    Statement.objects.bulk_create(fresh)
    Person.objects.bulk_create(Person(slug=f"person-{number}", name=f"Person {number}") for number in range(20))
    assert {address: asked(address) for address in addresses} == before
    assert max(before.values()) <= 20


# Efficiency


def test_single_and_routed_shares_stand_side_by_side_with_their_source(client, judged):
    page = read(client.get("/efficiency/"))
    rows = page.rows("Year", "Single model", "Routed")
    assert rows == [
        ["2024", "–", "–", "The study's own figure for that year."],
        ["2025", "71.3 %", "88.7 %", "A study, 2025-11-11"],
    ]
    assert "https://example.org/study" in page.links


def test_claims_on_local_models_stand_with_their_verdicts_and_no_others(client, judged):
    rows = {row[0]: row for row in read(client.get("/efficiency/")).rows("Claim", "Verdict")}
    assert rows.keys() == {f"The claim {slug}" for slug in LOCAL if slug != "of-another-topic"}
    assert rows["The claim local-models-answer-887"][1] == "depends"
    assert rows["The claim local-coverage-was-487-in-2024"][1] == "? untestable"


def test_the_page_says_that_nothing_was_measured_here(client, judged):
    Evaluation.objects.all().delete()
    text = read(client.get("/efficiency/")).text
    assert "There are none: no evaluation has been finished here" in text
    assert "No figure above is ours." in text


def evaluated(name, *, hour, **energy):
    """A run of ours that was finished on 1 September 2026, as its worker leaves it behind."""
    at = datetime(2026, 9, 1, hour, tzinfo=UTC)
    ratios = {key: {"value": value, "error": value / 10} for key, value in energy.items()}
    return Evaluation.objects.create(
        model=f"{name}.gguf", name=name, suite="sums-of-ours", state="done", asked_at=at, finished_at=at,
        summary={"exact": 0.625, "error": 0.02, "clustered": 0.03, "energy": ratios or None},
    )  # fmt: skip


def test_our_own_runs_stand_beside_the_claims_the_most_frugal_first(client):
    Evaluation.objects.all().delete()
    unmetered = evaluated("Unmetered", hour=14)
    evaluated("Thirsty", hour=12, watts=300.0, joules_per_query=500.0, per_joule=0.00125)
    evaluated("Frugal", hour=13, watts=40.0, joules_per_query=125.0, per_joule=0.005)
    page = read(client.get("/efficiency/"))
    rows = page.rows("Model", "Suite", "Machine")
    assert [row[0] for row in rows] == ["Frugalgreedy", "Thirstygreedy", "Unmeteredgreedy"]
    assert rows[0][3:] == ["62.5 % ± 3.0 %", "40.0", "125.0", "5.00 ± 0.50"]
    assert rows[2][3:] == ["62.5 % ± 3.0 %", "no meter", "–", "–"]
    assert f"/evaluations/{unmetered.pk}/" in page.links
    assert "No figure above is ours" not in page.text
    assert "There are none as of this day" in read(client.get("/efficiency/?as_of=2026-08-01")).text


def test_the_file_of_shares_says_which_are_routed(client, judged):
    rows = list(csv.DictReader(io.StringIO(client.get("/efficiency.csv").content.decode())))
    told = {(row["year"], row["routed"]): row["share"] for row in rows}
    assert told == {("2024", "False"): "", ("2025", "True"): "0.887", ("2025", "False"): "0.713"}


def test_before_any_run_has_judged_the_page_says_so(client):
    text = read(client.get("/efficiency/")).text
    assert "No run has judged a claim on efficiency yet." in text
    assert "No share is known yet." in text
