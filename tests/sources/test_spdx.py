import json
from dataclasses import replace

import pytest

from tests.sources.conftest import document
from tracker.domain.records import LicenceRecord
from tracker.sources.base import ParseError
from tracker.sources.spdx import APPROVED, SOURCE


@pytest.fixture
def register(example):
    return example("spdx/licenses.json")


def by_id(register):
    return {record.key: record for record in SOURCE.records(register)}


def with_entry(register, position, **changes):
    values = json.loads(register.body)
    row = values["licenses"][position] | changes
    values["licenses"][position] = {name: value for name, value in row.items() if value is not ...}
    return replace(register, body=json.dumps(values).encode())


def test_an_entry_is_read_whole(register):
    assert SOURCE.records(register)[0] == LicenceRecord(
        "Apache-2.0",
        "Apache-2.0",
        osi_approved=True,
        fsf_libre=True,
        url="https://spdx.org/licenses/Apache-2.0.html",
    )


def test_openmdw_is_listed_and_not_approved(register):
    assert by_id(register)["OpenMDW-1.0"].osi_approved is False


def test_what_the_fsf_has_not_judged_is_not_unfree(register):
    found = by_id(register)
    assert found["CC-BY-NC-4.0"].fsf_libre is None
    assert found["Example-Restricted"].fsf_libre is False


def test_flags_that_deny_the_mit_licence_are_refused(register):
    # OSI's own list of licences answered so for 119 of 126 of them.
    with pytest.raises(ParseError, match="does not say that OSI approved MIT"):
        SOURCE.records(with_entry(register, 5, isOsiApproved=False))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"isOsiApproved": ...}, "Apache-2.0: nothing says whether OSI approved it"),
        ({"isOsiApproved": "true"}, "isOsiApproved is 'true'"),
        ({"isFsfLibre": 1}, "isFsfLibre is '1'"),
        ({"licenseId": ""}, "entry 1: there is no licenseId"),
    ],
)
def test_an_entry_of_another_shape_is_refused(register, changes, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(with_entry(register, 0, **changes))


def test_an_id_listed_twice_is_refused(register):
    with pytest.raises(ParseError, match="the key 'MIT'"):
        SOURCE.records(with_entry(register, 2, licenseId="MIT"))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"licenses": []}', b'{"licenses": {}}', b"<html></html>"])
def test_what_is_no_list_of_licences_is_refused(register, body):
    with pytest.raises(ParseError):
        SOURCE.records(replace(register, body=body))


def test_the_flags_of_a_stored_release_are_read(sample):
    flags = json.loads(sample("licence-texts/spdx/derived/spdx_osi_flags.json").read_text("utf-8"))
    rows = [{"licenseId": name, "isOsiApproved": flag["osiApproved"]} for name, flag in flags.items()]
    found = by_id(document(json.dumps({"licenses": rows}).encode()))
    assert len(found) == 727
    assert sum(bool(record.osi_approved) for record in found.values()) == 149
    assert all(found[name].osi_approved for name in APPROVED)
    assert found["OpenMDW-1.0"].osi_approved is False
    # That it does not list a licence says nothing about it.
    assert not [name for name in found if name.lower().startswith(("llama", "gemma", "bigscience", "creativeml"))]
