"""The table of scores beside Datasette's, state by state, arms taking turns."""

import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from benchmarks import _datasette, _server
from benchmarks._spread import WARM, spread
from tracker.queries import runs, scores
from tracker.views.scores import ABOUT

# States of the table: from no facet to three, as a reader clicks them.
STATES: Final[tuple[dict[str, str], ...]] = (
    {}, {"category": "coding"}, {"weights": "open"}, {"evaluator": "third-party"}, {"region": "china"},
    {"category": "agentic", "weights": "closed"}, {"region": "us", "evaluator": "leaderboard", "category": "knowledge"},
)  # fmt: skip
THREE: Final = ("category", "region", "evaluator")


def compare(port: int, write: Callable[[str], None]) -> None:
    """Kept and cold pages of our server at `port` beside Datasette on the same rows with the same facets."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            program = _datasette.installed(Path(folder) / "environment")
        except _datasette.NotToBeHadError as error:
            write(f"the table of scores beside Datasette: it cannot be had here ({error})")
            return
        rows = scores.score_rows(runs.run_for(None), None, scores.ScoreFilter())
        facets = [{"benchmark": "benchmark_slug"}.get(name, name) for name in scores.FACETS]
        total = _datasette.write(
            Path(folder) / "scores.db", ABOUT, (tuple(map(_plain, _cells(row))) for row in rows), facets
        )
        there = _server.free_port()
        with _datasette.served(program, Path(folder) / "scores.db", there):
            write(
                f"the table of {total:,} scores with {len(facets)} facets beside Datasette "
                f"{_datasette.version(program)}, every facet indexed, suggestions off, no time limit; arms take turns"
            )
            _compared(port, there, facets, write)


def _compared(port: int, there: int, facets: Sequence[str], write: Callable[[str], None]) -> None:
    ours, theirs = _server.Visitor(port), _server.Visitor(there)
    ours.seconds("/scores/")
    theirs.seconds(_datasette.path(facets, {}))
    taken: dict[str, list[float]] = {"kept": [], "cold": [], "Datasette": [], "Datasette, 3 facets": []}
    for turn, state in enumerate(STATES):
        # A limit of its own makes the state one that nobody has asked for.
        path = f"/scores/?{urlencode({**state, 'limit': 100 + turn + 1})}"
        their = {{"benchmark": "benchmark_slug"}.get(name, name): value for name, value in state.items()}
        arms: dict[str, Callable[[], float]] = {
            "cold": partial(ours.seconds, path),
            "kept": partial(_kept, ours, path),
            "Datasette": partial(theirs.seconds, _datasette.path(facets, their)),
            "Datasette, 3 facets": partial(theirs.seconds, _datasette.path(THREE, their)),
        }
        order = ["cold", "kept", "Datasette", "Datasette, 3 facets"]
        # Cold comes before kept whichever way round: that is what cold means.
        for name in order if turn % 2 == 0 else ["Datasette, 3 facets", "Datasette", "cold", "kept"]:
            taken[name].append(1000 * arms[name]())
        told = ", ".join(f"{name} {found[-1]:,.1f} ms" for name, found in taken.items())
        write(f"  {urlencode(state) or 'everything'}: {told}")
    for name, promised in (("kept", 200), ("cold", 15)):
        for peer in ("Datasette", "Datasette, 3 facets"):
            ratios = [b / a for a, b in zip(taken[name], taken[peer], strict=True)]
            write(f"  {name}: {spread(ratios, 0)} times as fast as {peer} (promised: at least {promised})")


def _kept(reader: _server.Visitor, path: str) -> float:
    return statistics.median(reader.seconds(path) for _ in range(WARM))


def _cells(row: scores.ScoreRow) -> Iterator[Any]:
    return (getattr(row, name) for name in ABOUT)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
