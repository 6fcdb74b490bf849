"""What is believed at a time: of each model its release facts, and of each (model, benchmark, setting) one score."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from tracker.domain.events import EventKind
from tracker.domain.evidence import NO_CHOICES, Belief, ReleaseFact, believed_release
from tracker.domain.licence_terms import Answer, CommercialUse
from tracker.domain.openness import OpenMeans, came_late, open_under
from tracker.domain.records import Access, Precision
from tracker.models import AIModel, Benchmark, Event, Licence, Release
from tracker.pipeline import choices
from tracker.pipeline.believed_scores import Scores, believed_columns, counted


@dataclass(frozen=True, slots=True)
class BelievedModel:
    """One model as the facts tell it; `open_means` is empty for a closed model, and for one whose weights came late;
    None where its access is unknown."""

    id: int
    slug: str
    name: str
    lab: str
    region: str
    family: str
    release: Belief
    open_means: tuple[OpenMeans, ...] | None
    scores: int
    benchmarks: int

    @property
    def released_on(self) -> date | None:
        found: date | None = self.release["released_on"]
        return found


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Everything believed at one time, by slug. A model of which no fact tells anything is not among them."""

    models: dict[str, BelievedModel]
    scores: Scores
    benchmarks: dict[str, Benchmark]
    licences: dict[str, Licence]


# The catalogue's name for the terms of a service whose weights are not released.
SERVICE_TERMS = "proprietary"


def beliefs(known_at: datetime | None) -> Beliefs:
    """Everything believed on the facts known at `known_at`; None is now."""
    licences = {licence.slug: licence for licence in Licence.objects.all()}
    releases: dict[int, list[ReleaseFact]] = defaultdict(list)
    # What only a source that may not be shown says is kept, and believed nowhere: every belief is public.
    facts = Release.objects.known(known_at).filter(endpoint__source__may_display=True)
    told = facts.values_list(
        "model_id", "pk", "endpoint__source__slug", "known_from", "released_on", "precision", "access", "licence__slug",
        "parameters", "active_parameters", "context", "data_information", "training_code",
    )  # fmt: skip
    for (
        model, pk, source, known_from, on, precision, access, licence, parameters, active, context, information, code,
    ) in told.iterator(chunk_size=5000):  # fmt: skip
        releases[model].append(
            ReleaseFact(
                id=pk,
                source=source,
                known_from=known_from,
                released_on=on,
                precision=Precision(precision),
                access=Access(access) if access else None,
                licence=licence or "",
                parameters=parameters,
                active_parameters=active,
                context=context,
                data_information=information,
                training_code=code,
            )
        )
    benchmarks = {benchmark.slug: benchmark for benchmark in Benchmark.objects.select_related("superseded_by")}
    scores = believed_columns(known_at)
    count, breadth = counted(scores)
    models = {}
    chosen = choices.of_releases(known_at)
    late = late_weights(known_at)
    named = AIModel.objects.values_list("pk", "slug", "name", "lab__name", "lab__region", "family__name")
    for pk, slug, name, lab, region, family in named.iterator(chunk_size=5000):
        if pk not in releases and slug not in count:
            continue
        release = under_service_terms(believed_release(releases[pk], chosen.get(pk, NO_CHOICES)))
        models[slug] = BelievedModel(
            id=pk,
            slug=slug,
            name=name,
            lab=lab,
            region=region,
            family=family or "",
            release=release,
            open_means=() if pk in late and release["access"] else _open_means(release, licences),
            scores=count.get(slug, 0),
            benchmarks=breadth.get(slug, 0),
        )
    return Beliefs(models, scores, benchmarks, licences)


def under_service_terms(release: Belief) -> Belief:
    """A model whose weights were not released is under its provider's terms of service, whatever these say: no licence
    of the weights exists to be named. The evidence is the access fact."""
    access = release["access"]
    if access is None or access.downloadable or release["licence"]:
        return release
    values = {**release.values, "licence": SERVICE_TERMS}
    return Belief(values, {**release.evidence, "licence": release.evidence["access"]}, release.conflicts)


# How a lab's history tells that a model could be had without its weights, and that the weights arrived. Both days must
# come from there: a release date of another source may mean a paper or a repository, and would pass for a wait.
WITHOUT_WEIGHTS = (EventKind.CLOSED_RELEASE.value, EventKind.STAGED_ACCESS.value)
WITH_WEIGHTS = (EventKind.OPEN_RELEASE.value, EventKind.RESTRICTED_RELEASE.value)


def late_weights(known_at: datetime | None) -> frozenset[int]:
    """Ids of the models whose weights came too late for them to count as open, as the labs' histories tell it."""
    # A month stands for its first day: up to thirty days would be added to the wait.
    told = Event.objects.known(known_at).filter(
        kind__in=(*WITHOUT_WEIGHTS, *WITH_WEIGHTS),
        model__isnull=False,
        precision=Precision.DAY.value,
        endpoint__source__may_display=True,
    )
    closed: dict[int, date] = {}
    opened: dict[int, date] = {}
    for model, kind, on in told.order_by("-occurred_on").values_list("model_id", "kind", "occurred_on"):
        (opened if kind in WITH_WEIGHTS else closed)[model] = on
    return frozenset(model for model, on in opened.items() if came_late(closed.get(model), on))


def _open_means(release: Belief, licences: dict[str, Licence]) -> tuple[OpenMeans, ...] | None:
    if release["access"] is None:
        return None
    licence = licences.get(release["licence"] or "")
    return open_under(
        release["access"],
        commercial=CommercialUse(licence.commercial) if licence else None,
        osi_approved=Answer(licence.osi_approved) if licence else None,
        data_information=release["data_information"] or "",
        training_code=release["training_code"] or "",
    )
