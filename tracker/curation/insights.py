"""What curators do with findings: put one better, hide it, or write one that no rule finds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import slugify

from tracker.curation.ledger import Done, Ledger, Refused, readers_see_it
from tracker.models import Decision, Insight

KIND = "note"


@transaction.atomic
def edit_insight(insight: Insight, *, by: User, reason: str, now: datetime, **values: Any) -> Done:
    """Set fields of a finding; what is set here no later run touches. Raises Refused where nothing would change."""
    ledger = Ledger(by=by, reason=reason, now=now)
    insight = Insight.objects.select_for_update().get(pk=insight.pk)
    changed = {name: value for name, value in values.items() if getattr(insight, name) != value}
    if not changed:
        raise Refused("Nothing would change.")
    ledger.update(insight, **changed, edited=sorted({*insight.edited, *changed}))
    return _signed(ledger, insight, f"“{insight}” was edited", now)


@transaction.atomic
def write_insight(*, by: User, reason: str, now: datetime, **values: Any) -> Done:
    """A finding of a curator's own. Raises Refused where one of that title is there."""
    ledger = Ledger(by=by, reason=reason, now=now)
    slug = slugify(values["title"])[:120]
    if not slug or Insight.objects.filter(slug=slug).exists():
        raise Refused("An insight of that title is there already." if slug else "The title needs letters.")
    insight = Insight(
        key=f"{KIND}:{slug}", slug=slug, kind=KIND, found_on=now.date(), known_from=now, author=by, **_known(values)
    )
    ledger.create(insight)
    return _signed(ledger, insight, f"“{insight}” was written", now)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"weight": 5.0, "subjects": [], **values}


def _signed(ledger: Ledger, insight: Insight, words: str, now: datetime) -> Done:
    decision = ledger.sign(Decision.Kind.WRITE_INSIGHT, insight, words)
    readers_see_it(now=now)
    return Done((decision,))
