"""Models side by side, in the world of `world.py`."""

import csv
import io

import pytest
from django.test import Client

from tests.pages.reading import Page, read
from tests.pages.world import ENTRANTS, EXAMS, HIDDEN_CONTEXT, MARKUP_LAB, QUOTED
from tests.pages.world import score as told_score
from tracker.models import Benchmark, ModelState, Score

pytestmark = pytest.mark.usefixtures("world")
NEAR = "/compare/?m=acme-13&m=birch-11"
FAR = "/compare/?m=gpt-5&m=acme-0"


def cells(page: Page, heading: str) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in page.rows(heading)}


def line(page: Page, name: str) -> list[str]:
    return next(row for row in page.rows("Benchmark") if row[0].startswith(name))


def test_each_model_stands_with_its_facts_and_where_they_come_from(client: Client):
    page = read(client.get("/compare/?m=acme-two&m=birch-1"))
    facts = cells(page, "Fact")
    assert page.tables[0][0][1:] == [QUOTED, "Birch 1"]
    assert facts["Lab"] == [MARKUP_LAB, "Birch"]
    assert facts["Counts as"] == ["closed", "open weights"]
    assert facts["Parameters"][1].startswith("33B")
    values = dict(ModelState.objects.filter(run__historic=False).values_list("model__slug", "value"))
    for shown, slug in zip(facts["Capability index"], ("acme-two", "birch-1"), strict=True):
        assert shown.startswith(f"{values[slug]:.1f}".replace("-", "\N{MINUS SIGN}"))
    # Three parts of 1.25 to one of 5.
    assert facts["Price"] == ["$2.19 example-host"] * 2
    assert "/labs/birch/" in page.links
    assert f"{HIDDEN_CONTEXT // 1000}k" not in read(client.get("/compare/?m=gpt-5&m=birch-1")).text


def test_every_score_leads_to_its_fact(client: Client):
    page = read(client.get("/compare/?m=acme-two&m=birch-1"))
    facts = {link for link in page.links if link.startswith("/facts/score/")}
    measured = Score.objects.filter(
        model__slug__in=("acme-two", "birch-1"), known_to=None, benchmark__may_display=True
    ).values_list("pk", flat=True)
    assert facts == {f"/facts/score/{pk}/" for pk in measured}
    assert client.get(facts.pop()).status_code == 200


def test_the_best_is_marked_only_where_the_difference_is_two_standard_errors(client: Client):
    able = {entrant.slug: entrant for entrant in ENTRANTS}
    for slugs in (("gpt-5", "acme-0"), ("acme-13", "birch-11"), ("gpt-5", "acme-9")):
        page = read(client.get(f"/compare/?m={slugs[0]}&m={slugs[1]}"))
        for exam in EXAMS[:5]:
            one, two = (told_score(able[slug], exam) for slug in slugs)
            # Every score of the world has an error of two points.
            apart = abs(one.value - two.value) >= 2 * 0.02 * 2**0.5
            row = line(page, exam[1])
            assert ("not resolvable" in row[0]) is not apart
            assert ["best" in cell for cell in row[1:]] == [
                apart and one.value > two.value,
                apart and two.value > one.value,
            ]


def test_an_error_that_nobody_reported_comes_from_the_number_of_questions(client: Client):
    Score.objects.filter(benchmark__slug="sums").update(stderr=None)
    rows = client.get("/compare.json?m=gpt-5&m=acme-0").json()["rows"]
    found = [row for row in rows if row["benchmark_slug"] == "sums"]
    assert [row["stderr_from"] for row in found] == ["items", "items"]
    for row in found:
        assert row["stderr"] == pytest.approx((row["value"] * (1 - row["value"]) / 200) ** 0.5)
    Benchmark.objects.filter(slug="sums").update(items=None)
    rows = client.get("/compare.json?m=gpt-5&m=acme-0").json()["rows"]
    assert {(row["stderr"], row["best"]) for row in rows if row["benchmark_slug"] == "sums"} == {(None, False)}
    page = read(client.get(FAR))
    assert "not resolvable: an error is not known" in line(page, "Sums")[0]
    assert "error is not known" not in line(page, "Errands")[0]


def test_where_less_is_better_the_lesser_score_is_best(client: Client):
    Benchmark.objects.filter(slug="duels").update(lower_is_better=True)
    rows = client.get("/compare.json?m=gpt-5&m=acme-0").json()["rows"]
    assert {row["model_slug"]: row["best"] for row in rows if row["benchmark_slug"] == "duels"} == {
        "gpt-5": False,
        "acme-0": True,
    }


def test_benchmarks_are_those_that_two_share_unless_the_address_says_otherwise(client: Client):
    Score.objects.filter(model__slug="gpt-5", benchmark__slug="sums").delete()
    Score.objects.filter(model__slug__in=("gpt-5", "acme-0"), benchmark__slug="repair").delete()

    def names(query: str) -> set[str]:
        return {row["benchmark_slug"] for row in client.get(f"/compare.json?{query}").json()["rows"]}

    three = "m=gpt-5&m=acme-0&m=birch-1"
    every = {"winogrande", "gpqa-diamond", "sums", "repair", "errands", "duels"}
    assert names(three) == every - {"repair"}
    assert names(f"{three}&show=common") == every - {"repair", "sums"}
    assert names(f"{three}&show=every") == every
    assert names("m=gpt-5") == every - {"repair", "sums"}
    page = read(client.get(f"/compare/?{three}"))
    assert "4 of 6 benchmarks are shared by all" in page.text
    assert " all" in line(page, "Errands")[0]
    assert " all" not in line(page, "Sums")[0]


def test_a_name_adds_a_model_without_a_script(client: Client):
    added = client.get("/compare/", {"m": ["acme-two"], "add": "GPT-5", "show": "every"})
    assert (added.status_code, added["Location"]) == (302, "/compare/?m=acme-two&m=gpt-5&show=every")
    guessed = read(client.get("/compare/", {"m": ["acme-two"], "add": "birch"}))
    assert "Which one is “birch”?" in guessed.text
    links = [link for link in guessed.links if link.startswith("/compare/?m=acme-two&m=birch")]
    assert links
    assert "Birch" in " ".join(read(client.get(links[0])).tables[0][0])
    assert "No other model is called anything like" in read(client.get("/compare/?m=acme-two&add=qqqqqqq")).text


def test_a_model_is_taken_away_by_a_link(client: Client):
    page = read(client.get("/compare/?m=gpt-5&m=acme-two&as_of=2026-04-15"))
    assert {"/compare/?m=acme-two&as_of=2026-04-15", "/compare/?m=gpt-5&as_of=2026-04-15"} <= set(page.links)


def test_six_stand_side_by_side_and_a_seventh_is_refused_in_words(client: Client):
    slugs = [entrant.slug for entrant in ENTRANTS[:7]]
    six = read(client.get("/compare/", {"m": slugs[:6]}))
    assert len(six.tables[0][0]) == 7
    assert not [form for form in six.all("form") if form.get("action") == "/compare/"]
    seven = client.get("/compare/", {"m": slugs})
    assert (seven.status_code, "7 models are more than the 6" in read(seven).text) == (404, True)
    assert "m=nobody is not known" in read(client.get("/compare/?m=nobody")).text
    twice = read(client.get("/compare/?m=gpt-5&m=gpt-5&m="))
    assert len(twice.tables[0][0]) == 2


def test_a_file_holds_what_the_page_shows(client: Client):
    shown = read(client.get(NEAR)).rows("Benchmark")
    lines = list(csv.DictReader(io.StringIO(client.get(NEAR.replace("/?", ".csv?")).content.decode())))
    assert len(lines) == sum(cell != "–" for row in shown for cell in row[1:])
    told = client.get(NEAR.replace("/?", ".json?")).json()
    assert [model["slug"] for model in told["models"]] == ["acme-13", "birch-11"]


def test_the_chart_shows_the_same_scores_and_names_who_has_none(client: Client):
    Score.objects.filter(model__slug="gpt-5", benchmark__slug="sums").delete()
    three = "m=gpt-5&m=acme-0&m=birch-1"
    rows = client.get("/charts/compared.json?models=gpt-5,acme-0,birch-1").json()["rows"]
    told = client.get(f"/compare.json?{three}").json()["rows"]
    assert {(row["benchmark_slug"], row["model_slug"], row["value"]) for row in rows if row["value"] is not None} == {
        (row["benchmark_slug"], row["model_slug"], row["value"]) for row in told
    }
    assert [row["model_slug"] for row in rows if row["value"] is None] == ["gpt-5"]
    page = read(client.get(f"/compare/?{three}"))
    assert "no score: GPT-5" in page.raw
    assert 'data-json="/charts/compared.json?models=gpt-5%2Cacme-0%2Cbirch-1' in page.raw
    common = client.get("/charts/compared.json?models=gpt-5,acme-0,birch-1&show=common").json()["rows"]
    assert "sums" not in {row["benchmark_slug"] for row in common}


def test_one_model_alone_has_no_chart_and_an_address_of_one_says_what_is_wrong(client: Client):
    assert 'id="compared"' not in read(client.get("/compare/?m=gpt-5")).raw
    assert "models=nobody is not known" in read(client.get("/charts/compared/?models=gpt-5,nobody")).text
    slugs = ",".join(entrant.slug for entrant in ENTRANTS[:7])
    assert "7 models are more than the 6" in read(client.get(f"/charts/compared.svg?models={slugs}")).text


def test_a_bar_ends_where_scores_can_end(client: Client):
    Score.objects.filter(model__slug="gpt-5", benchmark__slug="sums").update(value=0.99, stderr=0.02)
    rows = client.get("/charts/compared.json?models=gpt-5,acme-0").json()["rows"]
    (row,) = [row for row in rows if (row["benchmark_slug"], row["model_slug"]) == ("sums", "gpt-5")]
    assert (row["low"], row["high"]) == (pytest.approx(0.99 - 1.645 * 0.02), 1.0)


def test_the_permalink_gives_the_same_scores_on_the_day_it_was_made(client: Client):
    page = read(client.get(FAR))
    link = next(link for link in page.links if "run=" in link and link.startswith("/compare/"))
    assert "as_of=2026-09-02" in link
    assert read(client.get(link)).rows("Benchmark") == page.rows("Benchmark")


def test_a_day_of_the_past_shows_what_was_known_then(client: Client):
    now, then = (cells(read(client.get(f"{FAR}{day}")), "Fact") for day in ("", "&as_of=2026-04-15"))
    assert now["Price"] != then["Price"] == ["–", "–"]
    late = read(client.get("/compare/?m=acme-13&m=gpt-5&as_of=2026-04-15"))
    assert cells(late, "Fact")["Capability index"][0] == "not enough benchmarks"
