"""Search over everything with a name: models, labs, licences, benchmarks, people by any of their names, and claims.

Names are compared by their three-letter pieces, so that a typo, another order of the words or a missing one is found
all the same; of two equally near names the exact one, the one that begins so, and the better known stand first. It
costs three queries, whatever the number of names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log10
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q

from tracker.domain.names import normalise
from tracker.models import AIModel, Alias, Claim, ModelState
from tracker.queries import name_index
from tracker.queries.runs import RunInfo

LONGEST = 100
SHOWN = 8  # of each kind, on the page
LOOKED_AT = 150  # the nearest names
# What a name adds to how near it is.
EXACT, BEGINS, KNOWN = 1.0, 0.25, 0.06
KINDS: Mapping[str, tuple[str, str]] = {
    "model": ("Models", "/models/"),
    "lab": ("Labs", "/labs/"),
    "benchmark": ("Benchmarks", "/benchmarks/"),
    "licence": ("Licences", "/licences/"),
    "person": ("People", "/people/"),
    "claim": ("Claims", "/claims/"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found: `matched` is the name that the words are nearest to, `near` from 0 up."""

    kind: str
    slug: str
    name: str
    matched: str
    about: str
    url: str
    near: float


def search(words: str, run: RunInfo | None, *, kind: str = "") -> list[Hit]:
    """The hits, the nearest first; none for words without a letter or digit."""
    key = normalise(words[:LONGEST])
    if not any(letter.isalnum() for letter in key):
        return []
    hits = [
        *(_named(key, run) if kind != "claim" else ()),
        *(_claims(words[:LONGEST]) if kind in ("", "claim") else ()),
    ]
    return sorted(
        (hit for hit in hits if not kind or hit.kind == kind), key=lambda hit: (-hit.near, hit.kind, hit.slug)
    )


def grouped(hits: Iterable[Hit]) -> list[tuple[str, str, list[Hit]]]:
    """(kind, heading, hits), the kind with the nearest hit first."""
    found: dict[str, list[Hit]] = {}
    for hit in hits:
        found.setdefault(hit.kind, []).append(hit)
    return [(kind, KINDS[kind][0], some[:SHOWN]) for kind, some in found.items()]


def _named(key: str, run: RunInfo | None) -> list[Hit]:
    near = dict(name_index.names().nearest(key, LOOKED_AT))
    visible = Q(benchmark=None) | Q(benchmark__may_display=True)
    found = Alias.objects.filter(visible, pk__in=list(near)).order_by("pk")
    names = ("pk", "kind", "key", "name", "model_id")
    things = [f"{kind}__{field}" for kind in KINDS if kind != "claim" for field in ("slug", "name")]
    rows = list(found.values(*names, *things, "model__lab__name", "person__role", "benchmark__domain"))
    known = _known([row["model_id"] for row in rows if row["model_id"]], run)
    best: dict[tuple[str, str], Hit] = {}
    for row in rows:
        hit = _hit(row, key, near[row["pk"]], known)
        held = best.get((hit.kind, hit.slug))
        if held is None or hit.near > held.near:
            best[hit.kind, hit.slug] = hit
    return list(best.values())


def _known(models: list[int], run: RunInfo | None) -> dict[int, float]:
    """How well known each model is: the decimal logarithm of its scores, and whether it is on a frontier."""
    states = ModelState.objects.filter(run_id=run.id if run else None, model_id__in=models)
    rows = states.values_list("model_id", "scores", "frontier")
    return {model: log10(1 + scores) + bool(frontier) for model, scores, frontier in rows}


def _hit(row: dict[str, Any], key: str, near: float, known: dict[int, float]) -> Hit:
    kind = row["kind"]
    if row["key"] == key:
        near += EXACT
    elif row["key"].startswith(key):
        near += BEGINS
    # A lab, a benchmark or a person is what a short word means rather than one of forty models.
    near += KNOWN * (known.get(row["model_id"], 0.0) if kind == "model" else 2.0)
    about = {"model": row["model__lab__name"], "person": row["person__role"], "benchmark": row["benchmark__domain"]}
    slug = row[f"{kind}__slug"]
    return Hit(
        kind=kind,
        slug=slug,
        name=row[f"{kind}__name"],
        matched=row["name"],
        about=about.get(kind) or "",
        url=f"{KINDS[kind][1]}{slug}/",
        near=round(near, 4),
    )


def _claims(words: str) -> list[Hit]:
    near = TrigramWordSimilarity(words, "title")
    found = Claim.objects.filter(listed=True, title__trigram_word_similar=words).annotate(near=near)
    rows = found.order_by("-near", "slug").values_list("slug", "title", "author", "near")[:SHOWN]
    # A claim speaks of many names: one that is a name itself stands before it.
    return [
        Hit("claim", slug, title, title, author, f"{KINDS['claim'][1]}{slug}/", round(0.8 * float(value), 4))
        for slug, title, author, value in rows
    ]


def suggestions() -> list[str]:
    """A few names to try, for an empty search."""
    newest = AIModel.objects.exclude(identity_date=None).order_by("-identity_date", "name")
    return list(newest.values_list("name", flat=True)[:5])
