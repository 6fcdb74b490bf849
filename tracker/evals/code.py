"""Whether code that a model wrote returns what it should, found out in a sandbox of its own for every piece of code.

What it should return never enters the sandbox: it is compared out here with what comes through the pipe, so that
there is nothing to forge. Call this where bubblewrap works, which is not inside another sandbox of ours.
"""

import json
import math
import os
import secrets
import select
import struct
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracker.evals import code_trial, isolation
from tracker.evals.isolation import Wall

LONGEST_CODE = 1 << 20  # characters
MOST_SAID = 1 << 22  # bytes through the pipe
PROCESSES = 8
FILE_SIZE = 16 << 20
GRACE = 2.0  # seconds after which the alarm inside has failed


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function of the code, and what it should return, both as JSON knows them."""

    function: str
    arguments: Sequence[Any] = ()
    expected: Any = None
    keywords: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeResult:
    """Which calls returned what they should; `errors` has a word for each that did not return. `trouble` is why the run
    ended before its end: "timeout", "ended early", "forged", "flood", "too long"."""

    passed: tuple[bool, ...]
    errors: tuple[str, ...]
    trouble: str
    seconds: float
    isolation: str

    @property
    def score(self) -> float:
        return sum(self.passed) / len(self.passed) if self.passed else 0.0


def run_checks(
    code: str, calls: Sequence[Call], *, wall: Wall, seconds: float = 10, memory: int = 512 << 20
) -> CodeResult:
    """Runs the code once and makes the calls in their order. Raises NoIsolation where the wall is required and cannot
    be had."""
    argv, words = isolation.command(
        [isolation.python(), "-I", "-S", code_trial.__file__],
        wall=wall,
        readable=[Path(code_trial.__file__)],
        memory=memory,
        processes=PROCESSES,
        seconds=seconds,
        environment={},
        sockets=False,
        packages=False,
        file_size=FILE_SIZE,
    )
    nonce = secrets.token_hex(16)
    asked = [(call.function, list(call.arguments), dict(call.keywords)) for call in calls]
    job = json.dumps({"nonce": nonce, "code": code, "calls": asked}).encode()
    begun = time.monotonic()
    if len(code) > LONGEST_CODE:
        return CodeResult((False,) * len(calls), ("",) * len(calls), "too long", 0.0, words)
    said, trouble = _run(argv, job, seconds + GRACE)
    took = time.monotonic() - begun
    answers: dict[int, Mapping[str, Any]] = {}
    whole = ""
    for message in _messages(said):
        number = message.get("call") if message is not None and message.get("nonce") == nonce else -1
        if message is not None and number is None and not answers:
            whole = str(message.get("error"))[:80]
        elif type(number) is int and number == len(answers) < len(calls):
            answers[number] = message or {}
        else:
            trouble = "forged"
            break
    if not trouble and not whole and len(answers) < len(calls):
        trouble = "ended early"
    passed = tuple(
        "value" in answers.get(number, {}) and same(answers[number]["value"], call.expected)
        for number, call in enumerate(calls)
    )
    errors = tuple(whole or str(answers.get(number, {}).get("error", ""))[:80] for number in range(len(calls)))
    # Who speaks in another's name has told nothing that is worth believing.
    return CodeResult((False,) * len(calls) if trouble == "forged" else passed, errors, trouble, took, words)


def same(value: Any, expected: Any) -> bool:
    """Equal as JSON: a list for a tuple, and numbers by their value, but no number for a yes."""
    if isinstance(expected, list | tuple):
        if not isinstance(value, list) or len(value) != len(expected):
            return False
        return all(same(one, other) for one, other in zip(value, expected, strict=True))
    if isinstance(expected, Mapping):
        if not isinstance(value, dict) or value.keys() != {str(key) for key in expected}:
            return False
        return all(same(value[str(key)], other) for key, other in expected.items())
    if isinstance(expected, float) and type(value) in (int, float):
        return math.isclose(value, expected, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(expected, bool) or isinstance(value, bool):
        return value is expected
    return bool(type(value) in (int, float, str, type(None)) and value == expected)


def _run(argv: Sequence[str], job: bytes, seconds: float) -> tuple[bytes, str]:
    """What came through the pipe, and what went wrong: "timeout", "flood"."""
    # A file without a place: it is all there before the process is, and can be reopened by nobody else.
    held = os.memfd_create("job")
    try:
        os.write(held, job)
        given = os.open(f"/proc/self/fd/{held}", os.O_RDONLY)
    finally:
        os.close(held)
    try:
        process = subprocess.Popen(
            argv, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, bufsize=0
        )
    finally:
        os.close(given)
    until = time.monotonic() + seconds
    said, trouble = bytearray(), ""
    try:
        if process.stdout is None:
            raise RuntimeError("a pipe was asked for")
        with process.stdout as pipe:
            while True:
                left = until - time.monotonic()
                if left <= 0 or not select.select([pipe], [], [], left)[0]:
                    trouble = "timeout"
                    break
                piece = pipe.read(1 << 16)
                if not piece:
                    break
                said += piece
                if len(said) > MOST_SAID:
                    trouble = "flood"
                    break
    finally:
        if not trouble:
            try:
                process.wait(max(until - time.monotonic(), 0.0))
            except subprocess.TimeoutExpired:
                trouble = "timeout"
        isolation.end(process)
    if process.returncode in (-14, 128 + 14):
        trouble = "timeout"
    return bytes(said), trouble


def _messages(said: bytes) -> Iterator[Mapping[str, Any] | None]:
    """Each message, None for what is none."""
    place = 0
    while place < len(said):
        if place + 4 > len(said):
            return
        (length,) = struct.unpack_from(">I", said, place)
        content = said[place + 4 : place + 4 + length]
        place += 4 + length
        if len(content) < length:
            if length > code_trial.LONGEST:
                yield None
            return  # cut off in the middle of a word
        try:
            message = json.loads(content)
        except (ValueError, RecursionError):
            message = None
        yield message if isinstance(message, dict) else None
