"""What the catalogue's files say of labs with their families and models, and of benchmarks; all else is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tracker.domain.records import When
from tracker.domain.tables import Table, unrepeated


class Region(StrEnum):
    """Where a lab sits. The gap and the claims can be asked of the open models of one region."""

    US = "us"
    CHINA = "china"
    EUROPE = "europe"
    OTHER = "other"


class Category(StrEnum):
    """What a benchmark asks for most of all. Every category is a scope of the gap."""

    AGENTIC = "agentic"
    CODING = "coding"
    MATHEMATICS = "mathematics"
    KNOWLEDGE = "knowledge"
    REASONING = "reasoning"
    LONG_CONTEXT = "long-context"
    MULTIMODAL = "multimodal"
    PREFERENCE = "preference"


class Unit(StrEnum):
    """What a benchmark's scores are counted in. A proportion is a share of the best that can be had, a rate one of
    comparisons won, both 0 to 1. Points are the benchmark's own."""

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


@dataclass(frozen=True, slots=True)
class FamilyDefinition:
    """A line of models of one lab, told apart from the lab's others."""

    slug: str
    name: str

    @classmethod
    def from_toml(cls, slug: str, data: Mapping[str, Any]) -> "FamilyDefinition":
        """`slug` is the lab's, whose file the family stands in."""
        table = Table(f"labs/{slug}.toml [[family]]", data, ("slug", "name"))
        return cls(table.text("slug", required=True), table.text("name", required=True))


@dataclass(frozen=True, slots=True)
class ModelDefinition:
    """A model with every name that sources give it. `family` is a slug of the same lab's, blank for none; `released` is
    the date that tells its dated names from those of other snapshots."""

    slug: str
    name: str
    family: str
    released: When | None
    aliases: tuple[str, ...]

    @classmethod
    def from_toml(cls, slug: str, data: Mapping[str, Any]) -> "ModelDefinition":
        """`slug` is the lab's, whose file the model stands in."""
        where = f"labs/{slug}.toml [[model]] {data.get('slug', '')}".rstrip()
        table = Table(where, data, ("slug", "name", "family", "released", "aliases"))
        return cls(
            slug=table.text("slug", required=True),
            name=table.text("name", required=True),
            family=table.text("family"),
            released=table.when("released"),
            aliases=table.texts("aliases"),
        )


@dataclass(frozen=True, slots=True)
class LabDefinition:
    """One file of the catalogue: a lab with its families and its models."""

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
        table = Table(f"labs/{slug}.toml", data, fields)
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
        unrepeated(table.where, "family slug", families)
        unrepeated(table.where, "model slug", [model.slug for model in lab.models])
        for model in lab.models:
            if model.family and model.family not in families:
                raise ValueError(
                    f"{table.where}: family of {model.slug} is {model.family!r}; allowed: {', '.join(families)}"
                )
        return lab


@dataclass(frozen=True, slots=True)
class PersonDefinition:
    """Somebody whose statements are collected; `lab` is the slug of the one they are known for."""

    slug: str
    name: str
    role: str
    lab: str
    homepage: str
    aliases: tuple[str, ...]

    @classmethod
    def from_toml(cls, slug: str, data: Mapping[str, Any]) -> "PersonDefinition":
        """Raises ValueError with file, field and what is allowed."""
        table = Table(f"people/{slug}.toml", data, ("name", "role", "lab", "homepage", "aliases"))
        return cls(
            slug=slug,
            name=table.text("name", required=True),
            role=table.text("role"),
            lab=table.text("lab"),
            homepage=table.text("homepage"),
            aliases=table.texts("aliases"),
        )


@dataclass(frozen=True, slots=True)
class Contamination:
    """One finding about questions of a benchmark that models may have been trained on, in our words."""

    text: str
    url: str
    date: str

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "Contamination":
        table = Table(f"{where} [[contamination]]", data, ("text", "url", "date"))
        when = table.when("date")
        if when is None:
            raise ValueError(f"{table.where}: field date is missing; it must be a date such as 2025-04-16 or 2025-04")
        return cls(table.text("text", required=True), table.text("url", required=True), str(when))


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
    contamination: tuple[Contamination, ...]

    @classmethod
    def from_toml(cls, slug: str, data: Mapping[str, Any]) -> "BenchmarkDefinition":
        """Raises ValueError with file, field and what is allowed."""
        table = Table(f"benchmarks/{slug}.toml", data, tuple(name for name in cls.__slots__ if name != "slug"))
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
            contamination=tuple(Contamination.from_toml(table.where, row) for row in table.tables("contamination")),
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
