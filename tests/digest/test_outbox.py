"""The outbox: everybody gets one row and nobody two, and a row is in one worker's hands at a time."""

from datetime import timedelta

import pytest

from tests.digest.sending import FLIP, ITEMS, MINUTE, MONDAY, WEEK, addressed, issue, states, subscriber, subscribers
from tests.pipeline.steps import in_threads
from tracker.digest import outbox
from tracker.models import DomainPace, Issue, Letter, Subscriber

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def take(*, now=MONDAY, by="worker", most=outbox.BATCH, **values):
    return outbox.claim(now=now, by=by, issues=outbox.sendable(now=now, **values), most=most)


# Addressing


def test_every_reader_has_a_row_and_the_second_time_changes_nothing():
    subscribers(25, domains=3)
    made = issue()
    assert outbox.address(made, now=MONDAY) == 25
    before = list(Letter.objects.values())
    assert outbox.address(made, now=MONDAY + MINUTE) is None
    assert list(Letter.objects.values()) == before
    assert {letter.domain for letter in Letter.objects.all()} == {"d0.example", "d1.example", "d2.example"}
    assert Issue.objects.get().addressed_at == MONDAY


def test_the_databases_message_id_is_the_one_that_the_definition_says(settings):
    settings.SITE_URL = "https://Landscape.Example:8443"
    addressed(3)
    for letter in Letter.objects.all():
        assert letter.message_id == outbox.message_id(WEEK, letter.subscriber_id)
        assert letter.message_id.endswith("@landscape.example>")
    assert len({letter.message_id for letter in Letter.objects.all()}) == 3


def test_a_message_id_fits_and_tells_nobody_who_reads(settings):
    settings.SITE_URL = f"http://{'a-long-name.' * 20}example"
    name = outbox.message_id(WEEK, 12345)
    assert len(name) <= Letter._meta.get_field("message_id").max_length
    assert name == outbox.message_id(WEEK, 12345) != outbox.message_id("2026-W47", 12345)
    settings.SECRET_KEY = "another secret, of at least thirty-two characters"
    assert name != outbox.message_id(WEEK, 12345)
    settings.SITE_URL = f"http://{'a' * 60}.{'b' * 40}.example"
    assert len(outbox.host()) == 70
    settings.SITE_URL = "http://[::1]:8000"
    assert outbox.message_id(WEEK, 1).endswith("@[IPv6:::1]>")


def test_only_who_reads_now_is_addressed():
    subscriber("here@a.example")
    subscriber("asked@a.example", state="asked", confirmed_at=None)
    subscriber("left@a.example", state="left", ended_at=MONDAY)
    subscriber("bounced@a.example", state="bounced", ended_at=MONDAY)
    subscriber("away@a.example", paused_until=(MONDAY + timedelta(days=3)).date())
    subscriber("back@a.example", paused_until=MONDAY.date())
    addressed()
    found = {letter.subscriber.email for letter in Letter.objects.select_related("subscriber")}
    assert found == {"here@a.example", "back@a.example"}


@pytest.mark.parametrize(
    ("wishes", "items", "state"),
    [
        ({}, ITEMS, "waiting"),
        ({"topics": ["prices"]}, ITEMS, "waiting"),
        ({"topics": ["strategy"]}, ITEMS, "dropped"),
        ({"topics": ["prices"], "labs": ["lab-b"]}, ITEMS, "dropped"),
        ({"labs": ["lab-b"]}, ITEMS, "waiting"),  # the headline is about everybody
        ({"pace": "flips"}, ITEMS, "dropped"),
        ({"pace": "flips"}, (*ITEMS, FLIP), "waiting"),
        ({"pace": "flips", "topics": ["strategy"]}, (*ITEMS, FLIP), "dropped"),
    ],
)
def test_a_reader_whom_the_issue_has_nothing_to_tell_has_a_row_that_says_so(wishes, items, state):
    subscriber("reader@a.example", **wishes)
    made = issue(*items)
    outbox.address(made, now=MONDAY)
    letter = Letter.objects.get()
    assert letter.state == state
    assert (letter.last_error == outbox.NOTHING_ASKED_FOR) == (state == "dropped")


def test_a_quiet_week_is_told_to_those_who_asked_for_everything():
    subscriber("all@a.example")
    subscriber("some@a.example", topics=["prices"])
    subscriber("flips@a.example", pace="flips")
    made = issue(quiet=True)
    outbox.address(made, now=MONDAY)
    assert states() == {"waiting": 1, "dropped": 2}


def test_what_the_desk_dropped_counts_for_nobody():
    subscriber("prices@a.example", topics=["prices"])
    made = issue(dropped=["price:a"])
    outbox.address(made, now=MONDAY)
    assert states() == {"dropped": 1}


def test_an_issue_that_nobody_approved_addresses_nobody():
    subscribers(2)
    made = issue(state="built", approved_at=None)
    assert outbox.address(made, now=MONDAY) is None
    assert not Letter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_ten_workers_that_address_at_once_make_one_row_each():
    subscribers(200)
    made = issue()
    found = in_threads(10, lambda number: outbox.address(made, now=MONDAY))
    assert [number for number in found if number is not None] == [200]
    assert states() == {"waiting": 200}


# Claiming


def test_a_letter_is_in_one_workers_hands(settings):
    settings.DIGEST_PACE = 0
    addressed(30)
    one, other = take(by="one", most=20), take(by="other")
    assert (len(one), len(other)) == (20, 10)
    assert not {claimed.letter.pk for claimed in one} & {claimed.letter.pk for claimed in other}
    assert take(by="third") == []
    assert states() == {"waiting": 30}


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_at_once_share_what_there_is(settings):
    settings.DIGEST_PACE = 0
    addressed(300, domains=7)

    def all_of_it(number: int) -> list[int]:
        mine = []
        for _ in range(200):
            if (
                not (found := take(by=f"worker{number}", most=5))
                and sum(1 for letter in Letter.objects.all() if letter.lease_until is None) == 0
            ):
                break
            mine += [claimed.letter.pk for claimed in found]
        return mine

    shares = in_threads(5, all_of_it)
    assert sorted(pk for share in shares for pk in share) == sorted(Letter.objects.values_list("pk", flat=True))


def test_what_a_dead_worker_only_held_waits_on_when_its_lease_ends(settings):
    settings.DIGEST_PACE = 0
    addressed(3)
    assert len(take(by="doomed")) == 3
    assert take(now=MONDAY + outbox.LEASE - SECOND) == []
    assert len(take(now=MONDAY + outbox.LEASE)) == 3
    assert outbox.reconcile(now=MONDAY + outbox.LEASE) == 0


def test_a_domain_gets_a_seconds_worth_and_then_waits_for_its_turn(settings):
    settings.DIGEST_PACE = 300  # five a second
    addressed(20, domains=2)
    assert [len(take(by=f"w{number}")) for number in range(3)] == [10, 0, 0]
    assert take(now=MONDAY + SECOND * 0.9) == []
    assert len(take(now=MONDAY + SECOND)) == 10
    assert {pace.next_at for pace in DomainPace.objects.all()} == {MONDAY + 2 * SECOND}


def test_a_slow_pace_lets_one_letter_go_at_a_time(settings):
    settings.DIGEST_PACE = 2
    addressed(3)
    assert len(take()) == 1
    assert take(now=MONDAY + 29 * SECOND) == []
    assert len(take(now=MONDAY + 30 * SECOND)) == 1


def test_a_domain_that_must_rest_keeps_no_other_waiting(settings):
    settings.DIGEST_PACE = 0
    addressed(20, domains=2)
    outbox.slow_down("d0.example", now=MONDAY, chance=lambda: 0.0)
    assert {claimed.letter.domain for claimed in take()} == {"d1.example"}
    assert take(now=MONDAY + 29 * SECOND) == []
    assert len(take(now=MONDAY + 30 * SECOND)) == 10


def test_a_domain_that_takes_a_letter_again_counts_as_willing(settings):
    settings.DIGEST_PACE = 0
    addressed(20, domains=2)
    for _ in range(2):
        outbox.slow_down("d0.example", now=MONDAY, chance=lambda: 0.0)
    later = MONDAY + 2 * MINUTE
    found = {one.letter.domain: one for one in take(now=later)}
    assert {domain: one.slowed for domain, one in found.items()} == {"d0.example": True, "d1.example": False}
    for one in found.values():
        assert outbox.hand_over(one, now=later, by="worker")
        outbox.accepted(one, now=later, by="worker", receipt="250 yes")
    assert DomainPace.objects.get(domain="d0.example").refused == 0


@pytest.mark.parametrize("pace", [0, 300])
def test_a_turn_that_was_written_by_a_clock_ahead_of_ours_holds_nobody_up_and_a_rest_does(settings, pace):
    settings.DIGEST_PACE = pace
    made = addressed(3, domains=3)
    for number, (rest, refused) in enumerate([(outbox.FAR + SECOND, 0), (outbox.FAR + SECOND, 1), (outbox.FAR, 0)]):
        DomainPace.objects.create(domain=f"d{number}.example", next_at=MONDAY + rest, refused=refused)
    assert outbox.next_at(now=MONDAY, issues=[made.pk]) == MONDAY
    assert [one.letter.domain for one in take()] == ["d0.example"]
    Letter.objects.filter(domain="d0.example").update(state="dead", settled_at=MONDAY)
    assert outbox.next_at(now=MONDAY, issues=[made.pk]) == MONDAY + outbox.FAR


def test_a_domain_rests_twice_as_long_every_time_and_never_above_an_hour():
    rests = [outbox.backoff(attempt, chance=lambda: 1.0) for attempt in range(1, 10)]
    assert [rest / MINUTE for rest in rests] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert outbox.backoff(3, chance=lambda: 0.0) == 2 * MINUTE
    assert outbox.backoff(10**9, chance=lambda: 1.0) == 60 * MINUTE


def test_letters_of_an_issue_that_was_withheld_or_is_old_stay(settings):
    settings.DIGEST_PACE = 0
    made = addressed(2)
    Issue.objects.update(state="withheld")
    assert take() == []
    Issue.objects.update(state="approved")
    late = made.until + outbox.FRESH
    assert take(now=late) == []
    assert len(take(now=late, issue=made.pk)) == 2


# What becomes of them


def handed(by="worker"):
    (one,) = take(by=by, most=1)
    assert outbox.hand_over(one, now=MONDAY, by=by)
    return one


def test_what_is_handed_over_is_never_taken_by_another():
    addressed(1)
    handed()
    assert Letter.objects.get().handed_at == MONDAY
    assert take(now=MONDAY + timedelta(days=1)) == []


def test_a_worker_that_is_gone_leaves_what_it_handed_over_ambiguous_and_says_why():
    made = addressed(1)
    handed()
    assert outbox.reconcile(now=MONDAY + outbox.LEASE - SECOND) == 0
    assert outbox.reconcile(now=MONDAY + outbox.LEASE) == 1
    letter = Letter.objects.get()
    assert (letter.state, letter.settled_at) == ("ambiguous", None)
    assert "may have been accepted" in letter.last_error
    assert take(now=MONDAY + timedelta(days=1), issue=made.pk) == []


def test_an_answer_that_comes_late_is_still_the_truth():
    addressed(1)
    one = handed()
    outbox.reconcile(now=MONDAY + outbox.LEASE)
    outbox.accepted(one, now=MONDAY + timedelta(minutes=9), by="worker", receipt="250 yes")
    assert states() == {"sent": 1}


def test_an_answer_to_an_attempt_before_this_one_changes_nothing():
    addressed(1)
    one = handed()
    outbox.reconcile(now=MONDAY + outbox.LEASE)
    Letter.objects.update(state="waiting", lease_by="", lease_until=None)
    (again,) = take(now=MONDAY + 6 * MINUTE, by="worker")
    assert outbox.hand_over(again, now=MONDAY + 6 * MINUTE, by="worker")
    outbox.put_back(one, by="worker", error="busy", not_before=None)
    assert states() == {"sending": 1}


TALK = "x" * 5000
ENDS = {
    "unknown": lambda one: outbox.unknown(one, by="worker", error=TALK),
    "given up": lambda one: outbox.give_up(one, now=MONDAY, by="worker", error=TALK),
    "put back": lambda one: outbox.put_back(one, by="worker", error=TALK, not_before=None),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_server_that_talks_for_ever_is_cut_short(end):
    addressed(1)
    ENDS[end](handed())
    assert Letter.objects.get().last_error == TALK[:2000]


def test_a_receipt_is_cut_short_too():
    addressed(1)
    outbox.accepted(handed(), now=MONDAY, by="worker", receipt=TALK)
    assert (Letter.objects.get().receipt, states()) == (TALK[:200], {"sent": 1})


def test_and_what_kept_a_worker_from_a_letter():
    addressed(1)
    (one,) = take(most=1)
    outbox.release([one], by="worker", error=TALK)
    assert Letter.objects.get().last_error == TALK[:2000]


def test_who_left_since_gets_no_letter_and_the_row_says_so():
    addressed(1)
    (one,) = take(most=1)
    Subscriber.objects.update(state="left", ended_at=MONDAY)
    assert not outbox.hand_over(one, now=MONDAY, by="worker")
    letter = Letter.objects.get()
    assert (letter.state, letter.last_error) == ("dropped", outbox.GONE)


def test_who_lost_the_lease_hands_nothing_over():
    addressed(1)
    (one,) = take(most=1, by="slow")
    (other,) = take(now=MONDAY + outbox.LEASE, by="quick")
    assert not outbox.hand_over(one, now=MONDAY + outbox.LEASE, by="slow")
    assert outbox.hand_over(other, now=MONDAY + outbox.LEASE, by="quick")
    assert states() == {"sending": 1}


def test_an_issue_is_sent_when_nothing_of_it_waits():
    addressed(1)
    outbox.reconcile(now=MONDAY)
    assert Issue.objects.get().state == "approved"
    outbox.accepted(handed(), now=MONDAY, by="worker", receipt="")
    outbox.reconcile(now=MONDAY + MINUTE)
    assert (Issue.objects.get().state, Issue.objects.get().sent_at) == ("sent", MONDAY + MINUTE)


def test_the_next_moment_is_that_of_the_first_letter_that_may_go(settings):
    settings.DIGEST_PACE = 0
    made = addressed(4, domains=2)

    def after():
        return outbox.next_at(now=MONDAY, issues=[made.pk])

    assert after() == MONDAY
    outbox.slow_down("d0.example", now=MONDAY, chance=lambda: 1.0)
    assert after() == MONDAY
    Letter.objects.filter(domain="d1.example").update(not_before=MONDAY + 3 * MINUTE)
    assert after() == MONDAY + MINUTE
    Letter.objects.filter(domain="d0.example").update(lease_until=MONDAY + 2 * MINUTE)
    assert after() == MONDAY + 2 * MINUTE
    Letter.objects.update(state="dead", settled_at=MONDAY)
    assert after() is None
