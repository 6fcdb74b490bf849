import tomllib
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.sources.conftest import document
from tracker import catalog
from tracker.domain.names import normalise
from tracker.domain.records import AssessmentRecord, Precision, When
from tracker.sources.base import ParseError
from tracker.sources.fmti import EDITIONS, SOURCE


@pytest.fixture
def edition(example):
    return lambda name: example(f"fmti/{name}_scores.csv")


def test_an_indicator_of_a_company_is_read_whole(edition):
    assert SOURCE.records(edition("October2023"))[0] == AssessmentRecord(
        "Example Lab:Data size",
        "",
        "fmti-2023",
        "Data size",
        "satisfied",
        1.0,
        lab="Example Lab",
        assessed=When(date(2023, 10, 1), Precision.MONTH),
        url="https://github.com/stanford-crfm/fmti/blob/main/October2023/October2023_scores.csv",
    )


@pytest.mark.parametrize(
    ("name", "rubric", "companies", "indicators"),
    [("October2023", "fmti-2023", 2, 4), ("May2024", "fmti-2024", 3, 3), ("Dec2025", "fmti-2025", 2, 3)],
)
def test_each_edition_has_its_own_columns_and_indicators(edition, name, rubric, companies, indicators):
    found = SOURCE.records(edition(name))
    assert {record.rubric for record in found} == {rubric}
    assert len({record.lab for record in found}) == companies
    assert len({record.criterion for record in found}) == indicators
    assert len(found) == companies * indicators


def test_totals_domains_and_a_mark_at_the_beginning_are_no_companies(edition):
    assert edition("October2023").body.startswith(b"\xef\xbb\xbf")
    assert {record.lab for record in SOURCE.records(edition("October2023"))} == {"Example Lab", "Other AI"}
    assert "Total" not in {record.criterion for record in SOURCE.records(edition("May2024"))}


def test_indicators_lose_the_blanks_behind_them_and_keep_their_commas(edition):
    criteria = {record.criterion for record in SOURCE.records(edition("October2023"))}
    assert {"Data creators", "Permitted, restricted, and prohibited uses"} <= criteria


def test_an_answer_is_the_companys_because_no_table_names_a_model(edition):
    found = [record for name in EDITIONS for record in SOURCE.records(edition(name))]
    assert {record.model for record in found} == {""}
    assert all(record.lab for record in found)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"Data size,1,0,1", b"Data size,0,1,1", "Example Lab satisfies 1 indicators; its total is '2'"),
        (b"Data size,1,0,1", b"Data size,1,,1", "Other AI has '' for 'Data size'"),
        (b"Data size,1,0,1", b"Data size,1,0.5,1", "Other AI has '0.5'"),
        (b"Data size,1,0,1", b"Data size,1,0", "fewer cells"),
        (b"Indicator,", b"Question,", "no column Indicator"),
        (b"Data creators ", b"Data size", "the key 'Example Lab:Data size'"),
    ],
)
def test_a_table_that_does_not_add_up_is_refused(edition, old, new, reason):
    whole = edition("May2024")
    assert old in whole.body
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(replace(whole, body=whole.body.replace(old, new)))


def test_an_edition_that_nobody_described_is_refused(edition):
    with pytest.raises(ParseError, match="no edition of the index"):
        SOURCE.records(replace(edition("Dec2025"), url="https://example.org/Dec2027_scores.csv"))


@pytest.mark.parametrize("body", [b"", b"Indicator,Example Lab\n", b"<html></html>", b"Indicator\nData size\n"])
def test_what_is_no_table_of_companies_is_refused(edition, body):
    with pytest.raises(ParseError):
        SOURCE.records(replace(edition("Dec2025"), body=body))


def test_the_stored_editions_are_read_whole(sample):
    folder = sample("fmti")
    found = {
        name: SOURCE.records(document((folder / name / f"{name}_scores.csv").read_bytes(), f"{name}_scores.csv"))
        for name in EDITIONS
    }
    assert {name: len(records) for name, records in found.items()} == {
        "October2023": 1000,
        "May2024": 1400,
        "Dec2025": 1300,
    }
    satisfied = Counter(record.lab for record in found["Dec2025"] if record.value)
    assert (satisfied["IBM"], satisfied["xAI"], satisfied["Midjourney"]) == (95, 14, 14)
    indicators = [{record.criterion for record in records} for records in found.values()]
    assert indicators[0] ^ indicators[1] == {
        "License",
        "Model Asset License",
        "Release decision-making",
        "Release decision-making protocol",
    }
    assert len(indicators[0] & indicators[2]) < 40


def test_every_company_of_the_stored_editions_but_one_is_a_lab_of_the_catalogue(sample):
    labs = set()
    for file in (Path(catalog.__file__).parent / "labs").glob("*.toml"):
        lab = tomllib.loads(file.read_text())
        labs |= {normalise(name) for name in (file.stem, lab["name"], *lab.get("aliases", []))}
    companies = {
        record.lab
        for name in EDITIONS
        for record in SOURCE.records(
            document((sample("fmti") / name / f"{name}_scores.csv").read_bytes(), f"{name}_scores.csv")
        )
    }
    assert len(companies) == 22
    assert {company for company in companies if normalise(company) not in labs} == {"Midjourney"}  # it makes pictures
