"""The programming interface: every table whole and by pages, filters, days, and errors of one shape."""

import json
import re
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pages.world import HIDDEN_BENCHMARK, HIDDEN_HOST
from tracker.models import IndexRun, Score
from tracker.queries import public, slices

pytestmark = pytest.mark.usefixtures("world")


def got(client, address: str) -> dict:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return json.loads(response.content)


def refused(client, address: str, status: int = 400) -> str:
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    body = json.loads(response.content)
    assert body["status"] == status
    return body["detail"]


def test_every_table_is_listed_described_and_answers(client):
    listed = [table["name"] for table in got(client, "/api/v1/")["tables"]]
    described = got(client, "/api/v1/openapi.json")
    assert listed == [extract.table.name for extract in public.extracts()]
    for name in listed:
        page = got(client, f"/api/v1/{name}?limit=3")
        schema = described["components"]["schemas"][f"{name}_page"]
        assert set(page) == set(schema["required"])
        columns = schema["properties"]["rows"]["items"]["required"]
        assert all(list(row) == columns for row in page["rows"])
        assert f"/api/v1/{name}" in described["paths"]


@pytest.mark.parametrize("name", ["scores", "models", "aliases", "lags", "prices"])
def test_pages_joined_are_the_whole_table_once(client, name):
    whole = got(client, f"/api/v1/{name}?limit=1000")["rows"]
    joined, address = [], f"/api/v1/{name}?limit=7"
    for _ in range(len(whole) // 7 + 1):
        response = client.get(address)
        page = json.loads(response.content)
        joined += page["rows"]
        if page["next"] is None:
            assert 'rel="next"' not in response["Link"]
            break
        assert response["Link"].startswith(f'<{page["next"]}>; rel="next", ')
        parts = urlsplit(page["next"])
        address = f"{parts.path}?{parts.query}"
    assert joined[: len(whole)] == whole
    assert len(whole) > 7


def test_a_row_that_arrives_between_two_pages_hides_and_repeats_none(client):
    first = got(client, "/api/v1/scores?limit=5")
    standing = [row["key"] for row in got(client, "/api/v1/scores?limit=1000")["rows"]]
    score = Score.objects.known().filter(benchmark__may_display=True, endpoint__source__may_display=True).first()
    score.pk, score.key = None, "arrived"
    score.save()
    parts = urlsplit(first["next"])
    rest = got(client, f"{parts.path}?limit=1000&{parts.query.replace('limit=5', '')}".replace("&&", "&").rstrip("&"))
    keys = [row["key"] for row in first["rows"]] + [row["key"] for row in rest["rows"]]
    assert keys == [*standing, "arrived"]


def test_filters_are_of_the_columns(client):
    rows = got(client, "/api/v1/scores?benchmark=gpqa-diamond&value_min=0.5&value_max=0.8")["rows"]
    assert rows
    assert all(row["benchmark"] == "gpqa-diamond" and 0.5 <= row["value"] <= 0.8 for row in rows)
    assert {row["scope"] for row in got(client, "/api/v1/lags?scope=private")["rows"]} == {"private"}


def test_a_day_shows_what_held_then_and_history_all_of_it(client):
    then = got(client, "/api/v1/releases?as_of=2026-05-01&limit=1000")
    now = got(client, "/api/v1/releases?limit=1000")["rows"]
    ever = got(client, "/api/v1/releases?history=true&limit=1000")["rows"]
    assert then["as_of"] == "2026-05-01"
    assert all(row["known_from"] < "2026-05-02" for row in then["rows"])
    assert 0 < len(then["rows"]) < len(now) < len(ever)
    assert all(row["known_to"] is None for row in now)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("scores?colour=red", "there is no filter colour"),
        ("scores?value=much", "value=much is no number"),
        ("scores?value=nan", "is no number"),
        ("scores?limit=0", "limit is a whole number from 1 to 1000"),
        ("scores?limit=5&limit=6", "given twice"),
        ("scores?cursor=99999999999999999999", "cursor is a whole number"),
        ("scores?as_of=yesterday", "as_of is a day"),
        ("labs?as_of=2026-05-01", "labs has no history"),
        ("scores?as_of=2026-05-01&history=true", "give one of the two"),
        ("scores?history=perhaps", "history is true or false"),
        ("releases?parameters_min=1e999", "is no number"),
        ("models?name=%00", "zero byte"),
        ("releases?context=99999999999999999999999", "is no integer"),
        ("events?occurred_on=2026-13-01", "is no date"),
    ],
)
def test_what_cannot_be_meant_is_said(client, query, words):
    assert words in refused(client, f"/api/v1/{query}")


def test_there_is_one_shape_for_all_errors(client):
    assert "there is no table cats" in refused(client, "/api/v1/cats", 404)
    answer = client.post("/api/v1/scores")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer["Content-Type"] == "application/problem+json"
    asked = client.options("/api/v1/scores")
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")


def test_the_same_data_are_not_sent_twice(client):
    first = client.get("/api/v1/scores?limit=2")
    again = client.get("/api/v1/scores?limit=2", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_may_not_be_shown_is_in_no_table(client):
    for extract in public.extracts():
        words = client.get(f"/api/v1/{extract.table.name}?limit=1000&{'history=true' * slices.has_history(extract)}")
        text = words.content.decode()
        assert HIDDEN_BENCHMARK not in text
        assert HIDDEN_HOST not in text


NAMES = st.sampled_from(
    ["value", "value_min", "key", "known_from", "budget", "limit", "cursor", "as_of", "history", "x"]
)
VALUES = st.one_of(st.text(max_size=12), st.integers().map(str), st.floats().map(str), st.dates().map(str))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.dictionaries(NAMES, VALUES, max_size=4))
def test_no_question_breaks_it(client, asked):
    response = client.get("/api/v1/scores", asked)
    assert response.status_code in (200, 400)
    assert json.loads(response.content)


def test_a_whole_table_is_had_as_a_file_and_all_are_described(client):
    package = got(client, "/data/datapackage.json")
    paths = {resource["name"]: resource["path"] for resource in package["resources"]}
    assert len(paths) == 2 * len(public.extracts())
    answer = client.get(urlsplit(paths["scores"]).path)
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0].startswith("source,endpoint,key,known_from")
    assert len(lines) > 100
    assert client.get("/data/cats.csv").status_code == 404


def test_a_citation_names_the_day_that_it_stands_for(client):
    text = client.get("/data/citation.bib?as_of=2026-05-01").content.decode()
    run = IndexRun.objects.get(historic=True, known_at__month=4)
    assert text.startswith("@misc{ai-landscape-data-2026-05-01,")
    assert f"?as_of=2026-05-01&run={run.pk}&v={run.method}}}" in text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("name", ["releases", "licence-changes", "verdicts", "corrections"])
def test_a_feed_is_the_same_until_something_changes_and_has_no_id_twice(client, name):
    import feedparser

    first, second = client.get(f"/feeds/{name}.atom"), client.get(f"/feeds/{name}.atom")
    assert first.content == second.content
    read = feedparser.parse(first.content)
    assert not read.bozo
    ids = [entry.id for entry in read.entries]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"tag:[\w.]+,2026:\S+", found) for found in ids)
    assert all(entry.updated for entry in read.entries)


def test_releases_and_corrections_are_in_the_feeds(client):
    assert "GPT-5" in client.get("/feeds/releases.atom").content.decode()
    assert "Birch 1, parameters: " in client.get("/feeds/corrections.atom").content.decode()
    assert client.get("/feeds/cats.atom").status_code == 404
