"""When the operator is written to about alarms: not of what passes by itself, nor once for every one of a storm."""

from datetime import datetime, timedelta

# What is gone at the second look was not worth a letter.
WORTH_AFTER = timedelta(minutes=10)
# A storm goes on for a while: what it raises meanwhile comes in the next letter. What stopped us does not wait.
PAUSE = timedelta(hours=1)
# By now a letter would have gone out, were there a server that takes it.
UNTOLD_AFTER = WORTH_AFTER + PAUSE + timedelta(minutes=20)


def resting(last: datetime | None, *, now: datetime, urgent: bool) -> bool:
    """Whether the next letter waits because the last one went out just now."""
    # A last letter from the future is a clock that was put back, and no reason to be silent until then.
    return not urgent and last is not None and timedelta(0) <= now - last < PAUSE
