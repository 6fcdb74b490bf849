"""METR's time horizons: how long a task may take people, in minutes, that a model still does half of the time."""

import re
from datetime import timedelta

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import day, field, number, required, text
from tracker.sources.yaml_text import read_yaml

# What GPT-4 of March 2023 has come to in all vintages of both suites is four to five minutes: in hours or in seconds it
# would leave these bounds.
KNOWN_MODEL, KNOWN_MINUTES = "gpt_4", (1.0, 20.0)
# How a model was run stands at the end of its key: in the Inspect framework, or coaxed with effort.
RUN_IN = {"_inspect": "Inspect", "_elicited": "elicited"}


def parse(document: Document) -> Records:
    """A score for each model and way of running it: the horizon in minutes. A file in which GPT-4's is far from what it
    was is in another unit, and is refused."""
    table = read_yaml(document)
    suite = required(table, "benchmark_name", document.url)
    for key, result in (field(table, "results", dict, document.url) or {}).items():
        where = f"{document.url}, {str(key)[:60]}"
        horizon = field(field(result, "metrics", dict, where), "p50_horizon_length", dict, where)
        minutes, low, high = (number(horizon, name, where) for name in ("estimate", "ci_low", "ci_high"))
        if minutes is None or minutes < 0:
            raise ParseError(f"{where}: the horizon is {minutes}, which is no time")
        if low is not None and high is not None and not low <= minutes <= high:
            raise ParseError(f"{where}: the horizon {minutes} is not within its bounds {low} and {high}")
        if key == KNOWN_MODEL and not KNOWN_MINUTES[0] <= minutes <= KNOWN_MINUTES[1]:
            raise ParseError(f"{where}: the horizon is {minutes}; it was four to five minutes while these were minutes")
        yield ScoreRecord(
            str(key),
            _model(str(key)),
            # The file of one suite holds rows of another, and each says so: the tasks differ, and so do the minutes.
            text(result, "benchmark_name", where) or suite,
            # Its bounds lie a factor apart, not a difference: there is no standard error in minutes to be had of them.
            minutes,
            scaffold=next((scaffold for ending, scaffold in RUN_IN.items() if str(key).endswith(ending)), ""),
            evaluator=Evaluator.LEADERBOARD,
            released=day(result, "release_date", where),
            url="https://metr.org/time-horizons/",
        )


def _model(key: str) -> str:
    """A key may hold no dot: "gpt_5_2" is how METR writes GPT-5.2, and "gpt_4_1106" has none to get back."""
    for ending in RUN_IN:
        key = key.removesuffix(ending)
    return re.sub(r"(?<=_)(\d)_(\d)(?=_|$)", r"\1.\2", key)


SOURCE = Source(
    __name__,
    title="Time horizons",
    publisher="METR",
    homepage="https://metr.org/time-horizons/",
    data_licence="none stated",
    # No licence is stated.
    may_hand_on=False,
    attribution="METR, 'Measuring AI Ability to Complete Long Tasks', metr.org/time-horizons.",
    urls=(
        "https://metr.org/assets/benchmark_results_1_1.yaml",
        "https://metr.org/assets/benchmark_results_1_0.yaml",
    ),
    parse=parse,
    # No licence, no leave to republish: pages show METR's horizons as Epoch AI publishes them under CC BY 4.0.
    may_display=False,
    at_least=5,
    # METR closed the page in September 2026: asked now and then whether that is still so.
    every=timedelta(days=30),
)
