"""OpenRouter's list of models: which repository of weights an API id stands for, and nothing else.

No licence is granted for the list: its prices, dates and texts are not read, and what is read is not shown. `created`
is when a model was listed there, no release date.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from tracker.domain.records import ReleaseRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.price_lists import rows, table

# Organisations that have taken another name on the Hugging Face Hub since.
RENAMED = {"CohereForAI": "CohereLabs", "THUDM": "zai-org"}
# Its own routers, which send each prompt to another model, and signs that are moved on from model to model.
NO_MODEL = ("openrouter/", "~")


def parse(document: Document) -> Records:
    """A release for each id that stands for a repository: the name and the weights' address, and nothing else. Variants
    at another price are left out."""
    models = [
        table(row, f"{document.url}, model {number}")
        for number, row in enumerate(rows(table(document.json(), document.url).get("data"), f"{document.url}, data"))
    ]
    names = {_text(model, "id", f"{document.url}, a model") for model in models}
    for model in models:
        yield from _bridge(model, names, document.url)


def _bridge(model: Mapping[str, Any], names: set[str], url: str) -> Iterator[ReleaseRecord]:
    name = _text(model, "id", f"{url}, a model")
    if "/" not in name:
        raise ParseError(f"{url} lists {name[:60]!r}, which is no id such as lab/model")
    plain, _, variant = name.partition(":")
    repository = _text(model, "hugging_face_id", f"{url}, {name}")
    if name.startswith(NO_MODEL) or not repository or (variant and plain in names):
        return  # "x:free" is "x" at another price
    organisation, slash, rest = repository.partition("/")
    if not slash or not rest:
        raise ParseError(f"{url}, {name}: hugging_face_id {repository[:60]!r} is no repository such as lab/model")
    yield ReleaseRecord(
        name,
        name,
        weights_url=f"https://huggingface.co/{RENAMED.get(organisation, organisation)}/{rest}",
        url=f"https://openrouter.ai/{plain}",
    )


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise ParseError(f"{where}: {name} is {str(value)[:60]!r}")
    return (value or "").strip()


SOURCE = Source(
    __name__,
    title="OpenRouter model list",
    publisher="OpenRouter",
    homepage="https://openrouter.ai/models",
    data_licence="none stated",
    # No licence is stated, and the list carries Artificial Analysis's figures since the middle of 2026.
    may_hand_on=False,
    attribution="Model ids from OpenRouter, openrouter.ai.",
    urls=("https://openrouter.ai/api/v1/models",),
    parse=parse,
    may_display=False,
    at_least=2,
    stale_after=timedelta(days=14),  # models are listed every week
)
