"""Where sockets lie when the state folder is deep, and what is not accepted there."""

import os
import socket
from pathlib import Path

import pytest

from landscape.local.sockets import LONGEST, ForeignFolderError, open_folder, short_folder


def test_a_short_path_stays_as_it_is() -> None:
    assert short_folder(Path("/var/lib/x"), file_name="s") == Path("/var/lib/x")


def test_a_long_path_gives_way_to_a_short_one_that_is_always_the_same() -> None:
    deep, other = Path("/a" * 60), Path("/b" * 60)
    assert short_folder(deep, file_name="s") == short_folder(deep, file_name="s")
    assert short_folder(deep, file_name="s") != short_folder(other, file_name="s")
    assert len(str(short_folder(deep, file_name=".s.PGSQL.5432"))) < 60


def test_the_limit_is_the_kernels(state_folder: Path) -> None:
    longest = state_folder / ("x" * (LONGEST - len(str(state_folder)) - 1))
    assert short_folder(longest.parent, file_name=longest.name) == longest.parent
    with socket.socket(socket.AF_UNIX) as fits:
        fits.bind(str(longest))
    assert short_folder(longest.parent, file_name=f"{longest.name}x") != longest.parent
    with socket.socket(socket.AF_UNIX) as too_long, pytest.raises(OSError, match="too long"):
        too_long.bind(f"{longest}x")


def test_a_folder_that_others_may_write_in_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s").chmod(0o777)
    with pytest.raises(ForeignFolderError):
        open_folder(tmp_path / "s", owner=os.geteuid(), group=os.getegid())


def test_a_link_to_somewhere_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").symlink_to(tmp_path)
    with pytest.raises(ForeignFolderError):
        open_folder(tmp_path / "s", owner=os.geteuid(), group=os.getegid())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder that is somebody else's")
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    os.chown(tmp_path / "s", 4242, 4242)
    with pytest.raises(ForeignFolderError):
        open_folder(tmp_path / "s", owner=65534, group=65534)
