"""What an installation makes of a document that has changed its ways since the day before."""

from django.db import transaction

from tests.pipeline.mutations import NO_DOCUMENT, Mutated
from tests.pipeline.steps import at, endpoint, take_in
from tracker.models import Fact


def current() -> dict[str, list[str]]:
    """Everything that holds, without the rows' numbers and without where it was seen last."""
    found = {}
    for kind in Fact.__subclasses__():
        rows = kind.objects.filter(known_to=None).values()
        told = [{key: value for key, value in row.items() if key not in ("id", "last_snapshot_id")} for row in rows]
        found[kind.__name__] = sorted(map(repr, told))
    return found


def taken_wrongly(url: str, body: bytes, mutations: Mutated) -> tuple[dict[str, str], int]:
    """What came after the good document and was neither refused nor read for what it is, and how many came in all."""
    good = take_in(url, body, at(1))
    assert good.state == "ingested", good.message
    before = current()
    assert any(before.values())
    wrong, count = {}, 0
    for what, mutated in mutations:
        assert mutated != body, what
        count += 1
        with transaction.atomic():
            snapshot = take_in(url, mutated, at(2))
            refused = snapshot.state != "ingested"
            if current() != before or (refused and endpoint(url).current_id != good.pk):
                wrong[what] = f"{snapshot.state}: other facts hold"
            elif not refused and (what in NO_DOCUMENT or " times " in what):
                wrong[what] = "believed"
            transaction.set_rollback(True)
    return wrong, count
