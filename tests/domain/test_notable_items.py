"""Each kind of item in a digest: what it says, in figures with units, and how much it weighs."""

from datetime import date

import pytest

from tests.domain.notable_weeks import AS_OF, move, record, rewording, sign, step, turn, week
from tracker.domain import (
    notable_ahead,
    notable_claims,
    notable_data,
    notable_models,
    notable_prices,
    notable_strategy,
    notable_terms,
)
from tracker.domain.events import EventKind
from tracker.domain.insights import PhaseBegun, StateChange
from tracker.domain.notable import Topic
from tracker.domain.notable_facts import (
    Close,
    Correction,
    Decided,
    Due,
    Happening,
    Newcomer,
    PriceWeek,
    Rebelief,
    Sold,
    Stale,
)
from tracker.domain.notable_words import at, dollars, listed, score


def one(part, **told):
    """The only item that a part makes of a week."""
    (found,) = part.items(week(**told))
    return found


def test_a_claim_refuted_weighs_more_than_one_that_depends_and_that_more_than_one_out_of_reach():
    weights = [one(notable_claims, turns=(turn(after=after),)).weight for after in ("fails", "depends", "untestable")]
    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) == 3


def test_a_turn_tells_the_figure_then_and_now_and_what_it_turns_on():
    found = one(notable_claims, turns=(turn(),))
    assert found.title == "“Open models are three months behind” now depends on what is meant"
    assert found.text == (
        "Said by Ann Author, 2026-05; a week ago it held. Its figure is 3.4 months (3.0 months a week ago). "
        "It turns on this: Whether an API counts."
    )
    assert found.flips


def test_many_turns_are_told_one_by_one_only_as_far_as_they_are_read():
    found = list(notable_claims.items(week(turns=tuple(turn(slug=f"c{n}") for n in range(9)))))
    assert len(found) == 4
    assert found[-1].title == "6 more verdicts changed"
    assert all(item.flips for item in found)


def test_a_new_best_model_is_told_with_its_terms_its_interval_and_whom_it_passed():
    found = one(notable_models, steps=(step(),))
    assert found.title == "Foo 3 by Foo Labs is now the best open-weight model"
    assert found.text == (
        "Released on 18 November 2026, with open weights under MIT License. It stands at 149.0 index points (90 % "
        "interval 148.0 to 150.0), 2.5 above Foo 2."
    )
    assert found.labs == ("foo",)


def test_a_lead_that_the_interval_does_not_bear_out_is_called_uncertain_and_weighs_less():
    sure, unsure = one(notable_models, steps=(step(),)), one(notable_models, steps=(step(low=146.0),))
    assert "not certain yet" in unsure.text
    assert unsure.weight < sure.weight


def test_an_old_model_that_new_scores_put_on_the_frontier_is_no_new_model():
    found = one(notable_models, steps=(step(on=date(2025, 1, 1), best_now=False, known_before=True),))
    assert found.title == "New scores make Foo 3, released on 1 January 2025, a step of the open-weight frontier"
    assert found.weight < 4


def test_an_old_model_that_leads_now_is_news_and_says_why_now():
    found = one(notable_models, steps=(step(on=date(2025, 1, 1), known_before=True),))
    assert found.title == "Foo 3 by Foo Labs is now the best open-weight model"
    assert found.text.endswith("New scores moved it up.")


def test_models_that_lead_nothing_are_counted_and_named():
    out = [Newcomer(f"n{n}", f"New {n}", "Foo", "foo", AS_OF, "open", 120.0 + n) for n in range(2)]
    out.append(Newcomer("x", "Extra", "Bar", "bar", AS_OF, "closed", None))
    found = one(notable_models, newcomers=tuple(out))
    assert found.title == "3 other models came out"
    assert found.text.startswith(
        "New 1 (Foo, 121.0 points), New 0 (Foo, 120.0 points) and Extra (Bar, not measured yet)."
    )
    assert "2 have open weights, 1 is closed." in found.text


def test_a_licence_that_forbids_more_is_told_with_the_term_and_the_clause():
    found = one(notable_terms, rewordings=(rewording(),))
    assert found.title == (
        "Example Community License forbids more than before: commercial use (yes before, threshold now)"
    )
    assert found.text == "Clause 2 said “you may use it” and says “you may use it below 700 million users”."
    assert found.url == "/licences/example/?as_of=2026-11-22"


def test_a_text_that_nobody_read_says_so_and_claims_no_term():
    found = one(notable_terms, rewordings=(rewording(read=False, forbidden=(), clause_before=""),))
    assert (
        "Nobody has read the new text for its terms yet; the clauses that differ speak of commercial use." in found.text
    )
    assert "Clause 2 is new" in found.text
    assert found.weight < one(notable_terms, rewordings=(rewording(),)).weight


def test_a_move_on_the_ladder_says_from_where_to_where_and_what_is_still_missing():
    found = one(notable_terms, moves=(move(1),))
    assert found.title == "Model 1 by Foo moved up the ladder of openness, from rung 3 to 5 of 8"
    assert "It was “weights” and is now “open model”." in found.text
    assert found.text.endswith("What keeps it from the next rung: Release the training code.")
    assert "down the ladder" in one(notable_terms, moves=(move(1, 5, 3),)).title


def test_of_many_steps_to_the_next_rung_one_is_told_and_the_others_counted():
    blocker = "find out whether the code was released; release the data; and drop the duty"
    found = one(notable_terms, moves=(move(1, blocker=blocker),))
    assert found.text.endswith("Find out whether the code was released; and 2 more steps.")


def test_a_rung_of_which_more_is_known_now_is_not_called_a_move():
    learned, moved = one(notable_terms, moves=(move(1, learned=True),)), one(notable_terms, moves=(move(1),))
    assert learned.title == "Model 1 by Foo stands on rung 5 of 8 of the ladder of openness, as is known now"
    assert "when not all of it was known, it was placed on rung 3, “weights”; now it is “open model”." in learned.text
    assert learned.weight < moved.weight


def test_many_moves_are_told_as_two_and_a_count():
    found = list(notable_terms.items(week(moves=tuple(move(n) for n in range(40)))))
    assert [item.topic for item in found] == [Topic.OPENNESS] * 3
    assert found[-1].title == "38 more models moved on the ladder of openness, 38 of them up"


def test_a_model_under_another_licence_is_a_change_of_licence():
    told = Rebelief("foo-3", "Foo 3", "foo", "licence", "MIT", "Foo Terms", True, "below 700 million users", "2")
    found = one(notable_terms, beliefs=(told,))
    assert (found.topic, found.title) == (Topic.LICENCES, "Foo 3 is now under Foo Terms")
    assert found.text.startswith(
        "It was MIT. Of commercial use the new terms say (clause 2): “below 700 million users”."
    )


def test_a_promise_broken_weighs_more_than_money_raised():
    happened = [
        Happening(1, EventKind.FUNDING, "Foo", "foo", "20 November 2026", "Raises a billion", ""),
        Happening(2, EventKind.PROMISE_BROKEN, "Foo", "foo", "19 November 2026", "Keeps the weights.", "It said no."),
    ]
    broken, raised = notable_strategy.items(week(happenings=tuple(happened)))
    assert broken.title == "Foo: Keeps the weights"
    assert broken.text == "A promise broken, 19 November 2026. It said no."
    assert broken.weight > raised.weight
    assert broken.url == "/facts/event/2/?as_of=2026-11-22"


def test_a_new_phase_is_told_in_the_words_of_the_labs_page():
    found = one(
        notable_strategy,
        phases=(PhaseBegun("Foo", "foo", "closed", "weights", date(2026, 10, 1), provisional=False),),
    )
    assert found.title == "Foo is in a new phase: closed"
    assert "“open weights under restrictions” until October 2026" in found.text


def sold(slug, blend, value):
    return Sold(slug, slug.title(), "Foo", "foo", "open", "some-host", blend, value)


def prices():
    """New joins, Old is cheaper than it was, Beaten is beaten, Same moved on the index only."""
    return PriceWeek(
        before=(sold("same", 0.05, 100.0), sold("beaten", 1.0, 130.0), sold("old", 4.0, 150.0)),
        now=(sold("same", 0.05, 101.0), sold("new", 0.8, 140.0), sold("old", 3.0, 150.0)),
        asked_before={"same": 0.05, "beaten": 1.0, "old": 4.0},
        asked_now={"same": 0.05, "new": 0.8, "beaten": 1.0, "old": 3.0},
    )


def test_prices_that_shift_the_frontier_are_told_with_what_they_beat():
    found = one(notable_prices, prices=prices())
    assert found.title == "Old at $3.00 per million tokens moves the frontier of what a price buys"
    assert (
        "costs $3.00 per million tokens (three of input to one of output) at some-host ($4.00 a week ago)."
        in found.text
    )
    assert "New at $0.80" in found.text
    assert "No longer on it: Beaten." in found.text
    assert "Same" not in found.text


def test_a_model_that_only_scores_otherwise_moved_no_price():
    told = prices()
    same = PriceWeek(told.before, told.before, told.asked_before, told.asked_before)
    fitted_anew = PriceWeek(told.before[:1], told.before, told.asked_before, told.asked_before)
    assert list(notable_prices.items(week(prices=same))) == []
    assert list(notable_prices.items(week(prices=fitted_anew))) == []


def test_a_record_is_told_in_the_benchmarks_unit_with_what_it_costs():
    found = one(notable_prices, leads=(record(),))
    assert found.title == "Foo Prover leads Proofs (formal proofs) with 81.2 %"
    assert found.text.startswith("The record a week ago was 79.0 %, by Bar 9. Its weights are open. It costs $0.40 per")


def test_a_record_that_was_taken_back_is_a_revision_and_no_record():
    found = one(notable_prices, leads=(record(score=0.7, better=False),))
    assert found.topic is Topic.DATA
    assert "lower than a week ago" in found.title


def test_rejected_documents_and_switched_sources_are_told_by_name():
    found = list(
        notable_data.items(
            week(
                decided=(
                    Decided("rejected:a", "rejected", "A Board", 2, "/pipeline/a/"),
                    Decided("source-off:b", "source-off", "B List", 1, "/pipeline/b/"),
                )
            )
        )
    )
    assert [item.title for item in found] == ["2 documents of A Board were rejected", "B List is no longer asked"]


def test_a_believed_value_that_changed_is_told_before_and_after():
    found = one(
        notable_data,
        beliefs=(Rebelief("foo-3", "Foo 3", "foo", "released_on", "2026-05-01", "2026-05-03", leads=True),),
    )
    assert found.title == "Foo 3: the release date is now 2026-05-03, no longer 2026-05-01"


def test_corrections_are_counted_by_source():
    found = one(notable_data, corrections=(Correction("A", "a", 3, 0), Correction("B", "b", 1200, 2)))
    assert found.title == "Sources revised scores and release facts: 1,203 corrected and 2 withdrawn"
    assert found.text.startswith("By source: B (1,200 corrected and 2 withdrawn) and A (3 corrected).")


def test_a_saturated_benchmark_is_said_to_tell_nothing_apart():
    found = one(notable_data, benchmarks=(StateChange("sums", "Sums", "narrowing", "saturated"),))
    assert found.title == "Sums no longer tells the best models apart"


def test_what_falls_due_within_two_weeks_is_told_with_its_interval():
    due = Due(date(2026, 11, 30), "Backward lag (L1)", "months", "persistence", 3.1, 2.0, 4.2, None, "")
    late = Due(date(2026, 12, 31), "Backward lag (L1)", "months", "persistence", 3.1, 2.0, 4.2, None, "")
    found = one(notable_ahead, due=(due, late))
    assert found.title == "1 forecast falls due on 30 November 2026"
    assert found.text == "Backward lag (L1): 3.1 months (90 % interval 2.0 to 4.2), if it moves as it has moved."


def test_a_sign_that_appeared_is_a_turn_and_one_that_comes_nearer_is_a_note():
    appeared, nearer = one(notable_ahead, signs=(sign(met=True),)), one(notable_ahead, signs=(sign(),))
    assert appeared.title == "A sign of “Open leads” appeared: No gap is left"
    assert appeared.flips
    assert nearer.weight < 2
    assert list(notable_ahead.items(week(signs=(sign(met_before=None, met=True),)))) == []


@pytest.mark.parametrize(("share", "told"), [(0.05, 1), (0.5, 0)])
def test_only_a_claim_near_its_threshold_is_watched(share, told):
    close = Close("one", "A claim", "holds", "3.1 months", "at most 3.2 months", share)
    assert len(list(notable_ahead.items(week(close=(close,))))) == told


def test_a_source_that_fell_silent_this_week_weighs_more_than_one_that_has_been_so():
    fresh = one(notable_ahead, stale=(Stale("A", "a", 9, 8, newly=True),))
    old = one(notable_ahead, stale=(Stale("A", "a", 90, 8, newly=False),))
    assert fresh.title == "1 source has been silent too long"
    assert "A for 9 days (it may for 8)" in fresh.text
    assert fresh.weight > old.weight


def test_numbers_and_names_are_said_as_people_say_them():
    assert [dollars(amount) for amount in (12.5, 0.4, 0.012)] == ["$12.50", "$0.40", "$0.012"]
    assert [listed(list("abc")), listed(["a"]), listed(list("abcdefg"), 3)] == ["a, b and c", "a", "a, b and 5 more"]
    assert [score(0.5, "proportion"), score(1234, "elo"), score(300, "minutes")] == [
        "50.0 %",
        "1,234 Elo points",
        "5.0 hours",
    ]


def test_a_permalink_keeps_what_the_address_asks_already():
    assert at("/models/?sort=released", AS_OF) == "/models/?sort=released&as_of=2026-11-22"
    assert at("/gap/#specification", AS_OF) == "/gap/?as_of=2026-11-22#specification"
