"""Labs' technical reports and model cards on arXiv, by title and address, on the day they are announced.

arXiv does not say at which lab a paper was written. A report is taken for a lab's own where its title begins with one
of that lab's families and calls itself a report or a card; papers about the family do not.

export.arxiv.org, where questions could be asked, forbids all of itself in its robots.txt (as found by others between
August and October 2026); the feeds are served from a host of their own that forbids nothing. Each holds one day's
papers, and none at weekends.
"""

import re
from datetime import timedelta

from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.feeds import Item, items
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
FIELDS = ("cs.AI", "cs.CL", "cs.CV", "cs.LG", "cs.SD")  # elsewhere a GLM is a generalised linear model
KIND = re.compile(r"\b(?:technical|tech) report\b|\b(?:model|system) card\b", re.IGNORECASE)
# oai:arXiv.org:2412.19437v2, of a paper of before 2007 oai:arXiv.org:cs/0501001v1
PAPER = re.compile(r"oai:arXiv\.org:(?P<id>(?:[a-z-]+(?:\.[A-Z]{2})?/\d{7})|\d{4}\.\d{4,5})(?:v\d+)?")
# A paper is new in the field it was filed under, and once; elsewhere it is a cross-listing, and later a replacement.
NEW = "new"
ANNOUNCED = frozenset({NEW, "cross", "replace", "replace-cross"})
URLS = tuple(f"https://rss.arxiv.org/rss/{field}" for field in FIELDS)


def parse(document: Document) -> Records:
    """A notice for each paper of the day that is new and by its title a lab's own report or card; most days have
    none."""
    if document.url not in URLS:
        raise ParseError(f"{document.url} is none of the fields whose feeds are read")
    yield from apart(
        notice(
            lab,
            identity=paper["id"],
            words=item.title,
            link=f"https://arxiv.org/abs/{paper['id']}",
            published=day(item.date, seen=document.fetched_at),
        )
        for item in items(document, may_be_empty=True)
        if (paper := _paper(item, document.url)) and (lab := _lab(item.title))
    )


def _paper(item: Item, url: str) -> re.Match[str] | None:
    """The paper's number; None where it is not announced for the first time."""
    paper = PAPER.fullmatch(item.identity)
    if paper is None:
        raise ParseError(f"{url}: {item.identity[:80]!r} is no paper of arXiv's")
    if item.announced not in ANNOUNCED:
        # Read as new, every replacement would be told as a report of that day.
        raise ParseError(f"{url}: {paper['id']} is announced as {item.announced[:40]!r}, none of {sorted(ANNOUNCED)}")
    return paper if item.announced == NEW else None


def _lab(title: str) -> str:
    """Whose report it is by its title; blank where it is nobody's."""
    words = " ".join(title.split())
    if KIND.search(words) is None:
        return ""
    # "Phi-4" and "QwenLong" are of their families, "Philosophy" and "Qwens" are not.
    begun = (
        lab
        for lab, families in FAMILIES.items()
        if re.match(rf"(?:{'|'.join(map(re.escape, families))})(?-i:(?![a-z]))", words, re.IGNORECASE)
    )
    return next(begun, "")


SOURCE = Source(
    __name__,
    title="Technical reports on arXiv",
    publisher="arXiv",
    homepage="https://arxiv.org",
    data_licence="CC0-1.0",  # of the metadata; the papers stay their authors'
    attribution="Metadata from arXiv, arxiv.org (CC0). Thank you to arXiv for use of its open access interoperability.",
    urls=URLS,
    parse=parse,
    every=timedelta(hours=12),
    at_least=0,  # most days no lab of ours reports, and at weekends nobody does
    may_shrink_to=0,
    max_bytes=16 * 2**20,
    rolling=True,
)
