"""A made-up world of scores: a catalogue of models and benchmarks, and record files of their results."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from tracker.domain.names import normalise
from tracker.domain.records import Evaluator, ScoreRecord, When
from tracker.models import AIModel, Alias, Benchmark, Endpoint, Lab, Snapshot, Source
from tracker.models.entities import Kind
from tracker.pipeline import collect
from tracker.sources import SOURCES, record_file

MODELS: Final = 4000
BENCHMARKS: Final = 80
SUFFIXES: Final = ("", "", "_high", "_16k")  # as boards write how a model was run
SOURCE: Final = "epoch_panel"
START: Final = datetime(2026, 9, 1, 6, tzinfo=UTC)


def install() -> Endpoint:
    """The catalogue that every name of the files resolves against, and the address they come from."""
    lab = Lab.objects.create(slug="example", name="Example", region="other")
    models = AIModel.objects.bulk_create(
        AIModel(slug=f"example-{number}", name=f"Example {number}", lab=lab) for number in range(MODELS)
    )
    benchmarks = Benchmark.objects.bulk_create(
        Benchmark(slug=f"exam-{n}", name=f"Exam {n}", category="reasoning", unit="proportion", access="public")
        for n in range(BENCHMARKS)
    )
    names = [Alias(kind=Kind.MODEL, key=normalise(one.name), name=one.name, model=one) for one in models]
    names += [Alias(kind=Kind.BENCHMARK, key=normalise(one.name), name=one.name, benchmark=one) for one in benchmarks]
    Alias.objects.bulk_create(names)
    declared = SOURCES[SOURCE]
    source = Source.objects.create(
        slug=SOURCE, title=declared.title, publisher=declared.publisher, homepage=declared.homepage, data_licence="MIT"
    )
    return Endpoint.objects.create(source=source, url=declared.urls[0])


def records(count: int) -> Iterator[ScoreRecord]:
    """So many different cells of the table of models and benchmarks, with what boards commonly state beside a score."""
    random_ = random.Random(2026)
    for cell in random_.sample(range(MODELS * BENCHMARKS * len(SUFFIXES)), count):
        cell, suffix = divmod(cell, len(SUFFIXES))
        model, benchmark = divmod(cell, BENCHMARKS)
        value = round(random_.random(), 4)
        yield ScoreRecord(
            key=f"exam-{benchmark}:example-{model}#{suffix}",
            model=f"example-{model}{SUFFIXES[suffix]}",
            benchmark=f"Exam {benchmark}",
            value=value,
            stderr=round(value / 50, 4),
            evaluator=Evaluator.THIRD_PARTY,
            evaluated=When((START - timedelta(days=cell % 900)).date()),
            url=f"https://example.org/boards/{benchmark}",
        )


def document(endpoint: Endpoint, rows: list[ScoreRecord]) -> bytes:
    return record_file.write(rows, source=SOURCE, url=endpoint.url, retrieved_on=START.date())


def stored(endpoint: Endpoint, body: bytes, *, day: int) -> Snapshot:
    """The document as it lies after it was collected, waiting to be read."""
    at = START + timedelta(days=day)
    snapshot, _ = collect.keep(endpoint, body, fetched_at=at, media_type=record_file.MEDIA_TYPE)
    return snapshot
