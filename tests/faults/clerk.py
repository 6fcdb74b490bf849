"""What people do to the installation while it is being broken: readers subscribe, issues go out, curators decide.

A process of its own that uses the product's own functions and says what it has done only after the commit.
"""

import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

SCHEDULED = ("epoch_panel", "models_dev", "epoch_models")


def load() -> None:
    """The small catalogue of the pipeline's tests, and of the publishers only ours, who are asked all the time."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.utils import timezone

    from tests.faults.world import URLS
    from tests.pipeline.catalogue import write_catalogue
    from tracker.models import Endpoint, Source
    from tracker.pipeline import catalog, collect

    now = timezone.now()
    catalog.load_catalog(now=now, root=write_catalogue(settings.STATE_DIR / "catalogue"))
    collect.enrol(now=now)
    every = timedelta(seconds=float(os.environ["FAULTS_EVERY"]))
    Source.objects.update(enabled=False)
    Source.objects.filter(slug__in=SCHEDULED).update(enabled=True, every=every)
    Endpoint.objects.exclude(url__in=URLS).update(due_at=None)
    Endpoint.objects.filter(url__in=URLS).update(due_at=now)
    User.objects.get_or_create(username="curator", defaults={"is_staff": True, "is_active": True})


def issue(number: int, readers: int) -> dict[str, Any]:
    """An issue for so many readers of its own, and for everybody before them; it may be asked for again."""
    from django.utils import timezone

    from tests.digest import sending
    from tracker.digest import outbox
    from tracker.models import Issue, Letter, Subscriber

    now, week = timezone.now(), f"{1000 + number // 50}-W{number % 50 + 1:02d}"
    # Whoever has all letters of earlier issues is done; the others get this one too.
    owed = Letter.objects.filter(state__in=("waiting", "sending"), subscriber__isnull=False).values("subscriber")
    Subscriber.objects.filter(state="active").exclude(pk__in=owed).update(state="left", ended_at=now)
    everybody = [
        Subscriber(email=f"reader{at}@d{at % 5}.i{number}.example", state="active", asked_at=now, confirmed_at=now)
        for at in range(readers)
    ]
    Subscriber.objects.bulk_create(everybody, ignore_conflicts=True)
    row = Issue.objects.filter(week=week).first() or sending.issue(
        week=week, since=now - timedelta(days=7), until=now - timedelta(hours=1), built_at=now, approved_at=now
    )
    outbox.address(row, now=now)
    return {"issue": row.pk, "week": week, "letters": Letter.objects.filter(issue=row).count()}


def decide(name: str) -> dict[str, Any]:
    """A curator says which model an unknown name stands for. Refused where that was said already."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from tests.faults.world import HOLDER
    from tracker.curation.names import explain_name
    from tracker.models import AIModel, Unresolved

    waiting = Unresolved.objects.filter(name=name, state=Unresolved.State.WAITING).first()
    if waiting is None:
        return {"waits": name}
    done = explain_name(
        waiting,
        AIModel.objects.get(slug=HOLDER),
        by=User.objects.get(username="curator"),
        reason="The board's own page says so.",
        now=timezone.now(),
        whole=True,
    )
    return {"decided": name, "decision": done.decisions[0].pk}


def serve(log: Path) -> None:
    """One order a line; what was done is in the log before it is said."""
    from django.db import DatabaseError, close_old_connections

    from tests.faults.publishing import Log
    from tracker.curation.ledger import Refused

    written = Log(log)
    orders = {"issue": issue, "decide": decide}
    print("ready", flush=True)
    for line in sys.stdin:
        order, *arguments = json.loads(line)
        for _ in range(40):
            try:
                close_old_connections()
                done = orders[order](*arguments)
            except Refused as refusal:
                done = {"refused": str(refusal), "order": line}
            except DatabaseError:
                time.sleep(0.25)
                continue
            break
        else:
            done = {"failed": order}
        written.write(**done)
        print(json.dumps(done), flush=True)


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "landscape.settings"
    import django

    django.setup()
    if sys.argv[1] == "load":
        load()
    else:
        serve(Path(sys.argv[2]))


if __name__ == "__main__":
    main()
