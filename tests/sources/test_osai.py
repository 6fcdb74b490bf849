from collections import Counter

import pytest

from tests.sources.conftest import document, files, tarred
from tracker.domain.records import AssessmentRecord
from tracker.sources.base import ParseError
from tracker.sources.osai import RUBRICS, SOURCE, TWELVE

TOP = "main-database-main/"


@pytest.fixture
def twelve(members):
    return members("osai/twelve")


@pytest.fixture
def fourteen(members):
    return members("osai/fourteen")


def records(repository):
    return SOURCE.records(document(tarred(repository, TOP), "main"))


def by_key(repository):
    return {record.key: record for record in records(repository)}


def with_change(repository, old, new, name="Example.yaml"):
    assert old in repository[name]
    return repository | {name: repository[name].replace(old, new)}


def test_a_criterion_is_read_whole(twelve):
    assert by_key(twelve)["Example:Example-2-70B-Chat:weights_endmodel"] == AssessmentRecord(
        "Example:Example-2-70B-Chat:weights_endmodel",
        "Example-2-70B-Chat",
        "osai-12",
        "weights_endmodel",
        "open",
        1.0,
        lab="Example Lab",
        url="https://example.org/weights",
    )


def test_open_partial_and_closed_count_one_a_half_and_nothing(twelve):
    found = by_key(twelve)
    cells = [found[f"Example:Example-2-70B-Chat:{name}"] for name in ("weights_endmodel", "trainingcode", "paper")]
    assert [(cell.verdict, cell.value) for cell in cells] == [("open", 1.0), ("partial", 0.5), ("closed", 0.0)]


def test_the_licence_stands_with_its_criterion_however_its_field_is_spelt(twelve):
    stated = {record.key: record.licence for record in records(twelve) if record.licence}
    assert stated == {
        "Example:Example-2-70B-Chat:licenses": "Apache-2.0",
        "Two Words:Words-9B:licenses": "Example License 1.0",
        "Guru:Guru-32B:licenses": "CC-BY-NC-4.0",
    }


def test_the_evidence_is_the_first_address_of_the_cell_else_the_file(twelve):
    found = by_key(twelve)
    assert found["Example:Example-2-70B-Chat:trainingcode"].url == "https://example.org/code"
    assert found["Two Words:Words-9B:paper"].url.endswith("/blob/main/Two%20Words.yaml")


def test_a_month_of_release_is_no_date_of_assessment(twelve):
    assert {record.assessed for record in records(twelve)} == {None}


def test_templates_files_just_begun_and_parameters_are_no_systems(twelve):
    assert {record.key.partition(":")[0] for record in records(twelve)} == {"Example", "Guru", "Two Words"}


def test_a_file_used_again_for_a_newer_model_takes_no_fact_of_the_older_one(twelve, fourteen):
    older, newer = set(by_key(fourteen)), {key for key in by_key(twelve) if key.startswith("Example:")}
    assert older
    assert newer
    assert not older & newer


def test_the_rubric_is_told_by_its_criteria(twelve, fourteen):
    assert Counter(record.rubric for record in records(twelve)) == {"osai-12": 36}
    assert Counter(record.rubric for record in records(fourteen)) == {"osai-14": 14}


def test_a_system_entered_the_wrong_way_round_is_not_taken_for_the_model_it_was_made_from(twelve):
    assert not [record for record in records(twelve) if record.model == "Qwen2.5-32B"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"paper:", b"papers:", "other criteria than the index had: paper, papers"),
        (b"class: partial", b"class: half", "trainingcode is 'half'"),
        (b"class: partial", b"class:", "trainingcode is ''"),
        (b"system:", b"model:", "describes no system"),
        (b"endmodelname: Example", b"endmodelname: [Example", "no YAML"),
        (b"class: partial", b"class: partial\n    class: open", "'class' twice"),
    ],
)
def test_a_file_of_another_shape_is_refused(twelve, old, new, reason):
    with pytest.raises(ParseError, match=reason):
        records(with_change(twelve, old, new))


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"", "is empty"), (b"<html></html>", "web page"), (tarred({"README.md": b"Moved."}, TOP), "0 records")],
)
def test_what_is_no_repository_of_systems_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(document(body))


def test_half_a_repository_is_refused(twelve):
    body = tarred(twelve, TOP)
    with pytest.raises(ParseError, match="cut off"):
        SOURCE.records(document(body[: len(body) // 2]))


def test_the_stored_index_is_read_whole(sample):
    found = records(files(sample("osai-index"), "*.yaml"))
    assert len(found) == 1836
    assert {record.rubric for record in found} == {RUBRICS[TWELVE]} == {"osai-12"}
    by_model = Counter(record.model for record in found)
    assert len(by_model) == 153
    assert set(by_model.values()) == {12}
    # The names of files tell families: that of OLMo stands for Olmo 3.1 now.
    assert by_model["Olmo-3.1-32B-Think"] == 12
    assert "Qwen2.5-32B" not in by_model
    assert sum(record.value for record in found if record.model == "Kimi-Dev-72B") == 2.0
