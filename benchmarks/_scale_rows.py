"""How much there is at a share of the target data, and how rows get into a table: by COPY, with the skew of ranks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from django.db import connection

# What one installation is built for: releases, scores, snapshots a day and readers are the design's own figures.
RELEASES, SCORES, SNAPSHOTS_A_DAY, READERS = 50_000, 2_000_000, 5_000, 100_000
MODELS, PRICES, NEWS, WAITING = 40_000, 20_000, 30_000, 2_000
DAYS: Final = 30  # of history
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
NULL: Final = "\\N"


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything there is at a share of the target."""

    models: int
    releases: int
    scores: int
    snapshots: int
    readers: int
    prices: int
    news: int
    waiting: int

    @classmethod
    def at(cls, percent: float) -> "Size":
        def part(whole: int) -> int:
            return max(1, round(whole * percent / 100))

        return cls(
            part(MODELS), part(RELEASES), part(SCORES), part(SNAPSHOTS_A_DAY * DAYS), part(READERS), part(PRICES),
            part(NEWS), part(WAITING),
        )  # fmt: skip


def copy(table: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Rows of plain values into a table; nothing in them needs quoting."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as out:
        block: list[str] = []
        for row in rows:
            block.append("\t".join([NULL if cell is None else str(cell) for cell in row]))
            if len(block) == 10_000:
                out.write("\n".join(block) + "\n")
                block.clear()
        if block:
            out.write("\n".join(block) + "\n")


def zipf(count: int, *, shift: float, power: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The cumulated chances of ranks: few are met often, most seldom."""
    chance = (np.arange(count) + shift) ** -power
    return np.cumsum(chance / chance.sum())


def drawn(rng: np.random.Generator, chances: Any, count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.minimum(np.searchsorted(chances, rng.random(count)), len(chances) - 1)
