"""The fingerprints of licences in tracker/catalog/fingerprints, and the names by which licences are called."""

import dataclasses
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from tracker.domain import licence_fingerprint
from tracker.domain.licence_fingerprint import Fingerprint
from tracker.domain.licence_recognition import recognise
from tracker.domain.licence_terms import LicenceDefinition
from tracker.domain.licence_text import normalise
from tracker.pipeline.catalog import CATALOG, definitions

FOLDER = "fingerprints"


@cache
def fingerprints(root: Path = CATALOG) -> tuple[Fingerprint, ...]:
    """Every fingerprint, by slug. Raises ValueError naming the file that is none."""
    found = []
    for path in sorted((root / FOLDER).glob("*.txt")):
        try:
            one = licence_fingerprint.read(path.read_text("utf-8"))
        except ValueError as error:
            raise ValueError(f"{FOLDER}/{path.name}: {error}") from error
        if one.slug != path.stem:
            raise ValueError(f"{FOLDER}/{path.name} is of {one.slug}")
        found.append(one)
    return tuple(found)


def licence_definitions(root: Path = CATALOG) -> dict[str, LicenceDefinition]:
    """Every licence of the catalogue, by slug."""
    return {one.slug: one for one in definitions("licences", LicenceDefinition.from_toml, root=root)}


def names(licences: Iterable[LicenceDefinition]) -> dict[str, str]:
    """What calls which licence: names, aliases, SPDX ids and addresses, normalised; what calls two calls none."""
    called: dict[str, str] = {}
    twice = set()
    for licence in licences:
        for name in (licence.name, licence.spdx, licence.url, licence.slug, *licence.aliases):
            key = normalise(name)
            if key and called.setdefault(key, licence.slug) != licence.slug:
                twice.add(key)
    return {key: slug for key, slug in called.items() if key not in twice}


def learn(slug: str, name: str, text: str, *, root: Path = CATALOG) -> tuple[Path, Fingerprint]:
    """Write what is kept of a text to the licence's file; a text that its file already tells is not written again."""
    one = licence_fingerprint.fingerprint(slug, name, text)
    path = root / FOLDER / f"{slug}.txt"
    if path.exists():
        known = licence_fingerprint.read(path.read_text("utf-8"))
        one = known if recognise(text, (known,)).exact else licence_fingerprint.merged(known, one)
    path.parent.mkdir(exist_ok=True)
    path.write_text(licence_fingerprint.written(one), "utf-8")
    fingerprints.cache_clear()
    return path, one


def terms(licence: LicenceDefinition) -> dict[str, Any]:
    """The terms of a licence as the catalogue has them: every field that is neither its name nor where it is found."""
    fields = dataclasses.asdict(licence)
    for name in ("slug", "name", "aliases", "url", "text_sha256"):
        fields.pop(name, None)
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    """As JSON has it; a date as it was written."""
    if isinstance(value, dict):
        if set(value) == {"on", "precision"}:
            length = {"year": 4, "month": 7}.get(str(value["precision"]), 10)
            return value["on"].isoformat()[:length]
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)
