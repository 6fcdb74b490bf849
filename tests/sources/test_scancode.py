import json
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.sources.conftest import document
from tracker.domain.records import LicenceRecord
from tracker.sources.base import ParseError
from tracker.sources.scancode import KEYS, SOURCE


@pytest.fixture
def index(example):
    return example("scancode/index.json")


@pytest.fixture
def text(example):
    return example("scancode/example-model-2026.LICENSE")


def by_key(index):
    return {record.key: record for record in SOURCE.records(index)}


def with_entry(index, **changes):
    rows = json.loads(index.body)
    rows[0] |= changes
    return replace(index, body=json.dumps(rows).encode())


def test_an_entry_of_the_list_is_read_whole(index):
    assert SOURCE.records(index)[1] == LicenceRecord(
        "gpl-3.0",
        "GPL-3.0-only",
        category="Copyleft",
        url="https://scancode-licensedb.aboutcode.org/gpl-3.0.html",
    )


def test_a_licence_that_spdx_does_not_list_goes_by_scancodes_key(index):
    assert by_key(index)["moonshot-ai-modified-mit-2025"].licence == "moonshot-ai-modified-mit-2025"


def test_its_category_is_no_openness_grade_kimis_thresholds_lie_beside_the_mit_licence(index):
    found = by_key(index)
    assert found["moonshot-ai-modified-mit-2025"].category == found["mit"].category == "Permissive"
    assert all(record.osi_approved is None and record.fsf_libre is None for record in found.values())


def test_exceptions_and_withdrawn_entries_are_no_licences(index):
    assert set(by_key(index)) == {"apache-2.0", "gpl-3.0", "mit", "moonshot-ai-modified-mit-2025"}


def test_a_text_comes_without_the_block_before_it_and_whole(text):
    (record,) = SOURCE.records(text)
    assert record == LicenceRecord(
        "example-model-2026",
        "example-model-2026",
        text=(
            "EXAMPLE MODEL LICENSE\t\nWhoever has more than ten readers asks us first.\n\n---\nPart two: there is none."
        ),
        category="Proprietary Free",
        url="https://scancode-licensedb.aboutcode.org/example-model-2026.html",
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"license_key": None}, "entry 1: there is no license_key"),
        ({"license_key": "other"}, "does not list apache-2.0"),
        ({"category": ""}, r"\(apache-2.0\): there is no category"),
        ({"is_exception": "no"}, "is_exception is 'no'"),
        ({"spdx_license_key": ["Apache-2.0"]}, "spdx_license_key is"),
    ],
)
def test_an_entry_of_another_shape_is_refused(index, changes, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(with_entry(index, **changes))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"[]", "does not list apache-2.0, gpl-3.0, mit"),
        (b'{"licenses": []}', "not a list of licences"),
        (b"<html><body>404</body></html>", "web page"),
        (b"[1]", "stands where an object with license_key"),
    ],
)
def test_what_is_no_list_of_licences_is_refused(index, body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(replace(index, body=body))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"key: example-model-2026\nshort", b"key: mit\nshort", "is the text of 'mit'"),
        (b"category: Proprietary Free\n", b"", "there is no category"),
        (b"\n---\n\nEXAMPLE", b"\n\nEXAMPLE", "no YAML"),
        (b"---\nkey", b"key", "there is no key"),
    ],
)
def test_a_text_that_is_not_what_its_address_says_is_refused(text, old, new, reason):
    assert old in text.body
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(replace(text, body=text.body.replace(old, new)))


def test_a_licence_without_a_text_is_refused(text):
    with pytest.raises(ParseError, match="has no text"):
        SOURCE.records(replace(text, body=text.body[: text.body.index(b"EXAMPLE MODEL")]))


def test_the_list_and_each_text_have_their_address():
    paths = [urlsplit(url).path for url in SOURCE.urls]
    assert paths == ["/index.json", *(f"/{key}.LICENSE" for key in KEYS)]


def test_every_stored_text_is_read_and_filed_under_its_own_name(sample):
    found = {}
    for path in sorted(sample("licence-texts/scancode").glob("*.LICENSE")):
        (record,) = SOURCE.records(document(path.read_bytes(), path.name))
        assert "spdx_license_key" not in record.text
        found[record.key] = record
    assert len(found) == 46
    assert set(KEYS) - set(found) == {"apache-2.0"}
    assert {found[key].licence for key in ("mit", "bsd-new", "gpl-3.0")} == {"MIT", "BSD-3-Clause", "GPL-3.0-only"}
    # The trap: these words are no grade.
    assert found["moonshot-ai-modified-mit-2025"].category == found["mit"].category == "Permissive"
    assert found["bigcode-open-rail-m-v1"].category == found["llama-3.1-license-2024"].category == "Proprietary Free"
    # Another: ScanCode files the use policy of Llama 4 under the name of a licence.
    assert "Acceptable Use Policy" in found["llama-4-license-2025"].text[:200]
    assert "700 million monthly active users" in " ".join(found["llama-4-cla-2025"].text.split())
