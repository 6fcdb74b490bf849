"""The state of the machine as Prometheus reads it, in its text format 0.0.4."""

import math
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tracker.queries.metric import Labels, Metric
from tracker.queries.metrics import metrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
@never_cache
def show(request: HttpRequest) -> HttpResponse:
    """/metrics, never kept: it also answers while the database is away, and says so."""
    return HttpResponse(exposition(metrics(now=timezone.now(), state=settings.STATE_DIR)), content_type=CONTENT_TYPE)


def exposition(found: Iterable[Metric]) -> str:
    """The families one after the other; one without numbers says at least that it exists."""
    lines = []
    for metric in found:
        lines += [f"# HELP {metric.name} {_help(metric.help)}", f"# TYPE {metric.name} {metric.kind}"]
        lines += [
            f"{metric.name}{sample.suffix}{_labels(sample.labels)} {_value(sample.value)}" for sample in metric.samples
        ]
    return "".join(f"{line}\n" for line in lines)


def _help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _labels(labels: Labels) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _value(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)
