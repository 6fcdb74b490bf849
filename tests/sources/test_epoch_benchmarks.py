import zipfile
from datetime import date
from io import BytesIO

import pytest

from tests.sources.conftest import document, zipped
from tracker.domain.records import Access, Evaluator, Precision, ReleaseRecord, ScoreRecord, When
from tracker.sources import archives
from tracker.sources.base import ParseError
from tracker.sources.epoch_benchmarks import SOURCE
from tracker.sources.epoch_sheets import CORE, SHEETS, WITHHELD


@pytest.fixture
def old(members):
    return members("epoch_benchmarks/old")


@pytest.fixture
def new(members):
    return members("epoch_benchmarks/new")


def records(archive):
    return SOURCE.records(document(zipped(archive), "benchmark_data.zip"))


def scores(archive, benchmark=None):
    found = [record for record in records(archive) if isinstance(record, ScoreRecord)]
    return [score for score in found if benchmark in (None, score.benchmark)]


def releases(archive):
    return {record.model: record for record in records(archive) if isinstance(record, ReleaseRecord)}


def test_a_run_of_epochs_own_is_read_whole(old):
    assert scores(old, "gpqa_diamond")[0] == ScoreRecord(
        "gpqa_diamond:runA",
        "example-1-2026-01-15_high",
        "gpqa_diamond",
        0.75,
        stderr=0.031,
        evaluator=Evaluator.THIRD_PARTY,
        evaluated=When(date(2026, 4, 15)),
        released=When(date(2026, 1, 15)),
        lab="Example Lab",
        url="https://logs.example.org/viewer?run=runA",
    )


def test_dates_are_read_in_each_form_that_epoch_writes(old):
    first, second, third = scores(old, "gpqa_diamond")
    assert (first.evaluated, second.evaluated, third.evaluated) == (
        When(date(2026, 4, 15)),
        When(date(2025, 11, 17)),
        None,
    )
    assert third.released == When(date(2025, 4, 1), Precision.MONTH)


def test_percentages_become_proportions(old):
    assert [score.value for score in scores(old, "aider_polyglot")] == [0.418]
    assert [score.value for score in scores(old, "os_world")] == [0.416, 0.439, 0.663]


def test_minutes_stay_minutes_and_a_later_suite_is_another_benchmark(old):
    assert [score.value for score in scores(old, "metr_time_horizons")] == [92.5]
    assert [score.value for score in scores(old, "metr_time_horizons_1_1")] == [310.25]


def test_a_model_is_told_by_the_name_column_where_its_version_is_blank(old):
    assert [score.model for score in scores(old, "gsm8k")] == ["Palm Example (43B)", "open-example-9b"]
    assert [score.model for score in scores(old, "live_bench")] == ["example-chat-latest-2026-03-27", "example-1"]


def test_an_agent_whose_model_nobody_names_waits_under_the_agents_words(old):
    first = scores(old, "os_world")[0]
    assert (first.model, first.scaffold) == ("open-agent-72b (100 steps)", "open-agent-72b (100 steps)")


def test_a_row_that_names_nobody_is_no_fact(old):
    assert [score.key for score in scores(old, "aider_polyglot")] == ["aider_polyglot:recA1"]


def test_names_lose_their_line_breaks(old):
    assert scores(old, "terminalbench")[0].model == "example-1"


def test_the_scaffold_is_kept_and_a_tick_is_no_scaffold(old):
    assert scores(old, "terminalbench")[0].scaffold == "Agent One"
    assert scores(old, "deepresearchbench")[0].scaffold == ""


def test_who_measured_is_read_off_the_file_and_the_rows_own_link(old):
    assert scores(old, "aider_polyglot")[0].evaluator is Evaluator.LEADERBOARD
    helm, paper = scores(old, "gsm8k")
    assert (helm.evaluator, paper.evaluator) == (Evaluator.THIRD_PARTY, Evaluator.UNSTATED)
    announced = next(score for score in scores(old, "os_world") if score.lab == "Anthropic")
    assert announced.evaluator is Evaluator.FIRST_PARTY


def test_a_labs_announcement_is_not_first_party_on_a_rivals_model(old):
    old["os_world_external.csv"] = old["os_world_external.csv"].replace(b",Anthropic,", b",Example Lab,")
    announced = next(score for score in scores(old, "os_world") if "anthropic" in score.url)
    assert announced.evaluator is Evaluator.UNSTATED


def test_the_half_width_that_hle_calls_a_standard_error_is_divided(old):
    assert scores(old, "hle")[0].stderr == pytest.approx(0.0188 / 1.96)


def test_two_runs_of_one_model_are_two_facts(old):
    runs = scores(old, "swe_bench_verified")
    assert [(run.key, run.value) for run in runs] == [
        ("swe_bench_verified:runH", 0.7),
        ("swe_bench_verified:runI", 0.66),
    ]


def test_rows_without_an_id_get_a_key_that_holds_when_the_score_changes(old):
    keys = [score.key for score in scores(old, "posttrainbench")]
    assert len(set(keys)) == 3
    assert keys[2] == f"{keys[1]}#2"
    old["posttrainbench_external.csv"] = old["posttrainbench_external.csv"].replace(b"0.2316", b"0.2400")
    assert [score.key for score in scores(old, "posttrainbench")] == keys


def test_artificial_analysis_is_dropped_as_a_file_and_as_a_row(old):
    found = scores(old)
    assert not WITHHELD & {score.benchmark for score in found}
    assert [score.model for score in scores(old, "deepresearchbench")] == ["example-1"]
    assert not WITHHELD & set(SHEETS)


def test_a_file_that_nobody_described_is_left_alone(old):
    assert "brand_new" not in {score.benchmark for score in scores(old)}


def in_table(found):
    """The releases that the archive's own table of models tells of."""
    return {model: release for model, release in found.items() if release.key.startswith("release:")}


def test_accessibility_of_the_old_layout_becomes_access(old):
    found = in_table(releases(old))
    assert {model: release.access for model, release in found.items()} == {
        "example-1-2026-01-15_high": Access.API,
        "open-example-9b": Access.WEIGHTS_RESTRICTED,
        "example-preview": Access.UNRELEASED,
        "example-chat": Access.HOSTED,
        "old-example": None,
    }
    assert found["open-example-9b"] == ReleaseRecord(
        "release:open-example-9b",
        "open-example-9b",
        lab="Open Example",
        released=When(date(2025, 4, 2)),
        access=Access.WEIGHTS_RESTRICTED,
    )


def test_a_scored_model_that_the_model_table_leaves_out_is_a_release_of_its_date(old):
    found = releases(old)
    assert {model: str(found[model].released) for model in found.keys() - in_table(found).keys()} == {
        "example-1": "2026-01-15",
        "example-1-2026-01-15_low": "2026-01-15",
        "example-2": "2026-03-02",
        "fireworks/open-example-9b": "2025-04",
        "claude-opus-4-5-20251101": "2025-11-24",
    }
    assert found["fireworks/open-example-9b"] == ReleaseRecord(
        "scored:fireworks/open-example-9b",
        "fireworks/open-example-9b",
        lab="Open Example, Example University",
        released=When(date(2025, 4, 1), Precision.MONTH),
    )


def test_the_vintages_without_a_model_table_tell_of_releases_in_their_scores_alone(old):
    before = scores(old)
    del old["epoch_capabilities_index.csv"]
    found = releases(old)
    assert not in_table(found)
    assert found.keys() == {score.model for score in before if score.released}
    assert all(release.access is None for release in found.values())
    assert scores(old) == before


def test_the_new_layout_says_itself_which_column_holds_the_score(new):
    assert [(score.model, score.value) for score in scores(new, "gpqa_diamond")] == [
        ("example-3_max", 0.91),
        ("open-example-100b", 0.8),
    ]
    assert [score.value for score in scores(new, "aider_polyglot")] == [0.933]


def test_the_new_layout_describes_files_that_we_do_not_know(new):
    assert [(score.key, score.value) for score in scores(new, "two_part")] == [("two_part:recP1", 0.6)]
    assert [(score.key, score.value) for score in scores(new, "Two Part Hard")] == [
        ("two_part:recP1:Two Part Hard", 0.4)
    ]


def test_minutes_and_elo_keep_their_unit_in_the_new_layout(new):
    assert [score.value for score in scores(new, "metr_time_horizons_1_1")] == [1200.5]
    assert [score.value for score in scores(new, "webdev_arena")] == [1490.5]


def test_a_key_twice_in_the_new_model_table_is_one_release_from_the_earlier_date(new):
    found = releases(new)
    assert set(found) == {"example-3_max", "open-example-100b"}
    both = found["open-example-100b"]
    assert (both.released, both.access) == (When(date(2026, 8, 5)), Access.WEIGHTS_PERMISSIVE)


def test_both_layouts_name_a_benchmark_alike(old, new):
    in_both = {score.benchmark for score in scores(old)} & {score.benchmark for score in scores(new)}
    assert in_both == {"gpqa_diamond", "aider_polyglot", "metr_time_horizons_1_1"}


def test_the_same_bytes_give_the_same_records(old):
    assert records(old) == records(old)


# What must be refused, with the file and the reason in the message


def test_a_percentage_in_a_file_of_fractions_is_refused(old):
    old["gpqa_diamond.csv"] = old["gpqa_diamond.csv"].replace(b"_low,0.5,", b"_low,50,")
    with pytest.raises(ParseError, match=r"gpqa_diamond\.csv, row 3 \(example-1-2026-01-15_low\): mean_score is 50"):
        records(old)


def test_fractions_in_a_file_of_percentages_are_refused(old):
    old["aider_polyglot_external.csv"] = old["aider_polyglot_external.csv"].replace(b"41.8", b"0.418")
    with pytest.raises(ParseError, match=r"aider_polyglot_external\.csv: Percent correct goes up to 0\.418"):
        records(old)


def test_a_scale_that_the_new_layout_forgot_to_change_is_refused(new):
    new["aider_polyglot_external.csv"] = new["aider_polyglot_external.csv"].replace(b"93.3", b"0.933")
    with pytest.raises(ParseError, match="aider_polyglot_external"):
        records(new)


def test_an_elo_that_is_a_win_rate_is_refused(new):
    new["webdev_arena_external.csv"] = new["webdev_arena_external.csv"].replace(b"1490.5", b"0.61")
    with pytest.raises(ParseError, match=r"webdev_arena_external.*which is no elo"):
        records(new)


@pytest.mark.parametrize("text", [b"NaN", b"inf", b"seventy"])
def test_a_score_that_is_no_number_is_refused(old, text):
    old["gpqa_diamond.csv"] = old["gpqa_diamond.csv"].replace(b"_low,0.5,", b"_low," + text + b",")
    with pytest.raises(ParseError, match="gpqa_diamond"):
        records(old)


def test_links_without_the_column_that_says_whose_they_are_are_refused(new):
    """That column tells what may not be handed on."""
    file = "aider_polyglot_external.csv"
    with pytest.raises(ParseError, match="no Source column"):
        records({**new, file: new[file].replace(b"Source,Source link", b"Origin,Source link")})


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_a_renamed_score_column_is_refused_in_every_file(old, name):
    old[f"{name}.csv"] = b"Model version,Points\nexample-1,0.5\n"
    old.pop(f"{name}_external.csv", None)
    with pytest.raises(ParseError, match=rf"{name}\.csv has no column .*{SHEETS[name].score.split('(')[0].strip()}"):
        records(old)


@pytest.mark.parametrize("name", CORE)
def test_a_core_file_that_is_gone_is_refused(old, name):
    old.pop(f"{name}.csv", None)
    old.pop(f"{name}_external.csv", None)
    with pytest.raises(ParseError, match=f"no longer holds {name}"):
        records(old)


def test_a_core_file_that_the_new_layout_names_and_lacks_is_refused(new):
    del new["gpqa_diamond.csv"]
    with pytest.raises(ParseError, match="no longer holds gpqa_diamond"):
        records(new)


def test_a_new_layout_without_its_model_table_is_refused(new):
    del new["model_metadata.csv"]
    with pytest.raises(ParseError, match=r"no model_metadata\.csv"):
        records(new)


def test_an_unknown_accessibility_is_refused(old):
    old["epoch_capabilities_index.csv"] = old["epoch_capabilities_index.csv"].replace(b"API access", b"Leaked")
    with pytest.raises(ParseError, match="'Leaked' is not a model accessibility"):
        records(old)


def test_a_file_cut_off_within_a_row_is_refused(old):
    old["gpqa_diamond.csv"] = old["gpqa_diamond.csv"][:-20]
    with pytest.raises(ParseError, match=r"gpqa_diamond\.csv, line 4: fewer cells"):
        records(old)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b"<!doctype html><title>Not found</title>", "web page"),
        (b"Model version,mean_score\n", "not a zip"),
    ],
)
def test_what_is_no_archive_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(document(body))


def test_half_an_archive_is_refused(old):
    body = zipped(old)
    with pytest.raises(ParseError, match="damaged zip"):
        SOURCE.records(document(body[: len(body) // 2]))


def test_an_archive_with_a_flipped_bit_is_refused(old):
    body = bytearray(zipped(old))
    with zipfile.ZipFile(BytesIO(bytes(body))) as archive:
        start = archive.getinfo("gpqa_diamond.csv").header_offset
    body[start + 60] ^= 0xFF
    with pytest.raises(ParseError, match="damaged zip"):
        SOURCE.records(document(bytes(body)))


def test_an_encrypted_member_is_refused(old):
    body = bytearray(zipped(old))
    for marker, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(marker) + offset] |= 0x1
    with pytest.raises(ParseError, match="is encrypted"):
        SOURCE.records(document(bytes(body)))


def test_an_archive_that_unpacks_to_too_much_is_refused(old, monkeypatch):
    monkeypatch.setattr(archives, "MOST_KEPT", 1000)
    with pytest.raises(ParseError, match="unpacks to more than 1000 bytes"):
        records(old)


def test_an_archive_of_too_many_files_is_refused(old, monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    with pytest.raises(ParseError, match="more than 3 files"):
        records(old)


def test_a_name_that_climbs_out_of_the_archive_is_ignored(old):
    plain = records(old)
    assert records(old | {"../gsm8k.csv": b"not,a,table\n"}) == plain


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused(old):
    buffer = BytesIO(zipped(old))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("gpqa_diamond.csv", old["gpqa_diamond.csv"])
    with pytest.raises(ParseError, match=r"gpqa_diamond\.csv twice"):
        SOURCE.records(document(buffer.getvalue()))
