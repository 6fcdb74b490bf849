"""What comes out of a model's sandbox is looked at again, and what a model wrote is run somewhere else."""

from dataclasses import replace

import pytest

from tracker.domain.evaluation import Answer, ForgedError, Job, Mode, Question, Sampling
from tracker.evals.suites import SUITES

pytest.importorskip("reasoning_gym", reason="the evaluation worker is not installed: requirements-evaluate.txt")
PUBLIC = 7


def job_of(slug, *, mode=Mode.GREEDY, limit=4):
    items = SUITES[slug].items(PUBLIC, limit=limit)
    questions = tuple(Question(number, item) for number, item in enumerate(items))
    return Job("nonce", slug, "", Sampling(mode=mode), 2, questions)


def said(job, at, extracted, exact, own=None):
    return Answer("nonce", job.questions[at].number, extracted, extracted, exact, own, 3, 3, 0.1)


def checked(job, *answers):
    from tracker.evaluating.answers import checked

    return list(checked(SUITES[job.suite], job, answers))


def test_an_honest_answer_passes_as_it_is():
    job = job_of("own-arithmetic")
    target = job.questions[0].item.target
    answers = [said(job, 0, target, 1.0, 1.0), said(job, 1, "no number", 0.0, 0.0)]
    assert checked(job, *answers) == answers


@pytest.mark.parametrize(("extracted", "exact"), [("no number", 1.0), ("", 1.0)])
def test_a_score_that_the_answer_has_not_is_forged(extracted, exact):
    job = job_of("own-arithmetic")
    with pytest.raises(ForgedError, match="a score that the answer does not have"):
        checked(job, said(job, 0, extracted, exact, 1.0))


def test_a_right_answer_that_is_told_as_wrong_is_forged_too():
    job = job_of("own-arithmetic")
    with pytest.raises(ForgedError):
        checked(job, said(job, 0, job.questions[0].item.target, 0.0, 1.0))


def test_a_choice_is_right_where_its_label_is_the_target():
    job = job_of("own-choices")
    target = job.questions[0].item.target
    assert checked(job, said(job, 0, target, 1.0))
    with pytest.raises(ForgedError):
        checked(job, said(job, 0, "ABCD".replace(target, "")[0], 1.0))


def test_no_program_is_right_before_it_was_run_here(settings):
    settings.EVALUATION_ISOLATION = "warn"
    job = job_of("own-programs", limit=1)
    with pytest.raises(ForgedError):
        checked(job, said(job, 0, "def f(*a): return None", 1.0))
    (answer,) = checked(job, said(job, 0, "def f(*a): return None", 0.0))
    assert (answer.exact, answer.own is not None) == (0.0, True)
    (empty,) = checked(job, said(job, 0, "", 0.0))
    assert empty == replace(said(job, 0, "", 0.0))
