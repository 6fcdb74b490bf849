"""Which commands have the embedded database started for them."""

import pytest

from landscape.local.on_demand import needs_database, state_option


@pytest.mark.parametrize(
    "line", ["collect epoch", "gap --json", "migrate", "shell", "gap --as-of 2026-05-01", "benchmark pages --scores 9"]
)
def test_a_command_that_reads_facts_needs_the_database(line: str) -> None:
    assert needs_database(["manage.py", *line.split()])


@pytest.mark.parametrize(
    "line",
    ["", "--help", "up --port 1", "check", "gap --scores f.csv --json", "openness --mof=f.yml", "collect --help"],
)
def test_a_command_that_answers_without_facts_does_not(line: str) -> None:
    assert not needs_database(["manage.py", *line.split()])


@pytest.mark.parametrize(
    ("line", "folder"),
    [
        ("up --state /a --port 1", "/a"),
        ("up --port 1 --state=/a", "/a"),
        ("up --port 1", ""),
        ("up --state", ""),
        ("collect --state /a", ""),
    ],
)
def test_where_the_command_line_says_the_state_is(line: str, folder: str) -> None:
    assert state_option(["manage.py", *line.split()]) == folder
