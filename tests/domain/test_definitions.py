from datetime import date

import pytest

from tracker.domain.definitions import BenchmarkDefinition, ItemAccess, LabDefinition, Region, Unit

LAB = {
    "name": "Example Lab",
    "country": "France",
    "region": "europe",
    "homepage": "https://example.org/",
    "aliases": ["Example"],
    "family": [{"slug": "ex", "name": "Ex"}],
    "model": [{"slug": "ex-1", "name": "Ex 1", "family": "ex", "released": "2026-01-30", "aliases": ["ex1"]}],
}
BENCHMARK = {
    "name": "Example Quiz",
    "aliases": ["quiz"],
    "category": "knowledge",
    "unit": "proportion",
    "floor": 0.25,
    "ceiling": 1,
    "access": "public",
    "released": "2025-06",
    "in_index": True,
}


def test_a_lab_carries_its_families_and_models():
    lab = LabDefinition.from_toml("example", LAB)
    assert (lab.slug, lab.region, lab.aliases) == ("example", Region.EUROPE, ("Example",))
    assert lab.families[0].name == "Ex"
    assert lab.models[0].released.on == date(2026, 1, 30)


def test_a_model_may_have_no_family_and_no_date():
    lab = LabDefinition.from_toml("example", LAB | {"model": [{"slug": "x", "name": "X", "released": ""}]})
    assert lab.models[0].released is None
    assert lab.models[0].family == ""


def test_a_benchmark_gets_numbers_whether_written_whole_or_with_a_point():
    benchmark = BenchmarkDefinition.from_toml("quiz", BENCHMARK)
    assert (benchmark.floor, benchmark.ceiling) == (0.25, 1.0)
    assert isinstance(benchmark.ceiling, float)
    assert (benchmark.unit, benchmark.access, benchmark.items) == (Unit.PROPORTION, ItemAccess.PUBLIC, 0)
    assert benchmark.may_display
    assert str(benchmark.released) == "2025-06"


def test_minutes_need_neither_floor_nor_ceiling():
    endless = {name: value for name, value in BENCHMARK.items() if name not in ("floor", "ceiling")}
    benchmark = BenchmarkDefinition.from_toml("horizon", endless | {"unit": "minutes", "in_index": False})
    assert benchmark.floor is None
    assert benchmark.ceiling is None


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"region": "usa"}, r"labs/example\.toml: field region is 'usa'; allowed: us, china, europe, other"),
        ({"contry": "France"}, r"labs/example\.toml: unknown field contry; allowed: name, country"),
        ({"aliases": "Example"}, r"field aliases is 'Example'; it must be a list of texts"),
        ({"aliases": ["Ex", " Ex"]}, r"field aliases holds ' Ex'"),
        ({"aliases": ["Ex", "Ex"]}, r"aliases Ex is used twice"),
        ({"name": ""}, r"field name is ''"),
        ({"model": [{"slug": "x", "name": "X", "family": "other"}]}, r"family of x is 'other'; allowed: ex"),
        ({"model": [{"slug": "x", "name": "X", "released": "30.1.2026"}]}, r"\[\[model\]\] x: field released"),
        ({"model": [{"slug": "x", "name": "X", "licence": "mit"}]}, r"\[\[model\]\] x: unknown field licence"),
        ({"model": [{"slug": "x", "name": "X"}, {"slug": "x", "name": "Y"}]}, r"model slug x is used twice"),
        ({"family": ["ex"]}, r"field family holds 'ex'; allowed: tables"),
    ],
)
def test_a_wrong_lab_is_refused_with_file_and_field(change, complaint):
    with pytest.raises(ValueError, match=complaint):
        LabDefinition.from_toml("example", LAB | change)


def test_a_missing_name_is_refused():
    with pytest.raises(ValueError, match=r"labs/example\.toml: field name is missing"):
        LabDefinition.from_toml("example", {"region": "us"})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"category": "maths"}, r"benchmarks/quiz\.toml: field category is 'maths'; allowed: agentic, coding"),
        ({"unit": "percent"}, r"field unit is 'percent'; allowed: proportion, minutes"),
        ({"access": "secret"}, r"field access is 'secret'; allowed: public, semi-private, private"),
        ({"floor": 1.0}, r"floor 1\.0 is not below ceiling 1\.0"),
        ({"ceiling": 100}, r"must lie in 0\.\.1"),
        ({"floor": "0.25"}, r"field floor is '0\.25'; it must be a number"),
        ({"in_index": "yes"}, r"field in_index is 'yes'; it must be true or false"),
        ({"items": -1}, r"field items is -1"),
        ({"items": True}, r"field items is True"),
        ({"chance": 0.5}, r"unknown field chance"),
    ],
)
def test_a_wrong_benchmark_is_refused_with_file_and_field(change, complaint):
    with pytest.raises(ValueError, match=complaint):
        BenchmarkDefinition.from_toml("quiz", BENCHMARK | change)


def test_a_share_without_floor_is_refused():
    with pytest.raises(ValueError, match="floor and ceiling are needed"):
        BenchmarkDefinition.from_toml("quiz", {name: BENCHMARK[name] for name in BENCHMARK if name != "floor"})
