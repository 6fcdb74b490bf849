"""Code that a model wrote is run and judged: what is right passes, what is wrong or does not end does not."""

import pytest

from tracker.evals import isolation
from tracker.evals.code import Call, run_checks, same
from tracker.evals.isolation import Wall
from tracker.evals.troubles import NoIsolation

needs_bubblewrap = pytest.mark.skipif(
    isolation._first_that_works(isolation.BUBBLEWRAP)[0] is None, reason="bubblewrap does not work here"
)
SUMS = (Call("add", (1, 2), 3), Call("add", (2, 2), 4), Call("add", (), 9, {"a": 4, "b": 5}))


def run(code, calls=SUMS, **more):
    return run_checks(code, calls, wall=Wall(), **more)


@needs_bubblewrap
def test_right_code_passes():
    result = run("def add(a, b):\n    return a + b")
    assert (result.passed, result.errors, result.trouble, result.score) == ((True,) * 3, ("",) * 3, "", 1.0)
    assert "no network" in result.isolation


@needs_bubblewrap
def test_code_that_is_right_sometimes_passes_sometimes():
    result = run("def add(a, b):\n    return a * b")
    assert (result.passed, result.score) == ((False, True, False), pytest.approx(1 / 3))


@needs_bubblewrap
def test_an_error_has_a_name_and_ends_only_its_call():
    result = run("def add(a, b):\n    if a == 1: raise KeyError\n    return a + b")
    assert (result.passed, result.errors) == ((False, True, True), ("KeyError", "", ""))


@needs_bubblewrap
@pytest.mark.parametrize(
    ("code", "error"),
    [("def add(a, b)", "SyntaxError"), ("1 / 0", "ZeroDivisionError"), ("import torch", "ModuleNotFoundError")],
)
def test_code_that_cannot_be_loaded_fails_every_call(code, error):
    result = run(code)
    assert (result.passed, result.errors, result.trouble) == ((False,) * 3, (error,) * 3, "")


@needs_bubblewrap
def test_what_it_prints_is_nobodys_business():
    result = run("import sys\nprint('x' * 100000)\ndef add(a, b):\n    print(a, file=sys.stderr)\n    return a + b")
    assert result.score == 1.0


@needs_bubblewrap
def test_threads_and_the_standard_library_work():
    code = """
import asyncio, collections, concurrent.futures, decimal, functools, heapq, itertools, math, re, random, statistics

def add(a, b):
    async def inner():
        return a
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return asyncio.run(inner()) + pool.submit(int, b).result()
"""
    assert run(code).score == 1.0


@needs_bubblewrap
def test_each_kind_of_value_comes_back(tmp_path):
    values = [None, True, 7, -(10**40), 1.5, "héllo\n\0☃", [1, [2, []]], {"a": {"b": [1]}}]
    calls = [Call("same", (one,), one) for one in values]
    assert run("def same(x):\n    return x", calls).score == 1.0
    assert run("def pair(x):\n    return (x, x)", [Call("pair", (1,), (1, 1))]).score == 1.0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, 1),
        (1, True),
        ("1", 1),
        ([1], 1),
        ([1, 2], (1,)),
        ({"a": 1}, {}),
        (None, 0),
        (0.1, 0.2),
        ([], {}),
        (1, None),
    ],
)
def test_other_values_are_other(value, expected):
    assert not same(value, expected)


def test_a_number_is_its_value():
    assert same(1, 1.0)
    assert same(1.0, 1)
    assert same(0.1 + 0.2, 0.3)
    assert same({"1": [1.0]}, {1: (1.0,)})


@needs_bubblewrap
@pytest.mark.parametrize("value", ["float('nan')", "object()", "{1, 2}", "b'x'", "'x' * 10**7", "[1] * 10**6"])
def test_what_is_no_json_or_endless_is_no_answer(value):
    result = run(f"def add(a, b):\n    return {value}")
    assert result.passed == (False,) * 3
    assert all(result.errors)


def test_it_does_not_run_where_it_cannot_be_locked_in():
    with pytest.raises(NoIsolation):
        run_checks("def add(a, b): return 3", SUMS, wall=Wall("require", bwrap=("/nowhere/bwrap",)))


def test_without_bubblewrap_and_with_leave_it_runs_and_says_so():
    result = run_checks("def add(a, b): return a + b", SUMS, wall=Wall("warn", bwrap=("/nowhere/bwrap",)))
    assert result.score == 1.0
    assert result.isolation.startswith("NOT ISOLATED")


def test_a_book_is_no_code():
    result = run_checks("#" * 2_000_000, SUMS, wall=Wall("off"))
    assert (result.score, result.trouble) == (0.0, "too long")
