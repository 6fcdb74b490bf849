"""What is being done now, as the ids that every line of the log carries: run, request, task, what it is about."""

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import MappingProxyType

Ids = Mapping[str, str]
NOTHING: Ids = MappingProxyType({})
# What somebody else may call a request: long enough to be unique, too plain to forge a line or to hold an address.
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")

_ids: ContextVar[Ids] = ContextVar("ids", default=NOTHING)


def ids() -> Ids:
    """By name; empty outside of any request, task or `about`."""
    return _ids.get()


def new_id() -> str:
    """For a request or run that nobody has named: 32 hexadecimal digits, which `well_formed` accepts."""
    return uuid.uuid4().hex


def well_formed(given: str) -> bool:
    """Whether an id that somebody else sent may stand in our lines and answers."""
    return WELL_FORMED.fullmatch(given) is not None


def set_ids(found: Ids) -> Token[Ids]:
    """Put these in place of all ids; the token that comes back is what `reset_ids` wants."""
    return _ids.set(found)


def reset_ids(before: Token[Ids]) -> None:
    """As it was before the `set_ids` that gave the token: the next request in this thread is another's."""
    _ids.reset(before)


@contextmanager
def about(**found: object) -> Iterator[None]:
    """Inside, every line also says that it is about these."""
    before = _ids.set({**_ids.get(), **{name: str(value) for name, value in found.items() if value is not None}})
    try:
        yield
    finally:
        _ids.reset(before)
