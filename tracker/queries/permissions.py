"""What every licence of the catalogue means for one company, and which licence a model is under."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from tracker.domain import permission
from tracker.domain.licence_terms import LicenceDefinition
from tracker.domain.names import normalise
from tracker.domain.permission import REGIONS as REGIONS
from tracker.domain.permission import SECTORS as SECTORS
from tracker.domain.permission import Outcome as Outcome
from tracker.domain.permission import Profile as Profile
from tracker.domain.permission import Ruling as Ruling
from tracker.domain.permission import ruling as ruling
from tracker.models import AIModel, ModelState
from tracker.queries.licences import use_counts


@dataclass(frozen=True, slots=True)
class RulingRow:
    """What one licence means for one profile."""

    slug: str
    name: str
    family: str
    outcome: str
    ask: bool
    deciding: str
    quote: str
    where: str
    duties: str
    unread: str
    models: int


def ruling_rows(run: int | None, profile: Profile, found: Sequence[LicenceDefinition]) -> list[RulingRow]:
    """Every licence for one profile, the kindest first, within an outcome those that most models carry."""
    counts = use_counts(run)
    ruled = [(one, permission.ruling(one, profile)) for one in found]
    ruled.sort(key=lambda pair: (pair[1].outcome.hardness, -counts.get(pair[0].slug, 0), pair[0].name))
    return [_ruling_row(one, told, counts.get(one.slug, 0)) for one, told in ruled]


def _ruling_row(one: LicenceDefinition, told: Ruling, models: int) -> RulingRow:
    asked = [duty for duty in told.duties if not duty.usual]
    clauses = [clause for finding in told.deciding for clause in finding.clauses[:1]]
    if told.outcome is permission.Outcome.CONDITIONAL and not clauses:
        clauses = [clause for duty in asked for clause in duty.clauses[:1]]
    return RulingRow(
        slug=one.slug,
        name=one.name,
        family=one.family,
        outcome=told.outcome.value,
        ask=told.ask,
        deciding="; ".join(finding.words.removeprefix(f"{one.name} ") for finding in told.deciding)
        if told.outcome is not permission.Outcome.ALLOWED
        else "",
        quote=clauses[0].quote if clauses else "",
        where=clauses[0].where if clauses else "",
        duties="; ".join(duty.words for duty in told.duties),
        unread="; ".join(told.unread),
        models=models,
    )


def model_named(words: str) -> tuple[str, str] | None:
    """(slug, name) of the model that exactly goes by these words; None where no model does, or more than one."""
    called = Q(slug=words.strip().lower()) | Q(name__iexact=words.strip()) | Q(aliases__key=normalise(words))
    found = list(AIModel.objects.filter(called).order_by("pk").values_list("slug", "name").distinct()[:2])
    return found[0] if len(found) == 1 else None


def licence_of(run: int | None, model: str) -> str:
    """The slug of the licence that the run believes the model to be under; blank where nobody knows it."""
    slug = ModelState.objects.filter(run_id=run, model__slug=model).values_list("licence__slug", flat=True).first()
    return slug or ""
