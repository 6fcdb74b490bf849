"""What the schema "Every Eval Ever", version 0.2.2, asks of a document, in our own words: which fields, of what kind.

A mapping is an object whose fields are all wanted, but those whose name ends in "?"; a list of one is a list of such;
a set is a choice; STRINGS an object of which every value is a string.
"""

from typing import Any

STRINGS = "strings"
NUMBER = (int, float)
DETAILS = {"additional_details?": STRINGS}
RUN: dict[str, Any] = {
    "schema_version": {"0.2.2"},
    "evaluation_id": str,
    "evaluation_timestamp?": str,
    "retrieved_timestamp": str,
    "source_metadata": {
        "source_name?": str,
        "source_type": {"documentation", "evaluation_run"},
        "source_organization_name": str,
        "source_organization_url?": str,
        "evaluator_relationship": {"first_party", "third_party", "collaborative", "other"},
        **DETAILS,
    },
    "eval_library": {"name": str, "version": str, **DETAILS},
    "model_info": {"name": str, "id": str, "inference_engine?": {"name?": str, "version?": str}, **DETAILS},
    "evaluation_results": [
        {
            "evaluation_result_id?": str,
            "evaluation_name": str,
            "evaluation_timestamp?": str,
            "source_data": {
                "dataset_name": str, "source_type": {"other"}, "source_id?": str, "source_version?": str, **DETAILS,
            },
            "metric_config": {
                "evaluation_description?": str,
                "metric_id?": str,
                "metric_name?": str,
                "metric_kind?": str,
                "metric_unit?": str,
                "lower_is_better": bool,
                # Of a continuous score the bounds are wanted.
                "score_type?": {"continuous"},
                "min_score": NUMBER,
                "max_score": NUMBER,
            },
            "score_details": {
                "score": NUMBER,
                "details?": STRINGS,
                "uncertainty?": {
                    "standard_error?": {"value": NUMBER, "method?": str},
                    "confidence_interval?": {
                        "lower": NUMBER, "upper": NUMBER, "confidence_level?": NUMBER, "method?": str,
                    },
                    "num_samples?": int,
                },
            },
            "generation_config?": {
                "generation_args?": {
                    "temperature?": NUMBER,
                    "top_p?": NUMBER,
                    "max_tokens?": int,
                    "execution_command?": str,
                    "eval_limits?": {"time_limit?": int, "token_limit?": int},
                    "max_attempts?": int,
                },
                **DETAILS,
            },
        }
    ],
    "detailed_evaluation_results?": {
        "format": {"jsonl"},
        "file_path": str,
        "hash_algorithm?": {"sha256", "md5"},
        "checksum?": str,
        "total_rows?": int,
    },
}  # fmt: skip
SAMPLE: dict[str, Any] = {
    "schema_version": {"instance_level_eval_0.2.2"},
    "evaluation_id": str,
    "model_id": str,
    "evaluation_name": str,
    "evaluation_result_id?": str,
    "sample_id": str,
    "sample_hash?": str,
    "interaction_type": {"single_turn"},
    "input": {"raw": str, "reference": [str], "choices?": (list, type(None))},
    # Of a single turn the output is wanted and the messages are nothing.
    "output": {"raw": [str]},
    "messages?": type(None),
    "answer_attribution": [
        {"turn_idx": int, "source": str, "extracted_value": str, "extraction_method": str, "is_terminal": bool}
    ],
    "evaluation": {"score": NUMBER, "is_correct": bool},
    "token_usage?": {"input_tokens": int, "output_tokens": int, "total_tokens": int},
    "performance?": {"latency_ms?": (int, float, type(None))},
    "error?": (str, type(None)),
    "metadata?": STRINGS,
}


def problems(value: Any, wanted: Any, where: str = "") -> list[str]:
    """What of a document is not as the description says."""
    if wanted == STRINGS:
        wrong = not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values())
        return [f"{where} is not all strings"] if wrong else []
    if isinstance(wanted, set):
        return [] if value in wanted else [f"{where} is {value!r}"]
    if isinstance(wanted, list):
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [found for nth, one in enumerate(value) for found in problems(one, wanted[0], f"{where}[{nth}]")]
    if isinstance(wanted, dict):
        return _fields(value, wanted, where)
    kinds = wanted if isinstance(wanted, tuple) else (wanted,)
    # In Python a truth is a number; in JSON it is not.
    fits = isinstance(value, kinds) and (not isinstance(value, bool) or bool in kinds)
    return [] if fits else [f"{where} is {type(value).__name__}"]


def _fields(value: Any, wanted: dict[str, Any], where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where} is no object"]
    known = {name.rstrip("?"): (name.endswith("?"), kind) for name, kind in wanted.items()}
    found = [f"{where}.{name} is missing" for name, (free, _) in known.items() if not free and name not in value]
    found += [f"{where}.{name} is not known" for name in value if name not in known]
    for name, one in value.items():
        if name in known:
            found += problems(one, known[name][1], f"{where}.{name}")
    return found
