"""From stored facts to verdicts: whom they are gathered from, as of when, and what a run keeps of them."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import records
from tracker.domain.openness import OpenMeans
from tracker.domain.records import Access, AssessmentRecord, Record, ReleaseRecord
from tracker.domain.release_facts import Part, State
from tracker.domain.rubrics import RUBRICS
from tracker.models import Assessment, IndexRun, OpennessState, Release, Source
from tracker.pipeline import openness
from tracker.pipeline.beliefs import beliefs
from tracker.pipeline.openness import Openness
from tracker.sources.record_file import MEDIA_TYPE

pytestmark = pytest.mark.usefixtures("installed")

CARD = "https://huggingface.co/allenai/OLMo-7B/raw/main/README.md"
SECRET = "https://openrouter.ai/api/v1/models"
MOT = "https://codeload.github.com/lfai/model_openness_tool/tar.gz/refs/heads/main"
OSAI = "https://codeload.github.com/Language-Technology-Assessment/main-database/tar.gz/refs/heads/main"
LITE, WHOLE, MINI = "deepseek-example-lite", "deepseek-example", "gpt-example-mini"
EARLY, LATER = at(2), at(20)
CLASS_III = (
    "Model architecture",
    "Model parameters (Final)",
    "Technical report",
    "Evaluation results",
    "Model card",
    "Data card",
)
TWELVE = (
    "datasources_basemodel datasources_endmodel weights_basemodel weights_endmodel trainingcode code "
    "hardware_architecture preprint paper modelcard datasheet licenses"
).split()


def say(url: str, *said: Record, when: datetime = EARLY) -> None:
    """One document of that address; the fillers are of a name that nobody knows, and wait for ever."""
    fillers = [ReleaseRecord(f"filler-{number}", "Somebody Else's Model 1") for number in range(20)]
    read = take_in(url, records(*said, *fillers, url=url), when, MEDIA_TYPE)
    assert read.state == "ingested", read.message


def released(model: str, licence: str = "MIT License", **more: Any) -> ReleaseRecord:
    return ReleaseRecord(model, model, access=Access.WEIGHTS, licence=licence, **more)


def components(model: str, *names: str, licence: str = "MIT", verdict: str = "included") -> list[Record]:
    return [AssessmentRecord(f"{model}:{name}", model, "mof-1.0", name, verdict, licence=licence) for name in names]


def grades(model: str, value: float = 1.0, **others: float) -> list[Record]:
    words = {1.0: "open", 0.5: "partial", 0.0: "closed"}
    found = {**dict.fromkeys(TWELVE, value), **others}
    return [
        AssessmentRecord(f"{model}:{name}", model, "osai-12", name, words[grade], grade)
        for name, grade in found.items()
    ]


def judged(slug: str, when: datetime = LATER) -> Openness:
    (found,) = openness.openness(beliefs(when), known_at=when, as_of=when.date(), only={slug})
    return found


def values(slug: str, when: datetime = LATER) -> dict[str, Any]:
    return {name: verdict.value for name, verdict in judged(slug, when).verdicts.items()}


def test_release_and_assessment_make_one_set_of_facts() -> None:
    say(CARD, released(LITE))
    say(MOT, *components(LITE, *CLASS_III))
    found = judged(LITE)
    assert found.verdicts["mof-strict"].value == 3
    assert found.verdicts["ladder"].value == 5
    access = Release.objects.get(model__slug=LITE)
    assert found.facts.access_evidence == f"release:{access.pk}"
    assert f"assessment:{Assessment.objects.get(criterion='Data card').pk}" in found.verdicts["mof-strict"].evidence


def test_what_the_tool_does_not_list_was_not_released() -> None:
    say(CARD, released(LITE))
    say(MOT, *components(LITE, *CLASS_III))
    decided = judged(LITE).verdicts["mof-strict"].decided_by
    assert decided is not None
    assert decided.words == "the training code was not released"


@pytest.mark.parametrize(
    ("verdict", "licence", "words"),
    [
        ("unlicensed", "", "the data card was released without a licence"),
        ("included", "", "the data card was released without a licence"),
        ("included", "gemma", "the data card was released under gemma, which is no open licence"),
        ("undisclosed", "", "nobody has said under which licence the data card was released"),
        ("not included", "", "the data card was not released"),
    ],
)
def test_the_tools_words_for_a_component_are_kept_apart(verdict: str, licence: str, words: str) -> None:
    say(CARD, released(LITE))
    say(
        MOT,
        *components(LITE, *CLASS_III[:-1]),
        *components(LITE, "Data card", licence=licence, verdict=verdict),
    )
    decided = judged(LITE).verdicts["mof-strict"].decided_by
    assert decided is not None
    assert decided.words == words


def test_the_european_index_is_summed_as_it_graded() -> None:
    say(OSAI, *grades(LITE, paper=0.0, modelcard=0.5))
    found = judged(LITE)
    assert found.verdicts["osai-12"].value == 10.5
    assert found.verdicts["osai-12"].certain
    assert found.verdicts["osai-14"].value == 10.5
    assert not found.verdicts["osai-14"].certain  # nobody graded package and API
    assert found.facts.osai[Part.REVIEWED_PAPER].state is State.CLOSED


def test_a_model_that_only_an_assessor_knows_is_judged_too() -> None:
    say(MOT, *components(LITE, *CLASS_III))
    assert LITE not in beliefs(at(20)).models
    found = judged(LITE)
    assert found.facts.licence is not None
    assert found.facts.licence.slug == "mit"
    assert found.facts.licence_evidence.startswith("assessment:")


def test_the_terms_of_a_service_are_no_licence_of_weights() -> None:
    say(CARD, ReleaseRecord(MINI, MINI, access=Access.API))
    found = judged(MINI)
    assert found.facts.licence is None
    assert (found.verdicts["ladder"].value, found.verdicts["aa"].vector["weights access"]) == (1, 2)


def test_the_clause_of_the_licence_decides() -> None:
    say(CARD, released(LITE, "Example Community License"))
    found = judged(LITE).verdicts["ladder"]
    assert found.value == 3
    assert found.decided_by is not None
    assert "1,000 monthly users" in found.decided_by.words
    assert found.decided_by.evidence == "terms:example-community"


def test_what_was_not_known_yet_counts_for_nothing() -> None:
    say(CARD, released(LITE), when=at(2))
    say(MOT, *components(LITE, *CLASS_III), when=at(9))
    assert values(LITE, at(5))["ladder"] == 4
    assert values(LITE, at(10))["ladder"] == 5
    assert openness.openness(beliefs(at(1)), known_at=at(1), as_of=at(1).date()) == []


def test_a_relicensing_shows_from_the_day_it_was_known() -> None:
    say(CARD, released(LITE, "Example Community License"), when=at(2))
    say(CARD, released(LITE, "MIT License"), when=at(9))
    assert [values(LITE, at(day))["ladder"] for day in (5, 10)] == [3, 4]


def test_what_may_not_be_shown_is_not_judged_by() -> None:
    say(CARD, released(LITE, ""))
    say(MOT, *components(LITE, *CLASS_III))
    Source.objects.filter(slug="mot").update(may_display=False)
    found = judged(LITE)
    assert found.facts.mof == {}
    assert found.facts.licence is None
    Source.objects.filter(slug="mot").update(may_display=True)
    assert judged(LITE).verdicts["mof-strict"].value == 3


def test_a_derivative_that_drops_its_bases_terms_is_flagged() -> None:
    say(
        CARD,
        released(WHOLE, "Example Community License"),
        released(LITE, base=f"deepseek-ai/{WHOLE}", base_relation="finetune"),
    )
    (base,) = judged(LITE).bases
    assert (base.slug, base.name, base.relation) == (WHOLE, "DeepSeek Example", "finetune")
    assert [flag.fact for flag in base.flags] == ["mau_threshold"]
    written = judged(LITE).to_dict()["lineage"][0]
    assert written["relation_words"] == "fine-tuned from"
    assert written["flags"][0]["words"].startswith("Example Community License binds those above a threshold")
    assert judged(LITE).verdicts["aa"].vector["weights licence"] == 1  # where its own licence alone would give 3


def test_every_base_of_a_merge_is_looked_at_and_an_unknown_one_is_kept_in_its_words() -> None:
    say(
        CARD,
        released(WHOLE),
        released(LITE, base=f"{WHOLE}, somebody/unheard-of, {LITE}", base_relation="merge"),
    )
    bases = judged(LITE).bases
    assert [(base.words, base.slug) for base in bases] == [(WHOLE, WHOLE), ("somebody/unheard-of", ""), (LITE, "")]
    assert all(base.flags == () for base in bases)


def test_the_cut_of_the_gap_and_the_osaid_agree() -> None:
    say(
        CARD,
        released(LITE, data_information="full", training_code="open"),
        released(WHOLE, data_information="partial", training_code="open"),
        ReleaseRecord(MINI, MINI, access=Access.API),
    )
    say(MOT, *components(LITE, *CLASS_III), *components(WHOLE, *CLASS_III, "Training code", "Datasets"))
    known = beliefs(at(20))
    found = {one.slug: one.verdicts["osaid"].value for one in openness.openness(known, known_at=at(20), as_of=at(20))}
    cut = {slug for slug, model in known.models.items() if OpenMeans.OSAID in (model.open_means or ())}
    assert {slug for slug, value in found.items() if value == "pass"} == cut == {LITE}


def run_of(when: datetime) -> IndexRun:
    return IndexRun.objects.create(
        known_at=when, as_of=when.date(), data_version=1, method="test", created_at=when, historic=False
    )


def test_a_run_keeps_every_models_verdicts_and_computing_it_again_changes_nothing() -> None:
    say(CARD, released(LITE), ReleaseRecord(MINI, MINI, access=Access.API))
    say(MOT, *components(LITE, *CLASS_III))
    run = run_of(at(20))
    kept = []
    for _ in range(2):
        openness.compute(run, beliefs(run.known_at))
        rows = OpennessState.objects.filter(run=run).order_by("model__slug")
        kept.append(list(rows.values_list("model__slug", "rung", "blocker", "verdicts")))
        # A worker that goes on where another stopped makes what is missing, and nothing twice.
        rows.filter(model__slug=MINI).delete()
    assert kept[0] == kept[1]
    assert [(slug, rung) for slug, rung, _, _ in kept[0]] == [(LITE, 5), (MINI, 1)]
    assert kept[0][0][2].startswith("Release the training code;")
    for _, _, _, written in kept[0]:
        assert set(written) == {*RUBRICS, "lineage"}
        assert (written["osai-12"]["in_force"], written["osai-14"]["in_force"]) == (True, False)
    # Of a closed model that nobody has assessed a list would name every part there is.
    assert len(kept[0][1][3]["mof-strict"]["missing"]) == 1
    assert kept[0][1][3]["mof-strict"]["more"] == 13


def test_more_models_ask_the_database_no_more_often() -> None:
    say(CARD, released(LITE))
    say(MOT, *components(LITE, *CLASS_III))
    counts = []
    for _ in range(2):
        known = beliefs(at(20))
        with CaptureQueriesContext(connection) as asked:
            openness.openness(known, known_at=at(20), as_of=at(20).date())
        counts.append(len(asked))
        say(CARD, *(released(slug) for slug in (LITE, WHOLE, MINI, "gpt-example")), when=at(10))
        say(MOT, *(row for slug in (LITE, WHOLE, MINI) for row in components(slug, *CLASS_III)), when=at(10))
    assert counts[0] == counts[1] <= 5
