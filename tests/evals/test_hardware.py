import json

import pytest

from tracker.evals import hardware


def test_this_machine_describes_itself_in_json():
    said = hardware.describe()
    assert json.loads(json.dumps(said)) == said
    assert said["cores"] >= 1
    assert said["memory"] > 2**28
    assert said["processor"]


def test_the_kernels_words_are_read(tmp_path):
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: Example CPU @ 2.10GHz\n\nprocessor\t: 1\n")
    (tmp_path / "meminfo").write_text("MemTotal:       24731008 kB\nMemFree:         1 kB\n")
    assert hardware.processor(tmp_path) == "Example CPU @ 2.10GHz"
    assert hardware.memory(tmp_path) == 24731008 * 1024


def test_a_system_without_proc_is_unknown_and_no_error(tmp_path):
    assert hardware.processor(tmp_path) is None
    assert hardware.memory(tmp_path) is None


def test_the_drivers_own_table_is_read():
    said = "NVIDIA H100 80GB HBM3, 81559, 580.95.05, 9.0\nNVIDIA L4, 23034, 580.95.05, 8.9\n"
    assert hardware.smi_rows(said) == [
        {"name": "NVIDIA H100 80GB HBM3", "memory": 81559 * 2**20, "driver": "580.95.05", "compute": "9.0"},
        {"name": "NVIDIA L4", "memory": 23034 * 2**20, "driver": "580.95.05", "compute": "8.9"},
    ]


@pytest.mark.parametrize("said", ["", "No devices were found\n", "a, [N/A], b, c\n"])
def test_a_complaint_of_the_driver_is_no_gpu(said):
    assert hardware.smi_rows(said) == []


def test_a_lock_that_is_told_is_one_that_was_tried():
    said = hardware.isolated()
    if said is None:
        pytest.skip("this machine has no bubblewrap that works")
    assert said.startswith("bubblewrap ")
    assert "no network" in said


def test_only_installed_packages_are_told():
    found = hardware.packages()
    assert found.keys() <= set(hardware.PACKAGES)
    assert all(found.values())
    assert "django" not in found
