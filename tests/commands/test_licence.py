"""`manage.py licence FILE`: what a text is, as a person and as a program read it, without a database."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.commands.conftest import Call, Manage
from tests.domain.licences_of_ours import COMMUNITY, PLAIN
from tracker.domain.licence_text import text_sha256
from tracker.pipeline import licence_fingerprints

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples" / "licence-texts"
KEYS = {
    "licence", "version", "name", "family", "state", "sure", "exact", "nearest", "nearest_name", "share_alike_clauses",
    "others", "named", "differing", "terms", "terms_of_the_name", "text_sha256",
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "LICENSE"


def test_a_text_nobody_has_read_is_unknown_and_has_its_sha256(file: Path, call: Call) -> None:
    file.write_text(COMMUNITY, "utf-8")
    answer = json.loads(call("licence", str(file), "--json"))
    assert answer.keys() == KEYS
    assert (answer["exact"], answer["licence"], answer["terms"]) == (False, None, None)
    assert answer["text_sha256"] == text_sha256(COMMUNITY)


def test_a_tag_gives_the_terms_of_the_name_and_no_licence(file: Path, call: Call) -> None:
    file.write_text("SPDX-License-Identifier: MIT\n", "utf-8")
    answer = json.loads(call("licence", str(file), "--json"))
    assert (answer["state"], answer["licence"], answer["named"], answer["terms"]) == ("named", None, ["mit"], None)
    assert answer["terms_of_the_name"]["osi_approved"] == "yes"
    assert "Named, not read: it says MIT License" in call("licence", str(file))


@pytest.mark.parametrize(("body", "said"), [(b"", "no words"), (b"\x7fELF\0\1\2\0", "no text")])
def test_what_holds_no_text_is_said_plainly(file: Path, call: Call, body: bytes, said: str) -> None:
    file.write_bytes(body)
    assert said in call("licence", str(file))


def test_a_file_that_is_not_there_stops_the_command(file: Path, call: Call) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call("licence", str(file))


def test_it_reads_stdin_and_needs_no_database(manage: Manage) -> None:
    done = manage("licence", "-", "--json", given=PLAIN, DATABASE_URL="postgres://nobody@127.0.0.1:1/nowhere")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["text_sha256"] == text_sha256(PLAIN)
    assert manage("licence", "/nowhere/at/all").returncode != 0


def test_a_text_that_was_learned_is_known_and_its_other_dress_is_not_learned_again(tmp_path: Path) -> None:
    path, one = licence_fingerprints.learn("harbour", "of ours", PLAIN, root=tmp_path)
    assert licence_fingerprints.fingerprints(tmp_path) == (one,)
    written = path.read_text("utf-8")
    licence_fingerprints.learn("harbour", "the same", f"# License\n\n{PLAIN}", root=tmp_path)
    assert path.read_text("utf-8") == written
    assert "free of charge" not in written


def test_a_slug_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no slug"):
        licence_fingerprints.learn("../harbour", "of ours", PLAIN, root=tmp_path)


def test_a_fingerprint_under_another_name_is_refused(tmp_path: Path) -> None:
    path, _ = licence_fingerprints.learn("harbour", "of ours", PLAIN, root=tmp_path)
    path.rename(path.with_name("haven.txt"))
    licence_fingerprints.fingerprints.cache_clear()
    with pytest.raises(ValueError, match=r"haven\.txt is of harbour"):
        licence_fingerprints.fingerprints(tmp_path)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample texts of licences are not here")
def test_a_licence_of_the_samples_has_its_version_and_terms_and_a_changed_threshold_has_none(
    file: Path, call: Call
) -> None:
    source = SAMPLES / "upstream" / "meta-llama" / "llama3_1" / "LICENSE"
    answer = json.loads(call("licence", str(source), "--json"))
    assert (answer["licence"], answer["version"], answer["sure"]) == ("llama-3-1", "3.1", 1.0)
    assert answer["terms"]["mau_threshold"] == 700_000_000
    file.write_text(source.read_text("utf-8").replace("700 million", "10 million"), "utf-8")
    answer = json.loads(call("licence", str(file), "--json"))
    assert (answer["licence"], answer["nearest"], answer["terms"]) == (None, "llama-3-1", None)
    assert "10 million" in answer["differing"][0]["words"]
