"""Finds the source files: every module here that declares a SOURCE is a source, named for its file."""

import importlib
import pkgutil

from tracker.sources.base import Source


def _found() -> dict[str, Source]:
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    declared = (getattr(module, "SOURCE", None) for module in modules)
    return {source.slug: source for source in declared if source is not None}


SOURCES = _found()
