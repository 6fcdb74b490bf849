"""Starts everything as `manage.py up` does, with a small catalogue, and everybody twice where that is asked for."""

import os
import sys
from typing import Any

# Dying every few seconds is this suite's purpose; the product waits longer and longer before it starts such a program.
LONGEST_DELAY = 1.0
DOUBLES = {"collector": "collect,mail", "computer": "compute", "collector-b": "collect,mail", "computer-b": "compute"}


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "landscape.settings"
    from django.core.management import execute_from_command_line

    from landscape.local import stack, supervisor

    supervisor.LONGEST_DELAY = LONGEST_DELAY
    stack.EVALUATOR = {}
    plain_programs, plain_step = stack.programs, stack.Stack._step
    port, doubled = sys.argv[1], sys.argv[2] == "doubled"
    if doubled:
        stack.WORKERS = DOUBLES

    def programs(plan: stack.Plan, *, cores: int) -> list[supervisor.Program]:
        found = plain_programs(plan, cores=cores)
        if doubled:
            (beat,) = (program for program in found if program.name == "beat")
            other = [*beat.command, "--schedule", str(plan.state / "beat" / "other")]
            found.append(supervisor.Program("beat-b", other))
        return found

    def step(self: stack.Stack, what: str, *arguments: str, shown: bool = False) -> None:
        if arguments[0] != "load":
            plain_step(self, what, *arguments, shown=shown)
            return
        with self._timed(what):
            self._finished(self.supervisor.run([sys.executable, "-m", "tests.faults.clerk", "load"], log=None))

    stack.programs = programs
    setattr(stack.Stack, "_step", step)  # noqa: B010  mypy forbids what is done here on purpose
    arguments: list[Any] = ["manage.py", "up", "--port", port]
    execute_from_command_line(arguments)


if __name__ == "__main__":
    main()
