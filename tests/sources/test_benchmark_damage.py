"""Whatever happens to a benchmark's document on its way, its source answers with records or says what is wrong."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.conftest import DOCUMENTS, arena_rows, document, files, parquet, tarred
from tests.sources.test_damage import JUNK, places, with_value
from tracker.sources import aider, arena, bfcl, evalplus, metr, mmlu_pro, tau2_bench, weirdml
from tracker.sources.base import ParseError

WEBDEV = next(url for url in arena.SOURCE.urls if "webdev" in url)
BOARD = files(DOCUMENTS / "tau2_bench")


def packed(members):
    return tarred(members, "tau2-bench-main/web/leaderboard/public/")


WHOLE = [
    (arena.SOURCE, parquet([row for row in arena_rows() if row["category"] == "overall"][:101])),
    (tau2_bench.SOURCE, packed(BOARD)),
    (metr.SOURCE, (DOCUMENTS / "metr" / "suite_1_1.yaml").read_bytes()),
    (weirdml.SOURCE, (DOCUMENTS / "weirdml" / "weirdml_data.csv").read_bytes()),
    (mmlu_pro.SOURCE, (DOCUMENTS / "mmlu_pro" / "results.csv").read_bytes()),
    (bfcl.SOURCE, (DOCUMENTS / "bfcl" / "data_overall.csv").read_bytes()),
    (evalplus.SOURCE, (DOCUMENTS / "evalplus" / "results.json").read_bytes()),
    (aider.SOURCE, (DOCUMENTS / "aider" / "polyglot_leaderboard.yml").read_bytes()),
]
each = pytest.mark.parametrize(("source", "body"), WHOLE, ids=[source.slug for source, _ in WHOLE])


def outcome(source, body):
    page = replace(document(body), url=WEBDEV) if source is arena.SOURCE else document(body)
    try:
        return source.records(page)
    except ParseError as error:
        return str(error)


def answers(source, body):
    """Anything else than a ParseError is a bug and rises here."""
    found = outcome(source, body)
    assert found == outcome(source, body)
    if isinstance(found, str):
        assert "https://" in found  # a refusal says of which document
        assert "\0" not in found  # and is stored beside it
        assert found.encode()


@each
def test_an_undamaged_document_is_read(source, body):
    assert isinstance(outcome(source, body), list)


@each
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_bytes_that_changed_on_the_way_are_read_or_refused(source, body, data):
    at = data.draw(st.integers(0, len(body) - 1))
    length = data.draw(st.integers(0, 40))
    answers(source, body[:at] + data.draw(st.binary(max_size=12)) + body[at + length :])


@each
@settings(max_examples=20, deadline=None)
@given(share=st.floats(0, 1))
def test_a_document_that_was_cut_off_is_read_or_refused(source, body, share):
    answers(source, body[: int(len(body) * share)])


@pytest.mark.parametrize(("source", "body"), [WHOLE[6]], ids=["evalplus"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_value_of_another_kind_is_read_or_refused(source, body, data):
    value = json.loads(body)
    path = data.draw(st.sampled_from(list(places(value))))
    answers(source, json.dumps(with_value(value, path, data.draw(JUNK))).encode())


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_submission_that_says_something_else_is_read_or_refused_without_an_address(data):
    name = data.draw(st.sampled_from(sorted(BOARD)))
    value = json.loads(BOARD[name])
    path = data.draw(st.sampled_from(list(places(value))))
    body = packed(BOARD | {name: json.dumps(with_value(value, path, data.draw(JUNK))).encode()})
    answers(tau2_bench.SOURCE, body)
    assert "@" not in str(outcome(tau2_bench.SOURCE, body))


YAML = st.sampled_from(["true", "-1", "7", "''", "x", "[]", "{}", ".nan", "2026-01-15", "*a", "!!int x", "2026-13-45"])


@pytest.mark.parametrize(("source", "body"), [WHOLE[2], WHOLE[7]], ids=["metr", "aider"])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_line_that_says_something_else_is_read_or_refused(source, body, data):
    lines = body.decode().splitlines()
    at = data.draw(st.sampled_from([index for index, line in enumerate(lines) if ": " in line]))
    lines[at] = f"{lines[at].partition(': ')[0]}: {data.draw(YAML)}"
    answers(source, "\n".join(lines).encode())
