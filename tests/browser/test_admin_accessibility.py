"""The curators' pages against WCAG 2.2 AA: every list, every form, the way in."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib import admin
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from tests.browser import axe
from tests.browser.drawings import ALL, todays
from tests.entering import Entered

# The mark makes pytest-django create its database, which the one behind the site is a copy of.
pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture(scope="module")
def session(site: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A superuser's session, in the database that the server reads; both go again."""
    from django.contrib.auth.models import User

    with django_db_blocker.unblock():
        user = User.objects.create_superuser("root", password="a long enough secret")
        client = Entered()
        client.force_login(user)
        yield client.cookies[settings.SESSION_COOKIE_NAME].value
        client.logout()
        user.delete()


def pages(model) -> Iterator[str]:
    """A kind's list, the form of one and the form for a new one, as far as there are any."""
    names = (model._meta.app_label, model._meta.model_name)
    yield reverse("admin:{}_{}_changelist".format(*names))
    one = model._default_manager.order_by("pk").first()
    if one is not None:
        yield reverse("admin:{}_{}_change".format(*names), args=[one.pk])


STATES = ((1280, "light"), (390, "dark"))


def judged(window, address, states=STATES):
    page = window.open(address)
    found = []
    for width, scheme in states:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{address} {width} {scheme} {fault}" for fault in axe.faults(page)]
    return found


KINDS = sorted(admin.site._registry, key=str)


@pytest.mark.parametrize(
    ("turn", "model"), todays(KINDS), ids=lambda given: getattr(given, "_meta", None) and given._meta.model_name
)
def test_axe_finds_nothing_wrong_with_a_kind_of_thing_at_the_desk(visit, site, session, turn, model):
    window = visit()
    window.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
    # The list in one state and the form in the other, by turns: the next kind has them the other way round.
    found = [
        fault
        for place, address in enumerate(pages(model))
        for fault in judged(window, address, STATES if ALL else [STATES[(turn + place) % len(STATES)]])
    ]
    assert found == []


def test_axe_finds_nothing_wrong_with_the_way_in_and_the_desk(visit, site, session):
    window = visit()
    found = judged(window, "/admin/login/")
    window.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])
    assert found + judged(window, "/admin/") == []
