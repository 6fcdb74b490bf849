"""Who may import whom. The tables below are the rule; change them only with the reason in the commit."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Layer:
    """Modules that keep the same rule: every layer may import itself, and of ours nothing that is not named."""

    modules: tuple[str, ...]
    may: tuple[str, ...] = ()
    never: tuple[str, ...] = ()  # of others


IO = (
    "asyncio concurrent ftplib http logging multiprocessing os pathlib random requests sched select selectors "
    "shutil signal smtplib socket sqlite3 ssl subprocess tempfile threading time urllib3"
).split()
PARSERS = "bs4 csv feedparser html json lxml orjson tomllib xml yaml zipfile tarfile".split()

LAYERS = {
    "domain": Layer(("tracker.domain",), never=("django", "psycopg", "httpx", *IO)),
    "fetch": Layer(("tracker.fetch", "tracker.addresses", "tracker.answers"), never=("django", *PARSERS)),
    "sources": Layer(("tracker.sources",), may=("domain",), never=("django", "socket", "subprocess", "requests")),
    "evals": Layer(("tracker.evals",), may=("domain",), never=("django",)),
    "catalog": Layer(("tracker.catalog",)),
    "models": Layer(("tracker.models", "tracker.migrations"), may=("domain",)),
    # What the machine counts of itself is read as the rows are.
    "queries": Layer(("tracker.queries",), may=("domain", "models", "observe")),
    "charts": Layer(("tracker.charts",), may=("queries",)),
    "pipeline": Layer(("tracker.pipeline",), may=("domain", "fetch", "models", "sources")),
    "curation": Layer(("tracker.curation",), may=("domain", "models")),
    # A letter shows charts as pictures.
    "digest": Layer(("tracker.digest",), may=("domain", "models", "queries", "charts")),
    # A page never fetches, and never touches a table by itself. The cache headers are the middleware's business.
    "views": Layer(
        ("tracker.views", "tracker.forms", "tracker.templatetags"),
        may=("queries", "charts", "digest", "middleware", "clients"),
    ),
    # What is said where a page could not be made has the interface's shape for those who asked that.
    "api": Layer(("tracker.api", "tracker.feeds", "tracker.broken"), may=("queries", "charts", "views", "middleware")),
    "middleware": Layer(
        ("tracker.middleware", "tracker.watching", "tracker.limits"), may=("queries", "observe", "clients")
    ),
    # Where the queue of evaluations, which has a database, meets what runs models, which has none.
    "evaluating": Layer(("tracker.evaluating",), may=("domain", "models", "pipeline", "evals")),
    # The rows of some work keep the id that its lines in the logs have.
    "tasks": Layer(("tracker.tasks",), may=("pipeline", "digest", "evaluating", "sources", "fetch", "observe")),
    # A command also prints what the queries read and what the mathematics says of a file, and `up` runs the machine.
    "commands": Layer(
        ("tracker.management",),
        may=(*"tasks pipeline digest evals evaluating sources fetch queries domain curation accounts local".split(),),
    ),
    # The desk looks at the letter as it will be sent.
    "admin": Layer(("tracker.admin",), may=("domain", "curation", "digest", "evals", "models", "tasks")),
    # Who asks: the pages, the limits and the way in all want to know.
    "clients": Layer(("tracker.clients",), may=("digest",)),
    # The way to the desk. Its counts of tries are kept where those of the digest's forms are.
    "accounts": Layer(("tracker.accounts",), may=("models", "digest", "clients")),
    "checks": Layer(("tracker.checks",), may=("queries",)),
    # What providers tell of letters comes as a signal of Anymail's.
    "application": Layer(("tracker", "tracker.apps"), may=("checks", "digest")),
    "urls": Layer(("tracker.urls",), may=("views", "api")),
    "local": Layer(("landscape.local",), may=("observe",), never=("django", "celery")),
    "observe": Layer(("landscape.observe",), never=("django", "celery")),
    "wiring": Layer(("landscape",), may=("local", "observe")),
}
EXCEPTIONS = {
    # The finder of static files is asked by Django itself.
    "landscape.local.assets": "django",
}
# What only these modules import, because replacing it must mean changing one place.
OWNERS = {
    "httpx": ("tracker.fetch", "tracker.addresses", "tracker.answers", "tracker.evals.backends"),
    "protego": ("tracker.fetch", "tracker.addresses", "tracker.answers"),
    "requests": (),
    "celery": ("tracker.tasks", "landscape.celery", "landscape.beat"),
    "kombu": ("landscape.local.stack",),
    "redis": (),
    "mjml": ("tracker.digest",),
    "anymail": ("tracker.digest", "tracker.urls"),
    "plotly": ("tracker.charts",),
    "matplotlib": ("tracker.charts.painting",),
    "lifelines": ("tracker.domain",),
    "pandas": ("tracker.domain.survival",),
    # The tag of every page is planned once a connection, which Django cannot ask for.
    "psycopg": ("tracker.pipeline", "tracker.queries.freshness", "landscape.local"),
    # LMArena publishes its ratings as parquet tables.
    "pyarrow": ("tracker.views.formats", "tracker.queries.data_package", "tracker.sources.arena"),
}
# Heavy, or there only on a machine with a GPU: inside functions of one module.
INSIDE_FUNCTIONS = {
    **dict.fromkeys(("torch", "transformers", "vllm", "xllamacpp", "huggingface_hub"), "tracker.evals.backends"),
    "pynvml": "tracker.evals.energy",
    "opentelemetry": "landscape.observe.traces",
    "inspect_ai": "tracker.evals.harness",
    "reasoning_gym": "tracker.evals",
    **dict.fromkeys(("jax", "numpyro"), "tracker.domain.beta_sampling"),
}
# Reading it is the settings' business; the others set it or hand it on whole.
ENVIRONMENT = (
    "landscape.settings",
    "landscape.celery",
    "landscape.wsgi",
    "landscape.local.assets",
    "landscape.local.stack",
)
CLOCK = frozenset({"now", "utcnow", "today"})
BUILTIN_IO = frozenset({"open", "print", "input"})
LONGEST = 400


def inside(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}.")


def layer_of(module: str) -> str | None:
    """The layer whose place is the nearest above the module; a package itself stands for its own name only."""
    places = [
        (len(place), name)
        for name, layer in LAYERS.items()
        for place in layer.modules
        if (inside(module, place) if place != "tracker" else module == place)
    ]
    return max(places)[1] if places else None


def imports(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """Every import with its line, and whether it stands in a function."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    deferred = {id(node) for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, id(node) in deferred
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}", id(node) in deferred


def import_violations(module: str, tree: ast.Module) -> Iterator[str]:
    name = layer_of(module)
    if name is None:
        yield f"{module}: belongs to no layer of the table"
        return
    layer = LAYERS[name]
    for line, imported, deferred in imports(tree):
        where = f"{module}:{line}"
        root = imported.partition(".")[0]
        if imported.startswith("."):
            yield f"{where} imports {imported} relatively"
        elif root in {"tracker", "landscape"}:
            other = layer_of(imported)
            if other is None:
                other = layer_of(imported.rpartition(".")[0])  # a name defined in the module, not a module
            if other != name and other not in layer.may:
                yield f"{where} ({name}) imports {imported} ({other})"
        if root in layer.never and EXCEPTIONS.get(module) != root:
            yield f"{where} ({name}) imports {root}"
        if root in OWNERS and not any(inside(module, owner) for owner in OWNERS[root]):
            yield f"{where} imports {root}, which is for {', '.join(OWNERS[root]) or 'nobody'}"
        if root in INSIDE_FUNCTIONS and not (deferred and inside(module, INSIDE_FUNCTIONS[root])):
            yield f"{where} imports {root} outside a function of {INSIDE_FUNCTIONS[root]}"


def call_violations(module: str, tree: ast.Module) -> Iterator[str]:
    pure = layer_of(module) == "domain"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"} and module not in ENVIRONMENT:
            yield f"{module}:{node.lineno} reads the environment"
        if pure and isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr in CLOCK and not node.args:
                yield f"{module}:{node.lineno} looks at the clock"
            if isinstance(called, ast.Name) and called.id in BUILTIN_IO:
                yield f"{module}:{node.lineno} calls {called.id}"


def violations(module: str, source: str) -> list[str]:
    tree = ast.parse(source)
    return [*import_violations(module, tree), *call_violations(module, tree)]


def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found = {}
    for root in ("tracker", "landscape"):
        for file in sorted((PROJECT / root).rglob("*.py")):
            parts = file.relative_to(PROJECT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def test_every_import_goes_down_the_layers() -> None:
    assert [found for name, file in modules().items() for found in violations(name, file.read_text())] == []


def test_the_table_speaks_of_layers_that_exist() -> None:
    assert {name for layer in LAYERS.values() for name in layer.may} <= LAYERS.keys()


def test_the_layers_have_no_circle() -> None:
    done: set[str] = set()
    while rest := {name: set(layer.may) - done for name, layer in LAYERS.items() if name not in done}:
        free = {name for name, above in rest.items() if not above}
        assert free, f"these import each other: {sorted(rest)}"
        done |= free


@pytest.mark.parametrize(
    ("module", "source", "said"),
    [
        ("tracker.domain.gap", "from tracker.models import Score", "(domain) imports tracker.models.Score (models)"),
        ("tracker.domain.gap", "from tracker import models", "(domain) imports tracker.models (models)"),
        ("tracker.domain.gap", "import django.db", "imports django"),
        ("tracker.domain.gap", "def f():\n    from django.db import models", "imports django"),
        ("tracker.domain.gap", "if TYPE_CHECKING:\n    import tracker.queries.gap", "(queries)"),
        ("tracker.domain.gap", "x = datetime.now()", "clock"),
        ("tracker.domain.gap", "x = date.today()", "clock"),
        ("tracker.domain.gap", "x = open('f')", "calls open"),
        ("tracker.domain.gap", "import pathlib", "imports pathlib"),
        ("tracker.domain.gap", "from . import index", "relatively"),
        ("tracker.sources.epoch", "from tracker.fetch import Fetcher", "(fetch)"),
        ("tracker.sources.epoch", "import httpx", "imports httpx"),
        ("tracker.fetch", "from tracker.domain.records import Record", "(domain)"),
        ("tracker.fetch", "import json", "imports json"),
        ("tracker.charts.lag", "from tracker.models import Lag", "(models)"),
        ("tracker.charts.lag", "import matplotlib.pyplot", "matplotlib"),
        ("tracker.views.home", "from tracker.pipeline import collect", "(pipeline)"),
        ("tracker.views.home", "from tracker.models import Lab", "(models)"),
        ("tracker.queries.gap", "from tracker.pipeline.ingest import ingest", "(pipeline)"),
        ("tracker.queries.gap", "from celery import shared_task", "celery"),
        ("tracker.queries.gap", "import os\nx = os.environ['A']", "environment"),
        ("tracker.pipeline.ingest", "from tracker.tasks import collect_due", "(tasks)"),
        ("tracker.models.facts", "from tracker.queries import gap", "(queries)"),
        ("tracker.evals.backends", "import torch", "outside a function"),
        ("tracker.evals.runner", "def f():\n    import torch", "outside a function"),
        ("tracker.helpers", "x = 1", "no layer"),
        ("tracker.helpers.deep", "x = 1", "no layer"),
        ("landscape.local.ports", "from django.conf import settings", "imports django"),
        ("landscape.local.ports", "from tracker.models import Lab", "(models)"),
    ],
)
def test_the_checker_sees_what_breaks_the_rule(module: str, source: str, said: str) -> None:
    found = violations(module, source)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("tracker.domain.gap", "import numpy as np\nfrom tracker.domain.index import fit\nx = range(3)"),
        ("tracker.sources.epoch", "import csv\nfrom tracker.domain.records import ScoreRecord"),
        ("tracker.charts.painting", "from matplotlib.figure import Figure\nfrom tracker.queries import gap"),
        ("tracker.tasks", "from celery import shared_task\nfrom tracker.pipeline import collect"),
        ("tracker.evals.backends", "import httpx\ndef f():\n    import torch"),
        ("tracker.pipeline.store", "import datetime\nx = datetime.datetime.now(datetime.UTC)"),
        ("landscape.local.assets", "from django.conf import settings"),
    ],
)
def test_the_checker_lets_pass_what_keeps_it(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_no_file_has_outgrown_its_noun() -> None:
    lines = {name: len(file.read_text().splitlines()) for name, file in modules().items()}
    # A migration is made by Django and never edited.
    long = {name: count for name, count in lines.items() if count > LONGEST and not inside(name, "tracker.migrations")}
    assert long == {}


def test_every_module_says_what_it_knows() -> None:
    silent = [name for name, file in modules().items() if (text := file.read_text()).strip() and not _docstring(text)]
    assert [name for name in silent if not name.startswith("tracker.migrations")] == []


def _docstring(source: str) -> str | None:
    return ast.get_docstring(ast.parse(source))
