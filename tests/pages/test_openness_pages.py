"""The openness pages: every release under every rubric, what blocks the next rung, and each model's panel."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages.reading import read
from tracker.domain.rubrics import RUBRICS
from tracker.models import AIModel, IndexRun, Lab, ModelState, OpennessState
from tracker.queries import openness, openness_history, runs

pytestmark = pytest.mark.usefixtures("world")
HEADINGS = ("Model", "Rung", "What blocks the next rung")


def rows_of(client, address):
    return list(csv.DictReader(io.StringIO(client.get(address).content.decode())))


@pytest.fixture
def judged():
    return OpennessState.objects.filter(run__historic=False)


def test_every_judged_release_is_on_the_page_and_in_every_file(ask, client, judged):
    shown = read(ask("/openness/")).rows(*HEADINGS)
    assert len(shown) == judged.count() == len(rows_of(client, "/openness.csv")) > 20
    assert len(json.loads(ask("/openness.json").content)["rows"]) == len(shown)


def test_a_row_says_its_rung_in_words_and_what_blocks_the_next_one(client, judged):
    rows = {row["slug"]: row for row in rows_of(client, "/openness.csv")}
    for state in judged.select_related("model"):
        row, ladder = rows[state.model.slug], state.verdicts["ladder"]
        assert row["rung"] == str(state.rung)
        assert row["rung_label"] == ladder["label"]
        assert row["deciding"] == ladder["decided_by"]["words"]
        assert row["osaid"] == state.verdicts["osaid"]["label"]
        assert row["mof_strict"] == state.verdicts["mof-strict"]["label"]
        assert row["eu_53_2"] == state.verdicts["eu-53-2"]["label"]


def test_a_rung_that_knowing_more_could_raise_carries_a_mark(client, judged):
    rows = {row[0]: row[1] for row in read(client.get("/openness/")).rows(*HEADINGS)}
    for state in judged.select_related("model"):
        name = " ".join(state.model.name.split())
        assert rows[name].startswith(f"{state.rung}{'' if state.verdicts['ladder']['certain'] else '?'}")


@pytest.mark.parametrize(
    ("query", "keeps"),
    [
        ("rung=1", lambda row: row["rung"] == "1"),
        ("rung=4&region=china", lambda row: row["rung"] == "4" and row["region"] == "china"),
        ("region=europe", lambda row: row["region"] == "europe"),
        ("lab=cedar", lambda row: row["lab"] == "Cedar"),
        ("q=birch", lambda row: "birch" in row["slug"]),
        ("rubric=osaid", lambda row: row["osaid"] == "open source AI"),
        ("rubric=mof-3", lambda row: row["mof_strict"].startswith("class")),
    ],
)
def test_a_filter_keeps_exactly_what_it_asks_for(client, query, keeps):
    every = rows_of(client, "/openness.csv")
    kept = rows_of(client, f"/openness.csv?{query}")
    assert {row["slug"] for row in kept} == {row["slug"] for row in every if keeps(row)}


def test_a_rubric_keeps_what_passes_it(client, judged):
    state = judged.filter(rung=4).select_related("model").first()
    passing = {**state.verdicts["osaid"], "value": "pass", "label": "open source AI"}
    OpennessState.objects.filter(pk=state.pk).update(verdicts={**state.verdicts, "osaid": passing})
    assert [row["slug"] for row in rows_of(client, "/openness.csv?rubric=osaid")] == [state.model.slug]
    assert [row["slug"] for row in rows_of(client, "/openness.csv?rubric=mof-1")] == []


def test_the_ladder_counts_every_rung_whichever_is_chosen(client, judged):
    every, one = read(client.get("/openness/")), read(client.get("/openness/?rung=1"))
    for page in (every, one):
        assert f"1 API only {judged.filter(rung=1).count()}" in page.text
        assert f"4 weights, permissive {judged.filter(rung=4).count()}" in page.text
    assert len(one.rows(*HEADINGS)) == judged.filter(rung=1).count()


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("rung", lambda row: -int(row["rung"])),
        ("name", lambda row: row["name"]),
        ("released", lambda row: tuple(-ord(c) for c in row["released"])),
    ],
)
def test_a_list_is_in_the_order_asked_for(client, sort, key):
    rows = [json.loads(client.get(f"/openness.json?sort={sort}").content)["rows"]]
    found = [key({**row, "rung": str(row["rung"])}) for row in rows[0]]
    assert sort == "name" or found == sorted(found)
    assert len(found) > 20


def test_pages_hold_everything_once(judged):
    run = runs.run_for(None)
    seen = []
    for page in range(1, 5):
        found = openness.openness_page(run.id, openness.OpennessFilter(page=page), size=9)
        assert found.pages == -(-judged.count() // 9)
        seen += [row.slug for row in found.rows] if page <= found.pages else []
    assert len(seen) == len(set(seen)) == judged.count()


def test_every_rubric_is_named_and_the_european_one_is_told_to_bind_nobody(ask):
    text = read(ask("/openness/")).text
    for rubric in RUBRICS.values():
        if rubric.slug != "ladder":
            assert rubric.title in text
    assert "EU 53(2), non-binding" in text
    assert "non-binding guidance" in text


def test_a_past_day_has_its_own_releases(client):
    past = IndexRun.objects.get(historic=True, known_at__month=4)
    rows = rows_of(client, "/openness.csv?as_of=2026-04-15")
    assert {row["slug"] for row in rows} == set(past.openness.values_list("model__slug", flat=True))
    assert len(rows) < len(rows_of(client, "/openness.csv"))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/openness/?rung=9", "rung=9 is not known"),
        ("/openness/?rubric=ours", "rubric=ours is not known"),
        ("/openness/?region=moon", "region=moon is not known"),
        ("/openness/?sort=luck", "sort=luck is not known"),
    ],
)
def test_nonsense_in_an_address_is_told_in_words(client, address, said):
    response = client.get(address)
    assert response.status_code == 404
    assert said in read(response).text


def test_a_filter_that_nothing_passes_says_so(client):
    page = read(client.get("/openness/?q=nobody+at+all"))
    assert "No tracked release matches." in page.text


def test_a_models_panel_has_its_rung_the_vector_and_every_rubric(client, judged):
    state = judged.filter(rung=4, model__slug__startswith="birch").select_related("model").first()
    page = read(client.get(f"/models/{state.model.slug}/"))
    rows = page.rows("Rubric", "Verdict", "What decides", "Next step")
    assert len(rows) == len(RUBRICS)
    for row, rubric in zip(rows, RUBRICS, strict=True):
        verdict = state.verdicts[rubric]
        assert row[0].startswith(RUBRICS[rubric].title)
        assert row[1].startswith(verdict["label"])
        assert verdict["decided_by"]["words"][1:] in row[2]
        assert verdict["decided_by"]["step"][1:] in row[3]
    text = page.within("content")
    assert f"of 8: {state.verdicts['ladder']['label']}" in text
    step = state.verdicts["ladder"]["decided_by"]["step"]
    assert f"The step that lifts it: {step[0].upper()}{step[1:]}." in text


def test_the_panel_leads_to_the_licence_and_to_the_facts(client, judged):
    state = judged.filter(rung=4, model__slug__startswith="birch").select_related("model").first()
    links = set(read(client.get(f"/models/{state.model.slug}/")).links)
    assert f"/licences/{state.verdicts['ladder']['vector']['licence']}/" in links
    for name in state.verdicts["ladder"]["evidence"]:
        kind, _, number = name.partition(":")
        assert f"/facts/{kind}/{number}/" in links


def test_a_derivative_that_claims_more_than_its_base_is_flagged_with_the_clause(client, judged):
    state = judged.filter(rung=4).select_related("model").first()
    flag = {"fact": "commercial", "words": "Base forbids commercial use", "quote": "no commerce", "where": "section 3"}
    base = {"words": "Some Base", "relation": "finetune", "relation_words": "fine-tuned from", "base": "gpt-5",
            "base_name": "GPT-5", "flags": [flag], "evidence": "release:1"}  # fmt: skip
    OpennessState.objects.filter(pk=state.pk).update(verdicts={**state.verdicts, "lineage": [base]})
    text = read(client.get(f"/models/{state.model.slug}/")).within("content")
    assert "It claims more than its base allows. It is fine-tuned from GPT-5" in text
    assert "Base forbids commercial use. no commerce at section 3" in text
    row = next(row for row in rows_of(client, "/openness.csv") if row["slug"] == state.model.slug)
    assert row["flags"] == "1"
    assert "lineage" in {badge for row in read(client.get("/openness/")).rows(*HEADINGS) for badge in row[0].split()}


def test_a_base_that_nobody_has_explained_is_told_without_a_link(client, judged):
    state = judged.filter(rung=4).select_related("model").first()
    base = {"words": "Some Base", "relation": "", "relation_words": "made from", "base": "", "base_name": "",
            "flags": [], "evidence": "release:1"}  # fmt: skip
    OpennessState.objects.filter(pk=state.pk).update(verdicts={**state.verdicts, "lineage": [base]})
    page = read(client.get(f"/models/{state.model.slug}/"))
    assert "It is made from Some Base (a name that nobody has explained yet)" in page.within("content")
    assert "It claims more than its base allows." not in page.text


def test_a_model_that_no_run_judges_has_no_panel(client, judged):
    state = judged.select_related("model").first()
    state.delete()
    response = client.get(f"/models/{state.model.slug}/")
    assert response.status_code == 200
    assert "How open it is" not in read(response).text


def test_the_shares_of_a_quarter_add_up_and_count_only_what_somebody_has_told(judged):
    run = runs.run_for(None)
    rows = openness_history.share_rows(run, {})
    for quarter in {row.quarter for row in rows}:
        some = [row for row in rows if row.quarter == quarter]
        assert sum(row.share for row in some) == pytest.approx(1)
        assert sum(row.releases for row in some) == some[0].of
    released = ModelState.objects.filter(run_id=run.id, released_on__isnull=False)
    ModelState.objects.filter(pk=released.first().pk).update(access="")
    told = sum(row.releases for row in openness_history.share_rows(run, {}))
    assert told == sum(row.releases for row in rows) - 1 == len(openness_history.ladder_rows(run, {}))


def test_the_charts_of_the_ladder_can_be_narrowed_to_a_region():
    run = runs.run_for(None)
    assert {row.region for row in openness_history.ladder_rows(run, {"region": "china"})} == {"china"}
    assert {row.region for row in openness_history.ladder_rows(run, {})} == set(
        Lab.objects.values_list("region", flat=True)
    )


def test_the_open_frontier_is_held_by_one_model_at_a_time_up_to_the_day_of_the_data():
    run = runs.run_for(None)
    rows = openness_history.spell_rows(run, {})
    assert [row.since for row in rows[1:]] == [row.until for row in rows[:-1]]
    assert rows[-1].until == run.as_of
    steps = ModelState.objects.filter(run_id=run.id, frontier="open").count()
    assert len(rows) == steps > 3
    assert {row.licence_class for row in rows} <= set(openness_history.LICENCE_CLASSES)
    assert {row.licence for row in rows if row.licence_class == "osi"} <= {"Apache License 2.0", "MIT License"}


def test_a_licence_that_asks_for_permission_is_no_commercial_class():
    run = runs.run_for(None)
    rows = [row for row in openness_history.spell_rows(run, {}) if row.licence == "Example Community License"]
    assert rows
    assert {row.licence_class for row in rows} == {"noncommercial"}


def test_the_pages_ask_no_more_when_there_are_ten_times_as_many_releases(client, judged):
    addresses = (
        "/openness/",
        "/openness/?rubric=osaid&region=china",
        "/openness.csv",
        "/models/gpt-5/",
        "/licences/mit/",
    )
    addresses += tuple(f"/charts/{slug}/" for slug in ("ladder-over-time", "openness-share", "open-frontier-licences"))

    def asked(address):
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    before = {address: asked(address) for address in addresses}
    assert max(before.values()) <= 20
    like, believed = (
        judged.filter(rung=4).first(),
        ModelState.objects.filter(run__historic=False, licence__slug="mit")[0],
    )
    lab = Lab.objects.get(slug="birch")
    models = AIModel.objects.bulk_create(AIModel(slug=f"many-{n}", name=f"Many {n}", lab=lab) for n in range(250))
    OpennessState.objects.bulk_create(
        OpennessState(run_id=like.run_id, model=model, rung=like.rung, blocker=like.blocker, verdicts=like.verdicts)
        for model in models
    )
    values = {field.attname: getattr(believed, field.attname) for field in ModelState._meta.concrete_fields}
    del values["id"]
    ModelState.objects.bulk_create(ModelState(**values | {"model_id": model.pk}) for model in models)
    assert {address: asked(address) for address in addresses} == before
    assert len(read(client.get("/openness/")).rows(*HEADINGS)) == openness.PAGE_SIZE
