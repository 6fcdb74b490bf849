"""The charts of an issue as pictures, drawn from the world of the pages' tests."""

import struct
from dataclasses import replace

import pytest

from tests.digest.letters import content
from tests.pages.fixtures import in_world, world_database
from tracker.charts import CHARTS
from tracker.digest.pictures import WIDTH, draw, height
from tracker.domain.notable import Picture
from tracker.domain.notable_issue import EXTRA

__all__ = ["in_world", "world_database"]

NAMES = ("frontier", "lag", *(name for name, _ in EXTRA.values()))


def issue(day="2026-09-02", names=NAMES):
    pictures = tuple(Picture(name, name, "7 in words", f"/charts/{name}/") for name in names)
    return replace(content(pictures=pictures), as_of=day)


@pytest.fixture(scope="module")
def drawn(in_world, django_db_blocker):
    with django_db_blocker.unblock():
        return list(draw(issue()))


def test_every_chart_that_an_issue_may_show_is_drawn_in_its_order(drawn):
    assert set(NAMES) <= CHARTS.keys()
    assert [picture.name for picture, *_ in drawn] == list(NAMES)


def test_a_picture_has_twice_the_shown_pixels_and_is_light_enough_for_mail(drawn):
    for picture, png, width, high in drawn:
        assert (width, high) == (WIDTH, height(picture.name))
        assert width == 552
        assert png[:8] == b"\x89PNG\r\n\x1a\n"
        across, down = struct.unpack(">II", png[16:24])
        assert abs(across - 2 * width) <= 1
        assert abs(down - 2 * high) <= 1
        assert len(png) < 80_000, picture.name


def test_the_same_day_gives_the_same_pictures(drawn, in_world, db):
    assert [png for _, png, *_ in draw(issue(names=NAMES[:2]))] == [png for _, png, *_ in drawn[:2]]


def test_a_picture_shows_what_was_known_on_the_issues_day(drawn, in_world, db):
    [(_, before, *_)] = draw(issue("2026-04-15", NAMES[:1]))
    assert before != drawn[0][1]


def test_before_anything_was_known_a_picture_says_that_there_is_nothing(in_world, db):
    [(_, png, *_)] = draw(issue("2020-01-01", ("lag",)))
    assert png[:4] == b"\x89PNG"
