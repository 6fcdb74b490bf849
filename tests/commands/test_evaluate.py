"""`manage.py evaluate` from the question to the score: the real child behind its wall, with a mock and with a model."""

import io
import json
import zlib

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests import kept
from tracker.domain.evaluation import Failure, week_of
from tracker.domain.names import normalise
from tracker.evals.suites import SUITES
from tracker.evaluating import Worker, keeper
from tracker.models import AIModel, Alias, Evaluation, Lab, Score, Snapshot, Source, Unresolved, WeekSeed
from tracker.models.entities import Kind
from tracker.pipeline.catalog import load_catalog

pytest.importorskip("inspect_ai", reason="the evaluation worker is not installed: requirements-evaluate.txt")
pytestmark = pytest.mark.django_db
ASKED = ("--suite", "own-first-steps", "--limit", "8")


@pytest.fixture(autouse=True)
def evaluations(settings, monkeypatch, tmp_path, db):
    settings.EVALUATION_FOLDER = tmp_path / "evaluations"
    settings.EVALUATION_ISOLATION = "warn"  # the wall has tests of its own, and not every machine has one
    # Nothing here is ever committed: the connection that renews leases would find no such row, and stop the engine.
    monkeypatch.setattr(keeper, "BEAT", 3600.0)
    kept.put("the catalogue", lambda: load_catalog(now=timezone.now()))


def evaluate(*words):
    out = io.StringIO()
    call_command("evaluate", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def failing(*words):
    with pytest.raises(CommandError) as caught:
        evaluate(*words)
    return str(caught.value)


def last():
    return Evaluation.objects.latest("pk")


def test_a_run_is_asked_answered_summed_up_and_handed_in():
    lab = Lab.objects.first()
    model = AIModel.objects.create(slug="mocking-1", name="Mocking 1", lab=lab)
    Alias.objects.create(kind=Kind.MODEL, name="Mocking 1", key=normalise("Mocking 1"), model=model)
    said = json.loads(evaluate("mock:right=1", *ASKED, "--name", "Mocking 1", "--json"))
    row = last()
    assert (said["id"], row.state, row.samples.filter(state="done").count()) == (row.pk, "done", 8)
    assert (said["summary"]["exact"], said["summary"]["questions"]) == (1.0, 8)
    assert row.log.state == Snapshot.State.INGESTED
    score = Score.objects.select_related("benchmark").get()
    assert (score.model, score.benchmark.slug, score.value) == (model, "own-first-steps", 1.0)
    assert "prompt" in json.loads(_body(row.log))["samples"][0]
    assert (score.evaluator, score.endpoint.source_id) == ("own-run", row.log.endpoint.source_id)


def test_a_record_tells_how_the_run_is_made_again_and_that_gives_the_same_questions():
    evaluate("mock:right=0.5", *ASKED)
    first = last()
    command = first.record["command"].split()
    assert command[:2] == ["manage.py", "evaluate"]
    evaluate(*command[2:])
    again = last()
    assert again.pk != first.pk
    assert again.record["items_sha256"] == first.record["items_sha256"]
    assert again.summary["exact"] == first.summary["exact"]
    assert {"suite", "engine", "hardware", "revision", "concurrency"} <= first.record.keys()
    assert first.record["engine"]["packages"]["inspect-ai"]


def test_a_score_of_a_model_that_nobody_knows_waits_for_a_curator():
    evaluate("mock:right=1", *ASKED, "--name", "Nobody knows 7")
    assert Unresolved.objects.filter(name="Nobody knows 7", endpoint=last().log.endpoint).exists()
    assert not Score.objects.exists()


def test_this_weeks_secret_series_has_questions_of_its_own_and_its_log_tells_none():
    evaluate("mock", *ASKED, "--secret")
    secret = last()
    assert secret.week == week_of(timezone.now())
    assert secret.seed == WeekSeed.objects.get().seed
    assert secret.seed != SUITES["own-first-steps"].public_seed
    log = json.loads(_body(secret.log))
    assert log["seed"] is None
    assert str(secret.seed) not in _body(secret.log).decode()
    assert not any({"prompt", "target", "text"} & sample.keys() for sample in log["samples"])


def _body(snapshot):
    return zlib.decompress(snapshot.blob.packed)


def test_a_run_stops_at_its_budget_and_keeps_what_it_has():
    said = failing("mock", "--suite", "own-first-steps", "--limit", "40", "--budget-tokens", "10")
    assert "tokens of 10 were used" in said
    row = last()
    assert row.state == "spent"
    assert 0 < row.samples.filter(state="done").count() < 40
    assert row.summary["answered"] == row.samples.filter(state="done").count()
    assert row.log is None


def test_a_batch_that_does_not_fit_is_halved_and_every_question_is_answered(settings):
    settings.EVALUATION_CONCURRENCY = 2
    evaluate("mock:room=1&text=", "--suite", "own-first-steps", "--limit", "2", "--mode", "sampled", "--repeats", "2")
    row = last()
    assert (row.summary["questions"], row.summary["samples"], row.summary["repeats"]) == (2, 4, 2)
    # An empty answer is a wrong one, and counted.
    assert row.summary["failures"] == {Failure.EMPTY: 4}
    assert row.state == "done"
    assert row.batches.filter(state="split").exists()
    assert set(row.batches.filter(state="done").values_list("concurrency", flat=True)) == {1}


def test_an_engine_without_any_room_is_a_clear_end():
    said = failing("mock:room=0", "--suite", "own-first-steps", "--limit", "2")
    assert "2 of 2 samples could not be answered" in said
    assert set(last().samples.values_list("failure", flat=True)) == {Failure.MEMORY}


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("/nowhere/model.gguf", "no such file"),
        ("package:there_is_no_such_package", "package"),
        ("mock:nonsense=1", "nonsense"),
    ],
)
def test_a_model_that_is_not_there_ends_the_run_with_the_reason(model, why):
    said = failing(model, *ASKED)
    assert why.lower() in said.lower()
    assert last().state == "failed"


def test_weights_that_are_broken_or_could_run_code_end_the_run_with_the_reason(tmp_path):
    broken = tmp_path / "model.gguf"
    broken.write_bytes(b"GGUF" + bytes(60))
    failing(str(broken), *ASKED)
    assert last().state == "failed"
    pickled = tmp_path / "pickled"
    pickled.mkdir()
    (pickled / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    (pickled / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    assert "pytorch_model.bin" in failing(str(pickled), *ASKED)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("mock",), "--suite"),
        (("mock", "--suite", "nothing"), "There is no suite nothing"),
        (("mock", *ASKED, "--repeats", "3"), "Without sampling"),
        (("mock", *ASKED, "--device", "tpu"), "tpu is no device"),
        (("--resume", "123456"), "There is no evaluation 123456"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_written(words, why):
    assert why in failing(*words)
    assert not Evaluation.objects.exists()


def test_a_run_left_to_the_queue_waits_there_and_can_be_called_off():
    evaluate("mock", *ASKED, "--queue")
    row = last()
    assert row.state == "waiting"
    assert "called off" in evaluate("--cancel", str(row.pk))
    assert "nothing to call off" in failing("--cancel", str(row.pk))
    assert "cancelled" in failing("--resume", str(row.pk))


def test_answers_that_came_before_the_catalogue_are_kept_and_handed_in_after_it():
    Source.objects.filter(slug="own_evaluations").delete()
    told = failing("mock:right=1", *ASKED)
    row = last()
    assert "run `manage.py load`" in told
    assert f"--resume {row.pk}" in told
    assert (row.state, row.log, row.samples.filter(state="done").count()) == ("done", None, 8)
    load_catalog(now=timezone.now())
    evaluate("--resume", str(row.pk))
    assert last().log.state == Snapshot.State.INGESTED


def test_a_worker_ends_what_its_engine_serves_before_it_loads_another_model(settings):
    settings.EVALUATION_CONCURRENCY = 1
    for model in ("mock:right=1", "mock:right=0", "mock:right=1"):
        evaluate(model, "--suite", "own-first-steps", "--limit", "5", "--queue")
    first, second, third = Evaluation.objects.order_by("pk")
    ended = []
    with Worker(by="worker", clock=timezone.now) as worker:
        while worker.work():
            ended += [row.pk for row in Evaluation.objects.filter(state="done") if row.pk not in ended]
    assert ended == [first.pk, third.pk, second.pk]
    assert set(Evaluation.objects.values_list("log__state", flat=True)) == {"ingested"}


def test_the_smallest_real_model_answers_on_a_cpu():
    """A plumbing check, no measurement: a model of 135 million parameters on two very easy questions."""
    pytest.importorskip("xllamacpp", reason="there is no engine for a CPU")
    said = json.loads(evaluate("smollm2", "--suite", "own-first-steps", "--limit", "2", "--max-tokens", "16", "--json"))
    row = last()
    assert row.state == "done"
    assert said["summary"]["tokens_out"] > 0
    assert row.record["weights"]["format"] == "gguf"
    assert len(row.record["weights"]["files"][0][2]) == 64
    assert all(row.samples.values_list("seconds", flat=True))
