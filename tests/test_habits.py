"""What those who carry on rely on: links that lead somewhere, one version, hooks that run, functions that explain."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")])


def silent(tree: ast.Module) -> Iterator[str]:
    """The public functions and classes at a module's top that say nothing of themselves."""
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node):
            yield node.name


def test_every_public_function_and_class_says_something_of_itself() -> None:
    files = (file for root in ("tracker", "landscape") for file in sorted((PROJECT / root).rglob("*.py")))
    named = {
        str(file.relative_to(PROJECT)): names
        for file in files
        if "migrations" not in file.parts and (names := list(silent(ast.parse(file.read_text()))))
    }
    assert named == {}


def test_a_function_that_says_nothing_is_named_and_a_private_one_is_not() -> None:
    source = (
        'def a(): ...\ndef b():\n    "Says."\ndef _c(): ...\nclass D:\n    def e(self): ...\nclass F:\n    "Says."\n'
    )
    assert list(silent(ast.parse(source))) == ["a", "D"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_inside_the_project_leads_somewhere(document: Path) -> None:
    text = document.read_text()
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]*)\)", text):
        path, _, part = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), target
        if part:
            headings = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
            assert part in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}, target


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/deploying.md", "docs/upgrading.md"])
def test_every_command_that_a_document_names_is_there(name: str) -> None:
    from django.core.management import get_commands

    named = set(re.findall(r"manage\.py (\w+)", (PROJECT / name).read_text()))
    assert named
    assert named <= get_commands().keys() | {"COMMAND"}


def test_the_version_stands_in_one_place_and_in_the_changelog() -> None:
    from tracker.management.release import release

    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    assert release() == version
    changelog = (PROJECT / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert version in headings
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Upgrading"}
    assert set(re.findall(r"^### (.+)$", changelog, re.MULTILINE)) <= kinds


def test_the_hooks_run_what_is_here_and_nothing_from_elsewhere() -> None:
    found = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())
    assert [repository["repo"] for repository in found["repos"]] == ["local"]
    hooks = {hook["id"]: hook for hook in found["repos"][0]["hooks"]}
    assert {hook["language"] for hook in hooks.values()} == {"system"}
    test = (PROJECT / "test").read_text()
    for name in ("lint", "types", "migrations"):  # the same command lines as in ./test, but for the files
        assert hooks[name]["entry"].removesuffix(" --force-exclude") in test
    for hook in hooks.values():
        for word in hook["entry"].split():
            if word.startswith("tests/"):
                assert (PROJECT / word).is_file()


def test_every_decision_says_what_was_left() -> None:
    text = (PROJECT / "docs" / "decisions.md").read_text()
    decisions = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    numbers = [int(decision.partition(".")[0]) for decision in decisions]
    assert numbers == list(range(1, len(decisions) + 1))
    assert len(decisions) >= 15
    assert [one.splitlines()[0] for one in decisions if not re.search(r"\b(Left:|was left)", one)] == []
