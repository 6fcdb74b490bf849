"""Releases that labs and makers of benchmarks tag on GitHub, by title and address.

GitHub's robots.txt forbids every address that ends in .atom (as found by others between August and October 2026): the
same list is asked for at the host that is there for programs. It answers sixty questions an hour without a key.
"""

from datetime import timedelta

from tracker.domain.records import NewsRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.notices import apart, day, notice
from tracker.sources.values import required, text

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
NEWEST = 30
NAMES = {f"https://api.github.com/repos/{name}/releases?per_page={NEWEST}": name for name in REPOSITORIES}


def parse(document: Document) -> Records:
    """A notice for each of the repository's newest releases, under the repository's name where the title lacks it."""
    name = NAMES.get(document.url)
    if name is None:
        raise ParseError(f"{document.url} is none of the repositories whose lab is known")
    listed = document.json()
    if not isinstance(listed, list):
        raise ParseError(f"{document.url} is no list of releases: {str(listed)[:80]}")
    yield from apart(
        _notice(row, name, f"{document.url}, release {number}", document) for number, row in enumerate(listed)
    )


def _notice(row: object, name: str, where: str, document: Document) -> NewsRecord | None:
    link = required(row, "html_url", where)
    if not link.startswith(f"https://github.com/{name}/releases/"):
        # A repository that was renamed or sold answers under its old name with another's releases.
        raise ParseError(f"{where} stands at {link[:80]!r}, not in {name}")
    return notice(
        REPOSITORIES[name],
        identity=link,
        words=_named(text(row, "name", where) or required(row, "tag_name", where), name.partition("/")[2]),
        link=link,
        published=day(text(row, "published_at", where), seen=document.fetched_at),
    )


def _named(title: str, repository: str) -> str:
    """A release is mostly called "v1.2.0", which says nothing away from its repository."""
    return title if repository.lower() in title.lower() else f"{repository} {title}"


SOURCE = Source(
    __name__,
    title="GitHub releases",
    publisher="The labs, through GitHub",
    homepage="https://github.com",
    data_licence="titles and links only; the notes are their authors'",
    # The answer holds the notes whole, which are their authors'.
    may_hand_on=False,
    attribution="Titles and links of releases on github.com.",
    urls=tuple(NAMES),
    parse=parse,
    every=timedelta(hours=6),
    at_least=0,  # a repository may have tagged none yet
    may_shrink_to=0,
    max_bytes=4 * 2**20,
    rolling=True,
)
