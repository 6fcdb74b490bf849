"""A test of pace: how many index points the best model of a side gained over the last months."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from tracker.domain.claim_base import ClaimTest, day_of
from tracker.domain.claim_known import Known, KnownModel
from tracker.domain.claim_parts import BOUNDS, Demand, Evidence, Finding, measured, wanting
from tracker.domain.frontier import DAYS_PER_MONTH
from tracker.domain.tables import Table

SIDES = ("open", "closed", "both")


@dataclass(frozen=True, slots=True)
class PaceTest(ClaimTest):
    """The best model of a side gained so many points within `months`; the window's length is a neighbour."""

    kind: ClassVar[str] = "pace"
    side: str
    months: int
    as_of: date | None
    wanted: Demand

    @classmethod
    def from_toml(cls, where: str, data: Mapping[str, Any]) -> "PaceTest":
        table = Table(where, data, ("kind", "side", "months", "as_of", *BOUNDS))
        side, months = table.text("side", required=True), table.whole("months")
        if side not in SIDES:
            raise ValueError(f"{where}: field side is {side!r}; allowed: {', '.join(SIDES)}")
        if not months:
            raise ValueError(f"{where}: field months is missing; it must be a whole number above 0")
        return cls(side, months, day_of(table, "as_of"), Demand.from_table(table))

    @property
    def demand(self) -> Demand:
        return self.wanted

    def words(self, known: Known) -> str:
        return f"The best {self._who()} gained {self.wanted.words('points')} in {self.months} months."

    def _who(self) -> str:
        return "model" if self.side == "both" else f"{self.side} model"

    def findings(self, known: Known) -> list[Finding]:
        others = (self.months // 2, self.months * 2)
        return [self._over(known, self.months, ""), *(self._over(known, other, "over how long") for other in others)]

    def _over(self, known: Known, months: int, choice: str) -> Finding:
        last = min(self.as_of or known.as_of, known.as_of)
        first = last - timedelta(days=round(months * DAYS_PER_MONTH))
        name = f"the best {self._who()}, {first} to {last}"
        before, now = self._best(known, first), self._best(known, last)
        if before is None or now is None:
            return wanting(name, f"No {self._who()} on the index by {first}", choice=choice)
        gained = (now.value or 0.0) - (before.value or 0.0)
        evidence = tuple(
            Evidence("model", model.slug, model.name) for model in {before.slug: before, now.slug: now}.values()
        )
        words = f"{name}: {before.name}, then {now.name}"
        return measured(self.wanted, words, gained, "points", choice=choice, evidence=evidence)

    def _best(self, known: Known, day: date) -> KnownModel | None:
        out = [
            model
            for model in known.models.values()
            if model.value is not None
            and model.released_on is not None
            and model.released_on <= day
            and model.access
            and (self.side == "both" or bool(model.open_means) is (self.side == "open"))
        ]
        return max(out, key=lambda model: (model.value or 0.0, model.slug), default=None)
