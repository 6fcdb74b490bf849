"""Which version of the product runs."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def version() -> str:
    """As pyproject.toml says it, the only place where it is written."""
    file = Path(__file__).resolve().parents[2] / "pyproject.toml"
    return str(tomllib.loads(file.read_text())["project"]["version"])
