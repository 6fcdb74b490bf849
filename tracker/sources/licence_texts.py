"""The licences and use policies of models, as their publishers have them at the addresses they gave.

Read every day, because a text changes under its name: MiniMax changed one six hours before the weights came out. The
texts are the publishers' and are never shown whole.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from tracker.domain.records import LicenceRecord
from tracker.sources.base import Document, ParseError, Records, Source

LLAMA = "https://raw.githubusercontent.com/meta-llama/llama-models/main/models"
HUB = "https://huggingface.co"
POLICY = "use policy"


@dataclass(frozen=True, slots=True)
class Text:
    """What stands at an address: `licence` in the catalogue's words, `says` the title by which the text is known."""

    url: str
    licence: str
    says: str
    model: str = ""
    category: str = ""


Texts: TypeAlias = tuple[Text, ...]


def _llama(folder: str, version: str) -> Texts:
    """The licence and the policy it takes in. From 3.2 on only the policy says that the EU is excluded."""
    return (
        Text(f"{LLAMA}/{folder}/LICENSE", f"Llama {version}", f"LLAMA {version} COMMUNITY LICENSE AGREEMENT"),
        Text(
            f"{LLAMA}/{folder}/USE_POLICY.md",
            f"Llama {version}",
            f"Llama {version} Acceptable Use Policy",
            category=POLICY,
        ),
    )


def _hub(repository: str, file: str, licence: str, says: str, category: str = "") -> Text:
    return Text(f"{HUB}/{repository}/raw/main/{file}", licence, says, repository, category)


TEXTS: Texts = (
    *_llama("llama2", "2"),
    *_llama("llama3", "3"),
    *_llama("llama3_1", "3.1"),
    *_llama("llama3_2", "3.2"),
    *_llama("llama3_3", "3.3"),
    *_llama("llama4", "4"),
    _hub("moonshotai/Kimi-K2-Instruct", "LICENSE", "Kimi K2 License", "Modified MIT License"),
    # Its code is under the MIT licence, in a file beside this one; the weights are not.
    _hub("deepseek-ai/DeepSeek-V3", "LICENSE-MODEL", "DeepSeek License Agreement", "DEEPSEEK LICENSE AGREEMENT"),
    _hub("openai/gpt-oss-120b", "LICENSE", "Apache-2.0", "Apache License Version 2.0"),
    _hub("openai/gpt-oss-120b", "USAGE_POLICY", "gpt-oss usage policy", "gpt-oss", POLICY),
    # One family, three licences by size: Apache 2.0 for most, and these two.
    _hub("Qwen/Qwen2.5-72B-Instruct", "LICENSE", "Qwen License", "Qwen LICENSE AGREEMENT"),
    _hub("Qwen/Qwen2.5-3B-Instruct", "LICENSE", "Qwen Research", "Qwen RESEARCH LICENSE AGREEMENT"),
    _hub("Qwen/Qwen-72B-Chat", "LICENSE", "Tongyi Qianwen", "Tongyi Qianwen LICENSE AGREEMENT"),
    _hub("zai-org/glm-4-9b-chat", "LICENSE", "glm-4", "The glm-4-9b License"),
    Text("https://mistral.ai/licenses/MRL-0.1.md", "Mistral Research License", "Mistral AI Research License"),
)
BY_URL = {text.url: text for text in TEXTS}


def parse(document: Document) -> Records:
    """The one text that stands at the address. Where it does not say the title that is known, it is refused: another
    licence took its place."""
    expected = BY_URL.get(document.url)
    if expected is None:
        raise ParseError(f"{document.url} is no address of a licence that we know")
    text = document.text().strip()
    if _plain(expected.says) not in _plain(text):
        # Another licence at the same address is another decision of the publisher, which a person must see.
        raise ParseError(f"{document.url} does not say {expected.says!r}; it begins with {text[:80]!r}")
    yield LicenceRecord(
        document.url.partition("://")[2],
        expected.licence,
        text=text,
        category=expected.category,
        model=expected.model,
        url=document.url,
    )


def _plain(text: str) -> str:
    """Words alone: one text stands at two addresses with other blanks, quotes, dashes and marks of Markdown."""
    return " ".join(re.findall(r"[\w.]+", text.replace("\\", ""))).casefold()


SOURCE = Source(
    __name__,
    title="Licence texts",
    publisher="the publishers of the models",
    homepage="https://github.com/meta-llama/llama-models",
    data_licence="each publisher's own",
    # The texts are the publishers'.
    may_hand_on=False,
    attribution="Licence texts as published by Meta, Moonshot AI, DeepSeek, OpenAI, Alibaba, Z.ai and Mistral AI.",
    urls=tuple(BY_URL),
    parse=parse,
    may_display=False,
    max_bytes=2**20,
)
