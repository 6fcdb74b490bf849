"""The table of all scores: what its facets count is what its rows are, and every page leads to the next."""

import csv
import io
import json
import random
from collections import Counter
from urllib.parse import urlencode

import numpy as np
import pyarrow.parquet
import pytest
from django.test import Client

from tests.pages.addresses import on
from tests.pages.reading import read
from tests.pages.world import HIDDEN_SCORE
from tracker.models import Benchmark, Score
from tracker.queries import score_columns
from tracker.queries.scores import FACETS, SORTS

pytestmark = pytest.mark.usefixtures("world")
# A facet's column in the files.
COLUMN = {name: name for name in FACETS} | {"benchmark": "benchmark_slug"}
APRIL = "2026-04-15"


def body(address: str) -> bytes:
    answer = Client().get(address)
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def rows_of(query: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(f"/scores.csv{query}").decode())))


def told(query: str = "") -> dict[str, object]:
    return json.loads(body(f"/scores.json{query}"))


def value_of(row: dict[str, str], facet: str, lab_slugs: dict[str, str]) -> str:
    if facet == "lab":
        return lab_slugs[row["lab"]]
    if facet == "effort":
        return row["effort"] or "not-stated"
    return row[COLUMN[facet]]


@pytest.fixture
def lab_slugs() -> dict[str, str]:
    from tracker.models import Lab

    return dict(Lab.objects.values_list("name", "slug"))


def test_every_score_that_may_be_shown_has_one_row() -> None:
    shown = Score.objects.filter(known_to=None, endpoint__source__may_display=True, benchmark__may_display=True)
    rows = rows_of()
    assert sorted(int(row["fact"]) for row in rows) == sorted(shown.values_list("pk", flat=True))
    assert len(rows) == told()["total"] > 50


def test_what_only_a_hidden_source_says_is_in_no_form_of_the_table() -> None:
    Benchmark.objects.filter(slug="sums").update(may_display=False)
    for address in ("/scores/?limit=1000", "/scores.csv", "/scores.json?limit=1000"):
        text = body(address).decode()
        assert str(HIDDEN_SCORE) not in text
        assert f"{100 * HIDDEN_SCORE:.1f} %" not in text
        assert "openrouter" not in text
    assert {row["benchmark_slug"] for row in rows_of()}.isdisjoint({"sums"})
    assert Client().get("/scores/?benchmark=sums").status_code == 404


def test_a_facet_counts_the_rows_that_each_value_would_leave(lab_slugs: dict[str, str]) -> None:
    rows, picks = rows_of(), random.Random(5)  # noqa: S311
    values = {name: sorted({value_of(row, name, lab_slugs) for row in rows}) for name in FACETS}
    for _ in range(60):
        wanted = {
            name: picks.sample(values[name], min(len(values[name]), picks.choice((1, 1, 2))))
            for name in picks.sample(list(FACETS), picks.choice((0, 1, 1, 2, 3)))
        }
        found = told(f"?{urlencode(wanted, doseq=True)}")

        def passing(but: str = "", wanted: dict[str, list[str]] = wanted) -> list[dict[str, str]]:
            others = {name: some for name, some in wanted.items() if name != but}
            return [row for row in rows if all(value_of(row, n, lab_slugs) in some for n, some in others.items())]

        assert found["total"] == len(passing())
        for name, shown in found["facets"].items():
            counted = Counter(value_of(row, name, lab_slugs) for row in passing(but=name))
            assert {one["value"]: one["count"] for one in shown if one["count"]} == counted
            assert {one["value"] for one in shown if one["selected"]} == set(wanted.get(name, ()))


def test_the_page_shows_what_the_json_says() -> None:
    query = "?category=knowledge&weights=open"
    page, found = read(Client().get(f"/scores/{query}")), told(query)
    shown = page.rows("Model", "Benchmark", "Score")
    assert [row[0] for row in shown] == [row["model"] for row in found["rows"]]
    for name in ("category", "weights", "evaluator", "effort", "region", "access"):
        for one in found["facets"][name]:
            assert f"{one['label']} {one['count']}" in page.text
    assert f"{found['total']} score" in page.text


def test_a_value_leads_to_the_table_with_it_and_back() -> None:
    one = next(one for one in told()["facets"]["category"] if one["value"] == "coding")
    path = one["toggle_url"].removeprefix("http://testserver")
    assert path == "/scores.json?category=coding"
    back = next(one for one in json.loads(body(path))["facets"]["category"] if one["selected"])
    assert back["toggle_url"] == "http://testserver/scores.json"
    assert json.loads(body(path))["total"] == one["count"]


@pytest.mark.parametrize("query", ["", "category=knowledge", "benchmark=gpqa-diamond&sort=score"])
def test_pages_hold_every_row_once_although_rows_arrive_meanwhile(query: str) -> None:
    before = [int(row["fact"]) for row in rows_of(f"?{query}")]
    seen: list[int] = []
    address = f"/scores.json?limit=7&{query}"
    while address:
        found = json.loads(body(address))
        seen += [row["fact"] for row in found["rows"]]
        address = (found["next"] or "").removeprefix("http://testserver")
        like = Score.objects.get(pk=seen[0])
        like.pk, like.key = None, f"{like.key}-{len(seen)}"
        like.save()
    added = set(seen) - set(before)
    assert [fact for fact in seen if fact not in added] == before
    assert len(seen) == len(set(seen))


def test_the_next_page_is_named_in_the_header_too() -> None:
    answer = Client().get("/scores.json?limit=5")
    assert answer["Link"].startswith(f'<{json.loads(answer.content)["next"]}>; rel="next", ')
    last = Client().get("/scores.json?limit=1000")
    assert json.loads(last.content)["next"] is None
    assert 'rel="next"' not in last["Link"]


@pytest.mark.parametrize("less", [False, True])
def test_scores_of_one_benchmark_stand_with_the_best_first(less: bool) -> None:
    Benchmark.objects.filter(slug="gpqa-diamond").update(lower_is_better=less)
    values = [float(row["value"]) for row in rows_of("?benchmark=gpqa-diamond&sort=score")]
    assert values == sorted(values, reverse=not less)
    assert len(set(values)) > 5


def test_every_row_leads_to_the_document_it_was_read_from() -> None:
    page = read(Client().get("/scores/?benchmark=gpqa-diamond"))
    links = [link for link in page.links if link.startswith("/facts/score/")]
    rows = page.rows("Model", "Benchmark", "Score")
    assert len(links) == len(rows) > 5
    found = told("?benchmark=gpqa-diamond")["rows"]
    for link, row in list(zip(links, found, strict=True))[:5]:
        assert str(row["value"]) in read(Client().get(link)).text


def test_all_files_hold_the_same_rows() -> None:
    query = "?weights=open"
    rows, table = rows_of(query), pyarrow.parquet.read_table(io.BytesIO(body(f"/scores.parquet{query}"))).to_pylist()
    pages = told(f"{query}&limit=1000")["rows"]
    assert [int(row["fact"]) for row in rows] == [row["fact"] for row in table] == [row["fact"] for row in pages]
    assert [float(row["value"]) for row in rows] == [row["value"] for row in table] == [row["value"] for row in pages]
    assert list(rows[0]) == list(table[0]) == list(pages[0])
    for suffix, kind in (("csv", "text/csv; charset=utf-8"), ("json", "application/json")):
        answer = Client().get(f"/scores.{suffix}")
        assert answer["Content-Type"] == kind
        assert answer["Content-Disposition"] == f'inline; filename="scores.{suffix}"'
        assert answer["Access-Control-Allow-Origin"] == "*"


def test_a_file_is_not_sent_again_to_who_has_it() -> None:
    answer = Client().get("/scores.csv")
    assert answer.streaming
    assert Client().get("/scores.csv", headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_day_of_the_past_has_the_scores_that_were_known_then() -> None:
    then, now = rows_of(f"?as_of={APRIL}"), rows_of()
    assert 0 < len(then) < len(now)
    assert all(row["known_from"] < "2026-04-16" for row in then)
    page = read(Client().get(on("/scores/?category=knowledge", APRIL)))
    assert all(f"as_of={APRIL}" in link for link in page.links if link.startswith("/facts/score/"))
    assert "As known on" in page.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?benchmark=nothing", "benchmark=nothing is not known"),
        ("?region=moon", "region=moon is not known"),
        ("?sort=luck", "sort=luck is not known"),
        ("?sort=score", "sort=score is for one benchmark"),
        ("?benchmark=sums&benchmark=gpqa-diamond&sort=score", "sort=score is for one benchmark"),
        ("?next=%00%ff", "was not given out"),
        ("?next=MTIzfDQ1Ng", "was not given out"),
        ("?limit=0", "limit=0 is not a number"),
        ("?limit=99999", "limit=99999 is not a number"),
        ("?" + "&".join(f"lab=x{number}" for number in range(21)), "lab has 21 values"),
    ],
)
def test_what_the_table_does_not_know_is_told_in_words(query: str, said: str) -> None:
    answer = Client().get(f"/scores/{query}")
    assert answer.status_code == 404
    assert said in read(answer).text


def test_a_combination_that_nothing_has_is_an_empty_table_that_says_so() -> None:
    page = read(Client().get("/scores/?benchmark=gpqa-diamond&category=coding"))
    assert "No score passes all of these" in page.text


def test_the_form_keeps_what_was_chosen_elsewhere() -> None:
    page = read(Client().get("/scores/?weights=open&benchmark=gpqa-diamond&sort=score"))
    assert {"type": "hidden", "name": "weights", "value": "open"} in page.all("input")
    chosen = [attrs["value"] for attrs in page.all("option") if "selected" in attrs]
    assert chosen == ["gpqa-diamond", SORTS[1]]


def test_columns_that_are_brought_up_to_date_are_those_that_are_read_afresh() -> None:
    before = score_columns._read(None)
    first, second = Score.objects.filter(known_to=None).order_by("pk")[:2]
    like = Score.objects.get(pk=first.pk)
    like.pk, like.key, like.value = None, "another", 0.123
    like.save()
    Score.objects.filter(pk=second.pk).update(known_to=second.known_from, last_snapshot=second.first_snapshot)
    after, fresh = score_columns._brought_up(before), score_columns._read(None)
    assert len(after) == len(before)
    assert second.pk not in after.id
    assert like.pk in after.id
    for name in ("id", "model", "benchmark", "setting", "endpoint", "evaluator", "value"):
        assert np.array_equal(getattr(after, name), getattr(fresh, name))
