"""Names explained, created, split and ignored: who, when and why is kept, rows come in, undoing puts it back."""

from dataclasses import replace
from datetime import date

import pytest

from tests.curation.steps import STRANGERS, everything, scores, strangers_arrive, waiting, worker
from tests.pipeline.steps import at, endpoint, take_in
from tests.pipeline.vintages import LINES, OFFERS, PANEL, PRICES, Line, Offer, panel, prices
from tracker import curation
from tracker.curation import Refused
from tracker.models import AIModel, Alias, Benchmark, Decision, Lab, NamedSetting, Release, Rereading, Score, Unresolved
from tracker.pipeline import leases, rereading

pytestmark = pytest.mark.usefixtures("installed")

MINI = STRANGERS[0]
WHY = "Same model, says the announcement"


@pytest.fixture(autouse=True)
def arrived(installed):
    strangers_arrive()


def verbs(by):
    """Each verb about names as it would be called, at noon of the second day."""
    told = {"by": by, "reason": WHY, "now": at(2, 12)}
    mini, model = waiting(MINI), AIModel.objects.get(slug="gpt-example-mini")
    return {
        "accept-suggestion": lambda: curation.accept_suggestions([mini], **told),
        "explain-name": lambda: curation.explain_name(mini, model, **told),
        "create-model": lambda: curation.create_model(
            mini, title="GPT Example Mini 2", lab=Lab.objects.get(slug="openai"), **told
        ),
        "split-setting": lambda: curation.split_setting(
            waiting(STRANGERS[2]), base="claude-example-4", setting="with tools",
            model=AIModel.objects.get(slug="claude-example-4"), **told,
        ),
        "ignore-name": lambda: curation.ignore_names([mini], **told),
    }  # fmt: skip


KINDS = ("accept-suggestion", "explain-name", "create-model", "split-setting", "ignore-name")
READ = [kind for kind in KINDS if kind != "ignore-name"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_decision_says_who_when_why_and_what(kind, ann):
    (decision,) = verbs(ann)[kind]().decisions
    decision.refresh_from_db()
    assert (decision.kind, decision.by, decision.at, decision.reason) == (kind, ann, at(2, 12), WHY)
    name = Unresolved.objects.get(pk=decision.row)
    assert decision.table == "unresolved"
    assert name.name in decision.words
    assert (name.decided_by, name.decided_at, name.reason) == (ann, at(2, 12), WHY)
    assert decision.before[f"unresolved:{name.pk}"]["state"] == "waiting"
    assert decision.after[f"unresolved:{name.pk}"]["state"] == name.state != "waiting"


@pytest.mark.parametrize("kind", READ)
def test_the_rows_come_in_and_are_known_from_then_on(kind, ann):
    done = verbs(ann)[kind]()
    name = Unresolved.objects.get(pk=done.decisions[0].row).name
    assert done.endpoints == (endpoint(PANEL).pk,)
    assert scores(name) == []
    assert worker(at(2, 13)) == list(done.endpoints)
    assert len(scores(name)) == 1
    assert scores(name, known_at=at(2, 12)) == []
    assert Unresolved.objects.get(name=name).state == "resolved"
    assert not Rereading.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_undoing_gives_back_the_state_before(kind, ann, bob):
    before = everything()
    (decision,) = verbs(ann)[kind]().decisions
    worker(at(2, 13))
    assert everything() != before
    undone = curation.undo(decision, by=bob, reason="Not so", now=at(3))
    worker(at(3, 1))
    assert everything() == before
    (undoing,) = undone.decisions
    assert (undoing.kind, undoing.undoes, undoing.by, undoing.reason) == ("undo", decision, bob, "Not so")
    assert decision.undone_by == undoing


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_undone_before_any_worker_saw_it_leaves_nothing(kind, ann):
    before, models = everything(), AIModel.objects.count()
    (decision,) = verbs(ann)[kind]().decisions
    curation.undo(decision, by=ann, reason="Not so", now=at(2, 13))
    worker(at(3))
    assert everything() == before
    assert AIModel.objects.count() == models


@pytest.mark.parametrize("kind", READ)
def test_what_was_known_while_the_decision_stood_stays_in_the_past(kind, ann):
    (decision,) = verbs(ann)[kind]().decisions
    name = Unresolved.objects.get(pk=decision.row).name
    worker(at(2, 13))
    curation.undo(decision, by=ann, reason="Not so", now=at(3))
    worker(at(3, 1))
    assert len(scores(name, known_at=at(2, 20))) == 1
    assert scores(name) == []


def test_a_decision_needs_a_reason(ann):
    before = everything()
    mini = waiting(MINI)
    with pytest.raises(Refused, match="needs a reason"):
        curation.ignore_names([mini], by=ann, reason="  ", now=at(2))
    assert everything() == before
    assert not Decision.objects.exists()


def test_an_undoing_is_not_undone_and_nothing_is_undone_twice(ann):
    (decision,) = verbs(ann)["ignore-name"]().decisions
    (undoing,) = curation.undo(decision, by=ann, reason="Not so", now=at(3)).decisions
    for what, said in ((undoing, "decide again"), (decision, "already")):
        with pytest.raises(Refused, match=said):
            curation.undo(what, by=ann, reason="Again", now=at(4))


def test_a_name_whose_setting_is_plain_is_explained_without_it_and_its_siblings_follow(ann):
    curation.accept_suggestions([waiting(f"{MINI}_high")], by=ann, reason=WHY, now=at(2))
    worker(at(2, 1))
    assert scores(f"{MINI}_high") == [("gpt-example-mini", "high")]
    assert scores(MINI) == [("gpt-example-mini", "")]
    assert Alias.objects.get(added_by="ann").name == MINI


def test_a_whole_name_may_be_the_models_own(ann):
    model = AIModel.objects.get(slug="gpt-example")
    curation.explain_name(waiting(f"{MINI}_high"), model, whole=True, by=ann, reason=WHY, now=at(2))
    worker(at(2, 1))
    assert scores(f"{MINI}_high") == [("gpt-example", "")]
    assert scores(MINI) == []


def test_words_that_no_rule_knows_become_the_scores_setting(ann):
    verbs(ann)["split-setting"]()
    worker(at(2, 13))
    assert scores(STRANGERS[2]) == [("claude-example-4", "with tools")]
    assert NamedSetting.objects.get().mode == "with tools"


def test_words_that_a_rule_knows_leave_an_alias_for_the_base_alone(ann):
    model = AIModel.objects.get(slug="gpt-example-mini")
    name = waiting(f"{MINI}_high")
    curation.split_setting(name, base=MINI, setting="high", model=model, by=ann, reason=WHY, now=at(2))
    worker(at(2, 1))
    assert scores(f"{MINI}_high") == [("gpt-example-mini", "high")]
    assert scores(MINI) == [("gpt-example-mini", "")]
    assert not NamedSetting.objects.exists()


def test_one_decision_explains_a_name_wherever_it_waits(ann):
    take_in(PRICES, prices(*OFFERS, Offer("openai", MINI, price=0.2)), at(1))
    assert Unresolved.objects.filter(name=MINI).count() == 2
    done = curation.accept_suggestions(Unresolved.objects.filter(name=MINI), by=ann, reason=WHY, now=at(2))
    assert len(done.decisions) == 1
    assert set(done.endpoints) == {endpoint(PANEL).pk, endpoint(PRICES).pk}
    worker(at(2, 1))
    assert set(Unresolved.objects.filter(name=MINI).values_list("state", flat=True)) == {"resolved"}
    assert Release.objects.known().filter(name=MINI, endpoint=endpoint(PRICES)).exists()


def test_all_are_accepted_or_none(ann):
    strangers_arrive(*STRANGERS, "nobody at all", day=2)
    Unresolved.objects.filter(name="nobody at all").update(suggestion=None, suggestion_score=None)
    before = everything()
    with pytest.raises(Refused, match="nobody at all"):
        curation.accept_suggestions(Unresolved.objects.all(), by=ann, reason=WHY, now=at(3))
    assert everything() == before


def test_a_name_is_decided_once(ann, bob):
    mini = waiting(MINI)
    curation.ignore_names([mini], by=ann, reason=WHY, now=at(2))
    with pytest.raises(Refused, match="waits no longer"):
        curation.accept_suggestions([mini], by=bob, reason=WHY, now=at(3))


def test_a_name_that_means_something_else_is_not_taken_from_it(ann):
    """Two curators at one name, by two ways: the second is told."""
    mini, other = waiting(MINI), AIModel.objects.get(slug="gpt-example")
    curation.accept_suggestions([waiting(f"{MINI}_high")], by=ann, reason=WHY, now=at(2))
    with pytest.raises(Refused, match="already means GPT Example Mini"):
        curation.explain_name(mini, other, by=ann, reason=WHY, now=at(2, 1))


def test_a_model_that_is_known_is_chosen_not_created(ann):
    with pytest.raises(Refused, match="known already"):
        curation.create_model(
            waiting(MINI), title="GPT Example", lab=Lab.objects.get(slug="openai"), by=ann, reason=WHY, now=at(2)
        )


def test_a_model_that_was_created_undone_and_created_again_is_one(ann):
    for day in (2, 4):
        (decision,) = verbs(ann)["create-model"]().decisions
        worker(at(day, 13))
        assert scores(MINI) == [("gpt-example-mini-2", "")]
        if day == 2:
            curation.undo(decision, by=ann, reason="Not so", now=at(3))
            worker(at(3, 1))
    assert AIModel.objects.filter(slug="gpt-example-mini-2").count() == 1


def test_a_date_tells_a_moving_name_apart(ann):
    told = replace(OFFERS[3], name="gpt-moving", released="2026-05-05")
    take_in(PRICES, prices(*OFFERS, told), at(2))
    model = AIModel.objects.get(slug="gpt-example")
    name = waiting("gpt-moving")
    curation.explain_name(name, model, released=date(2026, 5, 5), by=ann, reason=WHY, now=at(3))
    worker(at(3, 1))
    assert Release.objects.known().get(name="gpt-moving").model == model
    take_in(PRICES, prices(*OFFERS, replace(told, released="2026-08-08")), at(4))
    assert not Release.objects.known().filter(name="gpt-moving").exists()
    assert waiting("gpt-moving").state == "waiting"


def test_a_benchmarks_name_is_explained_like_a_models(ann):
    hard = (Line("gpt-example", "gpqa_hard", 0.2), *(Line(name, "gpqa_diamond", 0.3) for name in STRANGERS))
    take_in(PANEL, panel(*LINES, *hard), at(2))
    exam = Benchmark.objects.get(slug="gpqa-diamond")
    with pytest.raises(Refused, match="names a benchmark"):
        curation.explain_name(
            waiting("gpqa_hard"), AIModel.objects.get(slug="gpt-example"), by=ann, reason=WHY, now=at(3)
        )
    curation.explain_name(waiting("gpqa_hard"), exam, by=ann, reason=WHY, now=at(3))
    worker(at(3, 1))
    assert Score.objects.known().get(value=0.2).benchmark == exam


def test_a_decision_that_others_stand_on_is_not_undone(ann, bob):
    (decision,) = verbs(ann)["accept-suggestion"]().decisions
    other = AIModel.objects.get(slug="gpt-example")
    Alias.objects.filter(added_by="ann").update(model=other)  # as the catalogue's files may do
    with pytest.raises(Refused, match="decided since"):
        curation.undo(decision, by=bob, reason="Not so", now=at(3))


def test_a_lost_message_loses_no_reading(ann):
    """The work lies in the database: beat finds it."""
    verbs(ann)["accept-suggestion"]()
    assert rereading.waiting(now=at(2, 12)) == [endpoint(PANEL).pk]


def test_a_decision_taken_while_the_document_is_read_wants_it_read_once_more(ann):
    verbs(ann)["accept-suggestion"]()
    held = leases.claim(Rereading.objects.all(), now=at(2, 12), lease=at(2, 13) - at(2, 12), by="first")
    curation.accept_suggestions([waiting(f"{MINI}_high")], by=ann, reason=WHY, now=at(2, 12, 1))
    assert held is not None
    assert Rereading.objects.get().wanted_at == at(2, 12, 1)
    assert worker(at(2, 14)) == [endpoint(PANEL).pk]
    assert not Rereading.objects.exists()
