"""Releases that labs and makers of benchmarks tag on GitHub, by title and address."""

from datetime import timedelta

from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.feeds import items
from tracker.sources.notices import apart, day, notice

# Whose repository it is. A maker of a benchmark that is no lab of the catalogue cannot be named yet.
REPOSITORIES: dict[str, str] = {
    "allenai/OLMo": "Allen Institute for AI",
    "deepseek-ai/DeepSeek-V3": "DeepSeek",
    "EleutherAI/lm-evaluation-harness": "EleutherAI",
    "google-deepmind/gemma": "Google",
    "InternLM/InternLM": "Shanghai AI Lab",
    "meta-llama/llama-models": "Meta",
    "mistralai/mistral-common": "Mistral AI",
    "mistralai/mistral-inference": "Mistral AI",
    "openai/evals": "OpenAI",
    "openai/gpt-oss": "OpenAI",
    "QwenLM/Qwen3": "Alibaba (Qwen)",
    "stanford-crfm/helm": "Stanford University",
    "zai-org/GLM-4": "Z.ai (Zhipu AI)",
}
LABS = {f"https://github.com/{name}/releases.atom": lab for name, lab in REPOSITORIES.items()}


def parse(document: Document) -> Records:
    lab = LABS.get(document.url)
    if lab is None:
        raise ParseError(f"{document.url} is none of the repositories whose lab is known")
    repository = document.url.split("/")[4]
    yield from apart(
        notice(
            lab,
            identity=item.identity,
            words=_named(item.title, repository),
            link=item.link,
            published=day(item.date, seen=document.fetched_at),
        )
        for item in items(document)
    )


def _named(title: str, repository: str) -> str:
    """A release is mostly called "v1.2.0", which says nothing away from its repository."""
    return title if not title or repository.lower() in title.lower() else f"{repository} {title}"


SOURCE = Source(
    __name__,
    title="GitHub releases",
    publisher="The labs, through GitHub",
    homepage="https://github.com",
    data_licence="titles and links only; the notes are their authors'",
    attribution="Titles and links of releases on github.com.",
    urls=tuple(LABS),
    parse=parse,
    every=timedelta(hours=6),
    may_shrink_to=0,
    max_bytes=4 * 2**20,
    rolling=True,
)
