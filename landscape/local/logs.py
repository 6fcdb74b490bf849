"""The logs of the programs we start: appended to, set aside when large, and quoted from when one dies."""

import os
import shutil
from pathlib import Path
from typing import BinaryIO

LIMIT = 5_000_000


def appended(file: Path, *, limit: int = LIMIT) -> BinaryIO:
    """Open a log for a program that starts; one that has grown past the limit becomes FILE.1 first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists() and file.stat().st_size > limit:
        file.replace(file.with_name(f"{file.name}.1"))
    return file.open("ab")


def keep_small(file: Path, *, limit: int = LIMIT) -> None:
    """Set aside what a program that keeps running has written so far; it goes on at the now empty file's beginning."""
    try:
        if file.stat().st_size <= limit:
            return
    except FileNotFoundError:
        return
    shutil.copyfile(file, file.with_name(f"{file.name}.1"))
    os.truncate(file, 0)  # whoever has it open appends, and so writes at the new end


def last_lines(file: Path, count: int) -> list[str]:
    """The end of a log, without reading all of it."""
    try:
        with file.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 400 * count))
            return log.read().decode(errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        return []
