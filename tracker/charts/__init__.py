"""Finds the chart files: every module here that declares a CHART is a chart, named for its file."""

import importlib
import pkgutil

from tracker.charts.base import Chart

# Bring fonts and matplotlib along: for who draws, and not for every process that knows which charts there are.
DRAW = ("drawing", "measuring", "painting")


def _found() -> dict[str, Chart]:
    names = [info.name for info in pkgutil.iter_modules(__path__) if info.name not in DRAW]
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    declared = (getattr(module, "CHART", None) for module in modules)
    return {chart.slug: chart for chart in declared if chart is not None}


CHARTS = _found()
