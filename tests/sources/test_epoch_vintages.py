"""The stored vintages of Epoch AI's benchmarking hub, read whole where this machine has them."""

from collections import Counter

from tests.sources.conftest import files
from tests.sources.test_epoch_benchmarks import records, scores
from tracker.domain.records import Access, ReleaseRecord, ScoreRecord


def test_the_archive_of_april_2026_is_read_whole(sample):
    found = records(files(sample("epoch-benchmarks/2026-04"), "*.csv"))
    assert Counter(type(record).__name__ for record in found) == {"ScoreRecord": 3731, "ReleaseRecord": 591}
    read = [record for record in found if isinstance(record, ScoreRecord)]
    assert len({score.benchmark for score in read}) == 50
    assert len({score.model for score in read}) == 829
    count = Counter(score.benchmark for score in read)
    assert (count["gpqa_diamond"], count["terminalbench"], count["os_world"], count["mmlu"]) == (157, 170, 56, 249)
    by_key = {score.key: score for score in read}
    horizon = by_key["metr_time_horizons:recF8cs4o1pSE7d15"]
    assert (horizon.model, horizon.value) == ("claude-opus-4-6_unknown", 718.80683)
    aider = by_key["aider_polyglot:recpcTosmykQScJV3"]
    assert (aider.model, aider.value) == ("gpt-oss-120b_high", 0.418)
    access = Counter(record.access for record in found if isinstance(record, ReleaseRecord))
    assert access[Access.API] == 252
    assert sum(count for kind, count in access.items() if kind and kind.downloadable) == 216


def test_the_archive_of_january_2026_tells_of_its_releases_in_its_scores(sample):
    found = records(files(sample("epoch-benchmarks/2026-01"), "*.csv"))
    assert Counter(type(record).__name__ for record in found) == {"ScoreRecord": 440, "ReleaseRecord": 167}
    dated = {record.model for record in found if isinstance(record, ScoreRecord) and record.released}
    assert {record.model for record in found if isinstance(record, ReleaseRecord)} == dated


def test_every_rate_of_april_2026_is_a_proportion(sample):
    for score in scores(files(sample("epoch-benchmarks/2026-04"), "*.csv")):
        if score.benchmark.startswith(("metr_time_horizons", "webdev_arena")):
            continue
        assert 0 <= score.value <= 1, score


def test_a_run_keeps_its_key_from_january_to_april(sample):
    january = {score.key: score for score in scores(files(sample("epoch-benchmarks/2026-01"), "*.csv"))}
    april = {score.key: score for score in scores(files(sample("epoch-benchmarks/2026-04"), "*.csv"))}
    assert len(january) == 440
    kept = january.keys() & april.keys()
    assert len(kept) == 416
    # SWE-bench Verified was run anew in between: other runs, other keys.
    assert {score.benchmark for score in january.values()} - {january[key].benchmark for key in kept} == {
        "swe_bench_verified"
    }
    assert all(january[key].benchmark == april[key].benchmark for key in kept)
