"""Finds the chart files: every module here that declares a CHART is a chart, named for its file."""

import importlib
import pkgutil

from tracker.charts.base import Chart


def _found() -> dict[str, Chart]:
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    declared = (getattr(module, "CHART", None) for module in modules)
    return {chart.slug: chart for chart in declared if chart is not None}


CHARTS = _found()
