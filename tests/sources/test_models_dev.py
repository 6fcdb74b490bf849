import json
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from tests.sources.conftest import document, files, tarred
from tracker.domain.records import Access, Evaluator, Precision, PriceRecord, ReleaseRecord, ScoreRecord, When
from tracker.sources import archives
from tracker.sources.base import ParseError
from tracker.sources.models_dev import SOURCE


@pytest.fixture
def api(example):
    return example("models_dev/api.json")


@pytest.fixture
def repository(members):
    return members("models_dev/repository")


def by_key(found, kind):
    return {record.key: record for record in found if isinstance(record, kind)}


def read(repository):
    return SOURCE.records(document(tarred(repository), "dev.tar.gz"))


def test_a_labs_own_offer_is_a_release_and_a_price(api):
    found = SOURCE.records(api)
    assert by_key(found, ReleaseRecord)["anthropic/claude-example-4-20260115"] == ReleaseRecord(
        "anthropic/claude-example-4-20260115",
        "claude-example-4-20260115",
        lab="Anthropic",
        released=When(date(2026, 1, 15)),
        access=Access.API,
        context=200_000,
        url="https://docs.example.org/anthropic",
    )
    assert by_key(found, PriceRecord)["anthropic/claude-example-4-20260115"] == PriceRecord(
        "anthropic/claude-example-4-20260115",
        "claude-example-4-20260115",
        "anthropic",
        input=3.0,
        output=15.0,
        cache_read=0.3,
        cache_write=3.75,
        url="https://docs.example.org/anthropic",
    )


def test_resellers_are_not_asked(api):
    found = SOURCE.records(api)
    assert not [record for record in found if record.key.startswith("a-reseller")]
    assert by_key(found, ReleaseRecord)["openai/gpt-example"].released == When(date(2025, 8, 7))


def test_a_lab_that_also_hosts_others_is_asked_for_its_own_models_only(api):
    assert [key for key in by_key(SOURCE.records(api), ReleaseRecord) if key.startswith("nvidia")] == [
        "nvidia/nvidia/nemotron-example-30b"
    ]


def test_a_free_tier_is_zero_and_a_missing_price_is_no_price(api):
    prices = by_key(SOURCE.records(api), PriceRecord)
    free = prices["nvidia/nvidia/nemotron-example-30b"]
    assert (free.input, free.output, free.cache_read) == (0.0, 0.0, None)
    assert "openai/gpt-example" not in prices


def test_a_month_stays_a_month_and_a_context_of_zero_is_unknown(api):
    nemotron = by_key(SOURCE.records(api), ReleaseRecord)["nvidia/nvidia/nemotron-example-30b"]
    assert nemotron.released == When(date(2025, 12, 1), Precision.MONTH)
    assert (nemotron.context, nemotron.access) == (None, Access.WEIGHTS)


def test_a_sign_that_is_moved_on_and_a_painter_are_no_releases(api, repository):
    keys = by_key(SOURCE.records(api) + read(repository), ReleaseRecord)
    assert not [key for key in keys if key.endswith("-latest") or "image" in key]


def test_a_model_file_is_a_release_with_weights_and_licence(repository):
    assert by_key(read(repository), ReleaseRecord)["models/zhipuai/glm-example"] == ReleaseRecord(
        "models/zhipuai/glm-example",
        "glm-example",
        lab="Z.ai",
        released=When(date(2026, 2, 1), Precision.MONTH),
        access=Access.WEIGHTS,
        licence="MIT",
        context=200_000,
        weights_url="https://huggingface.co/zai-org/GLM-Example",
        url="https://github.com/anomalyco/models.dev/blob/dev/models/zhipuai/glm-example.toml",
    )


def test_a_dot_in_a_models_name_is_kept(repository):
    assert by_key(read(repository), ReleaseRecord)["models/anthropic/claude-example-4.5"].model == "claude-example-4.5"


def test_a_file_takes_over_from_its_base_model_what_it_does_not_say_or_omit(repository):
    turbo = by_key(read(repository), ReleaseRecord)["models/zhipuai/glm-example-turbo"]
    assert turbo.context == 200_000  # the table is merged with the base's
    assert (turbo.access, turbo.released) == (Access.API, When(date(2026, 3, 16)))
    assert (turbo.licence, turbo.weights_url) == ("", "")
    assert not [score for score in by_key(read(repository), ScoreRecord).values() if score.model == turbo.model]


def test_scores_come_from_the_lab_itself_or_from_the_board_and_from_nobody_else(repository):
    found = by_key(read(repository), ScoreRecord).values()
    assert [(score.benchmark, score.value, score.evaluator) for score in found] == [
        ("SWE-Bench Verified", 0.738, Evaluator.FIRST_PARTY),
        ("Terminal-Bench 2.1", 0.418, Evaluator.FIRST_PARTY),
        ("SWE-Bench Pro", 0.387, Evaluator.LEADERBOARD),
    ]


def test_harness_effort_and_date_of_a_score_are_kept(repository):
    terminal = next(score for score in by_key(read(repository), ScoreRecord).values() if "Terminal" in score.benchmark)
    assert (terminal.scaffold, terminal.setting, terminal.evaluated) == ("Terminus-2", "high", When(date(2026, 2, 11)))


def test_a_host_that_only_ends_like_the_labs_is_not_the_lab(repository):
    name = "models/zhipuai/glm-example.toml"
    repository[name] = repository[name].replace(b"https://huggingface.co/zai-org/", b"https://notz.ai/")
    kept = [score.evaluator for score in by_key(read(repository), ScoreRecord).values()]
    assert kept == [Evaluator.LEADERBOARD]


def test_the_same_bytes_give_the_same_records(api, repository):
    assert SOURCE.records(api) == SOURCE.records(api)
    assert read(repository) == read(repository)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"openai": {', b'"open-ai": {', "not both openai and anthropic"),
        (b'"open_weights"', b'"weights_open"', "open_weights is None"),
        (b'"2026-01-15"', b'"15 January 2026"', "claude-example.*release_date"),
        (b'"input": 3,', b'"input": -1,', r"cost\.input is -1, no price"),
        (b'"input": 3,', b'"input": "3",', r"cost\.input is '3'"),
        (b'"input": 3,', b'"input": 3' + b"0" * 400 + b",", r"cost\.input is 3000"),
        (b'"input": 3,', b'"input": NaN,', "contains NaN"),
        (b'"modalities"', b'"modes"', "modalities is 'None', not a table"),
    ],
)
def test_what_is_not_recognised_is_refused_by_name(api, old, new, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(replace(api, body=api.body.replace(old, new)))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"<!doctype html><script src=/app.js></script>", "web page"),
        (b"[]", "not a table"),
        (b'{"openai": {"models": {}}, "anthropic": {"models": {}}}', "0 records"),
        (b"\x1f\x8b and then nothing", "damaged tarball"),
    ],
)
def test_what_is_no_catalogue_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(document(body))


def test_half_a_catalogue_is_refused(api, repository):
    packed = tarred(repository)
    with pytest.raises(ParseError, match="not JSON"):
        SOURCE.records(replace(api, body=api.body[: len(api.body) // 2]))
    with pytest.raises(ParseError, match="damaged tarball"):
        SOURCE.records(replace(api, body=packed[: len(packed) // 2]))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95, 0.999])
def test_a_tarball_that_was_cut_off_anywhere_is_refused(repository, share):
    packed = tarred(repository)
    with pytest.raises(ParseError, match="damaged tarball"):
        SOURCE.records(document(packed[: int(len(packed) * share)]))


def test_a_tarball_with_a_flipped_bit_is_refused(repository):
    packed = bytearray(tarred(repository))
    packed[len(packed) // 2] ^= 0x10
    with pytest.raises(ParseError, match="damaged tarball"):
        SOURCE.records(document(bytes(packed)))


def test_a_tarball_that_unpacks_to_too_much_is_refused(repository, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 100_000)
    with pytest.raises(ParseError, match="unpacks to more than 100000 bytes"):
        read(repository | {"models/zhipuai/bomb.toml": b" " * 200_000})


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"score = 73.8", b"score = 173.8", "SWE-Bench Verified is 173.8, not between 0 and 100"),
        (b"open_weights = true", b"open_weights = maybe", "glm-example.toml is not TOML"),
        (b'release_date = "2026-02"', b'release_date = "soon"', "glm-example: release_date 'soon'"),
    ],
)
def test_a_model_file_that_is_not_recognised_is_refused_by_name(repository, old, new, reason):
    name = "models/zhipuai/glm-example.toml"
    repository[name] = repository[name].replace(old, new)
    with pytest.raises(ParseError, match=reason):
        read(repository)


def test_scores_that_turned_into_fractions_are_refused(repository):
    name = "models/zhipuai/glm-example.toml"
    for score in (b"73.8", b"41.8", b"38.7"):
        repository[name] = repository[name].replace(score, b"0." + score.replace(b".", b""))
    with pytest.raises(ParseError, match="no reported score is above 1 of 100"):
        read(repository)


@pytest.mark.parametrize("base", [b"zhipuai/missing", b"zhipuai/glm-example-turbo"])
def test_a_base_model_that_leads_nowhere_is_refused(repository, base):
    name = "models/zhipuai/glm-example-turbo.toml"
    repository[name] = repository[name].replace(b"zhipuai/glm-example", base, 1)
    with pytest.raises(ParseError, match="base_model"):
        read(repository)


def test_a_tarball_without_model_files_is_refused():
    with pytest.raises(ParseError, match=r"no models/\*\*\.toml"):
        read({"README.md": b"# models.dev"})


def test_the_providers_of_june_2026_are_read_whole(sample):
    body = sample("models-dev/api.json").read_bytes()
    found = SOURCE.records(document(body))
    assert Counter(type(record).__name__ for record in found) == {"ReleaseRecord": 255, "PriceRecord": 245}
    kimi = by_key(found, ReleaseRecord)["moonshotai/kimi-k2.6"]
    stored = json.loads(body)["moonshotai"]["models"]["kimi-k2.6"]
    assert kimi.access is (Access.WEIGHTS if stored["open_weights"] else Access.API)
    assert str(kimi.released) == stored["release_date"]
    gpt = by_key(found, PriceRecord)["openai/gpt-5"]
    assert (gpt.input, gpt.output, gpt.cache_read) == (1.25, 10.0, 0.125)


def test_the_model_files_of_july_2026_are_read_whole(sample):
    found = read(files(sample("models-dev"), "**/*.toml"))
    assert Counter(type(record).__name__ for record in found) == {"ReleaseRecord": 209, "ScoreRecord": 153}
    scores = by_key(found, ScoreRecord).values()
    assert Counter(score.evaluator for score in scores) == {Evaluator.LEADERBOARD: 85, Evaluator.FIRST_PARTY: 68}
    assert not [score for score in scores if "openrouter" in score.url or "artificialanalysis" in score.url]
    deepseek = next(score for score in scores if score.model == "deepseek-v4-pro")
    assert (deepseek.benchmark, deepseek.value) == ("SWE-Bench Verified", 0.806)
