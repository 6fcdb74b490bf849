"""Choosing among candidates of our own whose right answer is known by hand."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.capability_tax import tax
from tracker.domain.choose import Shortlist, shortlist
from tracker.domain.choose_parts import RULES, Candidate, Needs, Offer, Rule
from tracker.domain.choose_rules import money
from tracker.domain.choose_terms import PERMITS, QUESTIONS, permits, small
from tracker.domain.hardware import ACCELERATORS, memories, memory, widest
from tracker.domain.licence_terms import LicenceDefinition
from tracker.domain.permission import Outcome

ON = date(2026, 9, 1)
READ = {
    "commercial": "yes",
    "output_training": "allowed",
    "naming_duty": "none",
    "attribution_ui": "none",
    "redistribution": "allowed",
}


def licence(slug: str, **terms: object) -> LicenceDefinition:
    return LicenceDefinition.from_toml(slug, {"name": slug.title(), "osi_approved": "no", **READ, **terms})


FREE = licence("harbour", osi_approved="yes")
COMMUNITY = licence(
    "lantern",
    commercial="threshold",
    mau_threshold=700_000_000,
    threshold_effect="need-licence",
    naming_duty="display",
    output_training="banned",
)
SERVICE = LicenceDefinition.from_toml("service", {"name": "Service terms", "osi_approved": "no"})
CHEAP, DEAR = Offer("north", 1.0, 4.0, 11), Offer("south", 3.0, 3.0, 12)
TOP = Candidate(
    "top", "Top", 150.0, 146.0, 154.0, "Acme", "acme", "us", "closed", "api", date(2026, 6, 1), SERVICE, None, 400_000,
    (Offer("acme", 10.0, 30.0, 21),), Offer("acme", 10.0, 30.0, 21),
)  # fmt: skip
PAST = replace(TOP, slug="past", name="Past", value=140.0, low=136.0, high=144.0, released_on=date(2025, 9, 1))
FIRST = replace(TOP, slug="first", name="First", value=120.0, low=117.0, high=123.0, released_on=date(2024, 9, 1))
LARGE = Candidate(
    "large", "Large", 138.0, 135.0, 141.0, "Birch", "birch", "china", "open", "weights-restricted", date(2026, 8, 1),
    COMMUNITY, 400e9, 200_000, (CHEAP, DEAR),
)  # fmt: skip
SMALL = Candidate(
    "small", "Small", 130.0, 127.0, 133.0, "Cedar", "cedar", "europe", "open", "weights-permissive", date(2026, 7, 1),
    FREE, 32e9, 128_000, (replace(CHEAP, input=0.1, output=0.4),),
)  # fmt: skip
UNSOLD = replace(SMALL, slug="unsold", name="Unsold", value=118.0, low=115.0, high=121.0, offers=(), parameters=None)
EVERY = (TOP, PAST, FIRST, LARGE, SMALL, UNSOLD)


def asked(needs: Needs, *candidates: Candidate) -> Shortlist:
    return shortlist(candidates or EVERY, needs, on=ON)


def slugs(found: Shortlist) -> list[str]:
    return [row.candidate.slug for row in found.rows]


def why(found: Shortlist) -> dict[str, set[str]]:
    return {one.candidate.slug: {broken.rule.value for broken in one.broken} for one in found.excluded}


def test_without_needs_everything_that_is_sold_fits_the_ablest_first():
    found = asked(Needs())
    assert slugs(found) == ["top", "past", "large", "small", "first"]
    assert why(found) == {"unsold": {"unsold"}}


def test_a_cost_is_volume_times_the_list_price_at_the_cheapest_host_for_that_volume():
    needs = Needs(tokens_in=10, tokens_out=2)
    rows = {row.candidate.slug: row for row in asked(needs).rows}
    assert rows["top"].cost == rows["top"].own_cost == pytest.approx(160)
    assert (rows["large"].cost, rows["large"].offer) == (pytest.approx(18), CHEAP)
    # All answers: the host that asks the same for both is the cheaper one.
    answers = {row.candidate.slug: row for row in asked(Needs(tokens_out=2)).rows}
    assert (answers["large"].cost, answers["large"].offer) == (pytest.approx(6), DEAR)


def test_a_budget_leaves_out_what_costs_more_and_keeps_what_costs_exactly_that():
    found = asked(Needs(budget=18, tokens_in=10, tokens_out=2))
    assert slugs(found) == ["large", "small"]
    assert why(found)["top"] == {"budget"}
    assert next(one for one in found.excluded if one.candidate is TOP).broken[0].words == (
        "$160 a month at acme, $18.00 are there"
    )


def test_a_budget_without_a_volume_leaves_nothing_out():
    needs = Needs(budget=0.01)
    assert not needs.limited
    assert slugs(asked(needs)) == slugs(asked(Needs()))


def test_a_model_that_nobody_prices_does_not_fit_a_budget_but_is_kept_without_one():
    unpriced = replace(TOP, slug="unpriced", offers=(), own=None)
    kept = asked(Needs(), unpriced).rows[0]
    assert (kept.cost, kept.cautions) == (None, ("no price of it is known",))
    assert why(asked(Needs(budget=9, tokens_in=1), unpriced)) == {"unpriced": {"unpriced"}}


@pytest.mark.parametrize(
    ("size", "at16", "at8", "at4"), [(7e9, 16.8, 8.4, 4.2), (32e9, 76.8, 38.4, 19.2), (400e9, 960, 480, 240)]
)
def test_memory_is_parameters_times_bits_over_eight_times_1_2(size, at16, at8, at4):
    assert memories(size) == pytest.approx({16: at16, 8: at8, 4: at4})
    assert memories(None) == {}


def test_the_rule_agrees_with_what_makers_say_of_their_models():
    # gpt-oss-20b, 21 billion parameters: within 16 GB at 4 bits, as its card says (stored with the cards' sample).
    assert widest(21e9, 16) == 4
    # MPT-30B: made for one card of 80 GB at 16 bits, or of 40 GB at 8 (Epoch AI, "Data on AI models").
    assert memory(30e9, 16) <= 80
    assert memory(30e9, 8) <= 40
    # Jamba 1.5 Large, 398 billion: on eight cards of 80 GB at 8 bits (Epoch AI), and not at 16.
    assert widest(398e9, 8 * 80) == 8


def test_cards_stand_once_and_with_the_memory_of_their_name():
    names = [card.name for card in ACCELERATORS]
    assert len(names) == len(set(names)) > 3
    assert all(f"({card.memory} GB)" in card.name for card in ACCELERATORS if " GB)" in card.name)


def test_a_machine_takes_the_widest_weights_that_fit_it():
    sold = replace(SMALL, own=CHEAP)
    needs = Needs(memory=40, own=True, tokens_in=1)
    rows = {row.candidate.slug: row for row in asked(needs, TOP, LARGE, sold, UNSOLD).rows}
    assert list(rows) == ["small"]
    assert rows["small"].bits == 8
    assert rows["small"].reasons[0] == "fits into 40 GB at 8 bits: about 38.4 GB"
    assert rows["small"].cost is rows["small"].own_cost is None


def test_own_hosting_names_what_is_missing():
    found = why(asked(Needs(memory=24, bits=8, own=True)))
    assert found["top"] == {"hosting"}
    assert found["large"] == found["small"] == {"memory"}
    assert found["unsold"] == {"size-untold"}
    # Of any size where the reader does not say how much memory there is.
    assert slugs(asked(Needs(own=True))) == ["large", "small", "unsold"]


def test_with_memory_a_model_may_be_had_either_way():
    needs = Needs(budget=1, tokens_in=10, memory=24)
    row = asked(needs, SMALL).rows[0]
    assert (row.cost, row.bits) == (pytest.approx(1), 4)
    dear = asked(replace(needs, budget=0.5), SMALL).rows[0]
    assert (dear.cost, dear.offer, dear.bits) == (None, None, 4)
    assert dear.cautions == ("on your own machine only: $1.00 a month at north, $0.50 are there",)
    # Neither way goes: one rule stands for both, with both in words.
    neither = asked(replace(needs, budget=0.5, memory=8), SMALL).excluded[0].broken
    assert [broken.rule for broken in neither] == [Rule.BUDGET]
    assert "needs about 19 GB at 4 bits, 8 GB are there" in neither[0].words


def test_the_lab_s_region_and_the_context_leave_models_out():
    assert slugs(asked(Needs(regions=("europe", "china")))) == ["large", "small"]
    assert why(asked(Needs(regions=("europe",))))["large"] == {"region"}
    assert slugs(asked(Needs(context=200_000))) == ["top", "past", "large", "first"]
    untold = replace(LARGE, context=None)
    assert why(asked(Needs(context=1), untold)) == {"large": {"context-untold"}}


@pytest.mark.parametrize(
    ("need", "community"),
    [
        ("commercial", Outcome.CONDITIONAL),
        ("outputs", Outcome.BLOCKED),
        ("share", Outcome.ALLOWED),
        ("unnamed", Outcome.BLOCKED),
        ("unlimited", Outcome.BLOCKED),
        ("osi", Outcome.BLOCKED),
    ],
)
def test_a_licence_answers_each_need(need, community):
    def told(one: LicenceDefinition | None) -> Outcome:
        return permits(one, (need,))[0].outcome

    assert told(FREE) is Outcome.ALLOWED
    assert told(COMMUNITY) is community
    assert told(None) is Outcome.UNKNOWN
    assert told(SERVICE) is (Outcome.BLOCKED if need == "osi" else Outcome.UNKNOWN)


def test_every_need_of_a_licence_has_its_question_and_its_rule():
    assert QUESTIONS.keys() == PERMITS.keys()
    assert RULES.keys() == set(Rule)
    assert (small(PERMITS["osi"]), small(PERMITS["share"])) == ("OSI-approved licence", "pass on the weights")


def test_what_nobody_has_read_is_no_right_unless_the_reader_takes_it():
    found = asked(Needs(may=("commercial", "outputs")))
    assert slugs(found) == ["small"]
    assert why(found)["top"] == {"service"}
    assert why(found)["large"] == {"outputs"}
    kept = asked(Needs(may=("commercial", "outputs"), unread=True))
    assert slugs(kept) == ["top", "past", "small", "first"]
    assert any("nobody has read" in words for words in kept.rows[0].cautions)


def test_a_service_whose_terms_nobody_has_read_is_told_from_a_licence_that_nobody_has_read():
    untold = replace(SMALL, slug="untold", licence=SERVICE)
    found = shortlist((TOP, untold), Needs(may=("outputs",)), on=ON)
    assert why(found) == {"top": {"service"}, "untold": {"unread"}}
    words = {one.candidate.slug: one.broken[0].words for one in found.nearest(2)}
    assert words["top"] == "nobody has read Acme’s terms of service for: train other models on its outputs"
    assert "nobody has read in Service terms whether" in words["untold"]


@pytest.mark.parametrize("unread", [False, True])
def test_weights_that_are_not_released_cannot_be_passed_on_whatever_the_terms_say(unread):
    found = asked(Needs(may=("share",), unread=unread))
    assert slugs(found) == ["large", "small"]
    assert all(why(found)[slug] == {"share"} for slug in ("top", "past", "first"))
    nobody_told = replace(TOP, slug="dark", access="", licence=None)
    assert why(shortlist((nobody_told,), Needs(may=("share",)), on=ON))["dark"] == {"unread"}


def test_rules_are_counted_and_the_nearest_miss_comes_first():
    found = asked(Needs(budget=18, tokens_in=10, tokens_out=2, regions=("europe", "us")))
    counts = {count.rule.value: (count.models, count.alone) for count in found.counts}
    assert counts == {"budget": (3, 3), "region": (1, 1), "unsold": (1, 1)}
    assert [one.candidate.slug for one in found.nearest(2)] == ["top", "past"]
    both = asked(Needs(budget=1, tokens_in=10, tokens_out=2, regions=("europe",)))
    assert {count.rule.value: count.alone for count in both.counts} == {"budget": 1, "region": 0, "unsold": 1}
    assert [one.candidate.slug for one in both.nearest(9)][:2] == ["small", "unsold"]


def test_models_whose_intervals_meet_share_their_places():
    found = asked(Needs(regions=("us", "china", "europe")))
    places = {row.candidate.slug: (row.first, row.last) for row in found.rows}
    # top 146..154; past 136..144; large 135..141; small 127..133; first 117..123.
    assert places == {"top": (1, 1), "past": (2, 3), "large": (2, 3), "small": (4, 4), "first": (5, 5)}


def test_without_intervals_nothing_is_told_apart():
    bare = [replace(one, low=None, high=None) for one in EVERY]
    assert {(row.first, row.last) for row in asked(Needs(), *bare).rows} == {(1, 5)}
    assert not any(row.tax.apart for row in asked(Needs(), *bare).rows if row.tax)


def test_an_anchor_is_as_sure_as_its_fixed_value():
    anchor = replace(PAST, low=None, high=None)
    places = {row.candidate.slug: (row.first, row.last) for row in asked(Needs(), TOP, anchor, SMALL).rows}
    assert places == {"top": (1, 1), "past": (2, 2), "small": (3, 3)}


def test_the_capability_tax_is_the_distance_to_the_best_closed_model_and_the_time_since_one_stood_there():
    taxes = {row.candidate.slug: row.tax for row in asked(Needs()).rows}
    large = taxes["large"]
    assert large.points == 12.0
    assert large.apart
    assert large.reached_by.slug == "past"
    assert large.months == pytest.approx(365 / (365.25 / 12))
    # Its interval, 135 to 141: the upper end was reached by the best one only, three months ago.
    assert large.shortest == pytest.approx(92 / (365.25 / 12))
    assert large.longest == pytest.approx(365 / (365.25 / 12))
    assert not large.at_least


def test_the_best_closed_model_gives_nothing_up():
    top = asked(Needs()).rows[0].tax
    assert (top.points, top.months, top.apart) == (0, 0, False)


def test_a_level_that_the_first_closed_model_had_passed_says_at_least():
    weak = replace(SMALL, slug="weak", value=110.0, low=109.0, high=111.0)
    found = {row.candidate.slug: row.tax for row in asked(Needs(), *EVERY, weak).rows}
    assert found["weak"].at_least
    assert found["weak"].months == pytest.approx(730 / (365.25 / 12))
    assert not found["first"].at_least


def test_a_model_ahead_of_every_closed_one_has_no_months():
    ahead = replace(SMALL, slug="ahead", value=160.0, low=158.0, high=162.0)
    told = next(row.tax for row in asked(Needs(), *EVERY, ahead).rows if row.candidate.slug == "ahead")
    assert (told.points, told.months, told.apart) == (-10.0, None, True)


@given(st.lists(st.tuples(st.booleans(), st.integers(100, 115), st.integers(0, 20)), min_size=1, max_size=40))
def test_what_is_given_up_is_asked_of_every_closed_model(told):
    """Only some of them are looked at: those that beat all before."""
    many = [
        replace(
            TOP if closed else SMALL, slug=f"m{at}", value=float(value), low=value - 2.0, high=value + 2.0,
            released_on=date(2025, 1, 1 + day),
        )
        for at, (closed, value, day) in enumerate(told)
    ]  # fmt: skip
    found = shortlist(many, Needs(), on=ON)
    every = [one for one in many if one.side == "closed"]
    every.sort(key=lambda one: (one.released_on, -one.value, one.slug))
    assert found.best_closed == (max(every, key=lambda one: one.value) if every else None)
    for row in found.rows:
        assert row.tax == (tax(row.candidate, every, found.best_closed, ON) if every else None)


def test_a_closed_model_of_after_the_day_does_not_count():
    found = shortlist(EVERY, Needs(), on=date(2026, 5, 1))
    assert found.best_closed is PAST


def test_a_closed_model_that_does_not_fit_still_sets_the_measure():
    found = asked(Needs(regions=("europe",)))
    assert slugs(found) == ["small"]
    assert found.best_closed is TOP
    assert found.rows[0].tax.points == 20.0


def test_what_is_as_able_for_less_is_marked():
    dear = replace(SMALL, slug="dear", value=125.0, offers=(Offer("east", 50.0, 50.0, 31),))
    rows = {row.candidate.slug: row.unbeaten for row in asked(Needs(tokens_in=1), *EVERY, dear).rows}
    assert rows == {"top": True, "past": False, "large": True, "small": True, "dear": False, "first": False}


def test_nothing_fits_and_nothing_is_known_are_short_lists_too():
    nothing = asked(Needs(budget=0.001, tokens_in=1))
    assert nothing.rows == ()
    assert nothing.counts[0].rule is Rule.BUDGET
    empty = shortlist((), Needs(), on=ON)
    assert (empty.rows, empty.excluded, empty.counts, empty.best_closed) == ((), (), (), None)


def test_money_is_told_in_cents_only_where_they_matter():
    assert (money(0.5), money(99.99), money(1234.5), money(0.0)) == ("$0.50", "$99.99", "$1,234", "$0.00")
    assert money(0.001) == "$0.001"


NEEDS = st.builds(
    Needs,
    budget=st.none() | st.floats(0, 1000),
    tokens_in=st.floats(0, 100),
    tokens_out=st.floats(0, 100),
    memory=st.none() | st.floats(1, 2000),
    bits=st.sampled_from((16, 8, 4)),
    own=st.booleans(),
    may=st.lists(st.sampled_from(sorted(PERMITS)), unique=True).map(tuple),
    unread=st.booleans(),
    regions=st.lists(st.sampled_from(("us", "china", "europe")), unique=True).map(tuple),
    context=st.none() | st.integers(1, 500_000),
)


@given(NEEDS)
def test_every_model_fits_or_has_a_rule_that_says_why_not(needs):
    found = asked(needs)
    assert sorted(slugs(found) + list(why(found))) == sorted(one.slug for one in EVERY)
    assert all(why(found).values())
    assert all(count.alone <= count.models for count in found.counts)


@given(NEEDS, st.sampled_from(sorted(PERMITS)))
def test_a_further_need_never_lets_more_models_in(needs, more):
    assert set(slugs(asked(replace(needs, may=(*needs.may, more))))) <= set(slugs(asked(needs)))
    assert set(slugs(asked(replace(needs, context=(needs.context or 0) + 100_000)))) <= set(slugs(asked(needs)))
    if needs.budget is not None:
        assert set(slugs(asked(replace(needs, budget=needs.budget / 2)))) <= set(slugs(asked(needs)))
