"""The catalogue's labs and models beside each other: no name, slug or family stands for two of them."""

from collections import defaultdict

import pytest

from tracker.domain.names import normalise


def test_no_name_means_two_models(labs):
    owners = defaultdict(set)
    for lab in labs:
        for model in lab.models:
            for name in (model.name, *model.aliases):
                owners[normalise(name)].add(model.slug)
    assert {name: slugs for name, slugs in owners.items() if len(slugs) > 1} == {}


def test_no_name_means_two_labs(labs):
    owners = defaultdict(set)
    for lab in labs:
        for name in (lab.slug, lab.name, *lab.aliases):
            owners[normalise(name)].add(lab.slug)
    assert {name: slugs for name, slugs in owners.items() if len(slugs) > 1} == {}


@pytest.mark.parametrize("field", ["slug", "name"])
def test_no_two_models_of_any_lab_share_a_slug_or_end_with_the_same_name(labs, field):
    values = [getattr(model, field) for lab in labs for model in lab.models]
    assert sorted({value for value in values if values.count(value) > 1}) == []


def test_no_two_labs_share_a_family(labs):
    families = [family.slug for lab in labs for family in lab.families]
    assert sorted({slug for slug in families if families.count(slug) > 1}) == []


def test_every_model_stands_in_a_family_and_every_lab_of_one_country_says_which(labs):
    assert [model.slug for lab in labs for model in lab.models if not model.family] == []
    assert {lab.slug for lab in labs if not lab.country} == {"bigcode", "bigscience", "m-a-p"}
    assert [lab.slug for lab in labs if not lab.homepage.startswith("https://")] == []


def test_slugs_can_stand_in_an_address(labs):
    slugs = [
        slug for lab in labs for slug in (lab.slug, *(f.slug for f in lab.families), *(m.slug for m in lab.models))
    ]
    assert [
        slug for slug in slugs if not slug.isascii() or not slug.replace("-", "").isalnum() or slug.lower() != slug
    ] == []


def test_the_catalogue_spans_the_years_and_the_regions(labs):
    models = [model for lab in labs for model in lab.models]
    years = {model.released.on.year for model in models if model.released}
    assert {2022, 2023, 2024, 2025, 2026} <= years
    assert {lab.region.value for lab in labs} == {"us", "china", "europe", "other"}
    assert len(models) >= 1000
