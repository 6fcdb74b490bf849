"""What a process brings along from its start: memory and time that every one of them pays, asked for or not."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("scipy", "matplotlib", "pandas", "lifelines", "plotly")
LOOK = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "landscape.settings"
import django
django.setup()
import {modules}
print(*sorted({{name.partition(".")[0] for name in sys.modules}} & {heavy!r}))
"""


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        # Pages and their pictures; PNG and Parquet are for those who ask.
        ("landscape.wsgi, landscape.urls, tracker.charts.drawing", {*HEAVY, "pyarrow"}),
        # Workers and beat, until a task of theirs fits or counts.
        ("landscape.celery, landscape.beat, tracker.tasks", {*HEAVY}),
    ],
)
def test_what_few_need_is_not_brought_along_by_all(modules, heavy, tmp_path):
    found = subprocess.run(
        [sys.executable, "-c", LOOK.format(modules=modules, heavy=heavy)],
        cwd=ROOT,
        env={"STATE_DIR": str(tmp_path), "DATABASE_URL": "postgres://nobody@localhost/none", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == []
