"""What every command owes its user: help that needs no database, and a form for machines."""

import pytest
from django.core.management import load_command_class

from tests.commands.conftest import Manage

COMMANDS = ("gap", "collect", "sources", "recompute", "benchmark", "capture", "openness", "licence", "claims", "digest")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    command = load_command_class("tracker", name)
    parser = command.create_parser("manage.py", name)
    assert len(command.help) > 60
    ours = [action for action in parser._actions if action.dest not in command.base_stealth_options]
    assert [action.dest for action in ours if not action.help] == []
    assert "--json" in parser.format_help()


def test_help_is_given_without_a_database(manage: Manage, state_folder) -> None:
    done = manage("collect", "--help")
    assert done.returncode == 0
    assert "--no-recompute" in done.stdout
    assert not (state_folder / "postgres").exists()
