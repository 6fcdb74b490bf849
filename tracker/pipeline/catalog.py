"""Brings the definitions in tracker/catalog into the database: labs, families, models, benchmarks, licences, names."""

import dataclasses
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, models, transaction

from tracker.domain.claims import ClaimDefinition
from tracker.domain.definitions import BenchmarkDefinition, LabDefinition, PersonDefinition
from tracker.domain.licence_terms import LicenceDefinition
from tracker.domain.names import normalise
from tracker.domain.scenarios import ScenarioDefinition
from tracker.models import AIModel, Alias, Benchmark, Claim, Decision, Family, Lab, Licence, Person, Scenario, Source
from tracker.pipeline.versions import raise_data_version
from tracker.sources import SOURCES

CATALOG_LOCK = 7_302
CATALOG = Path(__file__).resolve().parents[1] / "catalog"

D = TypeVar("D")


def definitions(folder: str, read: Callable[[str, Mapping[str, Any]], D], *, root: Path = CATALOG) -> Iterator[D]:
    """Every definition of a folder, by slug. Raises ValueError naming the file that is not TOML or not a definition."""
    for path in sorted((root / folder).glob("*.toml")):
        try:
            yield read(path.stem, tomllib.loads(path.read_text("utf-8")))
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{folder}/{path.name} is not TOML: {error}") from error


def load_catalog(*, now: datetime, root: Path = CATALOG) -> int:
    """Make the database agree with the files; returns how many rows were written. Running it again writes nothing.

    A definition that left the files stays in the database: facts may hang on it. Names that left the files go.
    """
    labs = list(definitions("labs", LabDefinition.from_toml, root=root))
    benchmarks = list(definitions("benchmarks", BenchmarkDefinition.from_toml, root=root))
    licences = list(definitions("licences", LicenceDefinition.from_toml, root=root))
    people = list(definitions("people", PersonDefinition.from_toml, root=root))
    claims = list(definitions("claims", _claim, root=root))
    scenarios = list(definitions("scenarios", _scenario, root=root))
    with transaction.atomic():
        # Two processes that meet an empty database would create the same rows: the second waits and finds them.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CATALOG_LOCK])
        written = _load_sources()
        written += _load_labs(labs)
        written += _load_people(people)
        written += _load_benchmarks(benchmarks)
        written += _load_licences(licences)
        written += _load_claims(claims)
        written += _load_scenarios(scenarios)
        written += _load_aliases(labs, benchmarks, licences, people)
        if written:
            raise_data_version(now=now)
    return written


def _save(
    model: type[models.Model],
    wanted: Mapping[str, dict[str, Any]],
    existing: dict[str, Any],
) -> int:
    """Create or change rows by slug; an equal row is left alone. A row of the same name under a slug that the files no
    longer use is that thing renamed: its facts stay with it."""
    left = [row for row in existing.values() if row.slug not in wanted]
    fresh, written = [], 0
    for slug, fields in wanted.items():
        row = existing.get(slug)
        if row is None:
            row = next((old for old in left if _same(old, fields)), None)
            if row is None:
                existing[slug] = model(slug=slug, **fields)
                fresh.append(existing[slug])
                continue
            left.remove(row)
            existing[slug] = existing.pop(row.slug)
            fields = {"slug": slug, **fields}
            written += 1
        changed = [name for name, value in fields.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, fields[name])
        if changed:
            row.save(update_fields=changed)
            written += changed != ["slug"]
    # Two thousand rows on a first start: one by one they would be half of its time.
    model._default_manager.bulk_create(fresh, batch_size=500)
    return written + len(fresh)


def _same(row: Any, fields: dict[str, Any]) -> bool:
    return "name" in fields and row.name == fields["name"]


def _by_slug(model: type[models.Model]) -> dict[str, Any]:
    return {row.slug: row for row in model._default_manager.all()}  # type: ignore[attr-defined]


def _load_sources() -> int:
    wanted = {
        slug: {
            "title": source.title,
            "publisher": source.publisher,
            "homepage": source.homepage,
            "data_licence": source.data_licence,
            "attribution": source.attribution,
            "may_display": source.may_display,
            "may_hand_on": source.may_hand_on,
            "rolling": source.rolling,
            "every": source.every,
            "stale_after": source.stale_after,
        }
        for slug, source in SOURCES.items()
    }
    return _save(Source, wanted, _by_slug(Source))


def _load_labs(labs: Collection[LabDefinition]) -> int:
    rows, families, models_of = _by_slug(Lab), _by_slug(Family), _by_slug(AIModel)
    fields = {
        lab.slug: {"name": lab.name, "country": lab.country, "region": lab.region.value, "homepage": lab.homepage}
        for lab in labs
    }
    written = _save(Lab, fields, rows)
    of_families = {
        family.slug: {"name": family.name, "lab_id": rows[lab.slug].pk} for lab in labs for family in lab.families
    }
    written += _save(Family, of_families, families)
    of_models = {
        model.slug: {
            "name": model.name,
            "lab_id": rows[lab.slug].pk,
            "family_id": families[model.family].pk if model.family else None,
            "identity_date": model.released.on if model.released else None,
        }
        for lab in labs
        for model in lab.models
    }
    return written + _save(AIModel, of_models, models_of)


def _load_people(people: Collection[PersonDefinition]) -> int:
    labs, wanted = _by_slug(Lab), {}
    for person in people:
        if person.lab and person.lab not in labs:
            raise ValueError(f"people/{person.slug}.toml: there is no lab {person.lab!r}")
        wanted[person.slug] = {
            "name": person.name,
            "role": person.role,
            "lab_id": labs[person.lab].pk if person.lab else None,
            "homepage": person.homepage,
        }
    return _save(Person, wanted, _by_slug(Person))


def _load_benchmarks(benchmarks: list[BenchmarkDefinition]) -> int:
    existing, wanted = _by_slug(Benchmark), {}
    switched = Decision.objects.last_standing(Decision.Kind.SWITCH_BENCHMARK)
    hidden = {row.slug for row in existing.values() if row.pk in switched and not switched[row.pk]["may_display"]}
    for benchmark in benchmarks:
        fields = dataclasses.asdict(benchmark)
        for name in ("slug", "aliases", "superseded_by"):
            del fields[name]
        for name in ("category", "unit", "access"):
            fields[name] = fields[name].value
        fields["released_on"] = benchmark.released.on if benchmark.released else None
        fields["items"] = benchmark.items or None
        fields["contamination"] = list(fields["contamination"])
        # What a curator hid stays hidden; what the file hides no curator can show.
        fields["may_display"] = benchmark.may_display and benchmark.slug not in hidden
        del fields["released"]
        wanted[benchmark.slug] = fields
    written = _save(Benchmark, wanted, existing)
    successors = {
        benchmark.slug: {"superseded_by_id": existing[benchmark.superseded_by].pk if benchmark.superseded_by else None}
        for benchmark in benchmarks
    }
    return written + _save(Benchmark, successors, existing)


def _load_licences(licences: Collection[LicenceDefinition]) -> int:
    wanted = {}
    for licence in licences:
        terms = dataclasses.asdict(licence)
        for name in ("slug", "name", "spdx", "url", "osi_approved", "commercial", "aliases"):
            del terms[name]
        terms["read_on"] = str(licence.read_on) if licence.read_on else ""
        # The column is JSON: tuples come back from it as lists, and would look changed at every start.
        terms = {name: list(value) if isinstance(value, tuple) else value for name, value in terms.items()}
        wanted[licence.slug] = {
            "name": licence.name,
            "spdx": licence.spdx,
            "url": licence.url,
            "osi_approved": licence.osi_approved.value,
            "commercial": licence.commercial.value,
            "terms": terms,
        }
    return _save(Licence, wanted, _by_slug(Licence))


def _claim(slug: str, data: Mapping[str, Any]) -> tuple[ClaimDefinition, dict[str, Any]]:
    """The claim as it is understood, and its file as it is kept: the judge reads the row, never the folder."""
    return ClaimDefinition.from_toml(slug, data), dict(data)


def _load_claims(claims: Collection[tuple[ClaimDefinition, dict[str, Any]]]) -> int:
    wanted = {
        claim.slug: {
            "title": claim.title,
            "quote": claim.quote,
            "author": claim.author,
            "said_on": claim.said.on,
            "precision": claim.said.precision.value,
            "publication": claim.publication,
            "url": claim.url,
            "topic": claim.topic,
            "test": data,
            "listed": True,
        }
        for claim, data in claims
    }
    written = _save(Claim, wanted, _by_slug(Claim))
    return written + Claim.objects.filter(listed=True).exclude(slug__in=wanted).update(listed=False)


def _scenario(slug: str, data: Mapping[str, Any]) -> tuple[ScenarioDefinition, dict[str, Any]]:
    return ScenarioDefinition.from_toml(slug, data), dict(data)


def _load_scenarios(scenarios: Collection[tuple[ScenarioDefinition, dict[str, Any]]]) -> int:
    wanted = {
        scenario.slug: {"title": scenario.title, "summary": scenario.summary, "definition": data, "listed": True}
        for scenario, data in scenarios
    }
    written = _save(Scenario, wanted, _by_slug(Scenario))
    return written + Scenario.objects.filter(listed=True).exclude(slug__in=wanted).update(listed=False)


def _load_aliases(
    labs: Iterable[LabDefinition],
    benchmarks: Iterable[BenchmarkDefinition],
    licences: Iterable[LicenceDefinition],
    people: Iterable[PersonDefinition],
) -> int:
    ids = {
        model: dict(model._default_manager.values_list("slug", "pk"))
        for model in (Lab, AIModel, Benchmark, Licence, Person)
    }
    wanted: dict[tuple[str, str], tuple[str, str, int]] = {}

    def want(kind: str, target: int, names: Iterable[str]) -> None:
        for name in names:
            key = normalise(name)
            if not key:
                raise ValueError(f"{kind} alias {name!r} is empty once normalised")
            known = wanted.setdefault((kind, key), (name, f"{kind}_id", target))
            if known[2] != target:
                # The database would refuse it too, but could not say which two names are meant.
                raise ValueError(f"the {kind} name {name!r} is claimed twice: it also stands as {known[0]!r}")

    for lab in labs:
        want("lab", ids[Lab][lab.slug], (lab.name, lab.slug, *lab.aliases))
        for model in lab.models:
            want("model", ids[AIModel][model.slug], (model.name, *model.aliases))
    for benchmark in benchmarks:
        want("benchmark", ids[Benchmark][benchmark.slug], (benchmark.name, benchmark.slug, *benchmark.aliases))
    for licence in licences:
        want("licence", ids[Licence][licence.slug], (licence.name, licence.slug, *licence.aliases))

    for person in people:
        want("person", ids[Person][person.slug], (person.name, *person.aliases))

    kept, stale = set(), []
    for alias in Alias.objects.all():
        known = wanted.get((alias.kind, alias.key))
        if known is not None and getattr(alias, known[1]) == known[2]:
            kept.add((alias.kind, alias.key))
        elif not alias.added_by or known is not None:
            stale.append(alias.pk)
    Alias.objects.filter(pk__in=stale).delete()
    fresh = [
        Alias(kind=kind, key=key, name=name, **{field: target})
        for (kind, key), (name, field, target) in wanted.items()
        if (kind, key) not in kept
    ]
    Alias.objects.bulk_create(fresh, batch_size=2000)
    return len(stale) + len(fresh)
