"""What labs have put on the Hugging Face Hub: downloadable models, their licence and their size."""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from tracker.domain.records import Access, ReleaseRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.hf_words import stated_base, stated_licence

T = TypeVar("T")

ORGANISATIONS = (
    "01-ai", "ai21labs", "allenai", "amazon", "apple", "arcee-ai", "baichuan-inc", "baidu", "bigcode", "bigscience",
    "ByteDance-Seed", "CohereLabs", "databricks", "deepcogito", "deepseek-ai", "EleutherAI", "google", "HuggingFaceTB",
    "ibm-granite", "inclusionAI", "internlm", "LGAI-EXAONE", "LiquidAI", "LLM360", "meituan-longcat", "meta-llama",
    "microsoft", "MiniMaxAI", "mistralai", "moonshotai", "naver-hyperclovax", "NousResearch", "nvidia", "openai",
    "openbmb", "poolside", "Qwen", "sarvamai", "ServiceNow-AI", "skt", "Snowflake", "stabilityai", "stepfun-ai",
    "swiss-ai", "tencent", "tiiuae", "upstage", "utter-project", "xai-org", "XiaomiMiMo", "zai-org",
)  # fmt: skip
# The plain list leaves out licence and size: each field has to be asked for.
FIELDS = ("author", "cardData", "createdAt", "gated", "library_name", "pipeline_tag", "safetensors", "tags")
# One page of a thousand, the most the Hub gives: further pages are named in a header, which no source sees, and with a
# hundred every new release would push a lab's oldest repository, and its facts, off the list.
URL = "https://huggingface.co/api/models?author={}&sort=createdAt&direction=-1&limit=1000"

# What a model must do to be of interest here; a repository that does not say is kept.
TASKS = {"", "text-generation", "text2text-generation", "image-text-to-text", "video-text-to-text",
         "audio-text-to-text", "any-to-any", "image-to-text", "visual-question-answering"}  # fmt: skip
# The same weights in fewer bits or another file format: a copy is no release. The Hub's own "quantized" tag is no
# help, it stands on SmolLM-Instruct as well.
COPY = re.compile(
    r"[-_.](gguf|awq|gptq|exl2|mlx|onnx|fp8|nvfp4|mxfp4|fp4|int[48]|w[48]a(4|8|16)|[48]-?bit|bnb|qat|openvino"
    r"|torchao|quark|lora|adapters?|eagle3?|mtp)(?=[-_.]|$)",
    re.IGNORECASE,
)
MOST_PARAMETERS = 10**18


def parse(document: Document) -> Records:
    """A release without a date for each repository of a language model; copies in fewer bits and adapters are left
    out."""
    for row in _rows(document):
        identity = row.get("id") if isinstance(row, dict) else None
        if not isinstance(identity, str) or "/" not in identity:
            raise ParseError(f"{document.url} lists {str(row)[:80]!r}, which has no id such as lab/model")
        where = f"{document.url}, {identity}"
        tags = _field(row, "tags", list, where) or []
        task = _field(row, "pipeline_tag", str, where) or ""
        if task not in TASKS or _is_copy(identity, row, tags):
            continue
        card = _field(row, "cardData", dict, where) or {}
        base, relation = stated_base(card, tags)
        yield ReleaseRecord(
            identity,
            identity,
            lab=_field(row, "author", str, where) or identity.partition("/")[0],
            released=None,  # createdAt is when the repository was made: weeks before a release, or after it
            access=Access.WEIGHTS,  # gated too: whoever agrees to the terms can download them
            licence=stated_licence(card, tags),
            parameters=_parameters(_field(row, "safetensors", dict, where) or {}, where),
            weights_url=f"https://huggingface.co/{identity}",
            base=base,
            base_relation=relation,
            url=f"https://huggingface.co/{identity}",
        )


def _rows(document: Document) -> Iterator[Any]:
    """The Hub answers with a list; a bulk extract has one object a line."""
    text = document.text()
    if not text.strip():
        raise ParseError(f"{document.url} is empty")
    if text.lstrip().startswith("{"):
        for number, line in enumerate(text.split("\n"), 1):  # a U+2028 within a card ends no line of JSON
            if line.strip():
                yield Document(f"{document.url}, line {number}", line.encode(), document.fetched_at).json()
        return
    rows = document.json()
    if not isinstance(rows, list):
        raise ParseError(f"{document.url} is not a list of models")
    yield from rows


def _field(row: dict[str, Any], name: str, kind: type[T], where: str) -> T | None:
    value = row.get(name)
    if value is not None and not isinstance(value, kind):
        raise ParseError(f"{where}: {name} is {str(value)[:60]!r}")
    return value


def _is_copy(identity: str, row: dict[str, Any], tags: list[Any]) -> bool:
    name = identity.partition("/")[2]
    adapter = row.get("library_name") == "peft" or any(str(tag).startswith("base_model:adapter:") for tag in tags)
    return adapter or COPY.search(name) is not None


def _parameters(safetensors: dict[str, Any], where: str) -> float | None:
    total = safetensors.get("total")
    if total is None:
        return None
    if not isinstance(total, int | float) or not 0 <= total <= MOST_PARAMETERS:
        raise ParseError(f"{where}: {total!r} is not a number of parameters")
    return float(total) or None


SOURCE = Source(
    __name__,
    title="Hugging Face Hub",
    publisher="Hugging Face",
    homepage="https://huggingface.co/models",
    data_licence="Hugging Face terms of service",  # for the listing; the cards stay their authors'
    # The listing carries the cards' front matter, gates and all, under no licence of its own.
    may_hand_on=False,
    attribution="Model metadata from the Hugging Face Hub, huggingface.co.",
    urls=tuple(URL.format(name) + "".join(f"&expand[]={field}" for field in FIELDS) for name in ORGANISATIONS),
    parse=parse,
)
