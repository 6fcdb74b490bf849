"""What fuzzing has found, as small documents of ours: refused in words, where each once was an error of our own."""

import pytest

from tests.sources.conftest import DOCUMENTS, FETCHED_AT, zipped
from tests.sources.test_every_source_damaged import WHOLE
from tracker.sources import SOURCES
from tracker.sources.base import Document, ParseError

# Python's own dates stop at what fits into a machine's word.
LONG = "2026-0" + "9" * 30


def refused(slug: str, body: bytes) -> str:
    with pytest.raises(ParseError) as error:
        SOURCES[slug].records(Document(WHOLE[slug][0], body, FETCHED_AT))
    return str(error.value)


def test_a_zip_whose_member_has_no_name_is_damaged():
    packed = bytearray(zipped({"a.csv": b"1\n"}))
    names = packed.rindex(b"PK\x01\x02")
    packed[names + 28 : names + 30] = b"\0\0"  # the length of its name in the list at the end
    packed[names + 30 : names + 32] = b"\x05\0"  # which an extra field takes over
    assert "damaged zip" in refused("epoch_benchmarks", bytes(packed))


@pytest.mark.parametrize(
    ("slug", "file", "known"),
    [
        ("curated_statements", "curated_statements/2026-11-22.csv", ",2026-"),
        ("curated_releases", "curated_releases/2026-11-22.csv", ",2026-"),
        ("curated_events", "curated_events/2026-11-22.csv", ",2026-"),
        ("models_dev", "models_dev/api.json", '"release_date": "'),
    ],
)
def test_a_month_of_thirty_digits_is_no_date(slug, file, known):
    text = (DOCUMENTS / file).read_text("utf-8")
    head, found, rest = text.partition(known)
    assert found
    until = rest.find('"' if found.endswith('"') else ",")
    whole = f"{head}{found.removesuffix('2026-')}{LONG}{rest[until:]}"
    assert WHOLE[slug][0] in refused(slug, whole.encode())
