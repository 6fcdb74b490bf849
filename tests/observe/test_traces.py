"""Traces from request to task to SQL with one run, told to a collector over OTLP; nothing of it where it is off."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.db import connection

from landscape.observe import tasks as observed
from landscape.observe import traces
from landscape.observe.context import about
from tests.local.test_environment import start

memory = pytest.importorskip(
    "opentelemetry.sdk.trace.export.in_memory_span_exporter", reason="requirements-otel.txt is not installed"
)
RUN = "proxy-0123456789"


@pytest.fixture
def exporter():
    made = memory.InMemorySpanExporter()
    traces.begin("", "test", exporter=made)
    yield made
    traces.end()


@pytest.mark.django_db
def test_request_task_and_sql_are_one_trace_of_one_run_and_hold_no_reader(client, exporter):
    headers = {}
    with about(run=RUN):
        pass
    client.get("/unsubscribe/abc:def/?email=ann@example.org", headers={"X-Request-Id": RUN}, REMOTE_ADDR="203.0.113.9")
    client.get("/metrics", headers={"X-Request-Id": RUN})
    spans = exporter.get_finished_spans()
    (request,) = (span for span in spans if span.attributes.get("http.route") == "metrics")
    sql = [span for span in spans if span.parent and span.parent.span_id == request.context.span_id]
    assert request.name == "GET metrics"
    assert sql
    assert all(span.attributes["landscape.run"] == RUN for span in spans)
    assert {span.name for span in sql} >= {"SELECT"}
    told = " ".join(str(dict(span.attributes)) for span in spans)
    assert not any(word in told for word in ("abc:def", "ann@", "203.0.113.9"))

    exporter.clear()
    with about(run=RUN), traces.span("request", kind="SERVER") as asking:
        observed.sent(headers)
    observed.began("t-1", "tracker.tasks.ingest_snapshot", "compute", headers, ("snapshot",), (12,))
    with connection.execute_wrapper(traces.sql), connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid() AND %s", [True])
        assert cursor.fetchone()[0].endswith(f"/* run={RUN} */")
    observed.ended("t-1", "tracker.tasks.ingest_snapshot", "compute", "SUCCESS")
    statement, task = (span for span in exporter.get_finished_spans() if span.name != "request")
    assert task.name == "ingest_snapshot"
    assert task.parent.span_id == asking.context.span_id
    assert task.context.trace_id == statement.context.trace_id == asking.context.trace_id
    assert statement.parent.span_id == task.context.span_id
    assert (task.attributes["landscape.snapshot"], task.attributes["landscape.run"]) == ("12", RUN)


def test_a_collector_gets_the_traces_over_http():
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    taken = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.path, ExportTraceServiceRequest.FromString(body)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        traces.begin(f"http://127.0.0.1:{server.server_port}/", "web")
        with about(run=RUN), traces.span("GET home", kind="SERVER"):
            pass
        traces.end()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    ((path, told),) = taken
    assert path == "/v1/traces"
    (resource,) = told.resource_spans
    assert {"service.name": "ai-landscape-web"}.items() <= {
        one.key: one.value.string_value for one in resource.resource.attributes
    }.items()
    (span,) = resource.scope_spans[0].spans
    assert span.name == "GET home"
    assert {one.key: one.value.string_value for one in span.attributes} == {"landscape.run": RUN}


def test_a_collector_that_is_away_stops_nobody():
    traces.begin("http://127.0.0.1:9/", "web")
    with traces.span("GET home"):
        pass
    assert traces.on()
    traces.end()
    assert not traces.on()


def test_where_it_is_off_nothing_of_it_is_imported(tmp_path: Path):
    program = (
        "import sys, landscape.wsgi, landscape.celery\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'prometheus_client'))])"
    )
    ran = start(tmp_path, program)
    assert ran.stdout.strip() == "[]", ran.stderr


def test_without_the_packages_the_switch_stops_the_start_with_its_name(tmp_path: Path):
    hidden = (
        "import sys; from importlib.abc import MetaPathFinder\n"
        "class Hidden(MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name.startswith('opentelemetry'): raise ModuleNotFoundError(name)\n"
        "import importlib.util as u; found = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name.startswith('opentelemetry') else found(name, package)\n"
        "import landscape.settings"
    )
    ran = start(tmp_path, hidden, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:4318")
    assert ran.returncode != 0
    assert "OTEL_EXPORTER_OTLP_ENDPOINT is given and requirements-otel.txt is not installed" in ran.stderr


def test_an_address_that_is_none_is_refused(tmp_path: Path):
    ran = start(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="collector:4318")
    assert "OTEL_EXPORTER_OTLP_ENDPOINT must be a URL" in ran.stderr
