"""The list of docs/asvs.csv: whole, and every test and section that it names is there."""

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
BY_LEVEL = {"1": 70, "2": 183}  # of ASVS 5.0.0
OF_LEVEL_3 = {"1.2.10", "3.4.8", "3.6.1", "13.2.6", "15.2.4", "15.2.5"}
# Each of these runs words of others as a program, or makes objects of others' choice.
FORBIDDEN = re.compile(
    r"\b(?:eval|exec)\(|\bpickle\b|\bmarshal\b|\bshelve\b|shell=True|os\.system|os\.popen|yaml\.(?:unsafe_)?load\("
    r"|Template\(|from_string\(|mark_safe\("
)


def rows():
    with (PROJECT / "docs" / "asvs.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@cache
def functions_of(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_the_list_is_whole_and_names_nothing_twice():
    found = rows()
    assert max(Counter(row["id"] for row in found).values()) == 1
    assert {level: count for level, count in Counter(row["level"] for row in found).items() if level != "3"} == BY_LEVEL
    assert {row["id"] for row in found if row["level"] == "3"} == OF_LEVEL_3
    assert {row["applies"] for row in found} == {"yes", "no", "operator"}


def test_what_applies_has_an_answer_and_a_test_that_exists():
    missing = []
    for row in rows():
        assert row["answer"], row["id"]
        assert bool(row["test"]) == (row["applies"] == "yes"), row["id"]
        file, _, name = row["test"].partition("::")
        if row["test"] and (not (PROJECT / file).is_file() or name not in functions_of(PROJECT / file)):
            missing.append((row["id"], row["test"]))
    assert missing == []


def test_every_section_that_the_list_names_is_there():
    text = (PROJECT / "docs" / "security.md").read_text()
    headings = {found.lower().replace(" ", "-") for found in re.findall(r"^## (.+)$", text, re.MULTILINE)}
    named = {name for row in rows() for name in re.findall(r"docs/security\.md#([-\w]+)", row["answer"])}
    assert named
    assert named <= headings


def test_no_code_of_ours_uses_what_is_forbidden():
    # Generators of questions and their checks run in the sandbox, where what a model wrote is run on purpose.
    files = [file for root in ("tracker", "landscape") for file in (PROJECT / root).rglob("*.py")]
    found = {
        f"{file.relative_to(PROJECT)}: {hit[0]}"
        for file in files
        if not file.is_relative_to(PROJECT / "tracker" / "evals")
        for hit in [FORBIDDEN.search("\n".join(line.partition("#")[0] for line in file.read_text().splitlines()))]
        if hit
    }
    assert found == ALLOWED


# Each with its reason.
ALLOWED = {
    "tracker/views/score_markup.py: mark_safe(",  # a table of thousands of cells, each escaped by hand
    "tracker/sources/yaml_text.py: yaml.load(",  # with a SafeLoader that refuses still more
    "tracker/pipeline/spool.py: pickle",  # our own rows, in a file without a name that nobody else can open
}


@pytest.mark.django_db
def test_every_answer_with_words_says_its_charset(client):
    client.raise_request_exception = False
    places = (
        "/",
        "/gap/",
        "/gap.csv",
        "/api/v1/",
        "/nothing/",
        "/feeds/none.atom",
        "/metrics",
        "/admin/login/",
        "/healthz",
    )
    for where in places:
        kind = client.get(where)["Content-Type"]
        assert "charset=utf-8" in kind or kind.startswith("application/json"), (where, kind)


def test_every_library_is_pinned_by_its_hash():
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-evaluate.txt"):
        text = (PROJECT / name).read_text()
        packages = re.findall(r"^([\w.-]+(?:\[[\w,-]+\])?)(.*(?:\n[ \t]+.*)*)", text, re.MULTILINE)
        assert len(packages) > 10, name
        unpinned = [package for package, rest in packages if "==" not in rest or "--hash=sha256:" not in rest]
        assert unpinned == [], name
        assert not re.search(r"^(?:-e|git\+|https?:|--(?:extra-)?index-url)", text, re.MULTILINE), name


def test_scripts_of_ours_merge_nothing_deeply():
    for script in (PROJECT / "static" / "js").glob("*.js"):
        assert not re.search(r"__proto__|\bmerge\(|\bextend\(|eval\(|innerHTML", script.read_text()), script
