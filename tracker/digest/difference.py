"""How an issue differs from the one before it, for whoever edits it."""

from dataclasses import dataclass

from tracker.domain.notable import Content, Item
from tracker.models import Issue


@dataclass(frozen=True, slots=True)
class Difference:
    """Beside the last issue that was built before this one: its items by what became of them. `again` pairs what is
    told of the same thing, then and now."""

    week: str
    new: tuple[Item, ...]
    again: tuple[tuple[Item, Item], ...]
    gone: tuple[Item, ...]


def difference(week: str, content: Content) -> Difference | None:
    """None where no issue came before."""
    last = Issue.objects.filter(week__lt=week, content__isnull=False).order_by("-week").first()
    if last is None or last.content is None:
        return None
    before = {item.id: item for item in Content.read(last.content).items}
    now = {item.id: item for item in content.items}
    return Difference(
        week=last.week,
        new=tuple(item for name, item in now.items() if name not in before),
        again=tuple((before[name], item) for name, item in now.items() if name in before),
        gone=tuple(item for name, item in before.items() if name not in now),
    )
