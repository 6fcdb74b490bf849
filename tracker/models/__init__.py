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
from tracker.models.facts import Assessment, Event, Fact, LicenceText, News, Price, Release, Score
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
    "Assessment",
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
    "LicenceText",
    "ModelState",
    "News",
    "Price",
    "Release",
    "Rendering",
    "Score",
    "Setting",
    "Snapshot",
    "Source",
    "Unresolved",
]
