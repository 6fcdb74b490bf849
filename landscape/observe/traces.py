"""Traces of request, task and SQL for whoever collects them over OTLP; nothing of it is loaded where nobody does.

Written by hand instead of by the ready-made instrumentations, because those tell whole URLs and clients' addresses:
links of readers hold their keys.
"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

from landscape.observe.context import ids

LONGEST_STATEMENT = 2_000

_tracer: Any = None
_provider: Any = None


def begin(endpoint: str, part: str, *, exporter: Any = None) -> None:
    """From now on this process tells its traces to `endpoint`: at once to a given exporter, else in batches."""
    global _tracer, _provider
    if not endpoint and exporter is None:
        return
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"ai-landscape-{part}"}))
    if exporter is not None:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=2_000))
    _provider, _tracer = provider, provider.get_tracer("landscape")


def end() -> None:
    """What was not told yet is told, and no more is."""
    global _tracer, _provider
    if _provider is not None:
        _provider.shutdown()
    _tracer = _provider = None


def on() -> bool:
    """Whether this process tells traces: what would only cost time without is then left out."""
    return _tracer is not None


@contextmanager
def span(
    name: str, *, kind: str = "INTERNAL", parent: Mapping[str, str] | None = None, **attributes: Any
) -> Iterator[Any]:
    """What happens inside is one span with the moment's ids, under the one that `parent` carries; None when off."""
    if _tracer is None:
        yield None
        return
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    told = {f"landscape.{key}": value for key, value in ids().items()} | attributes
    context = extract(dict(parent)) if parent is not None else None
    with _tracer.start_as_current_span(name, context=context, kind=SpanKind[kind], attributes=told) as current:
        yield current


def hand_on(headers: MutableMapping[str, Any]) -> None:
    """Write the current span into a message's headers, so that the task stands under it."""
    if _tracer is None:
        return
    from opentelemetry.propagate import inject

    inject(headers)


def sql(execute: Callable[..., Any], statement: str, params: Any, many: bool, context: Mapping[str, Any]) -> Any:
    """Django's wrapper around every statement: a span with its text and never its values, and the run as a comment in
    it, so that the server's own log says whose it was."""
    run = ids().get("run", "")
    words = statement.split(None, 1)
    told: dict[str, Any] = {"db.system": "postgresql", "db.statement": statement[:LONGEST_STATEMENT]}
    with span(words[0].upper() if words else "SQL", kind="CLIENT", **told):
        return execute(f"{statement} /* run={run} */" if run else statement, params, many, context)
