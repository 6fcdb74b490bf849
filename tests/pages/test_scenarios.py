"""The page of futures in the world of `world.py`."""

import pytest
from django.test import Client

from tests.pages.reading import read
from tracker.models import GapResult

pytestmark = pytest.mark.usefixtures("world")


def test_each_sign_shows_its_reading_and_what_it_rests_on(client: Client):
    signs = {row["slug"]: row for row in client.get("/scenarios.json").json()["rows"]}
    gap = GapResult.objects.get(run__historic=False, scope="all", open_means="weights", region="", max_parameters=0)
    points = gap.report["estimates"]["L8"]["value"]
    assert signs["no-gap"]["value"] == pytest.approx(points, abs=1e-3)
    assert signs["no-gap"]["met"] is (points <= 0)
    assert (signs["nobody-tells"]["met"], signs["nobody-tells"]["missing"]) == (None, "No source tells of it")
    page = read(client.get("/scenarios/"))
    row = next(row for table in page.tables for row in table if row and row[0].startswith("No gap is left"))
    assert row[1] == ("yes" if points <= 0 else "no")
    assert any(link.startswith("/gap/") for link in page.links)


def test_before_a_run_has_read_them_the_page_says_so(client: Client):
    words = " ".join(read(client.get("/scenarios/?as_of=2026-05-01")).words)
    assert "No run has read its signs by this day" in words
