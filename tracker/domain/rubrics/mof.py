"""The Model Openness Framework: class III, II or I from 17 components, as its tool computes it and as its paper says.

A class needs every component of it and of the classes below, each under an open licence; a research paper stands in for
the technical report. The tool counts the datasets only under an open licence; the paper takes them under any, and under
none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from tracker.domain.release_facts import UNKNOWN, Component, Part, Parts, ReleaseFacts, State
from tracker.domain.rubrics.base import (
    UNTOLD,
    Need,
    Rubric,
    Verdict,
    deciding,
    evidences,
    steps,
    unlicensed,
    unreleased,
)

# The framework's own names, and the kind of licence that covers a component where it names none of its own.
COMPONENTS: Mapping[str, tuple[Part, str]] = {
    "Model architecture": (Part.ARCHITECTURE, "code"),
    "Data preprocessing code": (Part.DATA_CODE, "code"),
    "Training code": (Part.TRAINING_CODE, "code"),
    "Inference code": (Part.INFERENCE_CODE, "code"),
    "Evaluation code": (Part.EVALUATION_CODE, "code"),
    "Supporting libraries and tools": (Part.LIBRARIES, "code"),
    "Model parameters (Final)": (Part.WEIGHTS, "data"),
    "Model parameters (Intermediate)": (Part.CHECKPOINTS, "data"),
    "Datasets": (Part.DATASETS, "data"),
    "Evaluation data": (Part.EVALUATION_DATA, "data"),
    "Model metadata": (Part.METADATA, "data"),
    "Sample model outputs": (Part.SAMPLE_OUTPUTS, "document"),
    "Model card": (Part.MODEL_CARD, "document"),
    "Data card": (Part.DATA_CARD, "document"),
    "Technical report": (Part.REPORT, "document"),
    "Research paper": (Part.RESEARCH_PAPER, "document"),
    "Evaluation results": (Part.EVALUATION_RESULTS, "document"),
}
NAMES = {part: name for name, (part, _) in COMPONENTS.items()}
# By class, the lowest first; each asks for those before it too.
REQUIRED: Mapping[int, tuple[Part, ...]] = {
    3: (
        Part.ARCHITECTURE,
        Part.WEIGHTS,
        Part.REPORT,
        Part.EVALUATION_RESULTS,
        Part.MODEL_CARD,
        Part.DATA_CARD,
    ),
    2: (Part.TRAINING_CODE, Part.INFERENCE_CODE, Part.EVALUATION_CODE, Part.EVALUATION_DATA),
    1: (Part.DATASETS, Part.DATA_CODE, Part.CHECKPOINTS, Part.RESEARCH_PAPER),
}
LABELS = {0: "unclassified", 3: "class III, open model", 2: "class II, open tooling", 1: "class I, open science"}
SCALE = "0 none; 3, 2 and 1 are classes III (open model), II (open tooling) and I (open science)"


@dataclass(frozen=True, slots=True)
class Classes:
    """The class that was reached, and what each class's own components lack."""

    reached: int
    lacking: Mapping[int, tuple[Need, ...]]


def lack(part: Part, parts: Parts, *, strict: bool) -> Need | None:
    """Why a component does not count; None where it does."""
    component = parts.get(part, UNKNOWN)
    need = unreleased(part, component)
    if need is None and (strict or part is not Part.DATASETS or _untold(component)):
        need = unlicensed(part, component)
    if need is not None and part is Part.REPORT and lack(Part.RESEARCH_PAPER, parts, strict=strict) is None:
        return None
    return need


def _untold(component: Component) -> bool:
    """Under terms that nobody disclosed: what is under any terms at all cannot be told from what is not there."""
    return component.licence is not None and component.licence.casefold() in UNTOLD


def classes(parts: Parts, *, strict: bool) -> Classes:
    """The class that the parts reach: 3, 2 or 1, or 0 for none. `strict` is the tool's way, in which the datasets need
    an open licence too."""
    lacking = {
        number: tuple(need for part in required if (need := lack(part, parts, strict=strict)))
        for number, required in REQUIRED.items()
    }
    reached = 0
    for number in REQUIRED:
        if lacking[number]:
            break
        reached = number
    return Classes(reached, lacking)


def next_class(reached: int) -> int | None:
    """The class to be reached after that one; None from class I on."""
    return {0: 3, 3: 2, 2: 1}.get(reached)


def judged_parts(facts: ReleaseFacts) -> Parts:
    """What an assessor said under the framework; where nobody assessed the release, what is known otherwise."""
    return facts.mof or facts.parts


def judge(facts: ReleaseFacts, *, strict: bool) -> Verdict:
    """The class as a verdict, first what keeps it from the next class, then what later ones lack. `strict` as in
    `classes`."""
    parts = judged_parts(facts)
    found = classes(parts, strict=strict)
    following = next_class(found.reached)
    needs = found.lacking[following] if following else ()
    later = tuple(need for number, lacking in found.lacking.items() if number != following for need in lacking)
    return Verdict(
        rubric="mof-strict" if strict else "mof-paper",
        version=VERSION,
        value=found.reached,
        label=LABELS[found.reached],
        certain=following is None or any(not need.unknown for need in needs),
        decided_by=deciding(needs),
        missing=needs + later,
        next_step=steps(needs),
        vector={
            NAMES[part]: "counts" if lack(part, parts, strict=strict) is None else _state(parts.get(part, UNKNOWN))
            for required in REQUIRED.values()
            for part in required
        },
        evidence=evidences(*parts.values()),
    )


def _state(component: Component) -> str:
    if component.state is State.OPEN:
        return "without an open licence"
    return {State.PARTIAL: "in part", State.CLOSED: "not released"}.get(component.state, "unknown")


VERSION = "1.0"
STRICT = Rubric(
    slug="mof-strict",
    version=VERSION,
    title="Model Openness Framework, as its tool computes it",
    source="https://github.com/lfai/model_openness_tool",
    judge=partial(judge, strict=True),
    scale=SCALE,
)
PAPER = Rubric(
    slug="mof-paper",
    version=VERSION,
    title="Model Openness Framework, as its paper says",
    source="https://arxiv.org/abs/2403.13784",
    judge=partial(judge, strict=False),
    scale=SCALE,
)
