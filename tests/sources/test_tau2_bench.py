import json
from dataclasses import asdict
from datetime import date

import pytest

from tests.sources.conftest import document, files, tarred
from tracker.domain.records import Evaluator, ScoreRecord, When
from tracker.sources.base import ParseError
from tracker.sources.tau2_bench import PAGE, SOURCE

TOP = "tau2-bench-main/web/leaderboard/public/"
FIRST = "submissions/example-5_sierra_2026-05-05/submission.json"


@pytest.fixture
def repository(members):
    return members("tau2_bench")


def read(repository):
    return SOURCE.records(document(tarred(repository, TOP), "main.tar.gz"))


def by_key(repository):
    return {score.key: score for score in read(repository)}


def change(repository, name, **fields):
    repository[name] = json.dumps(json.loads(repository[name]) | fields).encode()


def test_a_domain_of_a_submission_is_read_whole(repository):
    assert read(repository)[0] == ScoreRecord(
        "example-5_sierra_2026-05-05:airline",
        "Example 5",
        "tau2_airline",
        0.84,
        setting="max",
        evaluator=Evaluator.LEADERBOARD,
        evaluated=When(date(2026, 5, 3)),
        released=When(date(2026, 1, 15)),
        lab="Example Lab",
        url=f"{PAGE}/example-5_sierra_2026-05-05",
    )


def test_templates_and_folders_that_the_manifest_does_not_list_are_no_submissions(repository):
    names = {score.model for score in read(repository)}
    assert names == {"Example 5", "Open Example 9B", "Maker Agent", "Example 3", "Example 4"}


def test_a_template_that_the_manifest_lists_is_skipped_all_the_same(repository):
    assert any(
        name.startswith("A_EXAMPLE_") for name in json.loads(repository["submissions/manifest.json"])["submissions"]
    )
    assert not any(score.key.startswith("A_EXAMPLE_") for score in read(repository))


def test_domains_that_are_null_or_were_not_run_give_no_fact(repository):
    assert [key for key in by_key(repository) if key.startswith("example-5")] == [
        "example-5_sierra_2026-05-05:airline",
        "example-5_sierra_2026-05-05:banking_knowledge",
    ]


def test_what_was_measured_before_the_tasks_were_corrected_is_another_benchmark(repository):
    found = by_key(repository)
    assert found["example-3_example_2024-06-20:retail"].benchmark == "tau2_retail_legacy"
    assert found["open-example_sierra_2026-03-02:retail"].benchmark == "tau2_retail"


def test_results_of_the_first_tau_bench_are_left_out(repository):
    assert not any(score.model == "Example 2" for score in read(repository))


def test_the_day_is_the_fields_and_not_the_folders(repository):
    assert by_key(repository)["example-3_example_2024-06-20:retail"].evaluated == When(date(2025, 6, 9))


def test_who_measured_is_read_off_the_submitter_and_the_verification(repository):
    found = by_key(repository)
    assert found["example-5_sierra_2026-05-05:airline"].evaluator is Evaluator.LEADERBOARD
    assert found["example-3_example_2024-06-20:retail"].evaluator is Evaluator.FIRST_PARTY
    assert found["example-4_example_2025-11-18:airline"].evaluator is Evaluator.UNSTATED


def test_somebody_elses_agent_on_a_labs_model_is_third_party(repository):
    change(repository, "submissions/agent_maker_2026-03-25/submission.json", model_organization="Example Lab")
    assert by_key(repository)["agent_maker_2026-03-25:banking_knowledge"].evaluator is Evaluator.THIRD_PARTY


def test_an_agent_of_the_submitters_own_is_a_scaffold(repository):
    found = by_key(repository)
    assert found["agent_maker_2026-03-25:banking_knowledge"].scaffold == "Maker AI's own"
    assert found["example-5_sierra_2026-05-05:airline"].scaffold == ""


def test_thinking_that_is_merely_enabled_is_no_effort(repository):
    assert by_key(repository)["open-example_sierra_2026-03-02:telecom"].setting == "thinking"


def test_a_domain_that_is_new_waits_under_its_own_name(repository):
    change(repository, FIRST, results={"healthcare": {"pass_1": 12.5}})
    assert by_key(repository)["example-5_sierra_2026-05-05:healthcare"].benchmark == "tau2_healthcare"


def test_nobodys_name_or_address_leaves_the_parser(repository):
    assert b"somebody@example.com" in repository[FIRST]
    told = json.dumps([asdict(score) for score in read(repository)], default=str)
    assert "@" not in told
    assert "Some Body" not in told
    assert "somebody" not in told


@pytest.mark.parametrize(
    "broken",
    [
        [{"contact_info": {"email": "somebody@example.com"}}],
        {"results": "somebody", "contact_info": {"email": "somebody@example.com"}},
        {"results": {"airline": {"pass_1": 84.0}}, "contact_info": {"email": "somebody@example.com"}},
    ],
)
def test_a_refusal_names_no_address_either(repository, broken):
    repository[FIRST] = json.dumps(broken).encode()
    with pytest.raises(ParseError) as refused:
        read(repository)
    assert "@" not in str(refused.value)


def test_fractions_are_refused(repository):
    change(repository, FIRST, results={"airline": {"pass_1": 0.84}, "retail": {"pass_1": 0.77}})
    with pytest.raises(ParseError, match=r"example-5_sierra_2026-05-05/submission\.json: pass_1 goes up to 0\.84"):
        read(repository)


def test_more_than_a_hundred_percent_is_refused(repository):
    change(repository, FIRST, results={"airline": {"pass_1": 840}})
    with pytest.raises(ParseError, match="no percentage"):
        read(repository)


def test_a_spoken_conversation_among_the_written_ones_is_refused(repository):
    change(repository, FIRST, modality="voice")
    with pytest.raises(ParseError, match="spoken conversation"):
        read(repository)


def test_a_submission_that_is_listed_and_gone_is_refused(repository):
    del repository[FIRST]
    with pytest.raises(ParseError, match=r"lists 'example-5_sierra_2026-05-05', which is not in the repository"):
        read(repository)


def test_a_repository_without_its_manifest_is_refused(repository):
    del repository["submissions/manifest.json"]
    with pytest.raises(ParseError, match=r"holds no web/leaderboard/public/submissions/manifest\.json"):
        read(repository)


def test_a_manifest_that_renamed_its_lists_is_refused(repository):
    repository["submissions/manifest.json"] = b'{"text_submissions": []}'
    with pytest.raises(ParseError, match="lists no submissions"):
        read(repository)


def test_the_stored_submissions_are_read(sample):
    found = read(files(sample("tau2-bench"), "submissions/**/*.json"))
    assert len(found) == 91
    assert not any("EXAMPLE" in score.key or "Example" in score.model for score in found)
    assert "@" not in json.dumps([asdict(score) for score in found], default=str)
    assert {score.benchmark for score in found} == {
        *(f"tau2_{domain}" for domain in ("airline", "retail", "telecom", "banking_knowledge")),
        *(f"tau2_{domain}_legacy" for domain in ("airline", "retail", "telecom")),
    }
    claude = next(score for score in found if score.key == "claude-3-7-sonnet_anthropic_2024-06-20:airline")
    assert (claude.value, claude.evaluated) == (0.642, When(date(2025, 6, 9)))
