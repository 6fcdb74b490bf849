import math
import time
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.evals.energy import Meter, RaplCounter, graphics
from tracker.evals.hardware import meter

TOP = 262_143_328_850  # as the kernel states it on a server


class Powercap:
    """A tree in the shape of the kernel's."""

    def __init__(self, root):
        self.root = root

    def domain(self, number, name, energy=0, top=TOP):
        folder = self.root / f"intel-rapl:{number}"
        folder.mkdir(parents=True)
        (folder / "name").write_text(f"{name}\n")
        (folder / "max_energy_range_uj").write_text(f"{top}\n")
        self.set(number, energy)

    def set(self, number, energy):
        file = self.root / f"intel-rapl:{number}" / "energy_uj"
        fresh = file.with_suffix(".fresh")
        fresh.write_text(f"{energy}\n")
        fresh.replace(file)  # at once, as the kernel answers: never half a number


class Nvml:
    """NVIDIA's bindings as far as they are documented, for GPUs that take so many watts all the time."""

    class NVMLError(Exception):
        pass

    def __init__(self, *watts, answers=math.inf, driver=True, counter=True):
        self.gpus, self.answers, self.driver, self.counter = watts, answers, driver, counter
        self.opened, self.began = 0, time.monotonic()

    def nvmlInit(self):  # noqa: N802
        if not self.driver:
            raise self.NVMLError("NVML Shared Library Not Found")
        self.opened += 1

    def nvmlShutdown(self):  # noqa: N802
        self.opened -= 1

    def nvmlDeviceGetCount(self):  # noqa: N802
        return len(self.gpus)

    def nvmlDeviceGetHandleByIndex(self, number):  # noqa: N802
        if number >= len(self.gpus):
            raise self.NVMLError("Invalid Argument")
        return number

    def nvmlDeviceGetTotalEnergyConsumption(self, handle):  # noqa: N802
        self.answers -= 1
        if not self.counter:
            raise self.NVMLError("Not Supported")
        if self.answers < 0:
            raise self.NVMLError("GPU is lost")
        return int(1000 * self.gpus[handle] * (time.monotonic() - self.began))

    def nvmlDeviceGetPowerUsage(self, handle):  # noqa: N802
        return 1000 * self.gpus[handle]

    def nvmlDeviceGetUtilizationRates(self, handle):  # noqa: N802
        return SimpleNamespace(gpu=80 if handle else 40, memory=10)

    def nvmlSystemGetDriverVersion(self):  # noqa: N802
        return b"580.95.05"

    def nvmlDeviceGetName(self, handle):  # noqa: N802
        return "Example GPU"

    def nvmlDeviceGetMemoryInfo(self, handle):  # noqa: N802
        return SimpleNamespace(total=80 * 2**30, free=1, used=1)

    def nvmlDeviceGetCudaComputeCapability(self, handle):  # noqa: N802
        return 9, 0


@pytest.fixture
def powercap(tmp_path):
    return Powercap(tmp_path / "powercap")


def test_packages_add_up_and_what_is_inside_them_counts_once(powercap):
    powercap.domain("0", "package-0", 1_000_000)
    powercap.domain("1", "package-1", 2_000_000)
    powercap.domain("0:0", "core", 500_000)
    powercap.domain("2", "psys", 9_000_000)
    opened = Meter.open("cpu", powercap=powercap.root)
    with opened, opened.measure(idle=0.0) as measured:
        powercap.set("0", 4_000_000)
        powercap.set("1", 2_500_000)
        powercap.set("0:0", 900_000)
        powercap.set("2", 99_000_000)
    assert (measured.energy.meter, measured.energy.joules) == ("rapl", 3.5)


def test_a_counter_that_began_again_in_between_is_followed(powercap):
    powercap.domain("0", "package-0", TOP - 1_000_000)
    opened = Meter.open("cpu", powercap=powercap.root)
    with opened.measure(idle=0.0) as measured:
        powercap.set("0", 2_000_000)
    assert measured.energy.joules == 3.0


@settings(max_examples=25)
@given(start=st.integers(0, 999), steps=st.lists(st.integers(0, 999), max_size=12))
def test_any_number_of_wraps_that_are_seen_are_counted(tmp_path_factory, start, steps):
    powercap = Powercap(tmp_path_factory.mktemp("powercap"))
    powercap.domain("0", "package-0", start, top=1000)
    counter, at = RaplCounter.open(powercap.root), start
    for step in steps:
        at = (at + step) % 1000
        powercap.set("0", at)
        counter.joules()
    assert counter.joules() == pytest.approx(sum(steps) / 1e6)


def test_the_thread_sees_the_wraps_that_the_ends_alone_would_miss(powercap):
    powercap.domain("0", "package-0", 0, top=1_000_000)
    opened = Meter.open("cpu", powercap=powercap.root, every=0.005)
    with opened.measure(idle=0.0) as measured:
        for at in (900_000, 800_000, 700_000):  # 0.9 J, then nearly a whole turn each time
            powercap.set("0", at)
            time.sleep(0.1)
    assert measured.energy.joules == pytest.approx(2.7)
    assert len(measured.energy.watts) > 3


def test_no_powercap_is_no_meter(tmp_path):
    assert Meter.open("cpu", powercap=tmp_path / "missing") is None
    assert meter("cpu", powercap=tmp_path / "missing") is None


def test_a_package_that_may_not_be_read_is_no_meter(powercap):
    powercap.domain("0", "package-0")
    powercap.domain("1", "package-1")
    (powercap.root / "intel-rapl:1" / "energy_uj").unlink()
    assert Meter.open("cpu", powercap=powercap.root) is None


def test_only_a_platform_counter_is_no_meter(powercap):
    powercap.domain("0", "psys")
    assert Meter.open("cpu", powercap=powercap.root) is None


def test_a_package_that_goes_away_in_the_middle_leaves_no_figure(powercap):
    powercap.domain("0", "package-0")
    opened = Meter.open("cpu", powercap=powercap.root)
    with opened.measure(idle=0.0) as measured:
        (powercap.root / "intel-rapl:0" / "energy_uj").unlink()
    assert measured.energy is None
    assert opened.idle(0.0) is None


def test_several_gpus_are_summed_and_traced(tmp_path):
    nvml = Nvml(300, 500)
    with Meter.open("cuda", powercap=tmp_path, nvml=nvml, every=0.01) as opened:
        idle = opened.idle(0.05)
        with opened.measure(idle=idle) as measured:
            time.sleep(0.3)
    energy = measured.energy
    assert idle == pytest.approx(800, rel=0.1)
    assert energy.meter == "nvml"
    assert energy.joules == pytest.approx(800 * energy.seconds, rel=0.02)
    assert set(energy.watts) == {800}
    assert len(energy.watts) * energy.every == pytest.approx(energy.seconds, rel=0.5)
    assert energy.idle == idle
    assert measured.busy == pytest.approx(0.6)
    assert nvml.opened == 0


def test_a_run_on_some_gpus_counts_only_those(tmp_path):
    with Meter.open("cuda:1", powercap=tmp_path, nvml=Nvml(300, 500)) as opened:
        assert opened.idle(0.05) == pytest.approx(500, rel=0.1)
    assert Meter.open("cuda:7", powercap=tmp_path, nvml=Nvml(300, 500)) is None


def test_a_gpu_run_has_no_figure_of_the_processor_alone(powercap):
    powercap.domain("0", "package-0")
    assert Meter.open("cuda", powercap=powercap.root, nvml=Nvml(driver=False)) is None
    assert Meter.open("auto", powercap=powercap.root, nvml=Nvml(driver=False)).kind == "rapl"


def test_a_gpu_without_the_counter_is_no_meter_and_its_driver_is_let_go(tmp_path):
    nvml = Nvml(300, counter=False)
    assert Meter.open("cuda", powercap=tmp_path, nvml=nvml) is None
    assert nvml.opened == 0


def test_a_driver_without_gpus_is_no_meter(tmp_path):
    nvml = Nvml()
    assert Meter.open("cuda", powercap=tmp_path, nvml=nvml) is None
    assert nvml.opened == 0


def test_a_gpu_that_is_lost_leaves_no_figure_and_does_not_end_the_run(tmp_path):
    opened = Meter.open("cuda", powercap=tmp_path, nvml=Nvml(300, answers=2), every=0.01)
    with opened.measure(idle=60.0) as measured:
        time.sleep(0.1)
    assert (measured.energy, measured.busy) == (None, None)


def test_what_is_measured_is_there_when_the_run_itself_fails(tmp_path):
    opened = Meter.open("cuda", powercap=tmp_path, nvml=Nvml(300), every=0.01)
    with pytest.raises(RuntimeError, match="out of memory"), opened.measure(idle=60.0) as measured:  # noqa: PT012
        time.sleep(0.05)
        raise RuntimeError("out of memory")
    assert measured.energy.joules == pytest.approx(15, rel=0.5)


def test_gpus_are_described_by_their_driver():
    nvml = Nvml(300)
    told = {"name": "Example GPU", "memory": 80 * 2**30, "driver": "580.95.05", "compute": "9.0"}
    assert graphics(nvml) == [told]
    assert nvml.opened == 0
    assert graphics(Nvml(driver=False)) is None


def test_nvidias_bindings_name_every_function_that_is_asked_here():
    pynvml = pytest.importorskip("pynvml", reason="the extra with NVIDIA's bindings is not installed")
    asked = [name for name in dir(Nvml) if name.startswith("nvml")]
    assert [name for name in asked if not hasattr(pynvml, name)] == []
    assert issubclass(pynvml.NVMLError_LibraryNotFound, pynvml.NVMLError)


def test_a_machine_without_a_driver_has_no_meter_for_gpus(tmp_path):
    pynvml = pytest.importorskip("pynvml", reason="the extra with NVIDIA's bindings is not installed")
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        assert Meter.open("cuda", powercap=tmp_path) is None
        assert graphics() is None
    else:
        pynvml.nvmlShutdown()
        pytest.skip("this machine has NVIDIA's driver")
