"""Tests of models: what is believed of their release, their places on the index, labs near the frontier, prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final

from tracker.domain.claim_base import ClaimTest, Looked, day_of, named, some_of
from tracker.domain.claim_figures import REGION_WORDS
from tracker.domain.claim_known import Known, KnownModel, KnownPrice
from tracker.domain.claim_parts import BOUNDS, Demand, Evidence, Finding, measured, wanting
from tracker.domain.definitions import Region
from tracker.domain.tables import Table


class ModelField(StrEnum):
    """What is believed of a release and a claim may ask for; the values are KnownModel's own attributes."""

    ACCESS = "access"
    OPEN_MEANS = "open_means"
    LICENCE = "licence"
    PARAMETERS = "parameters"
    ACTIVE_PARAMETERS = "active_parameters"
    CONTEXT = "context"
    RELEASED_ON = "released_on"


NUMBERS: Final = (ModelField.PARAMETERS, ModelField.ACTIVE_PARAMETERS, ModelField.CONTEXT)
FIELD_WORDS: Final = {
    ModelField.ACCESS: "access",
    ModelField.OPEN_MEANS: "openness",
    ModelField.LICENCE: "licence",
    ModelField.PARAMETERS: "number of parameters",
    ModelField.ACTIVE_PARAMETERS: "number of active parameters",
    ModelField.CONTEXT: "context length",
    ModelField.RELEASED_ON: "release date",
}


def _release(model: KnownModel, field: str) -> tuple[Evidence, ...]:
    fact = model.evidence.get("access" if field == "open_means" else field)
    if fact is None:
        return (Evidence("model", model.slug, model.name),)
    return (Evidence("release", str(fact), f"What is believed of the release of {model.name}"),)


@dataclass(frozen=True, slots=True)
class ModelFactTest(ClaimTest):
    """Each model's believed release says one of these: an access, a licence, a meaning of "open", a number, a day."""

    kind: ClassVar[str] = "model-fact"
    models: tuple[str, ...]
    field: ModelField
    one_of: tuple[str, ...]
    wanted: Demand | None
    on: date | None
    within_days: int

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "ModelFactTest":
        table = Table(where, data, ("kind", "models", "field", "one_of", "on", "within_days", *BOUNDS))
        field, on = table.choice("field", ModelField), day_of(table, "on")
        one_of = table.texts("one_of")
        if (field is ModelField.RELEASED_ON) is (on is None):
            raise ValueError(f"{where}: field on belongs to released_on, and released_on needs it")
        if (field in NUMBERS) is not any(name in data for name in BOUNDS):
            raise ValueError(f"{where}: {', '.join(BOUNDS)} belong to numbers, and a number needs one of them")
        if bool(one_of) is (field in NUMBERS or on is not None):
            raise ValueError(f"{where}: field one_of belongs to words, and words need it")
        wanted = Demand.from_table(table) if field in NUMBERS else None
        return cls(named(table, "models"), field, one_of, wanted, on, table.whole("within_days"))

    @property
    def demand(self) -> Demand | None:
        return self.wanted

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        return {"models": self.models, "licences": self.one_of if self.field is ModelField.LICENCE else ()}

    def words(self, known: Known) -> str:
        names = ", ".join(known.called(slug) for slug in self.models)
        if self.on is not None:
            told = f"{self.on}, give or take {self.within_days} days" if self.within_days else str(self.on)
        elif self.wanted is not None:
            told = self.wanted.words("")
        else:
            told = " or ".join(self.one_of)
        return f"The believed {FIELD_WORDS[self.field]} of {names} is {told}."

    def findings(self, known: Known) -> list[Finding]:
        return [self._of(known, slug) for slug in self.models]

    def _of(self, known: Known, slug: str) -> Finding:
        name, model = known.called(slug), known.models.get(slug)
        if model is None:
            return wanting(name, f"No source has told of {name} yet")
        value = getattr(model, self.field.value)
        evidence = _release(model, self.field.value)
        if self.field is ModelField.OPEN_MEANS:
            if not model.access:
                return wanting(name, f"Nobody has told how {name} can be had")
            # Blank is an answer here: a model that counts as open under no meaning is closed.
            figure = ", ".join(value) or "closed"
            met = any(word in value or (word == "closed" and not value) for word in self.one_of)
            return Finding(name, met, figure, evidence=evidence)
        if value in ("", None):
            return wanting(name, f"The {FIELD_WORDS[self.field]} of {name} is not known")
        if self.on is not None:
            met = abs(value - self.on) <= timedelta(days=self.within_days)
            return Finding(name, met, str(value), evidence=evidence)
        if self.wanted is not None:
            return measured(self.wanted, name, float(value), "", evidence=evidence)
        return Finding(name, value in self.one_of, str(value), evidence=evidence)


@dataclass(frozen=True, slots=True)
class IndexVersusTest(ClaimTest):
    """A model's place on the capability index minus that of each other one. Their intervals are taken separately, so
    the interval of the difference is wider than it need be."""

    kind: ClassVar[str] = "index-versus"
    model: str
    against: tuple[str, ...]
    wanted: Demand

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "IndexVersusTest":
        table = Table(where, data, ("kind", "model", "against", *BOUNDS))
        return cls(table.text("model", required=True), named(table, "against"), Demand.from_table(table))

    @property
    def demand(self) -> Demand:
        return self.wanted

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        return {"models": (self.model, *self.against)}

    def words(self, known: Known) -> str:
        others = ", ".join(known.called(slug) for slug in self.against)
        wanted = self.wanted.words("points")
        return f"On the capability index {known.called(self.model)} minus each of {others} is {wanted}."

    def findings(self, known: Known) -> list[Finding]:
        return [self._against(known, slug) for slug in self.against]

    def _against(self, known: Known, slug: str) -> Finding:
        mine, other = known.models.get(self.model), known.models.get(slug)
        name = f"{known.called(self.model)} against {known.called(slug)}"
        if mine is None or other is None or mine.value is None or other.value is None:
            lacking = [known.called(s) for s, m in ((self.model, mine), (slug, other)) if m is None or m.value is None]
            return wanting(name, f"No place on the index for {', '.join(lacking)}: too few benchmarks")
        # An anchor of the scale has no interval: it is the same in every draw.
        low = (mine.low if mine.low is not None else mine.value) - (
            other.high if other.high is not None else other.value
        )
        high = (mine.high if mine.high is not None else mine.value) - (
            other.low if other.low is not None else other.value
        )
        evidence = tuple(Evidence("model", m.slug, m.name) for m in (mine, other))
        name = f"{name}, {mine.value:.1f} against {other.value:.1f}"
        return measured(
            self.wanted, name, mine.value - other.value, "points", interval=(low, high), evidence=evidence
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class NearFrontierTest(ClaimTest):
    """So many labs have an open model within `points` of the best closed one by a day; how near is near is a
    neighbour."""

    kind: ClassVar[str] = "near-frontier"
    labs: tuple[str, ...]
    regions: tuple[str, ...]
    points: float
    others: tuple[float, ...]
    as_of: date | None
    wanted: Demand

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "NearFrontierTest":
        table = Table(where, data, ("kind", "labs", "regions", "points", "other_points", "as_of", *BOUNDS))
        points, others = table.number("points"), data.get("other_points", [])
        if points is None or points < 0:
            raise ValueError(f"{where}: field points is missing or below 0; it must be a number of index points")
        if not isinstance(others, list) or not all(isinstance(n, int | float) and n >= 0 for n in others):
            raise ValueError(f"{where}: field other_points is {others!r}; it must be a list of numbers of index points")
        near = tuple(float(number) for number in others)
        regions = some_of(table, "regions", tuple(Region))
        return cls(table.texts("labs"), regions, points, near, day_of(table, "as_of"), Demand.from_table(table))

    @property
    def demand(self) -> Demand:
        return self.wanted

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        return {"labs": self.labs}

    def words(self, known: Known) -> str:
        who = f" out of {', '.join(self.labs)}" if self.labs else ""
        who += f" from {', '.join(REGION_WORDS[region] for region in self.regions)}" if self.regions else ""
        when = f" by {self.as_of}" if self.as_of else ""
        return (
            f"{self.wanted.words('labs').capitalize()}{who} have a model with downloadable weights within "
            f"{self.points:g} index points of the best closed model{when}."
        )

    def findings(self, known: Known) -> list[Finding]:
        day = min(self.as_of or known.as_of, known.as_of)
        out = [
            model
            for model in known.models.values()
            if model.value is not None and model.released_on is not None and model.released_on <= day
        ]
        closed = [model for model in out if model.access and not model.open_means]
        if not closed:
            return [wanting("the index", f"No closed model is on the index by {day}")]
        best = max(closed, key=lambda model: (model.value or 0.0, model.slug))
        mine: dict[str, KnownModel] = {}
        for model in out:
            if not model.open_means or (self.labs and model.lab not in self.labs):
                continue
            if self.regions and model.region not in self.regions:
                continue
            held = mine.get(model.lab)
            if held is None or (model.value or 0.0) > (held.value or 0.0):
                mine[model.lab] = model
        gaps = {lab: (best.value or 0.0) - (model.value or 0.0) for lab, model in mine.items()}
        return [
            self._within(points, gaps, mine, best, day, "" if points == self.points else "how near is near")
            for points in dict.fromkeys((self.points, *self.others))
        ]

    def _within(
        self,
        points: float,
        gaps: Mapping[str, float],
        mine: Mapping[str, KnownModel],
        best: KnownModel,
        day: date,
        choice: str,
    ) -> Finding:
        near = sorted((lab for lab, gap in gaps.items() if gap <= points), key=lambda lab: gaps[lab])
        name = f"{points:g} points of {best.name} ({best.value:.1f}) by {day}"
        evidence = tuple(Evidence("model", mine[lab].slug, mine[lab].name) for lab in near)
        return measured(self.wanted, name, float(len(near)), "labs", choice=choice, evidence=evidence)


class Asked(StrEnum):
    """Which side of a price is meant: what the model writes, or what it is given to read."""

    OUTPUT = "output"
    INPUT = "input"


@dataclass(frozen=True, slots=True)
class PriceRatioTest(ClaimTest):
    """What the dear model costs for each dollar of the cheap one: at the lowest price of each; at the highest, and for
    the other kind of token, as neighbours. Free offers do not count."""

    kind: ClassVar[str] = "price-ratio"
    cheap: str
    dear: str
    tokens: Asked
    wanted: Demand

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "PriceRatioTest":
        table = Table(where, data, ("kind", "cheap", "dear", "tokens", *BOUNDS))
        cheap, dear = table.text("cheap", required=True), table.text("dear", required=True)
        return cls(cheap, dear, table.choice("tokens", Asked, Asked.OUTPUT), Demand.from_table(table))

    @property
    def demand(self) -> Demand:
        return self.wanted

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        return {"models": (self.cheap, self.dear)}

    @property
    def looks_up(self) -> Looked:
        return Looked(priced_models=frozenset({self.cheap, self.dear}))

    def words(self, known: Known) -> str:
        return (
            f"A million {self.tokens} tokens of {known.called(self.dear)} cost {self.wanted.words('ratio')} those of "
            f"{known.called(self.cheap)}, at the lowest price of each."
        )

    def findings(self, known: Known) -> list[Finding]:
        other = Asked.INPUT if self.tokens is Asked.OUTPUT else Asked.OUTPUT
        return [
            self._ratio(known, self.tokens, lowest=True, choice=""),
            self._ratio(known, self.tokens, lowest=False, choice="which host"),
            self._ratio(known, other, lowest=True, choice="which tokens"),
        ]

    def _ratio(self, known: Known, tokens: Asked, *, lowest: bool, choice: str) -> Finding:
        pick = min if lowest else max
        found: list[tuple[float, KnownPrice]] = []
        for slug in (self.dear, self.cheap):
            asked = [(price, row) for row in known.prices.get(slug, ()) if (price := getattr(row, tokens.value))]
            if not asked:
                return wanting(
                    tokens.value, f"No price for {tokens.value} tokens of {known.called(slug)}", choice=choice
                )
            found.append(pick(asked, key=lambda pair: (pair[0], pair[1].host, pair[1].fact)))
        (dear, dear_row), (cheap, cheap_row) = found
        name = (
            f"the {'lowest' if lowest else 'highest'} {tokens.value} prices, ${dear:g} at {dear_row.host} and "
            f"${cheap:g} at {cheap_row.host}"
        )
        evidence = tuple(
            Evidence("price", str(row.fact), f"{known.called(row.model)} at {row.host}")
            for row in (dear_row, cheap_row)
        )
        return measured(self.wanted, name, dear / cheap, "ratio", choice=choice, evidence=evidence)
