"""What in a model's configuration names code, or another repository that may hold some."""

import re
from collections.abc import Iterator
from typing import Any

from tracker.evals.troubles import BrokenWeights, RefusedWeights

# Each has made a loader import what a repository brought, whatever its flag for that said.
CODE = frozenset("auto_map custom_pipelines custom_pipeline trust_remote_code custom_generate code_revision".split())
CODE |= frozenset("remote_code _target_ kernel_config use_kernels hub_kernel py_modules custom_code".split())
# A second repository is looked up when the first is loaded, and is not what was verified.
ELSEWHERE = frozenset(
    "base_model_name_or_path pretrained_model_name_or_path assistant_model draft_model speculative_model "
    "auto_mapping peft_type adapter_name_or_path".split()
)
IMPLEMENTATION = "_implementation"
PLAIN = re.compile(r"[A-Za-z0-9_]{1,40}\Z")
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+(?:@[\w./-]+)?(?::[\w.-]+)?\Z")
NOTHING = (None, False, "", 0)


def names_no_code(config: Any, name: str) -> None:
    """Raises RefusedWeights with the field that names code or a repository."""
    for path, key, value in _fields(config, ""):
        place = f"{name}: {path}"
        if value in NOTHING or value in ([], {}):
            continue
        if key in CODE:
            raise RefusedWeights(f"{place} names code to run")
        if key in ELSEWHERE:
            raise RefusedWeights(f"{place} names another repository")
        if IMPLEMENTATION in key and any(not PLAIN.match(str(one)) for one in _leaves(value)):
            raise RefusedWeights(f"{place} names a repository for an implementation")
        if key == "backbone" and isinstance(value, str) and REPOSITORY.match(value):
            raise RefusedWeights(f"{place} names another repository")


def names_files_here(index: Any, name: str, files: set[str]) -> dict[str, str]:
    """The index of a model in several files: which tensor is in which. Raises BrokenWeights where one is not there."""
    table = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(table, dict) or not table:
        raise BrokenWeights(f"{name} has no table of tensors")
    for tensor, file in table.items():
        if not isinstance(file, str) or file not in files:
            raise BrokenWeights(f"{name}: {tensor[:80]!r} is said to be in {str(file)[:80]!r}, which is not there")
    return table


def _fields(value: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    if isinstance(value, dict):
        for key, child in value.items():
            here = f"{path}.{key[:80]}" if path else key[:80]
            yield here, key, child
            yield from _fields(child, here)
    elif isinstance(value, list):
        for child in value:
            if isinstance(child, dict | list):
                yield from _fields(child, path)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _leaves(child)
    elif value is not None:
        yield value
