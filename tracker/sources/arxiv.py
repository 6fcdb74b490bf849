"""Labs' technical reports and model cards on arXiv, by title and address.

arXiv does not say at which lab a paper was written. A report is taken for a lab's own where its title begins with one
of that lab's families and calls itself a report or a card; papers about the family do not.
"""

import re
from urllib.parse import urlencode

from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.feeds import items
from tracker.sources.notices import apart, day, notice

# Whose families these are, as titles begin with them. Families named for everyday words (Ling, Command) are left out.
FAMILIES: dict[str, tuple[str, ...]] = {
    "Alibaba (Qwen)": ("Qwen", "QwQ", "QVQ"),
    "Allen Institute for AI": ("OLMo", "OLMoE", "Molmo", "Tulu"),
    "ByteDance": ("Seed1.5", "Seed-OSS", "Seed-VL"),
    "DeepSeek": ("DeepSeek",),
    "Google": ("Gemma", "Gemini", "CodeGemma", "PaliGemma"),
    "LG AI Research": ("EXAONE",),
    "Microsoft": ("Phi", "Phi-4"),
    "MiniMax": ("MiniMax",),
    "Mistral AI": ("Mistral", "Mixtral", "Pixtral", "Magistral", "Ministral", "Voxtral", "Devstral"),
    "Moonshot AI": ("Kimi",),
    "NVIDIA": ("Nemotron", "NVIDIA Nemotron", "Llama-Nemotron"),
    "OpenAI": ("gpt-oss", "GPT-4", "GPT-4o", "GPT-5"),
    "Shanghai AI Lab": ("InternLM", "InternVL", "InternLM2"),
    "Tencent": ("Hunyuan", "Hunyuan-Large", "Hunyuan-A13B"),
    "Xiaomi": ("MiMo",),
    "Z.ai (Zhipu AI)": ("GLM", "ChatGLM", "CogVLM"),
}
KINDS = ("technical report", "model card", "system card")
FIELDS = ("cs.AI", "cs.CL", "cs.CV", "cs.LG", "cs.SD")  # elsewhere a GLM is a generalised linear model
KIND = re.compile(r"\b(?:technical|tech) report\b|\b(?:model|system) card\b", re.IGNORECASE)
# http://arxiv.org/abs/2412.19437v2, or before 2007 http://arxiv.org/abs/cs/0501001v1
ABSTRACT = re.compile(
    r"https?://arxiv\.org/abs/(?P<id>(?:[a-z-]+(?:\.[A-Z]{2})?/\d{7})|\d{4}\.\d{4,5})(?:v(?P<version>\d+))?"
)
REPORTS = 50


def _url(families: tuple[str, ...]) -> str:
    named = " OR ".join(f'ti:"{family}"' for family in families)
    called = " OR ".join(f'ti:"{kind}"' for kind in KINDS)
    filed = " OR ".join(f"cat:{field}" for field in FIELDS)
    query = {
        "search_query": f"({named}) AND ({called}) AND ({filed})",
        "sortBy": "submittedDate",
        "sortOrder": "descending",
        "max_results": REPORTS,
    }
    return f"https://export.arxiv.org/api/query?{urlencode(query)}"


QUERIES: dict[str, str] = {_url(families): lab for lab, families in FAMILIES.items()}


def parse(document: Document) -> Records:
    lab = QUERIES.get(document.url)
    if lab is None:
        raise ParseError(f"{document.url} is none of the questions that are asked of arXiv")
    newest: dict[str, tuple[int, str, str]] = {}
    for item in items(document):
        if "/api/errors" in item.identity:
            raise ParseError(f"{document.url} was refused by arXiv: {item.title[:60]}")
        paper = ABSTRACT.fullmatch(item.identity)
        if paper is None:
            raise ParseError(f"{document.url}: {item.identity[:80]!r} is no paper of arXiv's")
        # A paper's versions are one report, by its newest title; `published` is the first one's day in each.
        version = int(paper["version"] or 1)
        if _is_report(item.title, FAMILIES[lab]) and version > newest.get(paper["id"], (0, "", ""))[0]:
            newest[paper["id"]] = version, item.title, item.date
    yield from apart(
        notice(
            lab,
            identity=identity,
            words=words,
            link=f"https://arxiv.org/abs/{identity}",
            published=day(date, seen=document.fetched_at),
        )
        for identity, (_, words, date) in newest.items()
    )


def _is_report(title: str, families: tuple[str, ...]) -> bool:
    words = " ".join(title.split())
    # "Phi-4" and "QwenLong" are of their families, "Philosophy" and "Qwens" are not.
    begins = rf"(?:{'|'.join(map(re.escape, families))})(?-i:(?![a-z]))"
    return re.match(begins, words, re.IGNORECASE) is not None and KIND.search(words) is not None


SOURCE = Source(
    __name__,
    title="Technical reports on arXiv",
    publisher="arXiv",
    homepage="https://arxiv.org",
    data_licence="CC0-1.0",  # of the metadata; the papers stay their authors'
    attribution="Metadata from arXiv, arxiv.org (CC0). Thank you to arXiv for use of its open access interoperability.",
    urls=tuple(QUERIES),
    parse=parse,
    may_shrink_to=0,
    max_bytes=4 * 2**20,
    rolling=True,
)
