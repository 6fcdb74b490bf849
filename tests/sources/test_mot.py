from collections import Counter

import pytest

from tests.sources.conftest import document, files, tarred
from tracker.domain.records import AssessmentRecord
from tracker.sources.base import ParseError
from tracker.sources.mot import COMPONENTS, SOURCE

TOP = "model_openness_tool-main/"
PAGE = "https://github.com/lfai/model_openness_tool/blob/main/models"


@pytest.fixture
def repository(members):
    return members("mot/repository")


def records(repository):
    return SOURCE.records(document(tarred(repository, TOP), "main"))


def by_key(repository):
    return {record.key: record for record in records(repository)}


def test_a_component_is_read_whole(repository):
    assert records(repository)[1] == AssessmentRecord(
        "Example-9B:Model architecture",
        "Example-9B",
        "mof-1.0",
        "Model architecture",
        "included",
        licence="Apache 2.0",
        lab="Example Lab",
        url="https://example.org/architecture",
    )


@pytest.mark.parametrize(
    ("component", "verdict", "licence"),
    [
        ("Model parameters (Final)", "included", "Example License Agreement"),
        ("Technical report", "included", ""),
        ("Model card", "unlicensed", ""),
        ("Training code", "undisclosed", ""),
        ("Datasets", "not included", ""),
        ("Evaluation data", "not included", ""),
    ],
)
def test_words_in_a_licences_place_are_told_from_licences(repository, component, verdict, licence):
    found = by_key(repository)[f"Example-9B:{component}"]
    assert (found.verdict, found.licence) == (verdict, licence)


@pytest.mark.parametrize(
    ("component", "licence"),
    [
        ("Evaluation code", "MIT"),  # its own
        ("Model parameters (Final)", "CC-BY-4.0"),  # that of data
        ("Inference code", "Apache-2.0"),  # that of everything
        ("Research paper", "Apache-2.0"),  # that of documents is left blank
    ],
)
def test_a_component_without_a_licence_has_that_of_its_kind_or_of_everything(repository, component, licence):
    assert by_key(repository)[f"Global-3B:{component}"].licence == licence


def test_evidence_that_is_no_address_is_left_for_the_record_itself(repository):
    assert by_key(repository)["Global-3B:Research paper"].url == f"{PAGE}/Global-3B.yml"


def test_the_date_of_an_entry_is_taken_for_no_date_of_the_model(repository):
    assert {record.assessed for record in records(repository)} == {None}


def test_placeholders_and_trials_are_no_models(repository):
    assert {record.model for record in records(repository)} == {"Example-9B", "Global-3B", "Copied-32B", "Written-4.1"}


def test_a_copy_that_kept_the_first_ones_name_tells_of_neither(repository):
    assert [record.key for record in records(repository) if record.model == "Copied-32B"] == ["Copied-32B:Model card"]


def test_the_tools_own_fixtures_are_not_read(repository):
    fixture = repository["test-data/expected_results.json"]
    with pytest.raises(ParseError, match="not JSON"):
        document(fixture, "expected_results.json").json()  # a comma too many
    assert not [record for record in records(repository) if record.key.startswith("Fixture")]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"version: '1.0'", b"version: '2.0'", "follows version '2.0' of the framework"),
        (b"Model architecture", b"Model weights", "a component 'Model weights'"),
        (b"Model architecture", b"Datasets", "the key 'Example-9B:Datasets'"),
        (b"release:", b"model:", "describes no release"),
        (b"name: Example-9B", b"name:", "there is no name"),
        (b"license: {  }", b"license: {", "no YAML"),
        (b"license: {  }", b"license: {code: MIT}", "code is 'MIT'"),
    ],
)
def test_a_record_of_another_shape_is_refused(repository, old, new, reason):
    name = "models/Example-9B.yml"
    assert old in repository[name]
    changed = repository | {name: repository[name].replace(old, new)}
    if b"code: MIT" in new:  # asked for only by a component that names none
        changed[name] = changed[name].replace(b"'Apache 2.0'", b"''")
    with pytest.raises(ParseError, match=reason):
        records(changed)


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"", "is empty"), (b"<html></html>", "web page"), (tarred({"README.md": b"Moved."}, TOP), "0 records")],
)
def test_what_is_no_repository_of_models_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(document(body))


def test_the_stored_records_are_read_whole(sample):
    found = records({f"models/{name}": body for name, body in files(sample("mot/models"), "*.yml").items()})
    assert len(found) == 1475
    assert {record.criterion for record in found} == set(COMPONENTS)
    assert Counter(record.verdict for record in found) == {
        "included": 731,
        "unlicensed": 665,
        "undisclosed": 64,
        "not included": 15,
    }
    assert not {record.model for record in found} & {"Unnamed-Model", "DeepSeek-V3-test"}
    # The record of Qwen2.5-72B calls itself Qwen2.5-32B.
    qwen = {record.key.partition(":")[0] for record in found if record.model.startswith("Qwen2.5-")}
    assert "Qwen2.5-32B-Instruct" in qwen
    assert "Qwen2.5-72B-Instruct" not in qwen


def test_the_stored_fixture_is_no_json(sample):
    with pytest.raises(ParseError, match="not JSON"):
        document(sample("mot/test-data/expected_results.json").read_bytes()).json()
