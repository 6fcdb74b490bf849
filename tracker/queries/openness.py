"""How open releases are under every rubric, as one run judged them: the list, one model's panel, what charts draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTransform

from tracker.domain.rubrics import RUBRICS as RUBRICS
from tracker.domain.rubrics.ladder import LABELS as LABELS
from tracker.models import Lab, Licence, ModelState, OpennessState
from tracker.queries.paging import stretch

PAGE_SIZE = 100
# What the list can be narrowed to under a rubric: the values that pass.
PASSES: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "mof-3": ("mof-strict", (1, 2, 3)),
    "mof-2": ("mof-strict", (1, 2)),
    "mof-1": ("mof-strict", (1,)),
    "mof-paper": ("mof-paper", (1, 2, 3)),
    "osaid": ("osaid", ("pass",)),
    "eu": ("eu-53-2", ("pass", "likely")),
}
SORTS = ("released", "rung", "name", "lab")


@dataclass(frozen=True, slots=True)
class OpennessFilter:
    """What the list can be narrowed by; blank is everything."""

    search: str = ""
    lab: str = ""
    region: str = ""
    rung: str = ""
    rubric: str = ""
    sort: str = "released"
    page: int = 1


@dataclass(frozen=True, slots=True)
class OpennessRow:
    """One release under every rubric. `sure` is False where knowing more could raise the rung."""

    slug: str
    name: str
    lab: str
    country: str
    region: str
    released: str
    access: str
    licence: str
    licence_slug: str
    rung: int
    rung_label: str
    sure: bool
    mof_strict: str
    mof_paper: str
    osaid: str
    osai_12: str
    osai_14: str
    aa: str
    eu_53_2: str
    next_step: str
    deciding: str
    quote: str
    flags: int
    released_fact: int | None
    access_fact: int | None
    licence_fact: int | None


@dataclass(frozen=True, slots=True)
class OpennessPage:
    """One page of releases; `rungs` is how many stand on each rung, whichever of them the page is narrowed to."""

    rows: tuple[OpennessRow, ...]
    total: int
    page: int
    pages: int
    rungs: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """One rubric's verdict on one model: what decides it, in words and by its clause, and what would lift it."""

    slug: str
    title: str
    label: str
    version: str
    scale: str
    source: str
    binding: bool
    in_force: bool
    sure: bool
    words: str
    unknown: bool
    quote: str
    where: str
    next_step: str
    others: int
    vector: tuple[tuple[str, Any], ...]
    tags: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BaseLine:
    """What the model was made from, and the terms of that one's licence that its own does not carry on."""

    words: str
    relation: str
    slug: str
    name: str
    flags: tuple[Mapping[str, str], ...]
    fact: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Panel:
    """One model's openness: its rung, the vector beside it, every rubric, the single step that lifts it."""

    rung: int
    label: str
    sure: bool
    step: str
    licence: str
    licence_slug: str
    vector: tuple[tuple[str, Any], ...]
    verdicts: tuple[VerdictLine, ...]
    bases: tuple[BaseLine, ...]

    @property
    def flagged(self) -> bool:
        return any(base.flags for base in self.bases)


def _key(rubric: str, name: str) -> KeyTransform:
    return KeyTransform(name, KeyTransform(rubric, "verdicts"))


def _states(run: int, wanted: OpennessFilter) -> QuerySet[OpennessState]:
    states = OpennessState.objects.filter(run_id=run)
    if wanted.search:
        words = Q(model__name__icontains=wanted.search) | Q(model__lab__name__icontains=wanted.search)
        states = states.filter(words | Q(model__slug__icontains=wanted.search.replace(" ", "-").lower()))
    if wanted.lab:
        states = states.filter(model__lab__slug=wanted.lab)
    if wanted.region:
        states = states.filter(model__lab__region=wanted.region)
    if wanted.rubric:
        rubric, values = PASSES[wanted.rubric]
        # A class is never reached without weights: the index on the rung leaves few rows to open.
        states = states.filter(rung__gte=2).annotate(passes=_key(rubric, "value")).filter(passes__in=values)
    return states


def openness_page(run: int, wanted: OpennessFilter, *, size: int = PAGE_SIZE) -> OpennessPage:
    """One page of the releases that a run judged; `size` 0 is all of them. `rungs` counts them without that filter."""
    states = _states(run, wanted)
    rungs = dict(states.order_by().values_list("rung").annotate(models=Count("pk")))
    if wanted.rung:
        states = states.filter(rung=int(wanted.rung))
    total = states.count()
    released = ModelState.objects.filter(run_id=run, model_id=OuterRef("model_id"))
    states = states.annotate(released_on=Subquery(released.values("released_on")[:1]))
    newest = F("released_on").desc(nulls_last=True)
    order: Mapping[str, tuple[Any, ...]] = {
        "released": (newest, "model__name"),
        "rung": (F("rung").desc(), newest, "model__name"),
        "name": ("model__name",),
        "lab": ("model__lab__name", newest),
    }
    page, pages, here = stretch(total, wanted.page, size)
    shown = _shown(states.order_by(*order[wanted.sort], "pk"), here if size else None)
    believed = {
        state.model_id: state
        for state in ModelState.objects.filter(run_id=run, model_id__in=[row["model_id"] for row in shown])
        .select_related("licence")
        .only("model_id", "released_on", "precision", "access", "evidence", "licence__name", "licence__slug")
    }
    rows = tuple(_row(row, believed.get(row["model_id"])) for row in shown)
    return OpennessPage(rows, total, page, pages, rungs)


def _shown(states: QuerySet[OpennessState], here: slice | None) -> list[dict[str, Any]]:
    """The rows of one page, or all. Which they are is asked first: verdicts are opened before a database sorts."""
    if here is None:
        return _asked(states)
    chosen = {pk: place for place, pk in enumerate(states.values_list("pk", flat=True)[here])}
    return sorted(_asked(OpennessState.objects.filter(pk__in=chosen)), key=lambda row: chosen[row["pk"]])


VERDICTS = ("mof-strict", "mof-paper", "osaid", "osai-12", "osai-14", "aa", "eu-53-2")


def _asked(states: QuerySet[OpennessState]) -> list[dict[str, Any]]:
    """What a row shows of the verdicts, and no more: whole they are thousands of letters each."""
    labels = {f"label_{slug.replace('-', '_')}": _key(slug, "label") for slug in VERDICTS}
    rows = states.annotate(
        ladder_label=_key("ladder", "label"),
        ladder_sure=_key("ladder", "certain"),
        ladder_decided=_key("ladder", "decided_by"),
        lineage=KeyTransform("lineage", "verdicts"),
        **labels,
    ).values(
        "pk", "model_id", "model__slug", "model__name", "model__lab__name", "model__lab__country", "model__lab__region",
        "rung", "blocker", "ladder_label", "ladder_sure", "ladder_decided", "lineage", *labels,
    )  # fmt: skip
    return list(rows)


def _row(row: Mapping[str, Any], state: ModelState | None) -> OpennessRow:
    decided = row["ladder_decided"] or {}
    evidence = state.evidence if state else {}
    return OpennessRow(
        slug=row["model__slug"],
        name=row["model__name"],
        lab=row["model__lab__name"],
        country=row["model__lab__country"],
        region=row["model__lab__region"],
        released=_dated(state.released_on, state.precision) if state else "",
        access=state.access if state else "",
        licence=state.licence.name if state and state.licence else "",
        licence_slug=state.licence.slug if state and state.licence else "",
        rung=row["rung"],
        rung_label=row["ladder_label"] or LABELS.get(row["rung"], ""),
        sure=bool(row["ladder_sure"]),
        mof_strict=row["label_mof_strict"] or "",
        mof_paper=row["label_mof_paper"] or "",
        osaid=row["label_osaid"] or "",
        osai_12=row["label_osai_12"] or "",
        osai_14=row["label_osai_14"] or "",
        aa=row["label_aa"] or "",
        eu_53_2=row["label_eu_53_2"] or "",
        next_step=row["blocker"],
        deciding=decided.get("words", ""),
        quote=decided.get("quote", ""),
        flags=sum(len(base.get("flags", ())) for base in row["lineage"] or ()),
        released_fact=evidence.get("released_on"),
        access_fact=evidence.get("access"),
        licence_fact=evidence.get("licence"),
    )


def _dated(on: date | None, precision: str) -> str:
    return "" if on is None else on.isoformat()[: {"year": 4, "month": 7}.get(precision, 10)]


def labs_of(run: int) -> list[tuple[str, str]]:
    """(slug, name) of the labs with a release that the run judged."""
    return list(Lab.objects.filter(models__openness__run_id=run).distinct().values_list("slug", "name"))


def panel(run: int | None, slug: str) -> Panel | None:
    """One model's openness in a run; None where the run does not judge it."""
    state = OpennessState.objects.filter(run_id=run, model__slug=slug).first()
    if state is None or "ladder" not in state.verdicts:
        return None
    ladder = state.verdicts["ladder"]
    licence = Licence.objects.filter(slug=ladder["vector"].get("licence") or "").values_list("name", "slug").first()
    decided = ladder["decided_by"]
    return Panel(
        rung=state.rung,
        label=ladder["label"],
        sure=ladder["certain"],
        step=_sentence(decided["step"]) if decided else "",
        licence=licence[0] if licence else "",
        licence_slug=licence[1] if licence else "",
        vector=tuple((name, value) for name, value in ladder["vector"].items() if name != "licence"),
        verdicts=tuple(_line(found) for name in RUBRICS if (found := state.verdicts.get(name))),
        bases=tuple(_base(base) for base in state.verdicts.get("lineage", ())),
    )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _line(found: Mapping[str, Any]) -> VerdictLine:
    rubric, decided = RUBRICS[found["rubric"]], found["decided_by"] or {}
    return VerdictLine(
        slug=rubric.slug,
        title=rubric.title,
        label=found["label"],
        version=found["version"],
        scale=rubric.scale,
        source=rubric.source,
        binding=rubric.binding,
        in_force=found.get("in_force", True),
        sure=found["certain"],
        words=_sentence(decided.get("words", "")),
        unknown=decided.get("unknown", False),
        quote=decided.get("quote", ""),
        where=decided.get("where", ""),
        next_step=_sentence(decided.get("step", "")),
        others=max(0, len(found["missing"]) + found.get("more", 0) - 1),
        vector=tuple(found["vector"].items()),
        tags=tuple(found["tags"]),
        facts=tuple(fact for name in dict.fromkeys(found["evidence"]) if (fact := _fact(name))),
    )


def _base(base: Mapping[str, Any]) -> BaseLine:
    return BaseLine(
        words=base["words"],
        relation=base["relation_words"],
        slug=base["base"],
        name=base["base_name"],
        flags=tuple(base["flags"]),
        fact=_fact(base["evidence"]),
    )


def _fact(name: str) -> tuple[str, str] | None:
    """The kind and the number of a fact, as its page's address has them."""
    kind, _, number = name.partition(":")
    return (kind, number) if number.isdecimal() else None
