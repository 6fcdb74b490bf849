"""Keeps the list of models that news and hub listings speak of and no alias explains: work for a curator."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from tracker.domain.names import Known, normalise, resolve
from tracker.domain.proposals import Pattern, Proposal, families, from_repository, from_title, merged
from tracker.models import AIModel, Lab, News, ProposedRelease, Unresolved
from tracker.models.entities import Kind
from tracker.pipeline.resolve import Resolver

HUB = "hf_hub"
State = ProposedRelease.State
# As many as a curator looks at: of a family's name in a hundred notices the newest tell what there is to know.
MOST_SEEN = 20


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where the words stand: a notice or a repository."""

    words: str
    url: str
    on: str
    kind: str

    def plain(self) -> dict[str, str]:
        return {"words": self.words, "url": self.url, "on": self.on, "kind": self.kind}


def find(*, now: datetime) -> int:
    """Make the list agree with what is known now; returns how many proposals are new.

    Found again in the same words a proposal is not written. One that an alias explains by now says so; what was
    dismissed or adopted stays so, however often it is announced.
    """
    names = Resolver()
    seen: dict[tuple[str, str], Sighting] = {}
    wanted = _by_key(merged(_proposed(names, seen)), seen)
    labs = dict(Lab.objects.values_list("slug", "pk"))
    with transaction.atomic():
        existing = {row.key: row for row in ProposedRelease.objects.select_for_update()}
        for key, row in existing.items():
            if row.state in (State.WAITING, State.EXPLAINED):
                values = _values(*wanted[key], labs) if key in wanted else {}
                _settle(row, {**values, "state": _state(row, key in wanted, names.models)}, now)
        fresh = [
            ProposedRelease(key=key, found_at=now, **_values(*wanted[key], labs)) for key in wanted.keys() - existing
        ]
        ProposedRelease.objects.bulk_create(sorted(fresh, key=lambda row: row.key), ignore_conflicts=True)
    return len(fresh)


def _proposed(names: Resolver, seen: dict[tuple[str, str], Sighting]) -> Iterator[Proposal]:
    """Every proposal that today's news and listings make, each sighting noted by the proposal's key and its words."""
    known = families(AIModel.objects.values_list("name", "lab__slug"))
    notices = News.objects.known().order_by("published_on", "pk")
    for title, lab, url, on in notices.values_list("title", "lab__slug", "url", "published_on").iterator():
        for proposal in from_title(title, lab=lab, families=known, aliases=names.models):
            day = on.isoformat() if on else ""
            seen[normalise(proposal.name), proposal.seen_in[0]] = Sighting(proposal.seen_in[0], url, day, "news")
            yield proposal
    slugs = dict(Lab.objects.values_list("pk", "slug"))
    waiting = Unresolved.objects.filter(
        endpoint__source__slug=HUB, kind=Kind.MODEL, state=Unresolved.State.WAITING
    ).order_by("pk")
    for name, example, since in waiting.values_list("name", "example", "first_snapshot__fetched_at").iterator():
        maker = example.get("lab") or name.partition("/")[0]
        lab = slugs.get(names.other(Kind.LAB, maker) or 0, "")
        if repository := from_repository(name, lab=lab, aliases=names.models):
            sighting = Sighting(name, example.get("url", ""), since.date().isoformat(), "repository")
            seen[normalise(repository.name), name] = sighting
            yield repository


def _by_key(
    proposals: list[Proposal], seen: dict[tuple[str, str], Sighting]
) -> dict[str, tuple[Proposal, list[Sighting]]]:
    """One proposal a name: two labs that write of one model are two sightings of it, the surest names its lab."""
    found: dict[str, tuple[Proposal, list[Sighting]]] = {}
    for proposal in proposals:
        key = normalise(proposal.name)
        sightings = found.setdefault(key, (proposal, []))[1]
        sightings += [seen[key, words] for words in proposal.seen_in if seen[key, words] not in sightings]
    for _, sightings in found.values():
        sightings.sort(key=lambda sighting: (sighting.kind, sighting.on), reverse=True)
        del sightings[MOST_SEEN:]
    return found


def _values(proposal: Proposal, sightings: list[Sighting], labs: dict[str, int]) -> dict[str, Any]:
    return {
        "name": proposal.name,
        "lab_id": labs.get(proposal.lab),
        "pattern": proposal.pattern.value,
        "reason": proposal.reason,
        "seen_in": [sighting.plain() for sighting in sightings],
    }


def _state(row: ProposedRelease, proposed: bool, aliases: dict[str, Known]) -> ProposedRelease.State:
    if proposed:
        return State.WAITING
    return State.EXPLAINED if _explained(row, aliases) else State(row.state)


def _explained(row: ProposedRelease, aliases: dict[str, Known]) -> bool:
    """Whether an alias is the name or begins with it, as the proposals themselves are weighed: "Gemma 3" is explained
    where "Gemma 3 27B" is."""
    if resolve(row.name, aliases):
        return True
    if row.pattern == Pattern.REPOSITORY:
        return False
    return any(alias.startswith(f"{row.key}-") for alias in aliases)


def _settle(row: ProposedRelease, values: dict[str, Any], now: datetime) -> None:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if not changed:
        return
    if row.state == State.EXPLAINED and values["state"] == State.WAITING:
        row.found_at, changed = now, [*changed, "found_at"]
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=changed)
