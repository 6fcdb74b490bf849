"""The claims that the catalogue holds: that each file is one, quotes little, and names what the catalogue knows."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tracker.domain.claims import ClaimDefinition

CATALOG = Path(__file__).parents[1] / "tracker" / "catalog"


def claims() -> list[ClaimDefinition]:
    return [
        ClaimDefinition.from_toml(path.stem, tomllib.loads(path.read_text("utf-8")))
        for path in sorted((CATALOG / "claims").glob("*.toml"))
    ]


def slugs(folder: str) -> set[str]:
    if folder != "models":
        return {path.stem for path in (CATALOG / folder).glob("*.toml")}
    labs = [tomllib.loads(path.read_text("utf-8")) for path in (CATALOG / "labs").glob("*.toml")]
    return {model["slug"] for lab in labs for model in lab.get("model", [])}


def test_every_claim_file_loads_and_there_are_enough_of_them():
    assert len(claims()) >= 50


def test_a_quote_is_short_and_a_source_is_a_secure_address():
    for claim in claims():
        assert len(claim.quote.split()) < 25, claim.slug
        assert claim.url == "" or claim.url.startswith("https://"), claim.slug
        assert len(claim.title) <= 200, claim.slug
        assert len(claim.quote) <= 300, claim.slug
        assert len(claim.slug) <= 100, claim.slug


@pytest.mark.parametrize("folder", ["models", "benchmarks", "licences", "labs"])
def test_every_name_in_a_test_is_in_the_catalogue(folder):
    known = slugs(folder)
    stray = {(claim.slug, name) for claim in claims() for name in claim.test.names.get(folder, ()) if name not in known}
    assert stray == set()


def test_all_five_essays_and_the_published_results_are_there():
    places = Counter(claim.publication for claim in claims())
    for place in (
        "Open Source Won. The Frontier Broke.",
        "Open-Source AI Is Dead, and the Labs Killed It On Purpose",
        "Forum thread on open source AI against big tech labs",
        "Topic page: Open Source",
        "The Open-Source Consensus Fractures",
    ):
        assert places[place] >= 5, place
    assert sum(claim.topic == "published" for claim in claims()) >= 10


def test_what_nothing_can_test_says_which_datum_is_missing():
    for claim in claims():
        if claim.test.kind == "none":
            assert len(claim.test.missing.split()) >= 5, claim.slug


def test_the_extrapolation_to_december_is_registered_with_its_day():
    forecast = next(claim for claim in claims() if claim.slug == "doubleword-parity-on-3-december-2026").forecast
    assert forecast is not None
    assert forecast.due.isoformat() == "2026-12-03"
