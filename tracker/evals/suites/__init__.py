"""Finds the suites: every module here that declares a SUITE is one, named by its own slug."""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from tracker.evals.suites.base import Suite


def _found() -> dict[str, Suite]:
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    declared = (getattr(module, "SUITE", None) for module in modules)
    suites: dict[str, Suite] = {}
    for suite in declared:
        if suite is None:
            continue
        # The second would hide the first, and scores of two tests would stand under one name.
        if suite.slug in suites:
            raise ValueError(f"two suites are called {suite.slug}")
        suites[suite.slug] = suite
    return suites


SUITES: Mapping[str, Suite] = MappingProxyType(_found())


def find(slug: str) -> Suite:
    """The suite of that name, be it ours or a published test, which only those find who ask for it."""
    from tracker.evals.suites.standard import STANDARD

    if slug in SUITES:
        return SUITES[slug]
    return STANDARD[slug]
