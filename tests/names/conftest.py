"""The labs of the catalogue that ships, and the aliases of their models."""

import tomllib
from pathlib import Path

import pytest

from tracker.domain.definitions import LabDefinition
from tracker.domain.names import Known, normalise

LABS = Path(__file__).parents[2] / "tracker" / "catalog" / "labs"


@pytest.fixture(scope="session")
def labs() -> list[LabDefinition]:
    return [LabDefinition.from_toml(path.stem, tomllib.loads(path.read_text("utf-8"))) for path in LABS.glob("*.toml")]


@pytest.fixture(scope="session")
def aliases(labs: list[LabDefinition]) -> dict[str, Known]:
    return {
        normalise(name): Known(model.slug, model.released.on if model.released else None)
        for lab in labs
        for model in lab.models
        for name in (model.name, *model.aliases)
    }
