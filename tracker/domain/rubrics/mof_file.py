"""What a file of the Model Openness Tool says of a model's components, read as the tool itself reads it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.domain.release_facts import Component, Part, State
from tracker.domain.rubrics.mof import COMPONENTS

# What people write in a licence's place for a component that is not there. The tool takes it for a licence that is not
# open, which comes to the same.
ABSENT = re.compile(r"(component )+not include", re.IGNORECASE)
UNLICENSED = "unlicensed"


class MofFileError(ValueError):
    """The values are not those of a model's file."""


@dataclass(frozen=True, slots=True)
class MofFile:
    """The components by part; `strangers` are names that the framework does not have."""

    name: str
    parts: Mapping[Part, Component]
    strangers: tuple[str, ...]


def read_mof(values: Any) -> MofFile:
    """Raises MofFileError where the file has another shape."""
    release = _table(_table(values, "the file").get("release"), "release")
    licences = _table(release.get("license") or {}, "release.license")
    components = release.get("components")
    if components is None:
        components = []
    if not isinstance(components, list):
        raise MofFileError(f"release.components is {_shown(components)}, not a list")
    own: dict[Part, Any] = {}
    strangers = []
    for number, row in enumerate(components, 1):
        where = f"component {number}"
        component = _table(row, where)
        name = component.get("name")
        if not isinstance(name, str):
            raise MofFileError(f"{where} has no name")
        if name not in COMPONENTS:
            strangers.append(name)
            continue
        part = COMPONENTS[name][0]
        licence = component.get("license")
        # A component that is listed twice is one component; what the later row says holds, if it says anything.
        own[part] = licence if licence is not None else own.get(part)
    kinds = dict(COMPONENTS.values())
    parts = {part: _component(licence, _inherited(licences, kinds[part])) for part, licence in own.items()}
    absent = {part: Component(State.CLOSED) for part in kinds if part not in parts}
    return MofFile(_text(release.get("name")), {**absent, **parts}, tuple(strangers))


def _component(own: Any, inherited: str) -> Component:
    if own is None:
        return Component(State.OPEN, inherited)
    licence = _text(own)
    if ABSENT.match(licence):
        return Component(State.CLOSED)
    return Component(State.OPEN, "" if licence == UNLICENSED else licence)


def _inherited(licences: Mapping[str, Any], kind: str) -> str:
    """The licence for the component's kind, else the one for everything, else none."""
    for name in (kind, "distribution"):
        row = licences.get(name)
        if row is not None and (found := _text(_table(row, f"release.license.{name}").get("name"))):
            return found
    return ""


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise MofFileError(f"{where} is {_shown(value)}, not a table")


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)[:60]
