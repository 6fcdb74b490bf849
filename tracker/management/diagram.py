"""The path of the data, read off the code: what beat wakes, which module a task calls, which tables that one knows."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings

from tracker.sources import SOURCES

# What answers readers, in the order in which rows become an answer.
READING = ("queries", "charts", "digest", "views", "api", "feeds", "admin")


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it is declared: its queue, how often beat wakes it (0: others do), whom it calls and whom it wakes."""

    name: str
    queue: str
    every: float
    calls: tuple[str, ...]
    wakes: tuple[str, ...]


def tasks(
    source: str, routes: Mapping[str, Mapping[str, str]], schedule: Mapping[str, Mapping[str, object]]
) -> list[Task]:
    """Every shared task of the module."""
    tree = ast.parse(source)
    ours = imported(tree)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    named = {node.name for node in functions if any("shared_task" in ast.unparse(one) for one in node.decorator_list)}
    found = []
    for function in functions:
        if function.name not in named:
            continue
        used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        address = f"tracker.tasks.{function.name}"
        queue = next((route["queue"] for pattern, route in routes.items() if fnmatch(address, pattern)), "")
        every = float(str(schedule.get(function.name, {}).get("schedule", 0)))
        calls = sorted({module for name in used if (module := ours.get(name)) and _is_step(module)})
        found.append(Task(function.name, queue, every, tuple(calls), tuple(sorted((used & named) - {function.name}))))
    return found


def _is_step(module: str) -> bool:
    return module.startswith(("tracker.pipeline.", "tracker.digest.", "tracker.evaluating"))


def imported(tree: ast.Module) -> dict[str, str]:
    """The names that a module has from others of ours, and where each is from."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tracker")
        for alias in node.names
    }


def tables() -> dict[str, str]:
    """Every model of ours and the file that declares it."""
    return {
        model.__name__: model.__module__.rpartition(".")[2] for model in apps.get_app_config("tracker").get_models()
    }


def file_of(module: str, root: Path) -> Path | None:
    """The file of a module, or of the one that a name is from."""
    for name in (module, module.rpartition(".")[0]):
        path = root.joinpath(*name.split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return file
    return None


def known_tables(module: str, root: Path) -> list[str]:
    """The files of models that a module imports from."""
    file, where = file_of(module, root), tables()
    names = imported(ast.parse(file.read_text())) if file else {}
    return sorted({where[name.rpartition(".")[2]] for name in names.values() if name.rpartition(".")[2] in where})


@cache
def layers(root: Path) -> tuple[tuple[str, str], ...]:
    """Which part of tracker/ imports from which other."""
    found = set()
    for file in sorted((root / "tracker").rglob("*.py")):
        here = file.relative_to(root).with_suffix("").parts
        if "migrations" in here:
            continue
        for name in imported(ast.parse(file.read_text())).values():
            there = name.split(".")
            if len(here) > 1 and len(there) > 1 and there[1] != here[1]:
                found.add((here[1], there[1]))
    return tuple(sorted(found))


def page(root: Path) -> str:
    """The whole document."""
    about = (
        "Drawn from the code by `manage.py diagram`, and held to it by a test. A box is a module or a group of tables; "
        "an arrow means: wakes, calls, or imports."
    )
    parts = [
        "# The path of the data",
        about,
        "## From a publisher to a reader",
        _mermaid(_path(root)),
        "## What is collected",
        "\n".join(_sources()),
        "## Who imports whom",
        "What is imported; `tests/test_architecture.py` says what may be.",
        _mermaid(_layers(root)),
    ]
    return "\n\n".join(parts) + "\n"


def _mermaid(lines: Iterable[str]) -> str:
    return "\n".join(["```mermaid", "flowchart LR", *(f"  {line}" for line in lines), "```"])


def _path(root: Path) -> Iterator[str]:
    declared = tasks(
        (root / "tracker" / "tasks.py").read_text(), settings.CELERY_TASK_ROUTES, settings.CELERY_BEAT_SCHEDULE
    )
    hosts = {urlsplit(url).hostname for source in SOURCES.values() for url in source.urls} - {None}
    yield f'publishers(["{len(hosts)} hosts of publishers"])'
    yield "beat([beat])"
    queues: dict[str, list[Task]] = defaultdict(list)
    for task in declared:
        queues[task.queue].append(task)
    for queue, members in sorted(queues.items()):
        yield f'subgraph queue_{queue} ["queue {queue}"]'
        yield from (f"  {task.name}" for task in members)
        yield "end"
    steps = sorted({module for task in declared for module in task.calls})
    yield from (f'{_node(module)}["{module.removeprefix("tracker.")}"]' for module in steps)
    groups: dict[str, list[str]] = defaultdict(list)
    for model, file in tables().items():
        groups[file].append(model)
    for file, models in sorted(groups.items()):
        yield f'tables_{file}[("{file}<br/>{len(models)} tables")]'
    for task in declared:
        if task.every:
            yield f"beat -->|{task.every:g} s| {task.name}"
        yield from (f"{task.name} -.-> {other}" for other in task.wakes)
        yield from (f"{task.name} --> {_node(module)}" for module in task.calls)
    for module in steps:
        yield from (f"{_node(module)} --- tables_{file}" for file in known_tables(module, root))
    yield "publishers --> tracker_pipeline_collect"
    yield from _reading(root)


def _reading(root: Path) -> Iterator[str]:
    """From tables to answers: which kind of module takes from which."""
    links = set(layers(root))
    yield 'tables{{"all tables"}}'
    for here in READING:
        yield f"{here}_[[{here}]]"
        if (here, "models") in links:
            yield f"tables --> {here}_"
        yield from (f"{other}_ --> {here}_" for other in READING if (here, other) in links)


def _node(module: str) -> str:
    return re.sub(r"\W", "_", module)


def _sources() -> Iterator[str]:
    yield "| source | publisher | addresses | every | licence of data |"
    yield "|---|---|---|---|---|"
    for slug, source in sorted(SOURCES.items()):
        every = f"{source.every.total_seconds() / 3600:g} h" if source.every else "when it changes"
        yield f"| {slug} | {source.publisher} | {len(source.urls)} | {every} | {source.data_licence} |"


def _layers(root: Path) -> Iterator[str]:
    yield from (f"{here} --> {there}" for here, there in layers(root))
