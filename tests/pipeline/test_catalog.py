"""The catalogue's files and the database: they agree after a load, and a second load writes nothing."""

import pytest

from tests.pipeline.catalogue import BENCHMARKS, LICENCES, change
from tests.pipeline.steps import at
from tracker.models import AIModel, Alias, Benchmark, DataVersion, Family, Lab, Licence, Source
from tracker.pipeline.catalog import load_catalog
from tracker.sources import SOURCES

pytestmark = pytest.mark.django_db


def rows() -> dict[str, list]:
    tables = (Lab, Family, AIModel, Benchmark, Licence, Alias, Source)
    return {table.__name__: list(table.objects.order_by("pk").values()) for table in tables}


def test_every_definition_becomes_a_row(root):
    assert load_catalog(now=at(), root=root) > 0
    assert set(Lab.objects.values_list("slug", flat=True)) == {"anthropic", "openai", "deepseek"}
    assert set(Benchmark.objects.values_list("slug", flat=True)) == set(BENCHMARKS)
    assert set(Licence.objects.values_list("slug", flat=True)) == set(LICENCES)
    assert set(Source.objects.values_list("slug", flat=True)) == set(SOURCES)
    model = AIModel.objects.get(slug="claude-example-4")
    assert (model.lab.slug, model.family.slug, str(model.identity_date)) == (
        "anthropic",
        "claude-example",
        "2026-01-15",
    )
    assert Licence.objects.get(slug="example-community").terms["geo_exclusions"][0]["region"] == "Atlantis"


def test_the_terms_carry_their_clauses_and_a_second_load_finds_them_equal(root):
    clause = '\n[[clauses]]\nfact = "termination"\nquote = "We may end it."\nwhere = "6"\n'
    path = root / "licences" / "example-community.toml"
    terms = 'termination = ["breach", "any"]\nfield_of_use = ["war"]\npatent_grant = "silent"\n'
    path.write_text(terms + path.read_text("utf-8") + clause, "utf-8")
    load_catalog(now=at(1), root=root)
    stored = Licence.objects.get(slug="example-community").terms
    assert (stored["termination"], stored["field_of_use"]) == (["breach", "any"], ["war"])
    assert (stored["patent_grant"], stored["indemnity"], stored["governing_law"]) == ("silent", "unread", "")
    expected = {"fact": "termination", "quote": "We may end it.", "where": "6", "document": "licence"}
    assert stored["clauses"] == [expected]
    assert load_catalog(now=at(2), root=root) == 0


def test_a_second_load_writes_nothing(root):
    load_catalog(now=at(1), root=root)
    before, version = rows(), DataVersion.objects.get()
    assert load_catalog(now=at(2), root=root) == 0
    assert rows() == before
    assert (DataVersion.objects.get().value, DataVersion.objects.get().changed_at) == (version.value, at(1))


def test_a_changed_field_changes_that_row_and_raises_the_data_version(root):
    load_catalog(now=at(1), root=root)
    change(root, "labs/openai.toml", 'region = "us"', 'region = "europe"')
    assert load_catalog(now=at(2), root=root) == 1
    assert Lab.objects.get(slug="openai").region == "europe"
    assert (DataVersion.objects.get().value, DataVersion.objects.get().changed_at) == (2, at(2))


@pytest.mark.parametrize(
    ("path", "old", "new", "names"),
    [
        (
            "labs/deepseek.toml",
            'slug = "deepseek-example-lite"\n',
            'slug = "deepseek-example-lite"\naliases = ["GPT_Example"]\n',
            ("GPT_Example", "GPT Example"),
        ),
        (
            "benchmarks/frontiermath.toml",
            'aliases = ["frontiermath"]',
            'aliases = ["gpqa diamond"]',
            ("gpqa diamond", "GPQA Diamond"),
        ),
        ("licences/example-community.toml", 'name = "', 'aliases = ["MIT"]\nname = "', ("MIT", "mit")),
    ],
)
def test_a_name_claimed_twice_is_refused_with_both_names_and_nothing_is_loaded(root, path, old, new, names):
    change(root, path, old, new)
    with pytest.raises(ValueError, match="claimed twice") as refusal:
        load_catalog(now=at(), root=root)
    assert {repr(name) in str(refusal.value) for name in names} == {True}
    assert not Lab.objects.exists()
    assert not DataVersion.objects.exists()


def test_a_name_may_mean_a_model_and_a_benchmark(root):
    change(root, "benchmarks/frontiermath.toml", 'aliases = ["frontiermath"]', 'aliases = ["GPT Example"]')
    load_catalog(now=at(), root=root)
    assert set(Alias.objects.filter(key="gpt-example").values_list("kind", flat=True)) == {"model", "benchmark"}


def test_a_name_that_left_the_files_goes_and_one_that_a_curator_added_stays(root):
    load_catalog(now=at(1), root=root)
    model = AIModel.objects.get(slug="gpt-example")
    Alias.objects.create(kind="model", key="gpt-ex", name="gpt-ex", model=model, added_by="curator")
    change(root, "labs/anthropic.toml", 'aliases = ["claude-example-four"]\n', "")
    assert load_catalog(now=at(2), root=root) == 1
    assert not Alias.objects.filter(key="claude-example-four").exists()
    assert Alias.objects.get(key="gpt-ex").added_by == "curator"
    assert load_catalog(now=at(3), root=root) == 0


def test_the_files_decide_where_a_curator_said_otherwise(root):
    load_catalog(now=at(1), root=root)
    model = AIModel.objects.get(slug="gpt-example")
    Alias.objects.create(kind="model", key="moving-name", name="moving-name", model=model, added_by="curator")
    change(root, "labs/anthropic.toml", '"claude-example-four"', '"claude-example-four", "Moving Name"')
    load_catalog(now=at(2), root=root)
    assert Alias.objects.get(key="moving-name").model.slug == "claude-example-4"


def test_a_name_can_move_from_one_model_to_another(root):
    load_catalog(now=at(1), root=root)
    change(root, "labs/anthropic.toml", 'aliases = ["claude-example-four"]\n', "")
    change(
        root, "labs/openai.toml", 'name = "GPT Example"\n', 'name = "GPT Example"\naliases = ["claude-example-four"]\n'
    )
    load_catalog(now=at(2), root=root)
    assert Alias.objects.get(key="claude-example-four").model.slug == "gpt-example"


def test_a_definition_that_left_the_files_stays_without_its_names(root):
    load_catalog(now=at(1), root=root)
    (root / "labs" / "deepseek.toml").unlink()
    load_catalog(now=at(2), root=root)
    assert AIModel.objects.filter(slug="deepseek-example").exists()
    assert not Alias.objects.filter(model__slug="deepseek-example").exists()


def test_a_file_that_is_not_toml_is_named(root):
    (root / "labs" / "broken.toml").write_text("name = ", "utf-8")
    with pytest.raises(ValueError, match=r"labs/broken\.toml is not TOML"):
        load_catalog(now=at(), root=root)


def test_the_projects_own_catalogue_loads_and_loads_again():
    assert load_catalog(now=at(1)) > 1000
    assert load_catalog(now=at(2)) == 0


def test_a_slug_that_changed_under_the_same_name_is_a_rename_and_keeps_the_row(root):
    load_catalog(now=at(1), root=root)
    before = AIModel.objects.get(slug="gpt-example")
    change(root, "labs/openai.toml", 'slug = "gpt-example"\n', 'slug = "gpt-example-one"\n')
    load_catalog(now=at(2), root=root)
    assert AIModel.objects.get(slug="gpt-example-one").pk == before.pk
    assert not AIModel.objects.filter(slug="gpt-example").exists()
