"""What the catalogue's files say: labs with families and models, benchmarks, licences; all else is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from tracker.domain.records import When

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Region(StrEnum):
    US = "us"
    CHINA = "china"
    EUROPE = "europe"
    OTHER = "other"


class Category(StrEnum):
    AGENTIC = "agentic"
    CODING = "coding"
    MATHEMATICS = "mathematics"
    KNOWLEDGE = "knowledge"
    REASONING = "reasoning"
    LONG_CONTEXT = "long-context"
    MULTIMODAL = "multimodal"
    PREFERENCE = "preference"


class Unit(StrEnum):
    PROPORTION = "proportion"
    MINUTES = "minutes"
    ELO = "elo"
    POINTS = "points"
    DOLLARS = "dollars"
    RATE = "rate"

    @property
    def bounded(self) -> bool:
        """Whether the unit has a lowest and a highest value by its nature."""
        return self is Unit.PROPORTION or self is Unit.RATE


class ItemAccess(StrEnum):
    """Who can read the test's questions: anyone, the vendors who are sent them, or only the maintainer."""

    PUBLIC = "public"
    SEMI_PRIVATE = "semi-private"
    PRIVATE = "private"


class Answer(StrEnum):
    """A term that was read, or was not: what nobody read is never guessed."""

    YES = "yes"
    NO = "no"
    UNREAD = "unread"


class CommercialUse(StrEnum):
    YES = "yes"
    NO = "no"
    PERMISSION = "permission"  # everyone must ask first
    THRESHOLD = "threshold"  # yes, until a number of users or a revenue is passed
    UNREAD = "unread"


class ThresholdEffect(StrEnum):
    """What passing the threshold asks for."""

    NONE = "none"
    NEED_LICENCE = "need-licence"
    DISPLAY_NAME = "display-name"


class AcceptableUse(StrEnum):
    NONE = "none"
    INCORPORATED = "incorporated"  # use limits that are part of the licence as it was accepted
    UPDATABLE = "updatable"  # use limits that the licensor may change later
    UNREAD = "unread"


class OutputTraining(StrEnum):
    """Whether outputs may train other models; `named` is yes, if the new model carries the old one's name."""

    ALLOWED = "allowed"
    BANNED = "banned"
    NAMED = "named"
    UNREAD = "unread"


class NamingDuty(StrEnum):
    """What must be displayed beside the licence's notice: nothing, a label, or a label above the threshold only."""

    NONE = "none"
    DISPLAY = "display"
    ABOVE_THRESHOLD = "above-threshold"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class FamilyDefinition:
    slug: str
    name: str

    @classmethod
    def from_toml(cls, slug: str, data: Mapping[str, Any]) -> "FamilyDefinition":
        """`slug` is the lab's, whose file the family stands in."""
        table = _Table(f"labs/{slug}.toml [[family]]", data, ("slug", "name"))
        return cls(table.text("slug", required=True), table.text("name", required=True))


@dataclass(frozen=True, slots=True)
class ModelDefinition:
    slug: str
    name: str
    family: str
    released: When | None
    aliases: tuple[str, ...]

    @classmethod
    def from_toml(cls, slug: str, data: Mapping[str, Any]) -> "ModelDefinition":
        """`slug` is the lab's, whose file the model stands in."""
        where = f"labs/{slug}.toml [[model]] {data.get('slug', '')}".rstrip()
        table = _Table(where, data, ("slug", "name", "family", "released", "aliases"))
        return cls(
            slug=table.text("slug", required=True),
            name=table.text("name", required=True),
            family=table.text("family"),
            released=table.when("released"),
            aliases=table.texts("aliases"),
        )


@dataclass(frozen=True, slots=True)
class LabDefinition:
    slug: str
    name: str
    country: str
    region: Region
    homepage: str
    aliases: tuple[str, ...]
    families: tuple[FamilyDefinition, ...]
    models: tuple[ModelDefinition, ...]

    @classmethod
    def from_toml(cls, slug: str, data: Mapping[str, Any]) -> "LabDefinition":
        """Raises ValueError with file, field and what is allowed."""
        fields = ("name", "country", "region", "homepage", "aliases", "family", "model")
        table = _Table(f"labs/{slug}.toml", data, fields)
        lab = cls(
            slug=slug,
            name=table.text("name", required=True),
            country=table.text("country"),
            region=table.choice("region", Region),
            homepage=table.text("homepage"),
            aliases=table.texts("aliases"),
            families=tuple(FamilyDefinition.from_toml(slug, row) for row in table.tables("family")),
            models=tuple(ModelDefinition.from_toml(slug, row) for row in table.tables("model")),
        )
        families = [family.slug for family in lab.families]
        _unrepeated(table.where, "family slug", families)
        _unrepeated(table.where, "model slug", [model.slug for model in lab.models])
        for model in lab.models:
            if model.family and model.family not in families:
                raise ValueError(
                    f"{table.where}: family of {model.slug} is {model.family!r}; allowed: {', '.join(families)}"
                )
        return lab


@dataclass(frozen=True, slots=True)
class BenchmarkDefinition:
    """`floor` is the score of chance, `ceiling` the best possible one, in the unit; None where the unit has none."""

    slug: str
    name: str
    aliases: tuple[str, ...]
    category: Category
    domain: str
    unit: Unit
    floor: float | None
    ceiling: float | None
    lower_is_better: bool
    items: int
    access: ItemAccess
    released: When | None
    homepage: str
    maintainer: str
    in_index: bool
    superseded_by: str
    may_display: bool
    note: str

    @classmethod
    def from_toml(cls, slug: str, data: Mapping[str, Any]) -> "BenchmarkDefinition":
        """Raises ValueError with file, field and what is allowed."""
        table = _Table(f"benchmarks/{slug}.toml", data, tuple(name for name in cls.__slots__ if name != "slug"))
        benchmark = cls(
            slug=slug,
            name=table.text("name", required=True),
            aliases=table.texts("aliases"),
            category=table.choice("category", Category),
            domain=table.text("domain"),
            unit=table.choice("unit", Unit),
            floor=table.number("floor"),
            ceiling=table.number("ceiling"),
            lower_is_better=table.flag("lower_is_better", False),
            items=table.whole("items"),
            access=table.choice("access", ItemAccess),
            released=table.when("released"),
            homepage=table.text("homepage"),
            maintainer=table.text("maintainer"),
            in_index=table.flag("in_index"),
            superseded_by=table.text("superseded_by"),
            may_display=table.flag("may_display", True),
            note=table.text("note"),
        )
        floor, ceiling = benchmark.floor, benchmark.ceiling
        if floor is None or ceiling is None:
            if benchmark.in_index or benchmark.unit.bounded:
                raise ValueError(f"{table.where}: floor and ceiling are needed in the index and for a {benchmark.unit}")
        elif floor >= ceiling:
            raise ValueError(f"{table.where}: floor {floor} is not below ceiling {ceiling}")
        elif benchmark.unit.bounded and (floor < 0 or ceiling > 1):
            raise ValueError(
                f"{table.where}: floor {floor} and ceiling {ceiling} must lie in 0..1 for a {benchmark.unit}"
            )
        return benchmark


@dataclass(frozen=True, slots=True)
class GeoExclusion:
    """A place whose people get no rights, and for what (`scope`)."""

    region: str
    scope: str


@dataclass(frozen=True, slots=True)
class LicenceDefinition:
    """Terms as read, never a verdict. A threshold of 0 is none; `geo_exclusions` None is unread, empty is none."""

    slug: str
    name: str
    spdx: str
    url: str
    family: str
    version: str
    aliases: tuple[str, ...]
    osi_approved: Answer
    fsf_libre: Answer
    commercial: CommercialUse
    mau_threshold: int
    revenue_threshold: int  # US dollars
    revenue_period: str  # month or year
    threshold_effect: ThresholdEffect
    aup: AcceptableUse
    output_training: OutputTraining
    geo_exclusions: tuple[GeoExclusion, ...] | None
    share_alike: Answer
    naming_duty: NamingDuty
    evidence: str
    text_sha256: str
    read_on: When | None
    note: str

    @classmethod
    def from_toml(cls, slug: str, data: Mapping[str, Any]) -> "LicenceDefinition":
        """Raises ValueError with file, field and what is allowed."""
        table = _Table(f"licences/{slug}.toml", data, tuple(name for name in cls.__slots__ if name != "slug"))
        exclusions = [
            _Table(f"{table.where} [[geo_exclusions]]", row, ("region", "scope"))
            for row in table.tables("geo_exclusions")
        ]
        licence = cls(
            slug=slug,
            name=table.text("name", required=True),
            spdx=table.text("spdx"),
            url=table.text("url"),
            family=table.text("family"),
            version=table.text("version"),
            aliases=table.texts("aliases"),
            osi_approved=table.choice("osi_approved", Answer, Answer.UNREAD),
            fsf_libre=table.choice("fsf_libre", Answer, Answer.UNREAD),
            commercial=table.choice("commercial", CommercialUse, CommercialUse.UNREAD),
            mau_threshold=table.whole("mau_threshold"),
            revenue_threshold=table.whole("revenue_threshold"),
            revenue_period=table.text("revenue_period"),
            threshold_effect=table.choice("threshold_effect", ThresholdEffect, ThresholdEffect.NONE),
            aup=table.choice("aup", AcceptableUse, AcceptableUse.UNREAD),
            output_training=table.choice("output_training", OutputTraining, OutputTraining.UNREAD),
            geo_exclusions=None
            if "geo_exclusions" not in data
            else tuple(GeoExclusion(row.text("region", required=True), row.text("scope")) for row in exclusions),
            share_alike=table.choice("share_alike", Answer, Answer.UNREAD),
            naming_duty=table.choice("naming_duty", NamingDuty, NamingDuty.UNREAD),
            evidence=table.text("evidence"),
            text_sha256=table.text("text_sha256"),
            read_on=table.when("read_on"),
            note=table.text("note"),
        )
        thresholds = bool(licence.mau_threshold or licence.revenue_threshold)
        if thresholds != (licence.threshold_effect is not ThresholdEffect.NONE):
            raise ValueError(
                f"{table.where}: threshold_effect is {licence.threshold_effect} beside thresholds {thresholds}"
            )
        if bool(licence.revenue_threshold) != (licence.revenue_period in ("month", "year")):
            raise ValueError(f"{table.where}: revenue_period is {licence.revenue_period!r}; allowed: month, year")
        if bool(licence.evidence) != bool(licence.read_on):
            raise ValueError(f"{table.where}: evidence and read_on stand together: where the terms were read, and when")
        return licence


def _unrepeated(where: str, what: str, values: list[str]) -> None:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"{where}: {what} {', '.join(repeated)} is used twice")


class _Table:
    """One TOML table, read field by field; `where` names it in every complaint."""

    def __init__(self, where: str, data: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
        self.where = where
        self.data = data
        unknown = sorted(set(data) - set(allowed))
        if unknown:
            # A misspelt key would otherwise leave its field at the default and say nothing.
            raise ValueError(f"{where}: unknown field {', '.join(unknown)}; allowed: {', '.join(allowed)}")

    def _typed(self, field: str, kind: type[T], default: T | None, what: str) -> T:
        value = self.data.get(field, default)
        if value is None:
            raise ValueError(f"{self.where}: field {field} is missing; it must be {what}")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{self.where}: field {field} is {value!r}; it must be {what}")
        return value

    def text(self, field: str, *, required: bool = False) -> str:
        value = self._typed(field, str, None if required else "", "text")
        if value != value.strip() or (required and not value):
            raise ValueError(f"{self.where}: field {field} is {value!r}; it must be text without blanks around it")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        values = self._typed(field, list, [], "a list of texts")
        for value in values:
            if not isinstance(value, str) or not value or value != value.strip():
                raise ValueError(
                    f"{self.where}: field {field} holds {value!r}; allowed: texts without blanks around them"
                )
        _unrepeated(self.where, field, values)
        return tuple(values)

    def tables(self, field: str) -> tuple[Mapping[str, Any], ...]:
        values = self._typed(field, list, [], "a list of tables")
        stray = [value for value in values if not isinstance(value, Mapping)]
        if stray:
            raise ValueError(f"{self.where}: field {field} holds {stray[0]!r}; allowed: tables")
        return tuple(values)

    def choice(self, field: str, choices: type[E], default: E | None = None) -> E:
        allowed = "one of " + ", ".join(choices)
        value = self._typed(field, str, None if default is None else str(default), allowed)
        if value not in list(choices):
            raise ValueError(f"{self.where}: field {field} is {value!r}; allowed: {', '.join(choices)}")
        return choices(value)

    def flag(self, field: str, default: bool | None = None) -> bool:
        return self._typed(field, bool, default, "true or false")

    def number(self, field: str) -> float | None:
        if field not in self.data:
            return None
        value = self.data[field]
        return float(self._typed(field, int if isinstance(value, int) else float, None, "a number"))

    def whole(self, field: str) -> int:
        value = self._typed(field, int, 0, "a whole number, 0 where there is none")
        if value < 0:
            raise ValueError(f"{self.where}: field {field} is {value}; allowed: 0 and above")
        return value

    def when(self, field: str) -> When | None:
        text = self.text(field)
        try:
            return When.parse(text)
        except ValueError as error:
            raise ValueError(f"{self.where}: field {field}: {error}") from error
