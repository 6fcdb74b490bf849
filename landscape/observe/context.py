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
    return _ids.get()


def new_id() -> str:
    return uuid.uuid4().hex


def well_formed(given: str) -> bool:
    return WELL_FORMED.fullmatch(given) is not None


def set_ids(found: Ids) -> Token[Ids]:
    return _ids.set(found)


def reset_ids(before: Token[Ids]) -> None:
    _ids.reset(before)


@contextmanager
def about(**found: object) -> Iterator[None]:
    """Inside, every line also says that it is about these."""
    before = _ids.set({**_ids.get(), **{name: str(value) for name, value in found.items() if value is not None}})
    try:
        yield
    finally:
        _ids.reset(before)
