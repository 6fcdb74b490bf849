"""`gap --scores`: the mathematics on a file. No test here asks for a database, so pytest refuses every use of one."""

import json
import os
import resource
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError

from tests.commands.conftest import PROJECT, Call, Manage
from tests.commands.tables import COLUMNS, score_table
from tracker.domain.score_table import read_score_table
from tracker.domain.scores_gap import answer

TABLE = score_table(models=40, benchmarks=10, each=6)
HEADER = ",".join(COLUMNS)
LAGS = [f"L{number}" for number in range(1, 9)]
NO_DATABASE = {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/none"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    path.write_text(TABLE, "utf-8")
    return path


def changed(file: Path, text: str) -> Path:
    file.write_text(text, "utf-8")
    return file


def parsed(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_prints_what_the_mathematics_says_of_the_file_and_nothing_else(file: Path, manage: Manage) -> None:
    done = manage("gap", "--scores", str(file), "--as-of", "2025-12-31", "--draws", "40", "--json")
    expected = answer(read_score_table(TABLE), date(2025, 12, 31), draws=40)
    assert parsed(done) == json.loads(json.dumps(expected))
    assert done.stderr == ""


def test_it_neither_starts_nor_asks_a_database(manage: Manage, state_folder: Path) -> None:
    asked = ("--draws", "0", "--json")
    piped = parsed(manage("gap", "--scores", "-", *asked, given=TABLE))
    assert not (state_folder / "postgres").exists()
    assert parsed(manage("gap", "--scores=-", *asked, given=TABLE, **NO_DATABASE)) == piped


def test_the_answer_keeps_the_contract(file: Path, call: Call) -> None:
    found = json.loads(call("gap", "--scores", str(file), "--as-of", "2026-01-31", "--draws", "20", "--json"))
    table = read_score_table(TABLE).released_by(date(2026, 1, 31))
    assert list(found["lags"]) == LAGS
    assert found["index"].keys() <= {model.name for model in table.models}
    assert found["difficulty"].keys() == {score.benchmark for score in table.scores}
    opens = {model.name: model.open for model in table.models}
    for side in ("open", "closed"):
        steps = found["frontier"][side]
        assert len(steps) > 2
        assert {opens[step["model"]] for step in steps} == {side == "open"}
        assert [step["value"] for step in steps] == sorted({step["value"] for step in steps})
        assert [step["released_on"] for step in steps] == sorted(step["released_on"] for step in steps)
        assert all(step["value"] == pytest.approx(found["index"][step["model"]], abs=1e-3) for step in steps)
    months = [value for name, value in found["lags"].items() if name != "L8" and value is not None]
    assert found["spread"] == [min(months), max(months)]
    heads = [found["frontier"][side][-1]["value"] for side in ("closed", "open")]
    assert found["lags"]["L8"] == pytest.approx(heads[0] - heads[1], abs=1e-3)


def test_nothing_released_later_counts(file: Path, call: Call) -> None:
    asked = ("gap", "--scores", str(file), "--as-of", "2025-03-31", "--draws", "0", "--json")
    whole = call(*asked)
    rows = TABLE.splitlines()
    early = [row for row in rows[1:] if row.split(",")[3] <= "2025-03-31"]
    assert 0 < len(early) < len(rows) - 1
    changed(file, "\n".join([rows[0], *early]))
    assert call(*asked) == whole


def test_without_a_day_the_newest_release_is_the_day(file: Path, call: Call) -> None:
    newest = max(row.split(",")[3] for row in TABLE.splitlines()[1:])
    assert json.loads(call("gap", "--scores", str(file), "--draws", "0", "--json"))["as_of"] == newest


def test_without_draws_there_are_lags_and_no_intervals_of_the_index(file: Path, call: Call) -> None:
    found = json.loads(call("gap", "--scores", str(file), "--draws", "0", "--json"))
    assert found["lags"]["L1"] is not None
    assert found["lags"]["L2"] is None  # it compares draws
    assert {step["low"] for step in found["frontier"]["closed"]} == {None}


def test_a_side_without_models_leaves_every_lag_open(file: Path, call: Call) -> None:
    changed(file, TABLE.replace(",true\n", ",false\n"))
    found = json.loads(call("gap", "--scores", str(file), "--draws", "0", "--json"))
    assert found["lags"] == dict.fromkeys(LAGS)
    assert found["frontier"]["open"] == []
    assert all(estimate["reason"] for estimate in found["estimates"].values())


def test_every_problem_of_the_file_is_named_by_its_line(manage: Manage) -> None:
    bad = [f"a,b,{50 + at},2025-01-01,true" for at in range(15)]
    rows = [HEADER, *bad, "c,b,0.5,2025-13-01,true", "d,b,0.5,2025-01-01,perhaps"]
    done = manage("gap", "--scores", "-", "--json", given="\n".join(rows))
    assert (done.returncode, done.stdout) == (1, "")
    assert "standard input has 17 problems" in done.stderr
    for line in range(2, 19):
        assert f"line {line}: " in done.stderr
    assert "is it a percentage?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the table is empty"),
        ("model,score\na,1\n", "no column benchmark, released_on, open"),
        (f"{HEADER}\n", "the table has no rows"),
        (f"{HEADER}\na,b,0.5,2025-01-01,true\n", "an index compares models"),
        (f"{HEADER}\na,b,0.5,2025-01-01,true\na,b,0.5,2025-01-02,false\n", "is released on 2025-01-02 here"),
    ],
)
def test_a_file_that_says_too_little_is_refused_in_words(text: str, said: str, file: Path, call: Call) -> None:
    with pytest.raises(CommandError, match=said):
        call("gap", "--scores", str(changed(file, text)), "--json")


def test_a_file_that_is_not_there_or_not_text_is_refused_in_words(file: Path, call: Call, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.csv cannot be read: No such file"):
        call("gap", "--scores", str(tmp_path / "none.csv"))
    file.write_bytes(f"{HEADER}\nMod\xe8le,b,0.5,2025-01-01,true\n".encode("latin-1"))
    with pytest.raises(CommandError, match="line 2: not UTF-8 text"):
        call("gap", "--scores", str(file))


def test_a_byte_order_mark_is_no_part_of_the_first_column(file: Path, call: Call) -> None:
    asked = ("gap", "--scores", str(file), "--draws", "0", "--json")
    plain = call(*asked)
    changed(file, f"\ufeff{TABLE}")
    assert call(*asked) == plain


@pytest.mark.parametrize(
    "flags", [("--scope", "math"), ("--region", "china"), ("--open-means", "osi"), ("--max-params", "40B")]
)
def test_a_question_that_a_table_cannot_answer_is_refused(flags: tuple[str, ...], file: Path, call: Call) -> None:
    with pytest.raises(CommandError, match=f"{flags[0]} asks about stored facts"):
        call("gap", "--scores", str(file), *flags)


def test_the_table_for_people_names_every_estimator_with_its_question(file: Path, manage: Manage, call: Call) -> None:
    done = manage("gap", "--scores", str(file), "--draws", "20", TERM="xterm-256color")
    found = json.loads(call("gap", "--scores", str(file), "--draws", "20", "--json"))
    assert done.returncode == 0
    for name, estimate in found["estimates"].items():
        (line,) = [line for line in done.stdout.splitlines() if line.startswith(f"{name}  ")]
        assert estimate["name"] in line
        assert (f"{estimate['value']:.1f} {estimate['unit']}" if estimate["value"] is not None else "–") in line
        assert estimate["question"] in done.stdout
    for side in ("closed", "open"):
        assert f"Frontier, {side}: {found['frontier'][side][-1]['model']}, " in done.stdout
    # Neither colour nor progress reaches a pipe.
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_on_a_terminal_progress_is_shown_and_the_answer_is_still_json(file: Path, state_folder: Path) -> None:
    ours, theirs = os.openpty()
    pieces: list[bytes] = []

    def drain() -> None:
        try:
            while piece := os.read(ours, 65536):
                pieces.append(piece)
        except OSError:  # how Linux says that nobody holds the terminal's other end any more
            return

    reader = threading.Thread(target=drain)
    reader.start()
    try:
        done = subprocess.run(
            [sys.executable, "manage.py", "gap", "--scores", str(file), "--draws", "40", "--json"],
            cwd=PROJECT,
            env={**os.environ, "STATE_DIR": str(state_folder), "TERM": "xterm"},
            stdout=subprocess.PIPE,
            stderr=theirs,
            timeout=120,
        )
    finally:
        os.close(theirs)
        reader.join()
        os.close(ours)
    assert done.returncode == 0
    assert "Fitting 240 scores" in b"".join(pieces).decode()
    assert json.loads(done.stdout)["fit"]["draws"] == 40


def test_a_table_of_1150_rows_costs_less_than_15_seconds_of_processor_time(manage: Manage) -> None:
    table = score_table(models=115, benchmarks=40, each=10)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = parsed(manage("gap", "--scores", "-", "--json", given=table))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (found["fit"]["scores"], found["scale"]) == (1150, "eci")
    assert found["fit"]["draws"] == 500
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 15
