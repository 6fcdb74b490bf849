"""Every table of the product, by subject."""

from tracker.models.entities import (
    AIModel,
    Alias,
    Benchmark,
    Family,
    Lab,
    Licence,
    Setting,
    Unresolved,
)
from tracker.models.facts import Event, Fact, Price, Release, Score
from tracker.models.provenance import (
    Blob,
    DataVersion,
    Endpoint,
    Fetch,
    HostPace,
    Snapshot,
    Source,
)
from tracker.models.results import (
    Beat,
    BenchmarkState,
    GapResult,
    IndexDraws,
    IndexRun,
    ModelState,
    Rendering,
)

__all__ = [
    "AIModel",
    "Alias",
    "Beat",
    "Benchmark",
    "BenchmarkState",
    "Blob",
    "DataVersion",
    "Endpoint",
    "Event",
    "Fact",
    "Family",
    "Fetch",
    "GapResult",
    "HostPace",
    "IndexDraws",
    "IndexRun",
    "Lab",
    "Licence",
    "ModelState",
    "Price",
    "Release",
    "Rendering",
    "Score",
    "Setting",
    "Snapshot",
    "Source",
    "Unresolved",
]
