"""What publishers do to a document from one day to the next that leaves its meaning alone, or leaves it none."""

import csv
import io
import json
import random
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import yaml

from tests.sources.conftest import zipped
from tests.sources.test_every_source_damaged import LOGIN, SHELL

ERROR = b"<!DOCTYPE html><html><head><title>503</title></head><body><h1>Something went wrong</h1></body></html>"
# Neither may ever become facts, whatever the source.
NO_DOCUMENT: dict[str, bytes] = {
    "empty": b"",
    "login wall": LOGIN,
    "a page that a script fills": SHELL,
    "an error page": ERROR,
    "an error in JSON": b'{"error": {"code": 500, "message": "internal"}}',
}
Mutated = Iterator[tuple[str, bytes]]


def of_table(body: bytes, chance: random.Random) -> Mutated:
    """A CSV: every column renamed once, columns and rows in another order, other dialects, cut, halved, emptied."""
    head, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig")))

    def written(head: list[str], rows: list[list[str]], **how: Any) -> bytes:
        sink = io.StringIO()
        csv.writer(sink, **{"lineterminator": "\n", **how}).writerows([head, *rows])
        return sink.getvalue().encode()

    for at, name in enumerate(head):
        yield f"column {name} renamed", written([*head[:at], f"{name}_v2", *head[at + 1 :]], rows)
    gone = chance.randrange(len(head))
    yield f"column {head[gone]} dropped", written(_without(head, gone), [_without(row, gone) for row in rows])
    order = chance.sample(range(len(head)), len(head))
    yield "columns in another order", written([head[at] for at in order], [[row[at] for at in order] for row in rows])
    yield "rows in another order", written(head, chance.sample(rows, len(rows)))
    yield "half of the rows", written(head, rows[: len(rows) // 2])
    yield "a head and no row", written(head, [])
    yield "semicolons", written(head, rows, delimiter=";")
    yield "every cell in quotes", written(head, rows, quoting=csv.QUOTE_ALL)
    yield "lines as in Windows, with a mark", b"\xef\xbb\xbf" + written(head, rows, lineterminator="\r\n")
    yield "a column more", written([*head, "note"], [[*row, "x"] for row in rows])
    yield "cut off within a row", body[: body.rindex(b"\n", 0, len(body) - 2) + 3]


def of_values(body: bytes, chance: random.Random) -> Mutated:
    """A JSON document: names that most entries have renamed everywhere, other orders, wrapped, cut, halved, emptied."""
    value = json.loads(body)
    count = Counter(_keys(value))
    for name in sorted(name for name, times in count.items() if times > max(count.values()) / 2):
        yield f"{name} renamed", json.dumps(_renamed(value, name)).encode()
    yield "keys in another order", json.dumps(_turned(value)).encode()
    yield "spread over lines", json.dumps(value, indent=2).encode()
    yield "half of it", json.dumps(_half(value)).encode()
    yield "no entries", json.dumps(type(value)()).encode()
    yield "wrapped once more", json.dumps({"result": value}).encode()
    yield "cut in two", body[: len(body) // 2]


def of_yaml(body: bytes, chance: random.Random) -> Mutated:
    """A YAML document: what is done to values, written as YAML; and cut within a line."""
    value = yaml.safe_load(body)
    for what, mutated in of_values(json.dumps(value, default=str).encode(), chance):
        if what not in ("spread over lines", "cut in two"):
            yield what, yaml.safe_dump(json.loads(mutated), sort_keys=False).encode()
    yield "cut in two", body[: len(body) // 2]


def of_tables(body: bytes, chance: random.Random) -> Mutated:
    """A zip of CSV files: the same thing done to every file that it can be done to; files gone; the archive cut."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    tables = [name for name in members if name.endswith(".csv")]
    done: dict[str, dict[str, bytes]] = {}
    for name in tables:
        for what, mutated in of_table(members[name], chance):
            done.setdefault(what, {})[name] = mutated
    for what, changed in done.items():
        if len(changed) > len(tables) / 2:
            yield what, zipped(members | changed)
    gone = set(chance.sample(tables, len(tables) // 2))
    yield "half of the files", zipped({name: each for name, each in members.items() if name not in gone})
    yield "cut in two", body[: len(body) // 2]


def scaled(body: bytes, name: str, factor: float) -> bytes:
    """The numbers of one column of a CSV, or of one key of a JSON or YAML document, in another unit."""
    if body[:1] in b"[{":
        return json.dumps(_scaled(json.loads(body), name, factor)).encode()
    if b"," not in body.partition(b"\n")[0]:
        return yaml.safe_dump(_scaled(yaml.safe_load(body), name, factor), sort_keys=False).encode()
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, name: repr(float(row[name]) * factor) if row[name] else ""} for row in rows)
    return sink.getvalue().encode()


def mutations(shape: str, body: bytes, units: Iterable[tuple[str, float]], seed: int) -> Mutated:
    """All that may happen to a document of that shape, `units` being what of it is published in another unit."""
    yield from NO_DOCUMENT.items()
    yield from SHAPES[shape](body, random.Random(seed))  # noqa: S311
    for field, factor in units:
        yield f"{field} times {factor:g}", scaled(body, field, factor)


SHAPES: dict[str, Callable[[bytes, random.Random], Mutated]] = {
    "table": of_table,
    "tables": of_tables,
    "values": of_values,
    "yaml": of_yaml,
}


def _without(cells: list[str], at: int) -> list[str]:
    return [*cells[:at], *cells[at + 1 :]]


def _keys(value: Any) -> Iterator[str]:
    """Names of fields: of objects in which every value is an object, the keys are identities and not names."""
    if isinstance(value, dict):
        if not all(isinstance(each, dict) for each in value.values()):
            yield from value
        for each in value.values():
            yield from _keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from _keys(each)


def _mapped(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, dict):
        return change({key: _mapped(each, change) for key, each in value.items()})
    return [_mapped(each, change) for each in value] if isinstance(value, list) else value


def _renamed(value: Any, name: str) -> Any:
    return _mapped(value, lambda found: {f"{key}_v2" if key == name else key: each for key, each in found.items()})


def _turned(value: Any) -> Any:
    return _mapped(value, lambda found: dict(reversed(found.items())))


def _scaled(value: Any, name: str, factor: float) -> Any:
    return _mapped(
        value,
        lambda found: {key: _times(each, factor) if key == name else each for key, each in found.items()},
    )


def _times(value: Any, factor: float) -> Any:
    """A number, or one that stands in quotes, as many publishers write prices."""
    if isinstance(value, int | float):
        return value * factor
    try:
        return repr(float(value) * factor)
    except (TypeError, ValueError):
        return value


def _half(value: Any) -> Any:
    """Of every object whose values are objects, and of every list of objects, where there are more than three."""
    if isinstance(value, dict):
        entries = len(value) > 3 and all(isinstance(each, dict) for each in value.values())
        kept = list(value.items())[: len(value) // 2] if entries else value.items()
        return {key: _half(each) for key, each in kept}
    if isinstance(value, list):
        entries = len(value) > 3 and all(isinstance(each, dict) for each in value)
        return [_half(each) for each in (value[: len(value) // 2] if entries else value)]
    return value
