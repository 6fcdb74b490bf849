"""A catalogue that knows every model of these documents, so that no alarm is about names."""

from pathlib import Path

import pytest

from tests.pipeline.catalogue import write_catalogue


@pytest.fixture
def root(tmp_path: Path) -> Path:
    from tests.pipeline.alarms.steps import LINES, OFFERS

    root = write_catalogue(tmp_path / "catalogue")
    known = {offer.name for offer in OFFERS} | {line.model for line in LINES}
    more = "".join(f'[[model]]\nslug = "{name}"\nname = "{name}"\n' for name in sorted(known))
    with (root / "labs" / "openai.toml").open("a", encoding="utf-8") as file:
        file.write(more)
    return root
