"""Which version of the product this is: the number in pyproject.toml, and nowhere else."""

import tomllib
from functools import cache

from django.conf import settings


@cache
def release() -> str:
    """The version as people write it, "0.1.0"."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
