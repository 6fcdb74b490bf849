"""`openness`: a file of components without a database, and a model of the database with the clauses that decide."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management.base import CommandError

from tests.commands.conftest import PROJECT, Call, Manage
from tests.pages.world import FORMULA
from tracker.domain.rubrics import RUBRICS
from tracker.models import Alias
from tracker.models.entities import Kind

SAMPLES = PROJECT / ".." / "shared" / "samples" / "mot"
CLASS_III = [
    "Model architecture",
    "Model parameters (Final)",
    "Technical report",
    "Evaluation results",
    "Model card",
    "Data card",
]


def written(folder: Path, names: list[str], licence: str = "Apache-2.0") -> str:
    path = folder / "Example-9B.yml"
    release = {
        "name": "Example-9B",
        "license": {"distribution": {"name": licence, "path": ""}},
        "components": [{"name": name, "description": ""} for name in names],
    }
    path.write_text(yaml.safe_dump({"framework": {"name": "MOF", "version": "1.0"}, "release": release}), "utf-8")
    return str(path)


def test_a_file_has_a_class_under_both_readings_and_what_is_missing(call: Call, tmp_path: Path) -> None:
    found = json.loads(call("openness", "--mof", written(tmp_path, CLASS_III), "--json"))
    assert found["mof"] == {"strict": 3, "paper": 3}
    assert set(found["missing"]) == {"strict", "paper"}
    assert found["missing"]["strict"]["3"] == {}
    assert found["missing"]["strict"]["2"]["Training code"] == "the training code was not released"
    assert set(found["missing"]["strict"]["1"]) == {
        "Datasets",
        "Data preprocessing code",
        "Model parameters (Intermediate)",
        "Research paper",
    }


def test_a_file_without_a_class_says_what_stands_in_the_way(call: Call, tmp_path: Path) -> None:
    path = written(tmp_path, CLASS_III, licence="gemma")
    found = json.loads(call("openness", "--mof", path, "--json"))
    assert found["mof"] == {"strict": 0, "paper": 0}
    assert found["missing"]["strict"]["3"]["Data card"] == (
        "the data card was released under gemma, which is no open licence"
    )
    text = call("openness", "--mof", path)
    assert "Model Openness Framework, strict: 0, unclassified" in text
    assert "class 3 lacks Data card: the data card was released under gemma" in text


def test_the_help_says_which_number_is_which_class(manage: Manage, state_folder: Path) -> None:
    done = manage("openness", "--help")
    assert done.returncode == 0
    told = " ".join(done.stdout.split())
    assert "3 is class III" in told
    assert "1 is class I (open science, the highest), 0 is none" in told


BROKEN = {
    "empty": b"",
    "blank": b"\n\n",
    "text": b"just words",
    "list": b"- a\n- b\n",
    "unclosed": b"release: {name: [",
    "tab": b"release:\n\tname: x\n",
    "bytes": b"\xff\xfe\x00\x01",
    "nul": b"release: \x00",
    "tag": b"release: !!python/object/apply:os.system ['true']\n",
    "alias": b"a: &a [1, 1]\nrelease: *a\n",
    "twice": b"release: {}\nrelease: {}\n",
    "deep": b"[" * 5000,
    "date": b"release: 2026-02-30\n",
    "page": b"<!doctype html><html></html>",
    "comma": b'{"release": {"name": "x",}, "components": [}',
    "components": b"release: {name: x, components: {a: b}}\n",
    "component": b"release: {name: x, components: [7]}\n",
    "licence": b"release: {name: x, license: MIT, components: []}\n",
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_file_is_refused_in_one_sentence_that_names_it(name: str, call: Call, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.yml"
    path.write_bytes(BROKEN[name])
    with pytest.raises(CommandError) as refused:
        call("openness", "--mof", str(path), "--json")
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_refusal_is_no_traceback_and_the_exit_status_tells_it(manage: Manage, call: Call, tmp_path: Path) -> None:
    path = tmp_path / "broken.yml"
    path.write_bytes(BROKEN["unclosed"])
    done = manage("openness", "--mof", str(path), "--json")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("CommandError: ")
    assert "Traceback" not in done.stderr
    # What a process ends with for one refusal it ends with for all.
    for file in (tmp_path / "nowhere.yml", tmp_path):
        with pytest.raises(CommandError):
            call("openness", "--mof", str(file), "--json")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the tool's files are not beside this repository")
def test_a_file_of_the_tool_is_read_without_a_database(manage: Manage, state_folder: Path) -> None:
    done = manage("openness", "--mof", str(SAMPLES / "models" / "Amber.yml"), "--json")
    assert json.loads(done.stdout)["mof"] == {"strict": 1, "paper": 1}
    assert not (state_folder / "postgres").exists()


@pytest.mark.parametrize("arguments", [(), ("gpt-5", "--mof", "x.yml"), ("--mof", "x.yml", "--as-of", "2026-05-01")])
def test_it_is_asked_of_one_thing(arguments: tuple[str, ...], call: Call) -> None:
    with pytest.raises(CommandError, match=r"one of the two|cannot go with --mof"):
        call("openness", *arguments)


def asked(call: Call, *arguments: str) -> Any:
    return json.loads(call("openness", *arguments, "--json"))


def test_a_model_has_every_verdict_with_what_decides_it(world: None, call: Call) -> None:
    found = asked(call, "birch-1")
    assert found["model"] == {"slug": "birch-1", "name": "Birch 1", "lab": "Birch"}
    assert found["licence"]["slug"] == "mit"
    assert set(found["verdicts"]) == set(RUBRICS)
    assert found["rung"] == 4
    assert found["verdicts"]["osaid"]["decided_by"]["unknown"]
    assert found["blocker"]
    for release in found["verdicts"]["ladder"]["evidence"]:
        assert found["evidence"][release]["source"] == "epoch_models"
        assert found["evidence"][release]["url"] == "https://example.org/card"


def test_a_licence_that_asks_for_permission_decides_by_its_terms(world: None, call: Call) -> None:
    found = asked(call, "birch-2")["verdicts"]
    assert found["ladder"]["decided_by"]["what"] == "licence:commercial"
    assert found["eu-53-2"]["value"] == "fail"
    text = call("openness", "birch-2")
    assert "Example Community License allows commercial use only with the licensor's permission" in text
    assert "To the next rung: " in text


@pytest.mark.parametrize("name", ["birch-4", FORMULA, "  BIRCH-4 "])
def test_a_model_goes_by_its_slug_and_by_every_name_it_has(name: str, world: None, call: Call) -> None:
    assert asked(call, name)["model"]["slug"] == "birch-4"


def test_an_unknown_name_gets_suggestions(world: None, call: Call) -> None:
    with pytest.raises(CommandError, match=r"No model is called 'Birch 77'\. Did you mean birch-"):
        call("openness", "Birch 77", "--json")
    with pytest.raises(CommandError, match="The catalogue has nothing like it"):
        call("openness", "", "--json")


def test_a_name_that_may_mean_two_models_is_refused(world: None, call: Call) -> None:
    Alias.objects.filter(kind=Kind.MODEL, key="birch-1").update(model=Alias.objects.get(key="birch-2").model)
    with pytest.raises(CommandError, match="'birch-1' may mean birch-1 or birch-2"):
        call("openness", "birch-1")


def test_a_day_of_the_past_has_what_was_known_then(world: None, call: Call) -> None:
    found = asked(call, "birch-1", "--as-of", "2026-05-01")
    assert (found["as_of"], found["known_at"][:10]) == ("2026-05-01", "2026-05-01")
    assert found["verdicts"]["osai-12"]["in_force"]
    with pytest.raises(CommandError, match="Nothing was known of birch-1 by the end of 2026-03-01"):
        call("openness", "birch-1", "--as-of", "2026-03-01")
    with pytest.raises(CommandError, match="has not come yet"):
        call("openness", "birch-1", "--as-of", "2999-01-01")
