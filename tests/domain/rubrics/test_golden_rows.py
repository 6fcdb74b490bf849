"""One set of facts, every verdict: the golden rows of the methods, one by one."""

from dataclasses import dataclass

import pytest

from tests.domain.rubrics import made
from tracker.domain.records import Access
from tracker.domain.release_facts import ReleaseFacts
from tracker.domain.rubrics import RUBRICS, verdicts


@dataclass(frozen=True)
class Row:
    """What the methods expect of one set of facts; `licence` is the grade in the European index."""

    facts: ReleaseFacts
    osaid: str
    clause: str  # in the words that decide the OSAID
    mof: int
    licence: tuple[str, ...]
    aa_access: float
    aa_licence: tuple[float, ...]
    eu: str
    rung: int


ROWS = {
    "no weights, API only": Row(
        made.release(made.API, None, Access.API),
        "fail",
        "the final weights were not",
        0,
        ("closed",),
        2,
        (0,),
        "fail",
        1,
    ),
    "weights, non-commercial": Row(
        made.release(made.WEIGHTS, made.NONCOMMERCIAL), "fail", "OSD 6", 0, ("closed",), 3, (0,), "fail", 2
    ),
    "threshold that needs permission": Row(
        made.release(made.WEIGHTS, made.ASKS), "fail", "OSD 5", 0, ("closed",), 3, (1,), "fail", 3
    ),
    "threshold that only needs a label": Row(
        made.release(made.CLASS_III, made.LABELS), "fail", "strictly", 0, ("partial",), 3, (1,), "likely", 3
    ),
    "use policy incorporated": Row(
        made.release(made.CLASS_III, made.POLICY), "fail", "OSD 6", 0, ("closed",), 3, (1, 2), "unclear", 3
    ),
    "geography excluded": Row(
        made.release(made.WEIGHTS, made.PLACES), "fail", "OSD 5", 0, ("closed",), 3, (0, 1, 2), "fail", 3
    ),
    "outputs may not train rivals": Row(
        made.release(made.WEIGHTS, made.OUTPUTS), "fail", "OSD 6", 0, ("closed",), 3, (0, 1, 2), "fail", 3
    ),
    "weights under an OSI licence, nothing else": Row(
        made.release(made.WEIGHTS), "fail", "training data", 0, ("partial", "open"), 3, (2, 3), "fail", 4
    ),
    "and report, cards, results, architecture": Row(
        made.release(made.CLASS_III), "fail", "training data", 3, ("partial", "open"), 3, (3,), "pass", 5
    ),
    "and the code and data of training, inference, evaluation": Row(
        made.release(made.CLASS_II), "fail", "training data", 2, ("partial", "open"), 3, (3,), "pass", 6
    ),
    "and full data information": Row(
        made.release(made.DESCRIBED), "pass", "", 2, ("partial", "open"), 3, (3,), "pass", 7
    ),
    "and datasets, preparation, checkpoints, paper": Row(
        made.release(made.ALL), "pass", "", 1, ("open",), 3, (3,), "pass", 8
    ),
}
BY_NAME = pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))


@BY_NAME
def test_the_open_source_definitions_name_what_they_miss(row: Row) -> None:
    found = verdicts(row.facts)["osaid"]
    assert found.value == row.osaid
    assert row.clause in (found.decided_by.words if found.decided_by else "")


@BY_NAME
def test_the_class_of_the_framework(row: Row) -> None:
    assert verdicts(row.facts)["mof-strict"].value == row.mof


@BY_NAME
def test_the_european_index_grades_the_licences(row: Row) -> None:
    assert verdicts(row.facts)["osai-12"].vector["licenses"] in row.licence


@BY_NAME
def test_the_score_counts_access_and_licence_of_the_weights(row: Row) -> None:
    found = verdicts(row.facts)["aa"].vector
    assert found["weights access"] == row.aa_access
    assert found["weights licence"] in row.aa_licence


@BY_NAME
def test_the_exemption_of_the_ai_act_is_tagged_as_guidance(row: Row) -> None:
    found = verdicts(row.facts)["eu-53-2"]
    assert found.value == row.eu
    assert "non-binding guidance" in found.tags
    assert not RUBRICS["eu-53-2"].binding


@BY_NAME
def test_the_rung_of_the_ladder(row: Row) -> None:
    found = verdicts(row.facts)["ladder"]
    assert found.value == row.rung
    assert bool(found.next_step) == bool(found.decided_by) == (row.rung < 8)


def test_the_european_index_rises_with_what_is_released() -> None:
    sums = [
        verdicts(made.release(opened))["osai-12"].value
        for opened in (made.WEIGHTS, made.CLASS_III, made.CLASS_II, made.ALL)
    ]
    assert sums == sorted(sums)
    assert sums[0] < sums[1] < sums[2] < sums[3] == 12
    assert verdicts(made.release((), None, Access.API))["osai-12"].vector["weights_endmodel"] == "closed"


def test_the_score_of_a_release_with_everything_is_at_least_ninety() -> None:
    assert float(verdicts(made.release(made.ALL))["aa"].value) >= 90
    values = [float(verdicts(made.release(opened))["aa"].value) for opened in (made.WEIGHTS, made.CLASS_III, made.ALL)]
    assert values == sorted(values)


def test_weights_under_an_open_licence_pass_the_ai_act_once_architecture_and_usage_are_public() -> None:
    bare = made.release(made.WEIGHTS)
    told = made.release(made.WEIGHTS | {made.Part.ARCHITECTURE, made.Part.MODEL_CARD})
    assert verdicts(bare)["eu-53-2"].value == "fail"
    assert "architecture" in verdicts(bare)["eu-53-2"].decided_by.words
    assert verdicts(told)["eu-53-2"].value == "pass"
