"""The README's page for bad days names only commands, options and settings that there are."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

PROJECT = Path(__file__).resolve().parents[2]
PAGE = (PROJECT / "README.md").read_text().partition("## When X, do Y\n")[2].partition("\n## ")[0]
CODE = re.findall(r"`([^`]+)`", PAGE)
COMMANDS = [text.split()[1:] for text in CODE if text.startswith("manage.py ")]


def test_it_knows_twenty_bad_days():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    assert len(rows) > 20
    assert all(line.count(" |") >= 3 for line in rows)
    assert len(COMMANDS) >= 10


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_of_it_is_there_with_its_options(words):
    name, *arguments = words
    assert name in get_commands()
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    known = {option for action in parser._actions for option in action.option_strings}
    assert {word for word in arguments if word.startswith("--")} <= known


@pytest.mark.parametrize(
    "name", sorted({text.partition("=")[0] for text in CODE if re.fullmatch(r"[A-Z_]{6,}(=\S+)?", text)})
)
def test_every_setting_of_it_is_read(name):
    read = "".join((PROJECT / "landscape" / file).read_text() for file in ("settings.py", "environment.py"))
    assert f'"{name}"' in read
