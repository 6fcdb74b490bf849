"""The rubrics of openness: pure, versioned functions from what is known of a release to a verdict with its reasons."""

from collections.abc import Mapping

from tracker.domain.release_facts import ReleaseFacts
from tracker.domain.rubrics import aa, eu, ladder, mof, osai, osaid
from tracker.domain.rubrics.base import Rubric, Verdict

RUBRICS: Mapping[str, Rubric] = {
    rubric.slug: rubric
    for rubric in (
        ladder.RUBRIC,
        osaid.RUBRIC,
        mof.STRICT,
        mof.PAPER,
        osai.TWELVE,
        osai.FOURTEEN,
        aa.RUBRIC,
        eu.RUBRIC,
    )
}


def verdicts(facts: ReleaseFacts) -> dict[str, Verdict]:
    """Every rubric's verdict, also of those whose publisher used them before or after that day."""
    return {slug: rubric.judge(facts) for slug, rubric in RUBRICS.items()}


__all__ = ["RUBRICS", "Rubric", "Verdict", "verdicts"]
