"""The Celery application; which queue a task goes to and how it is delivered is said in the settings.

The hooks at the end are Celery's own signals, the only door to what happens before a task runs and after it ended, in
whichever process. They say what was done and decide nothing: without them every task would do the same.
"""

import os
from typing import Any

from celery import Celery, signals

# The fits multiply many small matrices: BLAS threads of several workers on the same cores only get in each other's
# way. They are read when NumPy is first imported, which must not have happened yet.
for name in (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
):
    os.environ[name] = "1"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landscape.settings")

from django.conf import settings  # noqa: E402 (the environment first)

from landscape.observe import tasks as observed  # noqa: E402
from landscape.observe import traces  # noqa: E402
from landscape.observe.counting import COUNTER  # noqa: E402

app = Celery("landscape")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def leave_the_logs(**kwargs: Any) -> None:
    """That somebody listens keeps Celery from making handlers of its own: lines look as LOGGING says, everywhere."""


@signals.celeryd_init.connect
def worker_begins(sender: str, **kwargs: Any) -> None:
    """The counts of this worker are kept under its name, the part of it before the "@"."""
    COUNTER.begin(settings.COUNTS_FOLDER, sender.partition("@")[0])


@signals.worker_process_init.connect
def worker_process_begins(**kwargs: Any) -> None:
    """After the fork: the thread that tells traces would not have come along."""
    traces.begin(settings.OTEL_EXPORTER_OTLP_ENDPOINT, COUNTER.part)
    if traces.on():
        from django.db import connection

        connection.execute_wrappers.append(traces.sql)


@signals.worker_process_shutdown.connect
def worker_process_ends(**kwargs: Any) -> None:
    """The traces that were not told yet would be lost with the process."""
    traces.end()


@signals.beat_init.connect
def beat_begins(**kwargs: Any) -> None:
    """Beat forks nothing: it counts and tells traces from its start on."""
    COUNTER.begin(settings.COUNTS_FOLDER, "beat")
    traces.begin(settings.OTEL_EXPORTER_OTLP_ENDPOINT, "beat")


@signals.before_task_publish.connect
def task_is_sent(headers: dict[str, Any], **kwargs: Any) -> None:
    """A message that beat sends also leaves beat's pulse; what web and workers send proves nothing of beat."""
    observed.sent(headers, pulse=settings.BEAT_PULSE if COUNTER.part == "beat" else None)


@signals.task_prerun.connect
def task_begins(task_id: str, task: Any, args: Any, **kwargs: Any) -> None:
    """The run, the time of sending and the trace come out of the message; old messages may lack any of them."""
    request = task.request
    headers = {name: getattr(request, name, None) for name in (observed.RUN, observed.SENT_AT)}
    if isinstance(parent := getattr(request, "traceparent", None), str):
        headers["traceparent"] = parent
    code = task.run.__code__
    observed.began(
        task_id, task.name, queue_of(request), headers, code.co_varnames[: code.co_argcount], args,
        redelivered=bool((request.delivery_info or {}).get("redelivered")),
    )  # fmt: skip


@signals.task_postrun.connect
def task_ends(task_id: str, task: Any, state: str | None = None, **kwargs: Any) -> None:
    """Told by the process that ran the task, be it done, failed or to be tried again."""
    observed.ended(task_id, task.name, queue_of(task.request), state or "")


@signals.task_failure.connect
def task_fails(task_id: str, sender: Any, **kwargs: Any) -> None:
    """Told by the worker's parent too: of a task whose process was killed nobody else can say that it ended."""
    observed.killed(task_id, sender.name, queue_of(sender.request))


def queue_of(request: Any) -> str:
    """The queue whose message this is; blank for a task that is called without one."""
    return str((request.delivery_info or {}).get("routing_key") or "")
