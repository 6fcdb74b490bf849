"""What the stored facts of a time say of each release, put together for the rubrics: every table is read once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from tracker.domain.names import Known, normalise, resolve
from tracker.domain.release_facts import Component, LicenceTerms, Part, ReleaseFacts, State
from tracker.domain.rubrics.mof import COMPONENTS
from tracker.domain.rubrics.osai import DIMENSIONS, DROPPED, LICENCES
from tracker.models import AIModel, Alias, Assessment, Licence, Release
from tracker.models.entities import Kind
from tracker.pipeline.beliefs import SERVICE_TERMS, Beliefs, BelievedModel

MOF = "mof-1.0"
# The later rubric last: where a release was assessed under both, its grade holds.
OSAI = ("osai-14", "osai-12")
# What an assessor names the weights' licence under.
NAMES_LICENCE = ("Model parameters (Final)", LICENCES)
GRADES = {1.0: State.OPEN, 0.5: State.PARTIAL, 0.0: State.CLOSED}
STATED = {"full": State.OPEN, "open": State.OPEN, "partial": State.PARTIAL, "none": State.CLOSED}
Parts = dict[Part, Component]


@dataclass(frozen=True, slots=True)
class Made:
    """One model that a release fact says another was made from; `base` is blank where nobody knows the words."""

    words: str
    relation: str
    base: str
    id: int


@dataclass(frozen=True, slots=True)
class Assessed:
    """One criterion as an assessor judged it."""

    id: int
    rubric: str
    criterion: str
    verdict: str
    value: float | None
    licence: str


class Gathered:
    """The facts known at a time; `models` are those of which a release, a score or an assessment was known."""

    def __init__(self, known: Beliefs, known_at: datetime | None) -> None:
        self.known = known
        self.terms = {slug: _licence_terms(licence) for slug, licence in known.licences.items()}
        self.models: dict[str, int] = {model.slug: model.id for model in known.models.values()}
        self.assessed: dict[str, list[Assessed]] = defaultdict(list)
        for model_id, slug, row in _assessments(known_at):
            self.assessed[slug].append(row)
            self.models.setdefault(slug, model_id)
        licences = Alias.objects.filter(kind=Kind.LICENCE).values_list("key", "licence__slug")
        self.licences = {key: slug for key, slug in licences if slug}
        self.names = dict(AIModel.objects.values_list("slug", "name"))
        self.made = _made(known_at)

    def believed(self, slug: str) -> BelievedModel | None:
        return self.known.models.get(slug)

    def licence_of(self, slug: str) -> tuple[LicenceTerms | None, str]:
        """The terms of the weights' licence, and the fact that names it: a release fact, or where none does an assessor
        of the release. The terms of a service are no licence of weights."""
        model = self.believed(slug)
        name = model.release["licence"] if model else ""
        if model and name:
            terms = self.terms.get(name) if name != SERVICE_TERMS else None
            return terms, _evidence(model, "licence") if terms else ""
        for row in self.assessed.get(slug, []):
            named = self.licences.get(normalise(row.licence)) if row.criterion in NAMES_LICENCE else None
            if named is not None and named != SERVICE_TERMS:
                return self.terms.get(named), f"assessment:{row.id}"
        return None, ""

    def facts(self, slug: str, as_of: date) -> ReleaseFacts:
        model = self.believed(slug)
        rows = self.assessed.get(slug, [])
        mof, osai = _mof(rows), _osai(rows)
        licence, licence_evidence = self.licence_of(slug)
        access = model.release["access"] if model else None
        grade = osai.pop(LICENCES, Component())
        graded = {part: osai[key] for key, part in {**DIMENSIONS, **DROPPED}.items() if key in osai}
        parts = _together(mof, graded)
        if model is not None:
            parts |= _stated(model, parts, licence)
        return ReleaseFacts(
            as_of=as_of,
            access=access,
            access_evidence=_evidence(model, "access") if model else "",
            licence=licence,
            licence_evidence=licence_evidence,
            base_licences=tuple(
                terms for made in self.made.get(slug, ()) if (terms := self.licence_of(made.base)[0]) is not None
            ),
            parts=parts,
            mof=mof,
            osai=graded,
            osai_licences=grade,
        )


def _evidence(model: BelievedModel, field: str) -> str:
    found = model.release.evidence.get(field)
    return f"release:{found}" if found else ""


def _licence_terms(licence: Licence) -> LicenceTerms:
    """The catalogue's terms. An approval that the catalogue has not read counts nowhere, as in the gap."""
    return LicenceTerms.from_values(
        licence.slug,
        licence.name,
        licence.spdx,
        licence.osi_approved,
        licence.commercial,
        licence.terms,
        f"terms:{licence.slug}",
    )


def _assessments(known_at: datetime | None) -> Iterator[tuple[int, str, Assessed]]:
    """The oldest first, so that the newest row of a criterion is the one that stays."""
    rows = (
        Assessment.objects.known(known_at)
        .filter(endpoint__source__may_display=True, model__isnull=False, rubric__in=(MOF, *OSAI))
        .order_by("known_from", "pk")
        .values_list("model_id", "model__slug", "pk", "rubric", "criterion", "verdict", "value", "licence_words")
    )
    for model_id, slug, pk, rubric, criterion, verdict, value, licence in rows.iterator(chunk_size=5000):
        if model_id is not None and slug:
            yield model_id, slug, Assessed(pk, rubric, criterion, verdict, value, licence)


def _made(known_at: datetime | None) -> dict[str, tuple[Made, ...]]:
    """What each model was made from, by the newest row that says so: one model, or several with commas between."""
    rows = list(
        Release.objects.known(known_at)
        .filter(endpoint__source__may_display=True)
        .exclude(base_words="")
        .order_by("known_from", "pk")
        .values_list("model__slug", "base_words", "base_relation", "pk")
    )
    aliases = model_aliases() if rows else {}
    found = {}
    for slug, words, relation, pk in rows:
        named = list(filter(None, (one.strip() for one in words.split(","))))
        matches = [(one, resolve(one, aliases)) for one in named]
        # A card may name its own earlier checkpoint, which the catalogue keeps under the same model.
        bases = [(one, match.slug if match and match.slug != slug else "") for one, match in matches]
        found[slug] = tuple(Made(one, relation, base, pk) for one, base in bases)
    return found


def model_aliases() -> dict[str, Known]:
    """Every name that a model goes by."""
    rows = Alias.objects.filter(kind=Kind.MODEL).values_list("key", "model__slug", "model__identity_date")
    return {key: Known(slug, released) for key, slug, released in rows if slug}


def _mof(rows: Iterable[Assessed]) -> Parts:
    """What the Model Openness Tool's file holds. A component that it does not list is not included, as it says."""
    parts: Parts = {}
    for row in rows:
        if row.rubric != MOF or row.criterion not in COMPONENTS:
            continue
        evidence = f"assessment:{row.id}"
        licence: str = "" if row.verdict == "unlicensed" else row.licence
        if row.verdict == "not included":
            component = Component(State.CLOSED, evidence=evidence)
        else:
            component = Component(State.OPEN, row.verdict if row.verdict == "undisclosed" else licence, evidence)
        parts[COMPONENTS[row.criterion][0]] = component
    if parts:
        for part, _ in COMPONENTS.values():
            parts.setdefault(part, Component(State.CLOSED))
    return parts


def _osai(rows: Iterable[Assessed]) -> dict[str, Component]:
    """The European Open Source AI Index's grades by its own keys."""
    found: dict[str, Component] = {}
    for rubric in OSAI:
        for row in rows:
            if row.rubric == rubric and row.value in GRADES:
                found[row.criterion] = Component(GRADES[row.value], evidence=f"assessment:{row.id}")
    return found


def _together(mof: Parts, osai: Parts) -> Parts:
    """Both assessors' word on each part: the one that counts components first, unless the other saw more of it."""
    parts: Parts = dict(mof)
    for part, component in osai.items():
        if part not in parts or (parts[part].state is State.CLOSED and component.state is not State.CLOSED):
            parts[part] = component
    if (datasets := mof.get(Part.DATASETS)) is not None and datasets.state is State.OPEN:
        for part in (Part.BASE_DATA, Part.END_DATA):
            parts.setdefault(part, datasets)
    if Part.DATASETS not in parts and (data := [osai[p] for p in (Part.BASE_DATA, Part.END_DATA) if p in osai]):
        # The data are there as a whole only where both halves are.
        worst = min(data, key=lambda half: [State.CLOSED, State.PARTIAL, State.OPEN].index(half.state))
        parts[Part.DATASETS] = worst
    return parts


def _stated(model: BelievedModel, parts: Parts, licence: LicenceTerms | None) -> Parts:
    """What release facts say, which people read from the publisher's own page: it holds against the assessors."""
    release, stated = model.release, {}
    access = release["access"]
    if access is not None:
        known = licence.spdx or licence.name if licence else None
        if known is None and Part.WEIGHTS in parts:
            known = parts[Part.WEIGHTS].licence
        state = State.OPEN if access.downloadable else State.CLOSED
        stated[Part.WEIGHTS] = Component(state, known, _evidence(model, "access"))
        if access.value == "api":
            stated[Part.API] = Component(State.OPEN, evidence=_evidence(model, "access"))
    for field, part in (("data_information", Part.DATA_INFORMATION), ("training_code", Part.TRAINING_CODE)):
        if value := release[field]:
            # "open" is the reader's word for an open licence too; an assessor may name it, but not deny it.
            named = parts.get(part, Component()).licence or None
            stated[part] = Component(STATED[value], named, _evidence(model, field))
    return stated
