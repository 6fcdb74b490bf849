"""What the tests of decisions do again and again: read what waits again, look at all that a decision may change."""

from datetime import datetime

from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import LINES, PANEL, Line, panel
from tracker.models import AIModel, Alias, Conflict, FieldChoice, NamedSetting, Price, Release, Score, Unresolved
from tracker.models import Snapshot as Document
from tracker.pipeline import rereading

STRANGERS = ("gpt-example-mini-2", "gpt-example-mini-2_high", "claude-example-4 with tools")


def strangers_arrive(*names: str, day: int = 1) -> None:
    """The panel with a score for each of these names, beside those that it always has."""
    take_in(PANEL, panel(*LINES, *(Line(name, "gpqa_diamond", 0.3) for name in names or STRANGERS)), at(day))


def waiting(name: str) -> Unresolved:
    return Unresolved.objects.get(name=name)


def worker(now: datetime) -> list[int]:
    """What beat and a worker do after a decision."""
    endpoints = rereading.waiting(now=now)
    assert all(rereading.read_again(endpoint, now=now, by="worker") for endpoint in endpoints)
    return endpoints


def scores(name: str, known_at: datetime | None = None) -> list[tuple[str, str]]:
    """(model, setting) of the scores under a source's name."""
    rows = Score.objects.known(known_at).filter(name=name).select_related("setting", "model")
    return [(row.model.slug, str(row.setting)) for row in rows]


def everything() -> dict[str, object]:
    """What decisions change and undoing gives back, but for the names of what only facts of the past hang on."""
    return {
        "names": sorted(
            (row.name, row.endpoint.url, row.state, row.decided_by_id, row.decided_at, row.reason)
            for row in Unresolved.objects.select_related("endpoint")
        ),
        "aliases": sorted(Alias.objects.values_list("kind", "key", "added_by")),
        "settings": sorted(NamedSetting.objects.values_list("alias__key", "effort", "mode")),
        "models": sorted(AIModel.objects.filter(aliases__isnull=False).distinct().values_list("slug", flat=True)),
        "choices": sorted(FieldChoice.objects.known().values_list("model__slug", "field", "value")),
        "conflicts": sorted(Conflict.objects.values_list("model__slug", "field", "host", "state")),
        "documents": sorted(Document.objects.values_list("pk", "state", "message", "waiver__at"), key=repr),
        "facts": sorted(
            (*row, kind.__name__)
            for kind in (Release, Score, Price)
            for row in kind.objects.known().values_list("endpoint__url", "key", "digest", "model__slug")
        ),
    }
