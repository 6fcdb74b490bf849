"""What the harness makes of replies: of an endpoint of ours with every fault, and of a real small model."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.evals.asking import NEEDS_HARNESS, NEEDS_MODEL, WALL, job
from tracker.domain.evaluation import Answer, Failure, Mode
from tracker.evals.session import KEY, Session
from tracker.evals.troubles import GatedModel, MissingModel, NoRoom

pytestmark = NEEDS_HARNESS


class Endpoint(BaseHTTPRequestHandler):
    """An OpenAI-compatible endpoint that answers by a plan: the number of the question decides."""

    seen: list[dict[str, Any]] = []
    replies: dict[str, tuple[int, dict[str, Any]]] = {}

    def do_GET(self) -> None:
        if self.headers["Authorization"] != "Bearer sesame":
            self.reply(401, {"error": {"message": "who are you?"}})
        else:
            self.reply(200, {"data": [{"id": "talker"}]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked["key"] = self.headers["Authorization"]
        self.seen.append(asked)
        prompt = asked["prompt"] if "prompt" in asked else asked["messages"][-1]["content"]
        self.reply(*self.replies[prompt])

    def reply(self, status: int, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
        return


@pytest.fixture
def endpoint() -> Iterator[tuple[type[Endpoint], str]]:
    handler = type("Handler", (Endpoint,), {"seen": [], "replies": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield handler, f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def chat(text: str, finish: str = "stop", tokens: int = 3) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 11, "completion_tokens": tokens, "total_tokens": 11 + tokens}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {
        "id": "1", "object": "chat.completion", "created": 1, "model": "talker", "choices": [choice], "usage": usage
    }  # fmt: skip


def next_tokens(named: dict[str, float]) -> dict[str, Any]:
    logprobs = {"tokens": ["x"], "token_logprobs": [-1.0], "text_offset": [0], "top_logprobs": [named]}
    choice = {"index": 0, "text": "x", "finish_reason": "length", "logprobs": logprobs}
    return {
        "id": "1",
        "object": "text_completion",
        "model": "talker",
        "choices": [choice],
        "usage": {"prompt_tokens": 9},
    }


def by_number(answers: list[Answer]) -> list[Answer]:
    return sorted(answers, key=lambda answer: answer.number)


def test_every_fault_of_an_endpoint_has_its_own_state(endpoint: tuple[type[Endpoint], str], tmp_path: Path) -> None:
    handler, url = endpoint

    def opened(model: str, key: str = "sesame") -> Session:
        return Session.open(model, wall=WALL, spool=tmp_path / "spool", environment={KEY: key, "SECRET": "no"})

    asked = job(5, nonce="first")
    items = [question.item for question in asked.questions]
    faults = (
        (200, chat(f"Answer: {items[0].target}")),
        (200, chat("and on and on", "length", 24)),
        (200, chat("")),
        (400, {"error": {"message": "longer than what I can read", "type": "invalid_request_error"}}),
        (200, chat("Answer: no such thing")),
    )
    handler.replies |= {item.prompt: fault for item, fault in zip(items, faults, strict=True)}
    with opened(f"{url}#talker") as session:
        assert session.ready.engine == "hosted"
        assert session.ready.arguments["url"] == url
        assert "sesame" not in repr(session.ready)
        answers = by_number(list(session.ask(asked)))
        assert [answer.failure for answer in answers] == ["", Failure.ENDLESS, Failure.EMPTY, Failure.ENGINE, ""]
        assert [answer.exact for answer in answers] == [1, 0, 0, 0, 0]
        assert answers[0].extracted == items[0].target
        assert (answers[0].tokens_in, answers[0].tokens_out) == (11, 3)
        assert answers[1].text == "and on and on"
        assert "longer than what I can read" in answers[3].detail
        assert {one["key"] for one in handler.seen} == {"Bearer sesame"}
        assert {(one["temperature"], one["seed"], one["max_tokens"]) for one in handler.seen} == {(0.0, 0, 24)}
        assert handler.seen[0]["messages"][0] == {"role": "system", "content": asked.system}

        # Drawn thrice: each repeat with a seed of its own.
        handler.seen.clear()
        list(session.ask(job(1, nonce="second", repeats=3, mode=Mode.SAMPLED, temperature=0.7, top_p=0.9, seed=5)))
        assert sorted(one["seed"] for one in handler.seen) == [5, 6, 7]
        assert {(one["temperature"], one["top_p"]) for one in handler.seen} == {(0.7, 0.9)}

        # Labels by their likelihood as the next token: blanks belong to them, what is not named gets the rest's most.
        chosen = job(3, suite="own-choices", nonce="third", mode=Mode.CHOICE)
        prompts = [question.item.prompt for question in chosen.questions]
        prompts = [prompt if prompt.endswith("Answer:") else f"{prompt}\nAnswer:" for prompt in prompts]
        handler.replies |= {
            prompts[0]: (200, next_tokens({" B": -1.0, "B": -1.0, " A": -0.9, "the": -6.0})),
            prompts[1]: (200, next_tokens({"the": -0.1})),
            prompts[2]: (200, {**next_tokens({}), "choices": [{"index": 0, "text": "x", "logprobs": None}]}),
        }
        one, none, silent = by_number(list(session.ask(chosen)))
        assert one.text == one.extracted == "B"
        assert one.exact == float(chosen.questions[0].item.target == "B")
        assert one.likelihoods[:2] == pytest.approx((-0.9, -1.0 + 0.6931472))
        assert set(one.likelihoods[2:]) == {-6.0}
        assert "C" in one.detail
        assert none.failure == Failure.EMPTY
        assert (silent.failure, "no likelihoods" in silent.detail) == (Failure.ENGINE, True)

        # Memory ends the job and is told apart from everything else.
        handler.replies[items[0].prompt] = (400, {"error": {"message": "CUDA out of memory. Tried to allocate 2 GiB"}})
        with pytest.raises(NoRoom, match="CUDA out of memory"):
            list(session.ask(job(1, nonce="fourth")))
    with pytest.raises(GatedModel, match="refuses the key"):
        opened(f"{url}#talker", key="wrong")
    with pytest.raises(MissingModel, match="it has talker"):
        opened(f"{url}#listener")
    with pytest.raises(MissingModel, match="which of its models"):
        opened(url)


@NEEDS_MODEL
def test_plumbing_a_real_small_model_answers_the_same_twice_and_names_likelihoods(tmp_path: Path) -> None:
    """A plumbing check: what a model of 135 million parameters says is no measurement of anything."""
    with Session.open("smollm2", wall=WALL, spool=tmp_path / "spool", environment={}, slots=2, context=1024) as session:
        assert session.ready.engine == "llama"
        assert session.weights is not None
        assert session.weights.format == "gguf"
        together = by_number(list(session.ask(job(2, max_tokens=6))))
        again = by_number(list(session.ask(job(2, nonce="n-2", max_tokens=6))))
        alone = by_number(list(session.ask(job(2, nonce="n-3", max_tokens=6, concurrency=1))))
        said = [(answer.text, answer.failure, answer.tokens_in) for answer in together]
        assert said == [(answer.text, answer.failure, answer.tokens_in) for answer in again]
        assert said == [(answer.text, answer.failure, answer.tokens_in) for answer in alone]
        assert all(answer.tokens_in > 20 and 0 < answer.tokens_out <= 6 for answer in together)
        assert any(answer.text.strip() for answer in together)

        chosen = list(session.ask(job(1, suite="own-choices", nonce="n-4", mode=Mode.CHOICE)))
        assert [answer.failure for answer in chosen] == [""]
        for answer in chosen:
            assert len(answer.likelihoods) >= 2
            assert answer.detail == ""
            assert answer.extracted == "ABCDEFGH"[answer.likelihoods.index(max(answer.likelihoods))]

        # A prompt that its context cannot hold is the question's trouble and not the engine's.
        small = job(1, nonce="n-5", max_tokens=8)
        long = small.questions[0].item.__class__("long", "word " * 1500, "x", small.questions[0].item.cluster)
        small = small.__class__("n-5", small.suite, "", small.sampling, 1, (small.questions[0].__class__(1, long),))
        (refused,) = session.ask(small)
        assert refused.failure == Failure.ENGINE
        assert len(list(session.ask(job(1, nonce="n-6", max_tokens=4)))) == 1
