"""Whatever happens to a document on its way, a source answers with records or says what is wrong with it."""

import copy
import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.conftest import DOCUMENTS, document, files, tarred, zipped
from tracker.sources import curated_releases, epoch_benchmarks, epoch_models, epoch_panel, hf_hub, models_dev
from tracker.sources.base import ParseError

OLD = files(DOCUMENTS / "epoch_benchmarks" / "old")
NEW = files(DOCUMENTS / "epoch_benchmarks" / "new")
REPOSITORY = files(DOCUMENTS / "models_dev" / "repository")
WHOLE = [
    (epoch_benchmarks.SOURCE, zipped(OLD)),
    (epoch_benchmarks.SOURCE, zipped(NEW)),
    (epoch_models.SOURCE, zipped(files(DOCUMENTS / "epoch_models" / "archive"))),
    (epoch_models.SOURCE, (DOCUMENTS / "epoch_models" / "notable_ai_models.csv").read_bytes()),
    (epoch_panel.SOURCE, (DOCUMENTS / "epoch_panel" / "benchmark_scores.csv").read_bytes()),
    (models_dev.SOURCE, (DOCUMENTS / "models_dev" / "api.json").read_bytes()),
    (models_dev.SOURCE, tarred(REPOSITORY)),
    (hf_hub.SOURCE, (DOCUMENTS / "hf_hub" / "models.json").read_bytes()),
    (curated_releases.SOURCE, (DOCUMENTS / "curated_releases" / "2026-11-22.csv").read_bytes()),
]
JUNK = st.sampled_from([None, True, -1, 7, 1e400, 10**400, "", "x", "a\0b", "a\ud800b", [], ["x"], {}, {"x": "y"}])


def answers(source, body):
    """Anything else than a ParseError is a bug and rises here."""
    found = outcome(source, body)
    assert found == outcome(source, body)
    if isinstance(found, str):
        assert "https://example.org/" in found  # a refusal says of which document
        assert "\0" not in found  # and is stored beside it
        assert found.encode()


def outcome(source, body):
    try:
        return source.records(document(body))
    except ParseError as error:
        return str(error)


@pytest.mark.parametrize(("source", "body"), WHOLE, ids=lambda value: getattr(value, "slug", ""))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_bytes_that_changed_on_the_way_are_read_or_refused(source, body, data):
    at = data.draw(st.integers(0, len(body) - 1))
    length = data.draw(st.integers(0, 40))
    answers(source, body[:at] + data.draw(st.binary(max_size=12)) + body[at + length :])


@pytest.mark.parametrize(("source", "body"), WHOLE, ids=lambda value: getattr(value, "slug", ""))
@settings(max_examples=20, deadline=None)
@given(share=st.floats(0, 1))
def test_a_document_that_was_cut_off_is_read_or_refused(source, body, share):
    answers(source, body[: int(len(body) * share)])


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in children:
        yield from places(child, (*path, name))


def with_value(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    changed = copy.deepcopy(value)
    target = changed
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = new
    return changed


@pytest.mark.parametrize(
    ("source", "name"), [(models_dev.SOURCE, "models_dev/api.json"), (hf_hub.SOURCE, "hf_hub/models.json")]
)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_value_of_another_kind_is_read_or_refused(source, name, data):
    value = json.loads((DOCUMENTS / name).read_bytes())
    path = data.draw(st.sampled_from(list(places(value))))
    answers(source, json.dumps(with_value(value, path, data.draw(JUNK))).encode())


TOML = st.sampled_from(
    [b"true", b"-1", b"7", b'""', b'"x"', b"[]", b'["x"]', b"{}", b'{x = "y"}', b"nan", b"2026-01-15"]
)


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_line_of_a_model_file_that_says_something_else_is_read_or_refused(data):
    name = data.draw(st.sampled_from(sorted(REPOSITORY)))
    lines = REPOSITORY[name].splitlines()
    at = data.draw(st.sampled_from([index for index, line in enumerate(lines) if b" = " in line]))
    lines[at] = lines[at].partition(b" = ")[0] + b" = " + data.draw(TOML)
    answers(models_dev.SOURCE, tarred(REPOSITORY | {name: b"\n".join(lines)}))


@pytest.mark.parametrize("archive", [OLD, NEW], ids=["old", "new"])
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_cell_that_says_something_else_is_read_or_refused(archive, data):
    name = data.draw(st.sampled_from(sorted(archive)))
    rows = list(csv.reader(io.StringIO(archive[name].decode("utf-8-sig"))))
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[row]) - 1))
    rows[row][column] = data.draw(
        st.sampled_from(["", " ", "x", "NaN", "-1", "1e999", "2026-13-45", "31 June 2026", "../x.csv"])
    )
    changed = io.StringIO()
    csv.writer(changed).writerows(rows)
    answers(epoch_benchmarks.SOURCE, zipped(archive | {name: changed.getvalue().encode()}))
