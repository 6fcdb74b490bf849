"""`collect` against a publisher on this machine, with the catalogue that ships."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.utils import timezone

from tests.commands.conftest import Call, Manage
from tests.pipeline.local_publisher import Publisher
from tests.pipeline.steps import at, take_in, written_rows
from tests.pipeline.vintages import PANEL, Line, field_of, panel
from tracker.models import Endpoint, Fetch, IndexRun, Price, Source
from tracker.pipeline.collect import keep
from tracker.sources import SOURCES

LITELLM = SOURCES["litellm"].urls[0]
PRICES = {"gpt-4.1-mini": 0.4, "gpt-4.1": 2.0, "gpt-5": 1.25, "gpt-5-mini": 0.25, "o3": 2.0, "gpt-nobody-knows": 1.0}
EXAMS = ("gpqa_diamond", "math_level_5", "hle", "mmlu", "simpleqa_verified")
MODELS = (
    Line("GPT-4o (May 2024)", "", 0.5, released="2024-05-13"),
    Line("Claude 3.5 Sonnet (June 2024)", "", 0.58, released="2024-06-20"),
    Line("DeepSeek-V3", "", 0.55, released="2024-12-26"),
    Line("Kimi K2", "", 0.68, released="2025-07-11"),
    Line("GPT-5", "", 0.85, released="2025-08-07"),
)


def price_list(**dearer: float) -> bytes:
    """LiteLLM's file: dollars a token."""
    prices = {**PRICES, **{name.replace("_", "-"): price for name, price in dearer.items()}}
    rows = {
        name: {
            "litellm_provider": "openai",
            "mode": "chat",
            "input_cost_per_token": price / 1e6,
            "output_cost_per_token": 4 * price / 1e6,
        }
        for name, price in prices.items()
    }
    return json.dumps(rows).encode()


@pytest.fixture
def collected(db: None, publisher: Publisher, call: Call) -> Callable[..., Any]:
    """Runs `collect --json --no-recompute` with more arguments; returns what it said of litellm."""
    publisher.put(LITELLM, price_list())

    def run(*arguments: str) -> Any:
        found = json.loads(call("collect", *arguments, "--no-recompute", "--json"))
        assert found["index"] is None
        return {row["source"]: row for row in found["sources"]}["litellm"]

    return run


def test_a_first_collection_stores_facts_and_says_how_many(collected: Callable[..., Any]) -> None:
    said = collected("litellm")
    assert said["outcomes"] == {"changed": 1, "ingested": 1}
    assert (said["state"], said["new"], said["superseded"], said["unresolved"]) == ("fresh", 5, 0, 1)
    assert Price.objects.known().count() == 5


def test_asking_again_is_answered_with_304_and_writes_nothing(
    collected: Callable[..., Any], publisher: Publisher
) -> None:
    collected("litellm")
    before = written_rows()
    said = collected("litellm")
    assert (said["outcomes"], said["new"]) == ({"unchanged": 1}, 0)
    assert publisher.statuses() == [200, 304]
    assert written_rows() == before


def test_a_second_vintage_supersedes_what_changed(collected: Callable[..., Any], publisher: Publisher) -> None:
    collected("litellm")
    publisher.put(LITELLM, price_list(gpt_5=1.5))
    said = collected("litellm")
    assert (said["new"], said["superseded"], said["closed"]) == (0, 1, 0)


def test_what_is_not_due_is_asked_only_when_it_is_named(
    collected: Callable[..., Any], call: Call, publisher: Publisher
) -> None:
    collected("litellm", "curated_releases")
    Endpoint.objects.exclude(url=LITELLM).update(due_at=None)
    assert json.loads(call("collect", "--no-recompute", "--json"))["sources"] == []
    assert "Nothing is due" in call("collect", "--no-recompute")
    assert publisher.statuses() == [200]
    Endpoint.objects.filter(url=LITELLM).update(due_at=timezone.now())
    assert collected()["outcomes"] == {"unchanged": 1}


def test_a_document_that_another_worker_has_is_left_to_it(collected: Callable[..., Any], publisher: Publisher) -> None:
    collected("litellm")
    Endpoint.objects.filter(url=LITELLM).update(lease_until=timezone.now() + timedelta(minutes=4), lease_by="other:1")
    said = collected("litellm")
    assert (said["asked"], said["elsewhere"]) == (0, 1)
    assert said["outcomes"] == {"left to another worker that has it": 1}
    assert publisher.statuses() == [200]


@pytest.mark.parametrize(
    ("mode", "outcome", "message"), [("500", "failed", "answered 500"), ("404html", "refused", "answered 404")]
)
def test_a_document_that_cannot_be_had_makes_the_command_fail(
    mode: str, outcome: str, message: str, collected: Callable[..., Any], call: Call, publisher: Publisher
) -> None:
    collected("litellm")
    publisher.fail(LITELLM, mode)
    with pytest.raises(CommandError, match="from litellm; the last good facts stay"):
        call("collect", "litellm", "--no-recompute")
    newest = Fetch.objects.first()
    assert newest is not None
    assert newest.outcome == outcome
    assert message in newest.message
    assert Price.objects.known().count() == 5


def test_a_document_that_shrank_makes_the_command_fail_until_it_is_whole_again(
    collected: Callable[..., Any], call: Call, publisher: Publisher
) -> None:
    collected("litellm")
    rows = json.loads(price_list())
    publisher.put(LITELLM, json.dumps(dict(list(rows.items())[:2])).encode())
    for _ in range(2):  # the second time nothing has changed, and nothing is well either
        with pytest.raises(CommandError, match="litellm"):
            call("collect", "litellm", "--no-recompute")
    assert publisher.statuses() == [200, 200, 304]
    assert Price.objects.known().count() == 5
    publisher.put(LITELLM, price_list(gpt_5=1.5))
    assert collected("litellm")["state"] == "fresh"


def test_what_was_collected_and_never_read_is_read_first(collected: Callable[..., Any], publisher: Publisher) -> None:
    collected("litellm")
    # As if a worker had died between storing the second vintage and reading it.
    keep(Endpoint.objects.get(url=LITELLM), price_list(gpt_5=1.5), fetched_at=timezone.now(), media_type="text/plain")
    publisher.put(LITELLM, price_list(gpt_5=1.75))
    said = collected("litellm")
    assert said["outcomes"] == {"ingested": 2, "changed": 1}
    assert said["superseded"] == 2
    chain = Price.objects.filter(name="gpt-5").order_by("known_from")
    assert [fact.input for fact in chain] == [1.25, 1.5, 1.75]


def test_the_headline_follows_the_facts_and_is_left_alone_without_new_ones(
    collected: Callable[..., Any], call: Call
) -> None:
    collected("litellm")
    read = take_in(PANEL, panel(*field_of(MODELS, EXAMS)), at(2))
    assert read.counts["unresolved"] == 0
    assert json.loads(call("collect", "litellm", "--json"))["index"] == "computed"
    assert IndexRun.objects.get(historic=False).state == IndexRun.State.READY
    assert json.loads(call("collect", "litellm", "--json"))["index"] == "up to date"
    assert "Index and headline: up to date" in call("collect", "litellm")


def test_a_line_a_source_says_what_became_of_it(collected: Callable[..., Any], call: Call) -> None:
    (line, *_) = call("collect", "litellm", "--no-recompute").splitlines()
    assert line == "litellm (fresh): 1 changed, 1 ingested; 5 new facts, 0 superseded, 0 closed; 1 rows unresolved"


def test_an_unknown_source_is_refused_with_the_known_ones(call: Call) -> None:
    with pytest.raises(CommandError, match=r"nowhere is no source; there are .*epoch_benchmarks.*litellm"):
        call("collect", "litellm", "nowhere")


def test_a_source_that_is_switched_off_or_was_published_once_is_not_asked(
    collected: Callable[..., Any], call: Call, publisher: Publisher
) -> None:
    collected("litellm")
    Source.objects.filter(slug="litellm").update(enabled=False)
    assert "switched off by the operator" in call("collect", "litellm", "--no-recompute")
    assert "published once" in call("collect", "epoch_panel", "--no-recompute")
    assert publisher.statuses() == [200]


def test_without_permission_to_contact_sources_it_refuses(call: Call, settings: Any) -> None:
    settings.COLLECT_LIVE, settings.SOURCE_MIRROR = False, ""
    with pytest.raises(CommandError, match="COLLECT_LIVE is 0"):
        call("collect")


def test_curators_files_are_read_without_contacting_anybody(db: None, call: Call, settings: Any) -> None:
    settings.COLLECT_LIVE, settings.SOURCE_MIRROR = False, ""
    told = json.loads(call("collect", "curated_releases", "--no-recompute", "--json"))["sources"]
    assert {said["source"] for said in told} == {"curated_releases", "curated_events", "curated_statements"}
    assert all(said["outcomes"] == {"ingested": 1} and said["new"] > 100 for said in told)


def test_from_an_empty_folder_one_process_collects_over_http(manage: Manage, state_folder: Path) -> None:
    done = manage("collect", "litellm")
    assert done.returncode == 1
    assert "COLLECT_LIVE is 0" in done.stderr
    with Publisher() as publisher:
        publisher.put(LITELLM, price_list())
        mirror = {"SOURCE_MIRROR": publisher.url}
        done = manage("collect", "litellm", **mirror)
        assert done.returncode == 1
        assert "run `manage.py migrate`" in done.stderr
        assert manage("migrate").returncode == 0
        done = manage("collect", "litellm", "--json", **mirror)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["sources"][0]["new"] == 5
        publisher.fail(LITELLM, "500")
        done = manage("collect", "litellm", TERM="xterm-256color", **mirror)
    assert done.returncode == 1
    assert "litellm (failing): 1 failed" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert (state_folder / "postgres").exists()
