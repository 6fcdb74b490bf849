"""Logs of our own evaluations: read like any document, and refused where they contradict themselves."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker.domain.records import Evaluator, When
from tracker.sources.base import Document, ParseError
from tracker.sources.own_evaluations import MEDIA_TYPE, SOURCE

# The mean of 1, 1, 1, 0; the larger of the naive error sqrt(0.25/4) and the clustered one, which is the same.
LOG = json.loads((Path(__file__).parents[1] / "documents" / "own_evaluations" / "log.json").read_text())


def log(**told):
    return LOG | told


def document(said):
    body = json.dumps(said).encode()
    return Document("evaluation:1", body, datetime(2026, 11, 18, tzinfo=UTC), MEDIA_TYPE)


def test_a_log_is_one_score_of_ours():
    (record,) = SOURCE.records(document(log()))
    assert (record.model, record.benchmark, record.value, record.stderr) == ("Example 1", "own-sums", 0.75, 0.25)
    assert (record.evaluator, record.setting, record.evaluated) == (Evaluator.OWN, "Q4_1", When.parse("2026-11-18"))
    assert record.url == "https://example.org/evaluations/1/"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"score": {"value": 0.8, "stderr": 0.25}}, "its value is 0.8, and its answers give 0.75"),
        ({"score": {"value": 0.75, "stderr": 0.01}}, "its stderr is 0.01"),
        ({"score": {"value": 0.75, "stderr": None}}, "its stderr is None"),
        ({"questions": 5}, "4 answers to 5 questions"),
        ({"samples": LOG["samples"][:3] + LOG["samples"][:1]}, "answered twice"),
        ({"samples": [sample | {"exact": 0.5} for sample in LOG["samples"]]}, "neither right nor wrong"),
        ({"samples": []}, "0 answers"),
        ({"format": "another/1"}, "its format is not"),
        ({"score": None}, "not a whole log"),
    ],
)
def test_a_log_that_contradicts_itself_is_refused(told, why):
    with pytest.raises(ParseError, match=why):
        SOURCE.records(document(log(**told)))
