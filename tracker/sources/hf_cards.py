"""What labs say of their models in the front matter of their model cards on the Hugging Face Hub: above all, the
licence.

Only language models' own cards are asked for. People who upload others' models again file the licences under names of
their own, and the same weights in fewer bits are no release.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tracker.domain.records import Access, LicenceRecord, ReleaseRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.front_matter import front_matter
from tracker.sources.hf_words import stated_base, stated_licence, stated_link
from tracker.sources.values import field, text

REPOSITORIES = (
    "01-ai/Yi-34B-Chat", "ai21labs/Jamba-v0.1", "allenai/Molmo-72B-0924", "allenai/OLMo-7B", "allenai/tulu-2-dpo-70b",
    "apple/DCLM-7B", "apple/OpenELM-3B-Instruct", "bigcode/starcoder2-15b", "bigscience/bloom", "bigscience/bloomz",
    "CohereForAI/aya-101", "databricks/dolly-v2-12b", "deepseek-ai/DeepSeek-V2.5", "deepseek-ai/deepseek-llm-67b-chat",
    "facebook/opt-66b", "ibm-granite/granite-34b-code-instruct-8k", "internlm/internlm2_5-20b-chat", "LLM360/K2",
    "nvidia/Nemotron-4-340B-Instruct", "Qwen/Qwen-72B-Chat", "Qwen/Qwen1.5-110B-Chat", "Qwen/Qwen2.5-3B-Instruct",
    "Qwen/Qwen2.5-72B-Instruct", "Snowflake/snowflake-arctic-instruct", "stabilityai/stablelm-2-12b-chat",
    "THUDM/chatglm3-6b", "THUDM/glm-4-9b-chat", "tiiuae/falcon-11B", "tiiuae/falcon-40b-instruct",
    "upstage/SOLAR-10.7B-Instruct-v1.0", "xai-org/grok-1",
)  # fmt: skip
CARD = "/raw/main/README.md"
# A gate is as often a sentence ("click here") as the whole licence. No licence that binds anybody is this short.
SHORTEST_LICENCE = 1000


def parse(document: Document) -> Records:
    """That the weights can be had, under which licence and made from what; then the terms, where the card says where
    they stand or holds them. An answer that is no card is refused."""
    path = urlsplit(document.url).path
    repository = path.removesuffix(CARD).strip("/")
    if not path.endswith(CARD) or repository.count("/") != 1:
        raise ParseError(f"{document.url} is no address of a model card")
    card, prose = front_matter(document)
    if not card and not prose.strip():
        raise ParseError(f"{document.url} is empty")
    if not card and _is_no_prose(prose.strip()):
        # "Repository not found", sent as a document, would read as a card that states no licence.
        raise ParseError(f"{document.url} answered {prose.strip()[:80]!r} instead of a card")
    for name in ("license", "license_link", "base_model"):
        _expect_words(card, name, document.url)
    text(card, "license_name", document.url)
    text(card, "base_model_relation", document.url)
    licence = stated_licence(card)
    base, relation = stated_base(card)
    yield ReleaseRecord(
        repository,
        repository,
        lab=repository.partition("/")[0],
        access=Access.WEIGHTS,  # gated too: whoever agrees to the terms can download them
        licence=licence,
        weights_url=f"https://huggingface.co/{repository}",
        base=base,
        base_relation=relation,
        url=f"https://huggingface.co/{repository}",
    )
    yield from _terms(card, repository, licence, document.url)


def _is_no_prose(text: str) -> bool:
    if any(character < " " and character not in "\t\r\n" for character in text[:80]):
        return True
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _terms(card: dict[str, Any], repository: str, licence: str, where: str) -> Iterator[LicenceRecord]:
    """Where the card says its terms stand, and those that it puts before the download itself."""
    gate = field(card, "extra_gated_prompt", str, where) or ""
    terms = gate.strip() if len(gate) >= SHORTEST_LICENCE else ""
    link = stated_link(card, repository)
    if licence and (terms or link):
        yield LicenceRecord(repository, licence, text=terms, model=repository, url=link)


def _expect_words(card: dict[str, Any], name: str, where: str) -> None:
    """A word, a list of words, or nothing."""
    value = card.get(name)
    if not all(isinstance(one, str) for one in (value if isinstance(value, list) else [value or ""])):
        raise ParseError(f"{where}: {name} is {str(value)[:60]!r}")


SOURCE = Source(
    __name__,
    title="Model cards",
    publisher="the labs, on the Hugging Face Hub",
    homepage="https://huggingface.co/models",
    data_licence="Hugging Face terms of service; each card is its author's",
    # A card is its author's prose, and a gate may be a whole licence.
    may_hand_on=False,
    attribution="Licences as the labs state them in their model cards, huggingface.co.",
    urls=tuple(f"https://huggingface.co/{repository}{CARD}" for repository in REPOSITORIES),
    parse=parse,
    max_bytes=4 * 2**20,
)
