"""What labs announce, by title and address, from their own feeds and from two repositories that make the missing ones.

A feed shows its newest items only. Titles and addresses are kept; the texts are the labs'. The mirrors go stale while
they still answer: the newest item's day tells. Left out is the mirror of Anthropic's research page, whose titles are
whole cards with day and section glued on.
"""

from datetime import timedelta, timezone

from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.feeds import items
from tracker.sources.notices import apart, day, notice

RSS_FEEDS = "https://raw.githubusercontent.com/Olshansk/rss-feeds/main/feeds/feed_{}.xml"
AI_NEWS_DIRECT = "https://raw.githubusercontent.com/mibuhand/AI-News-Direct/main/feeds/{}.xml"
# Whose notices stand where. Two addresses of one lab overlap where neither is complete.
FEEDS: dict[str, str] = {
    "https://openai.com/news/rss.xml": "OpenAI",
    "https://deepmind.google/blog/rss.xml": "Google DeepMind",
    "https://blog.google/technology/ai/rss/": "Google",
    "https://research.google/blog/rss/": "Google Research",
    "https://huggingface.co/blog/feed.xml": "Hugging Face",
    "https://thinkingmachines.ai/blog/index.xml": "Thinking Machines Lab",
    "https://www.microsoft.com/en-us/research/feed/": "Microsoft Research",
    "https://www.microsoft.com/en-us/ai/blog/feed/": "Microsoft AI",
    "https://blogs.nvidia.com/feed/": "NVIDIA",
    "https://machinelearning.apple.com/rss.xml": "Apple",
    "https://mistral.ai/news/rss": "Mistral AI",  # new in 2026; the mirror below is made from it by now
    "https://www.amazon.science/index.rss": "Amazon",
    "https://stability.ai/news?format=rss": "Stability AI",
    "https://code.claude.com/docs/en/changelog/rss.xml": "Anthropic",
    RSS_FEEDS.format("anthropic_news"): "Anthropic",
    RSS_FEEDS.format("cohere"): "Cohere",
    RSS_FEEDS.format("meta_ai"): "Meta AI",
    RSS_FEEDS.format("mistral"): "Mistral AI",
    RSS_FEEDS.format("openai_research"): "OpenAI",
    RSS_FEEDS.format("xainews"): "xAI",
    AI_NEWS_DIRECT.format("anthropic_news"): "Anthropic",
    AI_NEWS_DIRECT.format("bytedance_seed_blog"): "ByteDance Seed",
    AI_NEWS_DIRECT.format("deepseek_news"): "DeepSeek",
    AI_NEWS_DIRECT.format("meta_ai_news"): "Meta AI",
    AI_NEWS_DIRECT.format("minimax_blog"): "MiniMax",
    AI_NEWS_DIRECT.format("moonshot_blog"): "Moonshot AI",
    AI_NEWS_DIRECT.format("z_ai_blog"): "Z.ai",
}
# Feeds that write a lab's own midnight as another zone's evening, which is the day before.
ZONES = {AI_NEWS_DIRECT.format("bytedance_seed_blog"): timezone(timedelta(hours=8))}


def parse(document: Document) -> Records:
    """A notice of the feed's lab for each item; one without a day that can be read has none."""
    lab = FEEDS.get(document.url)
    if lab is None:
        raise ParseError(f"{document.url} is none of the feeds whose lab is known")
    zone = ZONES.get(document.url)
    yield from apart(
        notice(
            lab,
            identity=item.identity,
            words=item.title,
            link=item.link,
            published=day(item.date, seen=document.fetched_at, zone=zone),
        )
        for item in items(document)
    )


SOURCE = Source(
    __name__,
    title="Lab news feeds",
    publisher="The labs, Olshansk/rss-feeds, AI-News-Direct",
    homepage="https://github.com/Olshansk/rss-feeds",
    data_licence="titles and links only; the texts are the labs'",
    # Feeds hold the labs' texts or the beginnings of them.
    may_hand_on=False,
    attribution=(
        "Titles and links by the labs, some through github.com/Olshansk/rss-feeds (MIT) "
        "and github.com/mibuhand/AI-News-Direct."
    ),
    urls=tuple(FEEDS),
    parse=parse,
    every=timedelta(hours=1),
    may_shrink_to=0,
    max_bytes=4 * 2**20,
    rolling=True,
)
