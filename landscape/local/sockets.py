"""Where a Unix socket can lie: its whole path has room for 107 bytes, which a deep state folder exceeds."""

import hashlib
import os
import stat
from pathlib import Path

LONGEST = 107
# Not the TMPDIR of whoever asks: a command in another terminal must come to the same answer.
SHORT_BASE = Path("/tmp")  # noqa: S108 (open_folder refuses a folder that somebody else made)


class ForeignFolderError(Exception):
    """A folder with a name that can be foretold was there before us, and is not ours."""


def short_folder(wished: Path, *, file_name: str) -> Path:
    """The wished folder where file_name fits into it, otherwise one with a short name that is always the same."""
    if len(os.fsencode(wished / file_name)) <= LONGEST:
        return wished
    return SHORT_BASE / f"ai-landscape-{hashlib.sha256(os.fsencode(wished)).hexdigest()[:16]}"


def open_folder(folder: Path, *, owner: int, group: int) -> None:
    """Make the folder for its owner, or be sure that it is the owner's and nobody else may write in it."""
    try:
        folder.mkdir(mode=0o755, parents=True)
    except FileExistsError:
        pass
    else:
        if os.geteuid() == 0:
            os.chown(folder, owner, group)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, os.geteuid()} or found.st_mode & 0o022:
        raise ForeignFolderError(f"{folder} is not ours alone: remove it, or give STATE_DIR a shorter path")
    if os.geteuid() == 0 and found.st_uid != owner:
        os.chown(folder, owner, group)
