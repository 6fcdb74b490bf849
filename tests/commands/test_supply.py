"""What others wrote: locked by hash, under licences that are allowed, and told in a bill of materials."""

import json
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.commands.conftest import Call
from tracker.management import supply

PROJECT = Path(__file__).resolve().parents[2]
RUN = PROJECT / "requirements.txt"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-evaluate.txt"])
def test_every_package_of_a_list_is_locked_to_its_hashes_and_to_no_host(name: str) -> None:
    file = PROJECT / name
    assert len(supply.locked(file)) > 50
    assert supply.unhashed(file) == []
    assert not [line for line in file.read_text().splitlines() if "://" in line or line.startswith("--index")]


def test_a_line_without_a_hash_is_found(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text(
        "# made\na==1 \\\n    --hash=sha256:00\nb==2 ; python_version > '3'\nc==3 \\\n    --hash=sha256:11\n"
    )
    assert supply.locked(file) == {"a": "1", "b": "2", "c": "3"}
    assert supply.unhashed(file) == ["b==2"]


def test_all_that_runs_is_installed_as_locked_under_a_licence_that_is_allowed() -> None:
    locked = supply.locked(RUN)
    packages = supply.installed(locked)
    assert {one.name: one.version for one in packages} == locked
    assert {one.name: one.licence for one in packages if not supply.allowed(one.licence)} == {}


@pytest.mark.parametrize(
    ("expression", "fine"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("(GPL-2.0-only OR MIT) AND AGPL-3.0-only", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("", False),
        ("MIT)", False),
        ("Proprietary licence of somebody", False),
    ],
)
def test_an_expression_is_allowed_when_terms_can_be_chosen_that_are(expression: str, fine: bool) -> None:
    assert supply.allowed(expression) is fine


def test_the_bill_names_what_runs_and_the_programs_inside(call: Call) -> None:
    bill = json.loads(call("sbom"))
    libraries = {one["name"]: one for one in bill["components"] if one["type"] == "library"}
    assert {name: one["version"] for name, one in libraries.items()} == supply.locked(RUN)
    assert all(one["licenses"] for one in libraries.values())
    files = {one["name"] for one in bill["components"] if one["type"] == "file"}
    assert files == {"postgresql", "valkey-server", "plotly.js"}
    refs = [one["bom-ref"] for one in bill["components"]]
    assert len(set(refs)) == len(refs)
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert libraries["sqlparse"]["purl"] in needs[libraries["django"]["purl"]]
    assert set(needs["ai-landscape"]) <= set(refs)
    assert call("sbom") == call("sbom")


def test_the_bill_is_cyclonedx() -> None:
    validation = pytest.importorskip("cyclonedx.validation.json", reason="cyclonedx-python-lib is not installed")
    schema = pytest.importorskip("cyclonedx.schema")
    pytest.importorskip("jsonschema", reason="cyclonedx-python-lib cannot validate without jsonschema")
    text = json.dumps(supply.bill(supply.installed(supply.locked(RUN)), version="0.1.0"))
    assert validation.JsonStrictValidator(schema.SchemaVersion.V1_6).validate_str(text) is None


def test_an_audit_that_was_not_answered_is_no_clean_one(tmp_path: Path) -> None:
    """A package that nobody has published cannot be asked about, wherever the tests run."""
    if not Path(sys.executable).with_name("pip-audit").is_file():
        pytest.skip("pip-audit is not installed: it comes with requirements-dev.txt")
    file = tmp_path / "list.txt"
    file.write_text(f"ai-landscape-that-nobody-has-published==0.0.1 \\\n    --hash=sha256:{'0' * 64}\n")
    with pytest.raises(CommandError) as refused:
        call_command("audit", str(file))
    assert refused.value.returncode == 2
