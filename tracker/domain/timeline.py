"""One question's releases in the order of their days: what was to be compared on any earlier day is cut out of what was
made once for the last."""

from collections.abc import Sequence
from datetime import date

from tracker.domain.clock import BenchmarkScore, clock
from tracker.domain.comparison import Data, as_on
from tracker.domain.frontier import Release
from tracker.domain.gap import compared
from tracker.domain.gap_tolerance import Matches
from tracker.domain.index import ScaleName
from tracker.domain.tolerance import Rows, SureLeads


class Timeline:
    """A model counts from its own day on, so that who leads, who is surely ahead and who was first at a level is on
    every day the beginning of the same lists."""

    def __init__(
        self,
        releases: Sequence[Release],
        as_of: date,
        *,
        drawn: Rows | None,
        scores: Sequence[BenchmarkScore],
        scale: ScaleName,
    ) -> None:
        order = sorted(range(len(releases)), key=lambda at: releases[at].released_on)
        if order != list(range(len(releases))):
            releases = [releases[at] for at in order]
            drawn = None if drawn is None else drawn[:, order]
        self.scores = scores
        self._whole = compared(releases, as_of, draws=drawn, scores=scores, scale=scale)
        self._matches: Matches | None = None
        self._leads: dict[int, SureLeads] = {}

    def as_on(self, day: date, since: date) -> Data:
        """What the estimators read on that day, in the window from `since` on."""
        return as_on(self._whole, day, since, clock([score for score in self.scores if score.released_on <= day]))

    def matches(self, day: date) -> Matches:
        """Who had matched whom by that day; there are draws."""
        if self._matches is None:
            self._matches = Matches(self._whole, self._rows)
        return self._matches.as_on(day)

    def leads(self, draws: int = 0) -> SureLeads:
        """Who leads in each of so many draws, or in the centre, and who is surely ahead of it; there are draws."""
        if draws not in self._leads:
            values = self._rows[:draws] if draws else self._whole.central
            self._leads[draws] = SureLeads(self._whole.releases, values, self._rows)
        return self._leads[draws]

    @property
    def _rows(self) -> Rows:
        if self._whole.drawn is None:
            raise ValueError("this question has no draws")
        return self._whole.drawn
