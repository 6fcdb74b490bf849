"""What is known of one release that a rubric of openness may read: what came with it, and what its licence says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from tracker.domain.records import Access


class State(StrEnum):
    """How much of a component was released. What nobody has said is `unknown`, and never counts as released."""

    OPEN = "open"
    PARTIAL = "partial"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Part(StrEnum):
    """What can come with a model: the 17 components of the Model Openness Framework, then what others ask for."""

    ARCHITECTURE = "architecture-code"
    DATA_CODE = "data-preprocessing-code"
    TRAINING_CODE = "training-code"
    INFERENCE_CODE = "inference-code"
    EVALUATION_CODE = "evaluation-code"
    LIBRARIES = "supporting-libraries"
    WEIGHTS = "final-weights"
    CHECKPOINTS = "intermediate-weights"
    DATASETS = "datasets"
    EVALUATION_DATA = "evaluation-data"
    METADATA = "metadata"
    SAMPLE_OUTPUTS = "sample-outputs"
    MODEL_CARD = "model-card"
    DATA_CARD = "data-card"
    REPORT = "technical-report"
    RESEARCH_PAPER = "research-paper"
    EVALUATION_RESULTS = "evaluation-results"
    BASE_WEIGHTS = "base-weights"
    BASE_DATA = "base-model-data"
    END_DATA = "end-model-data"
    DATA_INFORMATION = "data-information"
    CODE_DOCUMENTATION = "code-documentation"
    HARDWARE = "hardware-architecture"
    REVIEWED_PAPER = "reviewed-paper"
    PACKAGE = "package"
    API = "api"

    @property
    def words(self) -> str:
        """The part as a sentence names it."""
        return "the API" if self is Part.API else WORDS.get(self, f"the {self.value.replace('-', ' ')}")

    @property
    def were(self) -> str:
        return "were" if self in PLURAL else "was"


WORDS = {
    Part.ARCHITECTURE: "the code of the architecture",
    Part.DATA_CODE: "the data preprocessing code",
    Part.SAMPLE_OUTPUTS: "sample outputs",
    Part.DATASETS: "the training datasets",
    Part.EVALUATION_RESULTS: "the evaluation results",
    Part.BASE_WEIGHTS: "the base model's weights",
    Part.BASE_DATA: "the base model's training data",
    Part.END_DATA: "the end model's training data",
    Part.DATA_INFORMATION: "a complete description of the training data",
    Part.HARDWARE: "the description of architecture and hardware",
    Part.REVIEWED_PAPER: "a peer-reviewed paper",
    Part.RESEARCH_PAPER: "a research paper",
    Part.PACKAGE: "a package",
}
PLURAL = frozenset(
    {
        Part.WEIGHTS,
        Part.CHECKPOINTS,
        Part.DATASETS,
        Part.EVALUATION_RESULTS,
        Part.SAMPLE_OUTPUTS,
        Part.BASE_WEIGHTS,
        Part.LIBRARIES,
    }
)


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a release. `licence` is the id or the words it was released under: None where nobody has said, blank
    where it came without one. `evidence` names the fact it was read from, as kind:id: release:12, assessment:34."""

    state: State = State.UNKNOWN
    licence: str | None = None
    evidence: str = ""


UNKNOWN = Component()


@dataclass(frozen=True, slots=True)
class Quote:
    """The few words of a licence that a term rests on, and where they stand."""

    text: str
    where: str


def _told(value: Any) -> Any:
    """The value of a term, None where nobody read it."""
    return None if value in ("unread", "") else value


@dataclass(frozen=True, slots=True)
class LicenceTerms:
    """The terms of the weights' licence as they were read; None is a term that nobody has read."""

    slug: str
    name: str
    spdx: str = ""
    osi_approved: str | None = None  # yes or no
    fsf_libre: str | None = None
    commercial: str | None = None  # yes, no, permission, threshold
    mau_threshold: int = 0
    revenue_threshold: int = 0
    revenue_period: str = ""
    threshold_effect: str = "none"  # none, need-licence, display-name
    aup: str | None = None  # none, incorporated, updatable
    field_of_use: tuple[str, ...] | None = None
    military: str | None = None
    output_training: str | None = None  # allowed, banned, named
    geo_exclusions: tuple[tuple[str, str], ...] | None = None  # region, scope
    naming_duty: str | None = None  # none, display, above-threshold
    share_alike: str | None = None
    pass_through: str | None = None
    modification: str | None = None  # allowed, limited, banned
    redistribution: str | None = None
    remote_restriction: str | None = None
    evidence: str = ""
    quotes: Mapping[str, tuple[Quote, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_values(
        cls,
        slug: str,
        name: str,
        spdx: str,
        osi_approved: str,
        commercial: str,
        terms: Mapping[str, Any],
        evidence: str = "",
    ) -> "LicenceTerms":
        """From the licence's row; `terms` are the other fields of its definition as plain values."""
        quotes: dict[str, tuple[Quote, ...]] = {}
        for clause in terms.get("clauses") or ():
            fact = clause["fact"]
            quotes[fact] = (*quotes.get(fact, ()), Quote(clause["quote"], clause["where"]))
        places = terms.get("geo_exclusions")
        uses = terms.get("field_of_use")
        return cls(
            slug=slug,
            name=name,
            spdx=spdx,
            osi_approved=_told(osi_approved),
            fsf_libre=_told(terms.get("fsf_libre")),
            commercial=_told(commercial),
            mau_threshold=terms.get("mau_threshold") or 0,
            revenue_threshold=terms.get("revenue_threshold") or 0,
            revenue_period=terms.get("revenue_period") or "",
            threshold_effect=terms.get("threshold_effect") or "none",
            aup=_told(terms.get("aup")),
            field_of_use=None if uses is None else tuple(uses),
            military=_told(terms.get("military")),
            output_training=_told(terms.get("output_training")),
            geo_exclusions=None if places is None else tuple((place["region"], place["scope"]) for place in places),
            naming_duty=_told(terms.get("naming_duty")),
            share_alike=_told(terms.get("share_alike")),
            pass_through=_told(terms.get("pass_through_restrictions")),
            modification=_told(terms.get("modification")),
            redistribution=_told(terms.get("redistribution")),
            remote_restriction=_told(terms.get("remote_restriction_right")),
            evidence=evidence,
            quotes=quotes,
        )

    def quote(self, *facts: str) -> Quote | None:
        """The first quote for any of these terms."""
        return next((quotes[0] for fact in facts if (quotes := self.quotes.get(fact))), None)


Parts = Mapping[Part, Component]
NOTHING: Parts = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """All that is known of a release on a day.

    `parts` is what all sources together say. `mof` is what an assessor said under the Model Openness Framework, `osai`
    under the European Open Source AI Index, part by part: empty where nobody has assessed the release. `osai_licences`
    is the index's own grade of the licences. `base_licences` are those of the models it was made from.
    """

    as_of: date
    access: Access | None = None
    access_evidence: str = ""
    licence: LicenceTerms | None = None
    licence_evidence: str = ""
    base_licences: tuple[LicenceTerms, ...] = ()
    parts: Parts = field(default_factory=lambda: NOTHING)
    mof: Parts = field(default_factory=lambda: NOTHING)
    osai: Parts = field(default_factory=lambda: NOTHING)
    osai_licences: Component = UNKNOWN

    def part(self, part: Part) -> Component:
        return self.parts.get(part, UNKNOWN)

    @property
    def weights(self) -> State:
        """Whether the final weights can be downloaded, by whoever says so best."""
        if self.access is not None:
            return State.OPEN if self.access.downloadable else State.CLOSED
        return self.part(Part.WEIGHTS).state
