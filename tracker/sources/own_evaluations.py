"""Our own evaluations: the log of a run, which is handed in like any publisher's document and believed no more easily.

The score is computed again from the answers in the log: a log that contradicts itself is refused.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tracker.domain.eval_statistics import mean_of, question_means
from tracker.domain.records import Evaluator, ScoreRecord, When
from tracker.sources.base import Document, ParseError, Records, Source

MEDIA_TYPE = "application/vnd.ai-landscape.evaluation+json"
FORMAT = "ai-landscape-evaluation/1"
TOLERANCE = 1e-9


def parse(document: Document) -> Records:
    """The one score of a run, 0 to 1, with the wider of its standard errors. A log whose answers give another is
    refused."""
    log = document.json()
    if not isinstance(log, dict) or log.get("format") != FORMAT:
        raise ParseError(f"{document.url} is no log of ours: its format is not {FORMAT}")
    try:
        yield _record(log)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ParseError(f"{document.url} is not a whole log: {error!r}") from error


def _record(log: Mapping[str, Any]) -> ScoreRecord:
    samples: Sequence[Mapping[str, Any]] = log["samples"]
    if len(samples) != log["questions"] * log["repeats"]:
        raise ValueError(f"{len(samples)} answers to {log['questions']} questions asked {log['repeats']} times")
    if len({(sample["item"], sample["repeat"]) for sample in samples}) != len(samples):
        raise ValueError("a question is answered twice")
    if any(sample["exact"] not in (0, 1) for sample in samples):
        raise ValueError("an answer is neither right nor wrong")
    clusters = {sample["item"]: sample["cluster"] for sample in samples}
    means = question_means((sample["item"], sample["exact"]) for sample in samples)
    found = mean_of(list(means.values()), [clusters[item] for item in means])
    for name, ours in (("value", found.mean), ("stderr", found.widest)):
        stated = log["score"][name]
        if (stated is None) != (ours is None) or not math.isclose(stated or 0.0, ours or 0.0, abs_tol=TOLERANCE):
            raise ValueError(f"its {name} is {stated}, and its answers give {ours}")
    return ScoreRecord(
        key=log["key"],
        model=log["model"],
        benchmark=log["benchmark"],
        value=found.mean,
        setting=log["setting"],
        stderr=found.widest,
        evaluator=Evaluator.OWN,
        evaluated=When.parse(log["finished"]),
        url=log["url"],
    )


SOURCE = Source(
    __name__,
    title="Own evaluations",
    publisher="The evaluation worker of this site",
    homepage="https://example.org/",
    data_licence="CC0-1.0",
    urls=(),  # a run is a document of its own: the worker hands it in
    every=None,
    may_shrink_to=0.0,
    parse=parse,
)
