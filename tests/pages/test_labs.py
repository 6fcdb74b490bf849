"""Labs, one lab and the timeline, in the world of `world.py`."""

import pytest
from django.test import Client

from tests.pages.reading import read
from tests.pages.world import MARKUP_LAB
from tracker.models import Event, RunReport

pytestmark = pytest.mark.usefixtures("world")


def strategies() -> dict[str, dict]:
    return RunReport.objects.get(run__historic=False, name="strategies").report["labs"]


def test_the_phases_are_those_of_the_stated_rule():
    labs = strategies()
    assert [phase["stance"] for phase in labs["acme"]["phases"]] == ["closed"]
    # Every third release of the open labs is under restricted terms: two thirds are not.
    assert {phase["stance"] for phase in labs["birch"]["phases"]} <= {"open", "weights"}
    for lab in labs.values():
        assert sum(phase["releases"] for phase in lab["phases"]) == lab["releases"]
        assert sum(sum(year.values()) for year in lab["years"].values()) == lab["releases"]


def test_the_list_says_how_open_each_lab_is_now(client: Client):
    page = read(client.get("/labs/"))
    rows = {row[0]: row for row in next(table for table in page.tables if table and "Stance now" in table[0])}
    assert rows[MARKUP_LAB][1] == "closed"
    assert rows["Birch"][3] == str(strategies()["birch"]["releases"])
    china = read(client.get("/labs/?region=china"))
    assert "Birch" in " ".join(china.words)
    assert MARKUP_LAB not in " ".join(china.words)


def test_a_lab_shows_what_it_did_and_what_became_of_its_promises(client: Client):
    words = " ".join(read(client.get("/labs/birch/")).words)
    for said in ("Opens its first model", "Keeps its largest model to itself", "Says the next model will be open"):
        assert said in words
    assert "Raises one billion dollars" not in words
    states = read(client.get("/labs/birch/"))
    promise = next(table for table in states.tables if table and table[0][0] == "Promise")
    assert promise[1][3] == "kept"
    waiting = read(client.get("/labs/cedar/"))
    assert next(table for table in waiting.tables if table and table[0][0] == "Promise")[1][3] == "waiting"
    assert client.get("/labs/nobody/").status_code == 404


def test_the_timeline_narrows_by_what_the_address_says(client: Client):
    def titles(query: str) -> set[str]:
        return {row["title"] for row in client.get(f"/timeline.json?{query}").json()["rows"]}

    assert len(titles("")) == Event.objects.filter(known_to=None).count() == 8
    assert titles("kind=funding") == {"Raises one billion dollars"}
    assert titles("lab=birch&from=2024-01-01&to=2024-12-31") == {
        "Says the next model will be open",
        "Opens the next model",
    }
    assert titles("region=europe") == {"Says all data will follow", "Takes the commercial clause back"}
    assert client.get("/timeline/?from=yesterday").status_code == 404
    assert client.get("/timeline/?kind=nonsense").status_code == 404


def test_the_timelines_chart_has_every_event_and_follows_the_lab(client: Client):
    def keys(query: str) -> set[str]:
        return {row["key"] for row in client.get(f"/charts/events.json{query}").json()["rows"]}

    assert keys("") == {row["key"] for row in client.get("/timeline.json").json()["rows"]}
    assert keys("?lab=birch") == {row["key"] for row in client.get("/timeline.json?lab=birch").json()["rows"]}
    assert 'data-json="/charts/events.json?lab=birch"' in read(client.get("/timeline/?lab=birch&kind=promise")).raw
    # No such lab: the page says that nothing matches, and its chart is of all.
    assert 'data-json="/charts/events.json"' in read(client.get("/timeline/?lab=nobody")).raw
    assert "lab=nobody is not known" in read(client.get("/charts/events/?lab=nobody")).text


def test_a_day_before_an_event_was_known_does_not_show_it(client: Client):
    assert client.get("/timeline.json?as_of=2026-03-31").json()["rows"] == []
    assert len(client.get("/timeline.json?as_of=2026-05-01").json()["rows"]) == 8


def test_every_event_leads_to_its_source(client: Client):
    page = read(client.get("/timeline/"))
    facts = [link for link in page.links if link.startswith("/facts/event/")]
    assert len(set(facts)) == 8
    assert all(client.get(link).status_code == 200 for link in facts)


def test_a_month_or_a_year_is_not_made_a_day(client: Client):
    days = {row["key"]: row["occurred"] for row in client.get("/timeline.json").json()["rows"]}
    assert (days["birch-promise"], days["cedar-promise"], days["birch-kept"]) == ("2024-01", "2025", "2024-08-07")


def test_the_chart_of_phases_keeps_to_the_region_that_its_page_is_narrowed_to(client: Client):
    assert 'data-json="/charts/strategies.json?region=china"' in read(client.get("/labs/?region=china")).raw
    found = client.get("/charts/strategies.json?region=china").json()
    assert {row["lab_slug"] for row in found["rows"]} == {"birch"}
    assert found["title"].startswith("China: ")
    assert "region=moon is not known" in read(client.get("/charts/strategies/?region=moon")).text
