"""Which index run an address asks for, and the address under which a reader finds the same bytes later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from tracker.queries import provenance, runs
from tracker.queries.runs import RunInfo
from tracker.views import state
from tracker.views.takeaway import Citation, address, cite

GONE = "Index run {} is not kept any more."


@dataclass(frozen=True, slots=True)
class Pinned:
    """The day and the run that an address is answered from, and what it asks for that cannot be given; `gone` where
    that is a run, by its number. `named`: the address says which run, so the page says nothing that is only so
    now."""

    day: date | None
    run: RunInfo | None
    named: bool
    said: Mapping[str, str]
    notes: tuple[str, ...] = ()
    gone: str = ""

    @property
    def at(self) -> str:
        """What a link inside the site ends in, so that it leads to the same day and run."""
        return f"?{urlencode(self.said)}" if self.said else ""

    def for_file(self) -> None:
        """Raises Gone or BadState. A page says what it cannot give; a file has nowhere to say so, and would pass for
        what was asked for."""
        if self.gone:
            raise state.Gone(f"{GONE.format(self.gone)} Without run and v the address gives what stands for its day")
        if self.notes:
            raise state.BadState(" ".join(self.notes).rstrip("."))


@dataclass(frozen=True, slots=True)
class Permanent:
    """A page's own permalink, and how the page is cited as it stands under it."""

    url: str
    citation: Citation


def pinned(request: HttpRequest) -> Pinned:
    """The day of `?as_of=` and the run of `?run=12`, or the one that stands for the day. A run that is kept no more,
    and a definition (`v`) that is another one by now, are told in words. Raises BadState on what is no number."""
    day, wanted, version = state.as_of(request), state.words(request, "run"), state.words(request, "v")
    if wanted and not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 10):
        raise state.BadState(f"run={wanted} is not the number of an index run")
    run = runs.run_for(day, int(wanted)) if wanted else runs.run_for(day)
    notes, gone = [], wanted if run is None else ""
    if gone:
        run = runs.run_for(day)
        notes.append(f"{GONE.format(wanted)} Shown is what stands for its day now.")
    elif wanted and run and day is None:
        day = run.known_at.date()
    if version and run and version != run.method:
        notes.append(f"The address names definition {version}. Shown is {run.method}.")
    said = {} if gone else {"run": wanted, "v": version}
    said = {name: value for name, value in {"as_of": str(day or ""), **said}.items() if value}
    return Pinned(day, run, bool(wanted) and not gone, said, tuple(notes), gone)


def keys(run: RunInfo | None, day: date | None) -> dict[str, str]:
    """Day, run and definition, as they stand in a permalink. The day is the one whose facts the run knew, which can be
    later than the last day of its data."""
    if run is None:
        return {"as_of": str(day)} if day else {}
    return {"as_of": str(day or run.known_at.date()), "run": str(run.id), "v": run.method}


def kept(request: HttpRequest, run: RunInfo | None, day: date | None) -> dict[str, str]:
    """What of these the address itself says: links from a pinned page lead to pinned files."""
    named = run is not None and state.words(request, "run") == str(run.id)
    said = {"as_of": str(day or ""), **({name: state.words(request, name) for name in ("run", "v")} if named else {})}
    return {name: value for name, value in said.items() if value}


def url_of(request: HttpRequest, found: Pinned, said: Mapping[str, str], path: str) -> str:
    """The permalink of the page at `path`, with what else its address says."""
    own = {name: value for name, value in said.items() if value}
    return address(request.build_absolute_uri(path), {**own, **keys(found.run, found.day)})


def permanent(request: HttpRequest, found: Pinned, said: Mapping[str, str], title: str) -> Permanent | None:
    """None while the page may still come to say more of the same day and run."""
    if found.run is None or not found.run.settled:
        return None
    url = url_of(request, found, said, request.path)
    slug = request.path.strip("/").replace("/", "-") or "home"
    return Permanent(url, citation(found, url=url, slug=slug, title=title))


def citation(found: Pinned, *, url: str, slug: str, title: str) -> Citation:
    """A page of ours as known on its day, under its permalink."""
    run = found.run
    return cite(
        slug=slug,
        title=title,
        url=url,
        on=found.day or (run.known_at.date() if run else None),
        run=run.id if run else None,
        method=run.method if run else "",
        source=provenance.credit_line(runs.facts_at(run, found.day)),
    )


def about(request: HttpRequest, found: Pinned, said: Mapping[str, str], path: str) -> dict[str, Any]:
    """What a file says of the vintage of its rows, with the permalink of the page that shows them."""
    run = found.run
    return {
        "as_of": str(found.day or (run.as_of if run else "")),
        "known_at": run.known_at.isoformat() if run else None,
        "index_run": run.id if run else None,
        "method": run.method if run else None,
        "data_version": run.data_version if run else None,
        "permalink": url_of(request, found, said, path),
    }
