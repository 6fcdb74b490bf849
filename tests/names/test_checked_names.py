"""A name means one model, the one that a person found it to mean, or it waits."""

from datetime import date

import pytest

from tests.names.checked import UNRESOLVED, pairs
from tracker.domain.names import resolve


@pytest.mark.parametrize(("name", "slug"), pairs())
def test_a_name_checked_by_eye_means_its_model(name, slug, aliases):
    match = resolve(name, aliases)
    assert match is not None, f"{name} is not resolved"
    assert match.slug == slug


@pytest.mark.parametrize(
    "name", [name.strip() for line in UNRESOLVED.strip().splitlines() for name in line.split(" | ")]
)
def test_a_name_that_could_mean_a_neighbour_waits(name, aliases):
    assert resolve(name, aliases) is None


def test_enough_names_were_checked_by_eye():
    assert len(pairs()) >= 250
    assert len({slug for _, slug in pairs()}) >= 200


@pytest.mark.parametrize(
    ("name", "released", "slug"),
    [
        ("deepseek-reasoner", date(2025, 12, 1), "deepseek-v3-2"),
        ("GPT-4o", date(2024, 5, 13), "gpt-4o-may-2024"),
        ("Claude 3.5 Sonnet", date(2024, 6, 20), "claude-3-5-sonnet-jun-2024"),
        ("Claude 3.5 Sonnet", date(2024, 10, 22), "claude-3-5-sonnet-oct-2024"),
        ("kimi-k2-turbo-preview", date(2025, 9, 5), "kimi-k2-sep-2025"),
    ],
)
def test_a_name_that_moved_on_means_the_model_of_its_date(name, released, slug, aliases):
    match = resolve(name, aliases, released)
    assert match is not None
    assert match.slug == slug
