"""Every suite at every level: its questions, its reference answers, and what it makes of wrong ones."""

import contextlib
import dataclasses
import hashlib
import importlib
import io
import json
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

pytest.importorskip("reasoning_gym", reason="reasoning-gym is not installed on this machine")

from tracker.domain.definitions import BenchmarkDefinition
from tracker.domain.evaluation import Item, Job, Mode, Question, Sampling, job_from_json, to_json
from tracker.evals import suites
from tracker.evals.suites import SUITES, gym
from tracker.evals.suites.base import Level, Suite, Task, _tasks

PROJECT = Path(__file__).parents[2]
CATALOG = PROJECT / "tracker" / "catalog" / "benchmarks"
AREAS = {"arithmetic", "algebra", "logic", "algorithms", "graphs", "games", "code", "cognition"}
LEVELS = [
    pytest.param(suite, level, id=f"{suite.slug} {level.cluster}")
    for suite in SUITES.values()
    for level in suite.levels
]
SEED = 7
# Tens of milliseconds a question, which hundreds of questions would make a minute.
SLOW = set(
    "advanced_geometry bf futoshiki game_of_life jugs knights_knaves polynomial_equations quantum_lock "
    "simple_equations zebra_puzzles".split()
)
# What a verifier that computes with an answer would never come to an end with.
ENDLESS = ("1e999999999", "1E+999999999/3", "1e9_999_999_999", "A" * 100_000, "B → " * 9000, "[" * 9000, "7 × " * 2400)
# Two questions of each level, as version 1 and so on make them with the packages that are pinned. Where one of these
# changes, scores before and after are of two tests: raise the suite's version.
MADE = {
    "own-algebra": (1, "fad78ee3d96b55e1"),
    "own-arithmetic": (1, "7d5eaddf461257a6"),
    "own-choices": (1, "4366f3b0a5e9548c"),
    "own-cognition": (1, "86277056e061d9a1"),
    "own-first-steps": (1, "f4db99083495aee5"),
    "own-games": (1, "445010a0366ecf4c"),
    "own-graphs": (1, "6668e1d58bf55922"),
    "own-induction": (1, "b8e40d23a91755c0"),
    "own-lists": (1, "c3ee4099687d6772"),
    "own-logic": (1, "06c0dfb6f78983ec"),
    "own-matrices": (1, "ecbd3f23041181d2"),
    "own-numbers": (1, "e9d2d5980e2c5cbf"),
    "own-programs": (1, "c18be28df674f246"),
    "own-stories": (1, "4a246532bfa25197"),
    "own-strings": (1, "150f1775d5b84b42"),
    "own-traces": (1, "ba5e42f32a96e5a4"),
}


@cache
def items(slug: str, seed: int = SEED) -> list[Item]:
    """Two of each level."""
    return small(SUITES[slug]).items(seed)


def small(suite: Suite) -> Suite:
    return dataclasses.replace(suite, levels=tuple(dataclasses.replace(level, items=2) for level in suite.levels))


def of(suite: Suite, level: Level) -> list[Item]:
    return [item for item in items(suite.slug) if item.cluster == level.cluster]


def given(target: str) -> str:
    """An answer as a model would write it."""
    return f"I thought about it.\n\nAnswer:{chr(10) if chr(10) in target else ' '}{target}"


def digest(suite: Suite, seed: int) -> str:
    return hashlib.sha256(repr(small(suite).items(seed)).encode()).hexdigest()


def test_there_are_suites_of_every_area():
    assert len(SUITES) >= 12
    assert {suite.area for suite in SUITES.values()} == AREAS
    assert list(SUITES) == [suite.slug for suite in SUITES.values()]
    assert all(slug.startswith("own-") for slug in SUITES)


@pytest.mark.parametrize("slug", SUITES)
def test_the_questions_of_a_version_never_change(slug):
    digest = hashlib.sha256(repr(items(slug)).encode()).hexdigest()
    assert (SUITES[slug].version, digest[:16]) == MADE[slug]


def test_adding_a_file_adds_a_suite(tmp_path, monkeypatch):
    source = (PROJECT / "tracker" / "evals" / "suites" / "arithmetic.py").read_text("utf-8")
    (tmp_path / "another.py").write_text(source.replace("own-arithmetic", "own-another"), "utf-8")
    monkeypatch.setattr(suites, "__path__", [*suites.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    try:
        assert suites._found().keys() == SUITES.keys() | {"own-another"}
        (tmp_path / "double.py").write_text(source, "utf-8")
        importlib.invalidate_caches()
        with pytest.raises(ValueError, match="two suites are called own-arithmetic"):
            suites._found()
    finally:
        for name in ("another", "double"):
            sys.modules.pop(f"tracker.evals.suites.{name}", None)
            vars(suites).pop(name, None)


@pytest.mark.parametrize(("suite", "level"), LEVELS)
def test_every_parameter_is_one_of_its_generator(suite, level):
    if level.make is not None:
        level.make(__import__("random").Random(1), **level.parameters)
        return
    from reasoning_gym.factory import DATASETS

    known = {field.name for field in dataclasses.fields(DATASETS[level.generator][1])} - {"seed", "size"}
    assert level.parameters.keys() <= known
    assert level.parameters, "a level is fixed only where it says at what"
    assert level.generator not in gym.LEFT_OUT


@pytest.mark.parametrize(("suite", "level"), LEVELS)
def test_the_reference_answer_scores_in_full_and_another_does_not(suite, level):
    found = of(suite, level)
    assert len(found) == 2
    for item in found:
        assert item.prompt.strip() == item.prompt != ""
        assert item.target
        assert json.loads(json.dumps(dict(item.meta))) == item.meta
        if suite.needs_code:
            continue
        extracted, exact, own = suite.score(item, given(item.target))
        assert (exact, own) == (1.0, None if level.make or level.choices else 1.0), extracted
        for wrong in (given(wrong_for(item)), "", "<think>" + given(item.target)):
            _, exact, own = suite.score(item, wrong)
            assert exact == 0.0
            assert own is None or 0 <= own < 1


def wrong_for(item: Item) -> str:
    if item.choices:
        return "ABCD"["DABC".index(item.target)]
    return {"True": "False", "False": "True", "Yes": "No", "No": "Yes", "0": "1"}.get(item.target, "-12345")


@pytest.mark.parametrize("slug", SUITES)
def test_what_crosses_into_the_sandbox_is_scored_alike_there(slug):
    suite = SUITES[slug]
    asked = tuple(Question(number, item) for number, item in enumerate(items(slug)))
    job = job_from_json(to_json(Job("n", slug, suite.system, Sampling(), 4, asked)))
    for before, after in zip(asked, job.questions, strict=True):
        assert suite.score(after.item, given(before.item.target)) == suite.score(before.item, given(before.item.target))


def test_the_same_seed_gives_the_same_bytes_in_another_process_and_another_seed_does_not():
    # Sets of strings come in another order in every process, unless told otherwise.
    code = (
        "import sys; sys.path[:0] = ['.', 'tests/evals']\n"
        "import test_suites as tests\n"
        f"print({{slug: tests.digest(suite, {SEED}) for slug, suite in tests.SUITES.items()}})"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env={"PYTHONHASHSEED": "31337"}, capture_output=True, check=True
    )
    here = {slug: hashlib.sha256(repr(items(slug)).encode()).hexdigest() for slug in SUITES}
    assert str(here) == ran.stdout.decode().strip().splitlines()[-1]


@pytest.mark.parametrize("slug", SUITES)
def test_another_seed_gives_other_questions(slug):
    first = {item.prompt for item in items(slug)}
    quick = small(SUITES[slug])
    quick = dataclasses.replace(quick, levels=tuple(level for level in quick.levels if level.generator not in SLOW))
    second = {item.prompt for item in quick.items(SEED + 1)}
    # A small space of questions, such as sums of one digit, holds some twice.
    assert len(first & second) <= len(second) / 10


@pytest.mark.parametrize("slug", ["own-arithmetic", "own-choices", "own-first-steps", "own-strings", "own-programs"])
def test_the_first_questions_are_those_of_the_whole_and_evenly_mixed(slug):
    suite = SUITES[slug]
    every = suite.items(SEED)
    assert len(every) == suite.size == sum(level.items for level in suite.levels)
    assert len({item.id for item in every}) == len({item.prompt for item in every}) == len(every)
    assert max(len(item.id) for item in every) <= 160
    for limit in (1, 5, len(suite.levels), 3 * len(suite.levels) + 2):
        first = suite.items(SEED, limit=limit)
        assert first == every[:limit]
        counts = Counter(item.cluster for item in first)
        assert max(counts.values()) - min(counts.get(level.cluster, 0) for level in suite.levels) <= 1
    generators = {level.generator for level in suite.levels}
    assert {item.cluster.split("/")[0] for item in every[: len(generators)]} == generators


def test_a_level_with_too_few_different_questions_is_refused():
    suite = dataclasses.replace(
        SUITES["own-traces"], levels=(Level("one", "easy", {}, make=lambda random: Task("Always the same?", "yes")),)
    )
    with pytest.raises(RuntimeError, match="one/easy has too few different questions"):
        suite.items(1)


@pytest.mark.parametrize(
    ("suite", "level"), [one for one in LEVELS if one.values[1].generator not in SLOW and not one.values[1].choices]
)
def test_no_constant_answer_beats_the_stated_chance(suite, level):
    answers = Counter(task.answer for task in islice(_tasks(dataclasses.replace(level, items=25), 1), 100))
    (_, most), *_ = answers.most_common(1)
    # 0.14 is three standard errors of a share of 0.3 in 100.
    assert most / 100 <= max(level.chance, 0.15) + 0.14


def test_the_choices_give_nothing_away():
    suite = SUITES["own-choices"]
    every = suite.items(SEED)
    assert Mode.CHOICE in suite.modes
    places, ranks = Counter(item.target for item in every), Counter()
    for item in every:
        assert len(set(item.choices)) == len(item.choices) == 4
        assert item.prompt.endswith("\nAnswer:")
        right = item.choices["ABCD".index(item.target)]
        if all(choice.lstrip("-").isdigit() for choice in item.choices):
            ranks[sorted(map(int, item.choices)).index(int(right))] += 1
    # Four of a kind: a quarter is 100 of 400, with a standard error of 9, and 50 of 200, with one of 6.
    assert max(places.values()) <= 130
    assert max(ranks.values()) / ranks.total() <= 0.36


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("Answer: B", "B"),
        ("Answer: (b)", "B"),
        ("Answer: **B**", "B"),
        ("Answer: B. seven", "B"),
        ("B) seven", "B"),
        ("Answer: seven", "B"),
        ("Answer: Seven.", "B"),
        ("B", "B"),
        ("b", "B"),
        (" B\n\nQuestion: and so on\nAnswer: C", "B"),
        ("It is either.\nAnswer: B", "B"),
        ("Answer: E", ""),
        ("Answer: A B", ""),
        ("Answer: a dozen", ""),
        ("", ""),
    ],
)
def test_a_label_is_read_where_it_is_named(said, label):
    suite = SUITES["own-choices"]
    item = Item("i", "p", "B", suite.levels[0].cluster, ("six", "seven", "eight", "nine"))
    assert suite.score(item, said) == (label, float(label == "B"), None)


def test_a_base_model_that_goes_on_with_the_next_question_is_not_punished():
    suite = SUITES["own-first-steps"]
    item = items(suite.slug)[0]
    assert item.prompt.count("Question:") == 6
    assert item.prompt.endswith("Answer:")
    extracted, exact, own = suite.score(item, f" {item.target}\n\nQuestion: What is 1 + 1?\nAnswer: 2")
    assert (extracted, exact, own) == (item.target, 1.0, None)


def test_an_answer_of_another_form_that_the_verifier_takes_in_full_counts_where_several_are_right():
    suite = SUITES["own-numbers"]
    item = next(item for item in items(suite.slug) if item.cluster.startswith("prime_factorization"))
    assert suite.score(item, given(" × ".join(reversed(item.target.split(" × ")))))[1:] == (1.0, 1.0)
    gcd = next(item for item in items(suite.slug) if item.cluster.startswith("gcd"))
    assert suite.score(gcd, given(f"it is {gcd.target} I think"))[1] == 0.0


@pytest.mark.parametrize(
    "generator", sorted({level.values[1].generator for level in LEVELS if not level.values[1].make})
)
def test_no_verifier_runs_what_a_model_says(generator, tmp_path):
    level = next(one.values[1] for one in LEVELS if one.values[1].generator == generator)
    entry = next(gym.entries(generator, level.parameters, seed=3, size=9))
    mark = tmp_path / "ran"
    touch = f"__import__('pathlib').Path({str(mark)!r}).touch()"
    for hostile in (touch, f"[{touch}]", f"[[{touch}]]", f"{{'a': {touch}}}", f"({touch}, 1)", f"1 if {touch} else 0"):
        assert gym.verdict(generator, level.parameters, hostile, entry) < 1
    assert not mark.exists()


@pytest.mark.parametrize(
    "generator", sorted({level.values[1].generator for level in LEVELS if not level.values[1].make})
)
def test_no_verifier_falls_over_or_speaks(generator, capsys):
    level = next(one.values[1] for one in LEVELS if one.values[1].generator == generator)
    entry = next(gym.entries(generator, level.parameters, seed=3, size=9))
    for strange in (
        "",
        " ",
        "[",
        "[[]]",
        "{}",
        "\x00",
        "9" * 500,
        "nan",
        "1e999",
        "-",
        "a,b",
        "1/0",
        "½",
        "[[1,[2]]]",
        *ENDLESS,
    ):
        assert 0 <= gym.verdict(generator, level.parameters, strange, entry) <= 1
    assert capsys.readouterr().out == ""


def test_generators_that_must_not_be_used_are_refused():
    for generator in gym.LEFT_OUT:
        with pytest.raises(ValueError, match="may not be used"):
            next(gym.entries(generator, {}, seed=1, size=1))


@pytest.mark.parametrize(
    "level", [level for level in SUITES["own-traces"].levels if level.make], ids=lambda level: level.cluster
)
def test_the_programs_print_what_they_are_said_to_print(level):
    for task in islice(_tasks(level, 11), 60):
        program = task.question.split("```python\n")[1].split("\n```")[0]
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(program, {})  # noqa: S102  ours
        assert printed.getvalue().strip() == task.answer


@pytest.mark.parametrize("slug", SUITES)
def test_the_catalogue_says_the_same_of_a_suite(slug):
    suite = SUITES[slug]
    told = BenchmarkDefinition.from_toml(slug, tomllib.loads((CATALOG / f"{suite.benchmark}.toml").read_text("utf-8")))
    assert told.items == suite.size
    assert told.floor == round(suite.chance, 2)
    assert told.ceiling == 1
    assert told.in_index
    assert str(told.access) == "private"
    assert suite.title in told.name


def test_a_suite_has_no_catalogue_file_too_many():
    assert {path.stem for path in CATALOG.glob("own-*.toml")} == set(SUITES)
