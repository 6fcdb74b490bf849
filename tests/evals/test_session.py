"""The worker's side against a real child behind the real wall, with the mock as its model; and kills."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.evals.asking import NEEDS_HARNESS, WALL, job
from tracker.domain.evaluation import Answer, Failure, ForgedError, Job, answer_from_json, to_json
from tracker.evals.session import Session, leftovers
from tracker.evals.troubles import EngineLost, MissingModel, NoEngine, NoRoom

pytestmark = NEEDS_HARNESS
ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., Session]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    sessions = []

    def opening(model: str, **said: object) -> Session:
        session = Session.open(model, wall=WALL, spool=tmp_path / "spools" / "one", environment={}, **said)  # type: ignore[arg-type]
        sessions.append(session)
        return session

    yield opening
    for session in sessions:
        session.close()


def wait_until(true: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False


def test_one_child_answers_job_after_job_until_it_dies(opened: Open, tmp_path: Path) -> None:
    session = opened("mock:right=0.5&room=8&seconds=0.02&dies=50")
    assert session.ready.engine == "mock"
    assert session.ready.packages["inspect-ai"]
    assert session.weights is None

    asked = job(30, concurrency=8)
    answers = list(session.ask(asked))
    assert sorted(answer.number for answer in answers) == [question.number for question in asked.questions]
    assert all(answer.nonce == asked.nonce and answer.seconds >= 0.02 for answer in answers)
    right = {answer.number for answer in answers if answer.exact == 1}
    assert 5 <= len(right) <= 25
    assert all(answer.text == f"Answer: {target_of(asked, answer.number)}" for answer in answers if answer.exact)

    # The next job of the same child, another nonce, and every question thrice.
    again = job(4, nonce="n-2", repeats=3)
    assert len(list(session.ask(again))) == 12

    with pytest.raises(NoRoom, match="no room for 9"):
        list(session.ask(job(9, nonce="n-3", concurrency=9)))
    assert session.alive
    assert len(list(session.ask(job(2, nonce="n-4", concurrency=8)))) == 2

    late = list(session.ask(job(2, nonce="n-5", seconds=0.01)))
    assert [answer.failure for answer in late] == [Failure.TIMEOUT] * 2
    assert [answer.exact for answer in late] == [0, 0]

    # Its end in the middle of a job keeps what was answered before: 30 + 12 + 2 were answers.
    asking = session.ask(job(20, nonce="n-6", concurrency=1))
    assert len([next(asking) for _ in range(6)]) == 6
    with pytest.raises(EngineLost, match="died"):
        next(asking)

    # Locked as long as the session lives, then a spool of whole lines that pass for answers.
    assert list(leftovers(tmp_path / "spools")) == []
    session.close()
    ((path, lines),) = leftovers(tmp_path / "spools")
    assert path.name == "one"
    numbers = frozenset(question.number for question in asked.questions)
    kept = [answer_from_json(line, nonce="n-1", numbers=numbers) for line in lines if b'"nonce":"n-1"' in line]
    assert sorted(kept, key=number_of) == sorted(answers, key=number_of)


def number_of(answer: Answer) -> int:
    return answer.number


def target_of(asked: Job, number: int) -> str:
    return next(question.item.target for question in asked.questions if question.number == number)


def test_a_killed_child_leaves_what_was_finished(opened: Open, tmp_path: Path) -> None:
    session = opened("mock:seconds=0.3&right=1")
    answers = session.ask(job(40, concurrency=2))
    first = next(answers)
    os.killpg(session.process.pid, signal.SIGKILL)
    with pytest.raises(EngineLost, match="SIGKILL"):
        list(answers)
    assert not session.alive
    session.close()
    ((_, lines),) = leftovers(tmp_path / "spools")
    assert to_json(first).rstrip() in lines


def test_a_session_can_be_stopped_by_another_thread(tmp_path: Path) -> None:
    with Session(["/bin/sh", "-c", "cat >/dev/null"], tmp_path / "spool", None) as session:
        session.engine = "mock"
        threading.Timer(0.3, session.stop).start()
        with pytest.raises(EngineLost, match="stopped"):
            list(session.ask(job(2)))
        assert not session.alive


WORKER = """
import sys
from pathlib import Path
from tests.evals.asking import WALL, job
from tracker.evals.session import Session
session = Session.open("mock:seconds=0.2&right=1", wall=WALL, spool=Path(sys.argv[1]), environment={})
for answer in session.ask(job(200, concurrency=2)):
    print(session.process.pid, answer.number, flush=True)
"""


def test_a_killed_worker_takes_its_child_along_and_leaves_whole_lines(tmp_path: Path) -> None:
    spool = tmp_path / "spools" / "two"
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(spool)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    with worker.stdout:
        child, number = map(int, worker.stdout.readline().split())
        assert list(leftovers(spool.parent)) == []
        worker.kill()
        worker.wait()
    assert wait_until(lambda: not Path(f"/proc/{child}").exists())
    assert wait_until(lambda: any(leftovers(spool.parent)))
    ((path, lines),) = leftovers(spool.parent)
    assert path == spool
    numbers = frozenset(range(100, 300))
    answers = [answer_from_json(line, nonce="n-1", numbers=numbers) for line in lines[1:]]
    assert number in {answer.number for answer in answers}
    assert len(answers) < 200
    size = spool.stat().st_size
    time.sleep(0.5)
    assert spool.stat().st_size == size


def test_a_line_that_was_cut_off_is_nobodys_answer(tmp_path: Path) -> None:
    (tmp_path / "cut").write_bytes(b'{"a":1}\n{"b":2}\n{"c":')
    assert list(leftovers(tmp_path)) == [(tmp_path / "cut", [b'{"a":1}', b'{"b":2}'])]
    assert list(leftovers(tmp_path / "not there")) == []


@pytest.mark.parametrize(
    "line",
    [
        b"no json\n",
        b'{"done":"n-1","trouble":""}\n',
        b'{"nonce":"n-1","number":100}\n',
        to_json(Answer("other", 100, "", "", 1.0, None, 1, 1, 0.1)),
        to_json(Answer("n-1", 99, "", "", 1.0, None, 1, 1, 0.1)),
        to_json(Answer("n-1", 100, "", "", 7.0, None, 1, 1, 0.1)),
        b"[" * 100_000 + b"\n",
    ],
)
def test_a_forged_line_is_refused(line: bytes, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    with Session(["/bin/sh", "-c", "cat >/dev/null"], spool, None) as session:
        session.engine = "mock"
        asking = session.ask(job(1))
        with spool.open("ab") as child:
            child.write(line)
        with pytest.raises(ForgedError):
            next(asking)


def test_an_answer_given_twice_is_refused_the_second_time(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    with Session(["/bin/sh", "-c", "cat >/dev/null"], spool, None) as session:
        session.engine = "mock"
        asking = session.ask(job(2))
        with spool.open("ab") as child:
            child.write(2 * to_json(Answer("n-1", 100, "", "", 1.0, None, 1, 1, 0.1)))
        assert next(asking).number == 100
        with pytest.raises(ForgedError):
            next(asking)


def test_a_child_that_cannot_start_says_why(opened: Open) -> None:
    with pytest.raises(MissingModel, match="does not exist"):
        opened("/nowhere/at/all.gguf")
    with pytest.raises(MissingModel, match="no 'much'"):
        opened("mock:right=much")
    with pytest.raises(NoEngine, match="for mock"):
        opened("mock", engine="vllm")
