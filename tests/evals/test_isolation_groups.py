"""The kernel's control groups, where a sandbox may have one: found, limited, joined, swept when empty."""

import os
from pathlib import Path

import pytest

from tracker.evals import isolation, launcher


@pytest.mark.parametrize("handed_on", ["cpu io memory pids", "cpu io", ""])
def test_the_second_version_of_control_groups_is_used_where_it_hands_on_what_is_needed(
    tmp_path, monkeypatch, handed_on
):
    monkeypatch.setattr(isolation, "CGROUPS", tmp_path)
    (tmp_path / "cgroup.subtree_control").write_text(f"{handed_on}\n")
    groups = isolation._control_groups(1 << 30, 8)
    if "pids" in handed_on:
        [group] = groups
        assert group.parent == str(tmp_path)
        limits = {"pids.max": "11", "memory.max": str(1 << 30)}
        assert isolation._limits_of(group, 1 << 30, 8) == limits
        assert isolation._limits_of(group, None, 8) == {"pids.max": "11"}
    else:
        assert groups == []


def test_the_launcher_limits_the_group_before_it_joins_and_sweeps_what_is_empty(tmp_path, monkeypatch):
    """In a folder instead of the kernel's: what is written and in which order is the launcher's own business."""
    (tmp_path / f"{launcher.OURS}1").mkdir()
    (tmp_path / f"{launcher.OURS}2").mkdir()
    (tmp_path / f"{launcher.OURS}2" / "cgroup.procs").touch()  # as if somebody were still in it
    mine = tmp_path / f"{launcher.OURS}{os.getpid()}"
    written = []

    def opened(path, flags):
        written.append(Path(path).name)
        return os_open(path, flags | os.O_CREAT)

    os_open = os.open
    monkeypatch.setattr(launcher.os, "open", opened)
    launcher.join_cgroups([(str(tmp_path), {"pids.max": "11", "memory.max": "9"})])
    assert written == ["pids.max", "memory.max", "cgroup.procs"]
    assert {path.name for path in tmp_path.iterdir()} == {mine.name, f"{launcher.OURS}2"}
    assert (mine / "pids.max").read_text() == "11"
