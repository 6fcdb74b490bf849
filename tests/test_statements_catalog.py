"""The catalogue's people and what they said: that every name resolves and nothing is quoted at length or twice."""

import csv
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tracker.domain.definitions import LabDefinition, PersonDefinition
from tracker.domain.events import Topic
from tracker.domain.names import normalise
from tracker.domain.records import When

CATALOG = Path(__file__).parents[1] / "tracker" / "catalog"
READ_ON = date(2026, 11, 22)


def definitions(folder, read):
    return [read(path.stem, tomllib.loads(path.read_text("utf-8"))) for path in sorted((CATALOG / folder).glob("*"))]


@pytest.fixture(scope="module")
def people():
    return definitions("people", PersonDefinition.from_toml)


@pytest.fixture(scope="module")
def labs():
    return definitions("labs", LabDefinition.from_toml)


@pytest.fixture(scope="module")
def rows():
    with (CATALOG / "curated" / "statements.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names_of(found):
    return Counter(normalise(name) for one in found for name in {normalise(n) for n in (one.name, *one.aliases)})


def test_no_two_people_answer_to_one_name(people):
    assert [name for name, count in names_of(people).items() if count > 1] == []


def test_a_persons_lab_is_one_of_the_catalogue(people, labs):
    assert {person.lab for person in people} - {""} <= {lab.slug for lab in labs}


def test_every_person_has_said_something(people, rows):
    said = {normalise(row["person"]) for row in rows}
    assert [person.slug for person in people if normalise(person.name) not in said] == []


def test_every_speaker_and_every_lab_is_known_by_name(people, labs, rows):
    speakers, spoken_for = names_of(people), names_of(labs)
    assert {row["person"] for row in rows if normalise(row["person"]) not in speakers} == set()
    assert {row["lab"] for row in rows if row["lab"] and normalise(row["lab"]) not in spoken_for} == set()


def test_nothing_was_said_after_it_was_read(rows):
    for row in rows:
        assert When.parse(row["said"]).on <= date.fromisoformat(row["retrieved_on"]) <= READ_ON, row["key"]


def test_keys_are_told_once_and_no_words_are_quoted_twice(rows):
    for column in ("key", "quote", "summary"):
        found = Counter(row[column] for row in rows if row[column])
        assert [value for value, count in found.items() if count > 1] == [], column


def test_a_quote_is_short_and_carries_no_marks_of_its_own(rows):
    for row in rows:
        assert len(row["quote"].split()) <= 25, row["key"]
        assert not row["quote"].startswith(('"', "“", " ")), row["key"]
        assert not row["quote"].endswith(('"', "”", " ", ",")), row["key"]


def test_a_summary_is_a_sentence_and_not_the_quote(rows):
    for row in rows:
        assert row["summary"][0].isupper(), row["key"]
        assert row["summary"].endswith("."), row["key"]
        assert not row["quote"] or row["quote"].lower() not in row["summary"].lower(), row["key"]


def test_an_address_is_complete_and_of_no_machine_of_ours(rows):
    for row in rows:
        assert row["url"].startswith("https://"), row["key"]
        assert " " not in row["url"], row["key"]


def test_every_topic_and_every_year_since_2022_is_spoken_of(rows):
    assert {row["topic"] for row in rows} == {topic.value for topic in Topic}
    assert {row["said"][:4] for row in rows} >= {"2022", "2023", "2024", "2025", "2026"}
    assert len(rows) >= 120
