"""Signed links: one use each, expiring where they must, and forged ones that learn nothing."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.signing import Signer

from tracker.digest import tokens
from tracker.digest.tokens import Use
from tracker.models import Subscriber

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


@pytest.fixture
def ann():
    return Subscriber.objects.create(email="ann@example.org", asked_at=NOW)


@pytest.mark.parametrize("use", Use)
def test_a_token_names_its_reader_for_its_own_use_and_no_other(ann, use):
    made = tokens.token(ann, use, now=NOW)
    assert tokens.subscriber_for(made, use, now=NOW) == ann
    for other in set(Use) - {use}:
        assert tokens.bearer(made, other, now=NOW) is None


def test_links_are_absolute_and_do_not_carry_the_address(ann, settings):
    settings.SITE_URL = "https://landscape.example"
    for url in (tokens.leave_url(ann), tokens.preferences_url(ann), tokens.confirm_url(ann, now=NOW)):
        assert url.startswith("https://landscape.example/")
        assert url.endswith("/")
        assert "@" not in url
        assert str(ann.nonce) not in url
        assert len(url) < 160


def test_a_link_to_confirm_works_for_seven_days(ann):
    made = tokens.token(ann, Use.CONFIRM, now=NOW)
    just = NOW + timedelta(days=7) - timedelta(seconds=1)
    assert tokens.subscriber_for(made, Use.CONFIRM, now=just) == ann
    assert tokens.subscriber_for(made, Use.CONFIRM, now=NOW + timedelta(days=7)) is None
    assert tokens.subscriber_for(made, Use.CONFIRM, now=NOW - timedelta(days=1)) is None
    with pytest.raises(ValueError, match="needs the time"):
        tokens.token(ann, Use.CONFIRM)


def test_the_other_links_work_after_ten_years(ann):
    later = NOW + timedelta(days=3653)
    assert tokens.subscriber_for(tokens.token(ann, Use.LEAVE), Use.LEAVE, now=later) == ann
    assert tokens.subscriber_for(tokens.token(ann, Use.PREFERENCES), Use.PREFERENCES, now=later) == ann


def test_another_nonce_voids_every_link_but_the_one_for_leaving(ann):
    made = {use: tokens.token(ann, use, now=NOW) for use in Use}
    Subscriber.objects.update(nonce=uuid.uuid4())
    assert tokens.subscriber_for(made[Use.CONFIRM], Use.CONFIRM, now=NOW) is None
    assert tokens.subscriber_for(made[Use.PREFERENCES], Use.PREFERENCES, now=NOW) is None
    assert tokens.subscriber_for(made[Use.LEAVE], Use.LEAVE, now=NOW) == ann


def test_a_key_that_was_replaced_opens_its_links_until_it_is_dropped(ann, settings):
    made = tokens.token(ann, Use.LEAVE)
    settings.SECRET_KEY, old = "another key, which is long enough for anybody", settings.SECRET_KEY
    assert tokens.bearer(made, Use.LEAVE, now=NOW) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert tokens.subscriber_for(made, Use.LEAVE, now=NOW) == ann
    assert tokens.token(ann, Use.LEAVE) != made


def forged(good: str) -> list[str]:
    value, _, signature = good.rpartition(".")
    flipped = "A" if signature[0] != "A" else "B"
    elsewhere = Signer(sep=".", salt="elsewhere").sign(value)
    return [
        "", "x", ".", "-", "1-1.", value, signature, f"{value}.{flipped}{signature[1:]}", f"{value}.{signature[:-1]}",
        f"{value}.{signature}x", f"1{value}.{signature}", f"{value}..{signature}", elsewhere, good.upper(), f" {good}",
        f"{good}\n", good + "é", "9" * 5000, "-".join("1" * 60) + "." + signature, good.replace(".", ":"),
    ]  # fmt: skip


@pytest.mark.parametrize("use", Use)
def test_a_forged_token_names_nobody_and_asks_the_database_nothing(ann, use, django_assert_num_queries):
    good = tokens.token(ann, use, now=NOW)
    nobody = tokens.token(Subscriber(pk=999_999, nonce=uuid.uuid4()), use, now=NOW)
    with django_assert_num_queries(0):
        for bad in (*forged(good), *forged(nobody)):
            assert tokens.subscriber_for(bad, use, now=NOW) is None, bad
    with django_assert_num_queries(1):
        assert tokens.subscriber_for(good, use, now=NOW) == ann


def test_a_genuine_token_of_somebody_who_was_erased_has_a_bearer_but_no_reader(ann):
    made = tokens.token(ann, Use.LEAVE)
    number = ann.pk
    ann.delete()
    named = tokens.bearer(made, Use.LEAVE, now=NOW)
    assert named is not None
    assert named.pk == number
    assert tokens.subscriber_for(made, Use.LEAVE, now=NOW) is None


def test_the_key_is_the_installations_own(ann):
    value = tokens.token(ann, Use.LEAVE).rpartition(".")[0]
    guessed = Signer(key="x" * 50, sep=".", salt=f"tracker.digest.tokens:{Use.LEAVE}").sign(value)
    assert tokens.bearer(guessed, Use.LEAVE, now=NOW) is None
    right = Signer(key=settings.SECRET_KEY, sep=".", salt=f"tracker.digest.tokens:{Use.LEAVE}").sign(value)
    assert tokens.bearer(right, Use.LEAVE, now=NOW) is not None
