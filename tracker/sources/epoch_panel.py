"""The benchmark panel of August 2026: Epoch AI's hub as one long table, frozen and archived by others."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.epoch_sheets import SHEETS, WITHHELD, stem
from tracker.sources.epoch_words import number, releases_of, when, words
from tracker.sources.withheld import is_withheld

FROZEN_AT = datetime(2026, 8, 9, 21, 23, 5, tzinfo=UTC)

# The panel says of these that their scores are percentages to be divided by 100, and it has divided them already: three
# agree with Epoch's April files only as they stand (aider_polyglot 41.8 there is 0.418 here), and forecastbench, which
# is newer, lies between 0.504 and 0.625. Divided once more they would fall to a hundredth.
ALREADY_DIVIDED = {"aider_polyglot", "forecastbench", "live_bench", "os_world"}

# Here the panel took another column than Epoch's charts and index do: another quantity, under a name of its own.
OTHER_COLUMN = {
    ("metr_time_horizons", "average_score"): "metr_average_score",  # a share of tasks, where the hub has minutes
    ("apex_agents", "Mean score"): "apex_agents_mean_score",  # partial credit, where the hub has pass@1
}

COLUMNS = ("model_id", "benchmark_id", "score", "evaluated_by", "score_column", "score_scale", "score_divisor")


def parse(document: Document) -> Records:
    """Scores, then the releases that their rows tell of. Only the freeze that is known is read: another is refused."""
    scores = list(_scores(document))
    yield from scores
    yield from releases_of(scores)


def _scores(document: Document) -> Iterator[ScoreRecord]:
    repeats: Counter[str] = Counter()
    highest: dict[str, float] = {}
    for line, row in enumerate(document.csv(*COLUMNS, "model_release_date", "source_url", "archive_timestamp"), 2):
        name, model, url = stem(row["benchmark_id"].strip()), words(row["model_id"]), row["source_url"].strip()
        where = f"{document.url}, row {line} ({name}, {model})"
        if row["archive_timestamp"] != f"{FROZEN_AT:%Y%m%dT%H%M%SZ}":
            # A later freeze under the same name would be taken for corrections of this one.
            raise ParseError(f"{where}: archived {row['archive_timestamp']}, not {FROZEN_AT:%Y%m%dT%H%M%SZ}")
        value = number(row["score"], where)
        if value is None or not model or name in WITHHELD or is_withheld(url):
            continue
        if row["score_scale"] != "proportion" and name not in ALREADY_DIVIDED:
            raise ParseError(f"{where}: a score on the scale {row['score_scale']!r}, where proportions are known")
        if not 0 <= value <= 1:
            raise ParseError(f"{where}: the score is {value}, not a fraction")
        highest[name] = max(highest.get(name, 0.0), value)
        repeats[f"{name}:{model}"] += 1
        repeat = repeats[f"{name}:{model}"]
        yield ScoreRecord(
            f"{name}:{model}" + (f"#{repeat}" if repeat > 1 else ""),
            model,
            OTHER_COLUMN.get((name, row["score_column"]), name),
            value,
            evaluator=_evaluator(row["evaluated_by"], name, url, where),
            released=when(row["model_release_date"], where),
            url=url,
        )
    for name in ALREADY_DIVIDED & set(highest):
        if highest[name] <= 0.01:
            raise ParseError(f"{document.url}: {name} goes up to {highest[name]}: it was divided by 100 twice")


def _evaluator(text: str, name: str, url: str, where: str) -> Evaluator:
    match text:
        case "epoch":
            return Evaluator.THIRD_PARTY
        case "third_party_leaderboard":
            # HELM runs the models itself on benchmarks that are others'.
            helm = urlsplit(url).hostname == "crfm.stanford.edu"
            return Evaluator.THIRD_PARTY if helm else Evaluator.LEADERBOARD
        case "lab_reported":
            # In some lab's paper, not always in the model's own lab's: Meta's tables hold Falcon and MPT too.
            return Evaluator.UNSTATED
        case "unattributed":
            sheet = SHEETS.get(name)
            return sheet.evaluator or Evaluator.UNSTATED if sheet else Evaluator.UNSTATED
        case _:
            raise ParseError(f"{where}: evaluated by {text!r}, which is none of the panel's four words")


SOURCE = Source(
    __name__,
    title="Benchmark panel of August 2026",
    publisher="Epoch AI, frozen by Zhu",
    homepage="https://doi.org/10.5281/zenodo.22177190",
    data_licence="CC-BY-4.0",
    # The table holds rows whose upstreams forbid publishing them again: they are dropped as it is read.
    may_hand_on=False,
    attribution="Epoch AI, 'AI Benchmarking Hub', as frozen in Zhu (2026), doi 10.5281/zenodo.22177190.",
    urls=("https://doi.org/10.5281/zenodo.22177190",),
    parse=parse,
    every=None,
    at_least=5,
)
