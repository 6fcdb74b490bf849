"""What every rubric makes of every model, and whether it claims more than what it was made from: as a run stores it."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic
from typing import Any, Final

from django.db import transaction

from tracker.domain import lineage
from tracker.domain.names import resolve, suggest
from tracker.domain.release_facts import ReleaseFacts, State
from tracker.domain.rubrics import RUBRICS, Verdict, verdicts
from tracker.models import AIModel, Assessment, IndexRun, OpennessState, Release
from tracker.pipeline.beliefs import Beliefs
from tracker.pipeline.release_facts import Gathered, model_aliases

AT_ONCE: Final = 1000  # models whose verdicts are stored together


@dataclass(frozen=True, slots=True)
class Base:
    """What a model was made from: in the source's words, the model that these name (blank where nobody knows it), and
    the terms of its licence that the model claims to be free of."""

    words: str
    relation: str
    slug: str
    name: str
    flags: tuple[lineage.Flag, ...]
    evidence: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "words": self.words,
            "relation": self.relation,
            "relation_words": lineage.RELATIONS.get(self.relation, lineage.RELATIONS[""]),
            "base": self.slug,
            "base_name": self.name,
            "flags": [flag.to_dict() for flag in self.flags],
            "evidence": self.evidence,
        }


@dataclass(frozen=True, slots=True)
class Openness:
    """One model's facts, its verdicts by rubric, and what it was made from."""

    model_id: int
    slug: str
    facts: ReleaseFacts
    verdicts: Mapping[str, Verdict]
    bases: tuple[Base, ...]

    @property
    def telling(self) -> bool:
        """Whether anything is known of what was released: of a closed model that nobody has assessed, a list of what is
        missing would name every part there is."""
        return self.facts.weights is State.OPEN or bool(self.facts.mof or self.facts.osai)

    def to_dict(self, *, brief: bool = False) -> dict[str, Any]:
        """By rubric its verdict, and under `lineage` what it was made from; see Verdict.to_dict."""
        found: dict[str, Any] = {slug: verdict.to_dict(brief=brief) for slug, verdict in self.verdicts.items()}
        for slug, rubric in RUBRICS.items():
            found[slug]["in_force"] = rubric.in_force(self.facts.as_of)
        found["lineage"] = [base.to_dict() for base in self.bases]
        return found


def compute(run: IndexRun, known: Beliefs, *, until: float = math.inf, held: Callable[[], bool] = lambda: True) -> bool:
    """Store the verdicts of every model that the run knows anything of and that has none in it yet; some at a time,
    each lot in a transaction of its own. False where it is later than `until`, or the run is no longer `held`."""
    gathered = Gathered(known, run.known_at)
    stored = set(OpennessState.objects.filter(run=run).values_list("model_id", flat=True))
    missing = [slug for slug, model in gathered.models.items() if model not in stored]
    for first in range(0, len(missing), AT_ONCE):
        if first and monotonic() > until:
            return False
        rows = []
        for slug in missing[first : first + AT_ONCE]:
            found = _openness(gathered, slug, run.as_of)
            ladder = found.verdicts["ladder"]
            rows.append(
                OpennessState(
                    run=run,
                    model_id=found.model_id,
                    rung=int(ladder.value),
                    blocker=ladder.next_step,
                    verdicts=found.to_dict(brief=not found.telling),
                )
            )
        with transaction.atomic():
            # The lease is written in the same transaction: no other worker stores the same meanwhile.
            if not held():
                return False
            OpennessState.objects.bulk_create(rows, batch_size=500)
    return True


def openness(
    known: Beliefs, *, known_at: datetime | None, as_of: date, only: Collection[str] | None = None
) -> list[Openness]:
    """Facts and verdicts of every model of which a release, a score or an assessment was known at that time, or of
    those named by `only`."""
    gathered = Gathered(known, known_at)
    return [_openness(gathered, slug, as_of) for slug in gathered.models if only is None or slug in only]


def _openness(gathered: Gathered, slug: str, as_of: date) -> Openness:
    facts = gathered.facts(slug, as_of)
    bases = tuple(
        Base(
            words=made.words,
            relation=made.relation,
            slug=made.base,
            name=gathered.names.get(made.base, ""),
            flags=tuple(lineage.flags(gathered.licence_of(made.base)[0], facts.licence)),
            evidence=f"release:{made.id}",
        )
        for made in gathered.made.get(slug, ())
    )
    return Openness(gathered.models[slug], slug, facts, verdicts(facts), bases)


class UnknownModelError(LookupError):
    """No model goes by that name, or more than one does."""


def named(name: str) -> str:
    """The slug of the model that goes by this name: its slug, or what any of its aliases is read as. Raises
    UnknownModelError, which says what may be meant."""
    aliases = model_aliases()
    match = resolve(name, aliases)
    slugs = set(AIModel.objects.filter(slug=name.strip().lower()).values_list("slug", flat=True))
    if match is not None:
        slugs.add(match.slug)
    if len(slugs) == 1:
        return slugs.pop()
    if slugs:
        raise UnknownModelError(f"{name!r} may mean {' or '.join(sorted(slugs))}: ask for one of them by its full name")
    likely = [slug for slug, _ in suggest(name, aliases, limit=5)]
    told = f" Did you mean {', '.join(likely)}?" if likely else " The catalogue has nothing like it."
    raise UnknownModelError(f"No model is called {name!r}.{told}")


def told(found: Openness) -> dict[str, Any]:
    """One model's openness for a reader outside: its verdicts, and the source and address of every fact they name."""
    model = AIModel.objects.select_related("lab").get(pk=found.model_id)
    every = found.to_dict()
    lineage_rows = every.pop("lineage")
    licence, ladder = found.facts.licence, found.verdicts["ladder"]
    return {
        "model": {"slug": model.slug, "name": model.name, "lab": model.lab.name},
        "licence": licence and {"slug": licence.slug, "name": licence.name, "evidence": found.facts.licence_evidence},
        "rung": ladder.value,
        "rung_label": ladder.label,
        "blocker": ladder.next_step,
        "verdicts": every,
        "lineage": lineage_rows,
        "evidence": _sources(every, lineage_rows),
    }


def _sources(verdicts: dict[str, Any], bases: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    names = {name for verdict in verdicts.values() for name in verdict["evidence"]}
    names |= {need["evidence"] for verdict in verdicts.values() for need in verdict["missing"]}
    names |= {base["evidence"] for base in bases}
    found = {}
    for kind, fact in (("release", Release), ("assessment", Assessment)):
        ids = [int(name.partition(":")[2]) for name in names if name.startswith(f"{kind}:")]
        for row in fact.objects.filter(pk__in=ids).select_related("endpoint__source"):
            found[f"{kind}:{row.pk}"] = {"source": row.endpoint.source.slug, "name": row.name, "url": row.url}
    return dict(sorted(found.items()))
