"""A run in the shared schema "Every Eval Ever" of the EvalEval coalition, version 0.2.2: its results and its samples.

github.com/evaleval/every_eval_ever. In both of its documents every free detail is a string.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tracker.domain.eval_statistics import LEVEL
from tracker.models import Evaluation
from tracker.queries.evaluation import Detail, SampleFilter, SampleRow, sample_page
from tracker.queries.evaluations import widest

SCHEMA: Final = "0.2.2"
INSTANCE_SCHEMA: Final = "instance_level_eval_0.2.2"
ORGANISATION: Final = "AI Landscape"
METRICS: Final = {
    "exact": ("accuracy", "Accuracy", "The share of answers that match the target exactly after normalising"),
    "own": ("verifier_score", "Verifier's score", "The mean score of the generator's own verifier"),
}

Json = dict[str, Any]


def evaluation_id(found: Detail) -> str:
    """Suite, model and time, as the schema asks for."""
    return f"{found.row.suite}/{model_id(found)}/{_stamp(found)}"


def model_id(found: Detail) -> str:
    """The hub's name where the model came from there; else what it is called."""
    return found.model.removeprefix("hf:") if found.model.startswith("hf:") else found.row.name


def _stamp(found: Detail) -> str:
    return str(int((found.row.finished_at or found.row.asked_at).timestamp()))


def strings(details: Mapping[str, Any]) -> dict[str, str]:
    """What is known of some details, each as a string."""
    return {name: str(value) for name, value in details.items() if value not in (None, "", {}, [], ())}


def run_document(found: Detail, *, site: str) -> Json:
    """The run. A secret series whose week goes on has neither its seed nor its samples in it."""
    of = Evaluation.objects.get(pk=found.row.id)
    engine, weights = (of.record.get(name) or {} for name in ("engine", "weights"))
    document: Json = {
        "schema_version": SCHEMA,
        "evaluation_id": evaluation_id(found),
        "evaluation_timestamp": (of.finished_at or of.asked_at).isoformat(),
        "retrieved_timestamp": _stamp(found),
        "source_metadata": {
            "source_name": "Own evaluations",
            "source_type": "evaluation_run",
            "source_organization_name": ORGANISATION,
            "source_organization_url": site,
            "evaluator_relationship": "third_party",
            "additional_details": {"page": f"{site}evaluations/{of.pk}/", "state": of.get_state_display()},
        },
        "eval_library": {
            "name": "inspect_ai",
            "version": str((engine.get("packages") or {}).get("inspect-ai") or "unknown"),
            "additional_details": strings({"revision": of.record.get("revision")}),
        },
        "model_info": {
            "name": found.row.name,
            "id": model_id(found),
            "inference_engine": {
                "name": str(engine.get("engine") or of.engine),
                "version": str(engine.get("engine_version") or "unknown"),
            },
            "additional_details": strings(
                {
                    "quantisation": weights.get("quantisation"),
                    "format": weights.get("format"),
                    "parameters": weights.get("parameters"),
                    "dtype": engine.get("dtype"),
                    "device": engine.get("device"),
                    "hardware": found.row.hardware,
                    "chat_template_sha256": weights.get("template_sha256"),
                    "files_sha256": " ".join(f"{name}={digest}" for name, _, digest in weights.get("files") or ()),
                }
            ),
        },
        "evaluation_results": [
            _result(found, of, metric) for metric in METRICS if found.summary.get(metric) is not None
        ],
    }
    if not found.hidden:
        body = b"".join(sample_lines(found))
        document["detailed_evaluation_results"] = {
            "format": "jsonl",
            "file_path": f"{site}evaluations/{of.pk}.eee.jsonl",
            "hash_algorithm": "sha256",
            "checksum": hashlib.sha256(body).hexdigest(),
            "total_rows": body.count(b"\n"),
        }
    return document


def _result(found: Detail, of: Evaluation, metric: str) -> Json:
    told, (ident, name, about) = found.summary, METRICS[metric]
    exact = metric == "exact"
    error = widest(told) if exact else _widest_own(told)
    uncertainty: Json = {"num_samples": told["questions"]}
    if error is not None:
        uncertainty["standard_error"] = {"value": error, "method": "analytic, the wider of plain and clustered"}
    if exact and told["low"] is not None:
        uncertainty["confidence_interval"] = {
            "lower": told["low"], "upper": told["high"], "confidence_level": LEVEL, "method": told["method"],
        }  # fmt: skip
    limits = {"time_limit": max(1, round(of.sample_seconds)), "token_limit": of.max_tokens}
    return {
        "evaluation_result_id": f"{evaluation_id(found)}/{metric}",
        "evaluation_name": of.suite,
        "evaluation_timestamp": (of.finished_at or of.asked_at).isoformat(),
        "source_data": {
            "dataset_name": of.suite,
            "source_type": "other",
            "source_id": of.suite,
            "source_version": str(of.suite_version or "unknown"),
            "additional_details": strings(
                {
                    "seed": found.seed,
                    "week": of.week,
                    "items_sha256": "" if found.hidden else of.record.get("items_sha256"),
                }
            ),
        },
        "metric_config": {
            "evaluation_description": about,
            "metric_id": ident,
            "metric_name": name,
            "metric_kind": ident,
            "metric_unit": "proportion",
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": 1.0,
        },
        "score_details": {
            "score": told[metric],
            "details": strings(
                {"questions": told["questions"], "samples": told["samples"], "unanswered": told["unanswered"]}
            ),
            "uncertainty": uncertainty,
        },
        "generation_config": {
            "generation_args": {
                "temperature": of.temperature,
                "top_p": of.top_p,
                "max_tokens": of.max_tokens,
                **({"execution_command": found.command} if found.command else {}),
                "eval_limits": limits,
                "max_attempts": 1,
            },
            "additional_details": strings({"mode": of.mode, "repeats": of.repeats, "system_prompt": found.system}),
        },
    }  # fmt: skip


def _widest_own(told: Mapping[str, Any]) -> float | None:
    return max((e for e in (told["own_error"], told["own_clustered"]) if e is not None), default=None)


def sample_lines(found: Detail) -> Iterator[bytes]:
    """The finished samples, one JSON document a line. Not for a run whose questions are hidden."""
    if found.hidden:
        raise ValueError("the questions of this week are secret")
    for row in sample_page(found.row.id, SampleFilter(), hidden=False, size=0).rows:
        if row.finished_at is not None:
            yield json.dumps(_sample(found, row), ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _sample(found: Detail, row: SampleRow) -> Json:
    tokens_in, tokens_out = row.tokens_in or 0, row.tokens_out or 0
    return {
        "schema_version": INSTANCE_SCHEMA,
        "evaluation_id": evaluation_id(found),
        "model_id": model_id(found),
        "evaluation_name": found.row.suite,
        "evaluation_result_id": f"{evaluation_id(found)}/exact",
        "sample_id": f"{row.item}/{row.repeat}",
        "sample_hash": hashlib.sha256((row.prompt + row.target).encode()).hexdigest(),
        "interaction_type": "single_turn",
        "input": {"raw": row.prompt, "reference": [row.target], "choices": list(row.choices) or None},
        "output": {"raw": [row.answer]},
        "messages": None,
        "answer_attribution": [
            {
                "turn_idx": 0,
                "source": "output.raw",
                "extracted_value": row.extracted,
                "extraction_method": "custom",
                "is_terminal": True,
            }
        ],
        "evaluation": {"score": row.exact or 0.0, "is_correct": bool(row.exact)},
        "token_usage": {"input_tokens": tokens_in, "output_tokens": tokens_out, "total_tokens": tokens_in + tokens_out},
        "performance": {"latency_ms": None if row.seconds is None else 1000 * row.seconds},
        "error": f"{row.failure}: {row.detail}" if row.detail else row.failure or None,
        "metadata": strings({"cluster": row.cluster, "own_score": row.own, "repeat": row.repeat}),
    }
