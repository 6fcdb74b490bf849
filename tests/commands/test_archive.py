"""`archive`: what was collected, out of one database and into an empty one."""

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Call
from tests.pages.world import archive
from tracker.models import Price, Release, Snapshot, Unresolved


@pytest.mark.usefixtures("db")
def test_a_database_that_holds_nothing_but_tables_takes_an_archive_in(call: Call, tmp_path: Path) -> None:
    folder = archive(tmp_path / "archive")
    told = call("archive", "import", str(folder)).splitlines()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert len(told) == len(manifest) == Snapshot.objects.count()
    assert all(": ingested " in line for line in told)
    # The catalogue came with it: names that it knows have become facts, the world's invented ones wait.
    assert Release.objects.filter(model__name="GPT-5").exists()
    assert Price.objects.filter(model__name="GPT-5").exists()
    assert Unresolved.objects.filter(name="Birch 1").exists()
