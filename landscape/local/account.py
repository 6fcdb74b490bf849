"""As whom the database runs: PostgreSQL refuses root, so root lends it an account that can do nothing else."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """The user a process runs as, and whether becoming it takes a change of user."""

    name: str
    uid: int
    gid: int
    borrowed: bool

    @property
    def popen(self) -> dict[str, Any]:
        """What subprocess must be told in order to run a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.borrowed else {}

    def own(self, path: Path) -> None:
        if self.borrowed:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        return self._try(["/bin/sh", "-c", 'cd -- "$0"', str(folder)])

    def can_run(self, program: Path) -> bool:
        return self._try([str(program), "--version"])

    def _try(self, command: Sequence[str]) -> bool:
        try:
            done = subprocess.run(
                command,
                check=False,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **self.popen,
            )
        except PermissionError:
            return False
        return done.returncode == 0


def unprivileged() -> Account:
    """This user, or as root the first of the candidates that the machine has."""
    uid = os.geteuid()
    if uid != 0:
        return Account(str(uid), uid, os.getegid(), borrowed=False)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid, borrowed=True)
    # An account needs no name: this is the number that Linux itself calls "nobody" where a user cannot be mapped.
    return Account("65534", 65534, 65534, borrowed=True)
