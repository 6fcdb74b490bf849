"""Which index run an address asks for, and the address under which a reader finds the same bytes later."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest

from tracker.queries import runs
from tracker.queries.runs import RunInfo
from tracker.views import state


@dataclass(frozen=True, slots=True)
class Pinned:
    """The run that an address is answered from, and what it asks for that cannot be given."""

    run: RunInfo | None
    notes: tuple[str, ...] = ()


def pinned(request: HttpRequest, day: date | None) -> Pinned:
    """The run of `?run=12`, or the one that stands for the day. A run that is kept no more, and a definition (`v`) that
    is another one by now, are told in words. Raises BadState on what is no number."""
    wanted = state.words(request, "run")
    if wanted and not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 10):
        raise state.BadState(f"run={wanted} is not the number of an index run")
    run = runs.run_for(day, int(wanted)) if wanted else runs.run_for(day)
    notes = []
    if wanted and run is None:
        run = runs.run_for(day)
        notes.append(f"Index run {wanted} is not kept any more. Shown is what stands for its day now.")
    version = state.words(request, "v")
    if version and run and version != run.method:
        notes.append(f"The address names definition {version}. Shown is {run.method}.")
    return Pinned(run, tuple(notes))


def keys(run: RunInfo | None, day: date | None) -> dict[str, str]:
    """Day, run and definition, as they stand in a permalink. The day is the one whose facts the run knew, which can be
    later than the last day of its data."""
    if run is None:
        return {"as_of": str(day)} if day else {}
    return {"as_of": str(day or run.known_at.date()), "run": str(run.id), "v": run.method}


def kept(request: HttpRequest, day: date | None) -> dict[str, str]:
    """What of these the address itself says: links from a pinned page lead to pinned files."""
    said = {"as_of": str(day or ""), "run": state.words(request, "run"), "v": state.words(request, "v")}
    return {name: value for name, value in said.items() if value}
