"""Proposed releases: what news and hub listings speak of waits for a curator, once, and stays decided."""

import pytest

from tests.pipeline.steps import at, endpoint, take_in
from tests.pipeline.vintages import PRICES, Offer, prices, records
from tracker.domain.records import Access, NewsRecord, ReleaseRecord, When
from tracker.models import AIModel, Alias, News, ProposedRelease, Source, Unresolved
from tracker.pipeline import proposals
from tracker.sources import record_file
from tracker.sources.hf_hub import SOURCE as HUGGING_FACE
from tracker.sources.lab_feeds import SOURCE as FEEDS

pytestmark = pytest.mark.usefixtures("installed")

DAY = When.parse("2026-09-01")
LISTING = HUGGING_FACE.urls[0]
FEED = FEEDS.urls[0]
NEWS = (
    NewsRecord("n1", "OpenAI", "Introducing GPT Example 7", DAY, url="https://example.org/news/7"),
    NewsRecord("n2", "OpenAI", "Announcing GPT Example 7", When.parse("2026-09-02"), url="https://example.org/again"),
    NewsRecord("n3", "OpenAI", "GPT Example is here", DAY, url="https://example.org/old"),
    NewsRecord("n4", "OpenAI", "Our policy for schools", DAY, url="https://example.org/policy"),
)


def announced(*news: NewsRecord, day: int = 1) -> None:
    take_in(FEED, records(*(news or NEWS), url=FEED), at(day), record_file.MEDIA_TYPE)


def listed(*names: str, day: int = 1, lab: str = "deepseek") -> None:
    said = [ReleaseRecord(name, name, lab=lab, access=Access.WEIGHTS, url=f"https://huggingface.co/{name}")
            for name in names]  # fmt: skip
    take_in(LISTING, records(*said, url=LISTING), at(day), record_file.MEDIA_TYPE)


def states() -> dict[str, str]:
    return dict(ProposedRelease.objects.values_list("name", "state"))


def everything() -> list[tuple[object, ...]]:
    return list(ProposedRelease.objects.order_by("pk").values_list())


def test_a_name_in_the_news_is_proposed_with_its_reason_and_all_the_titles_that_say_so():
    announced()
    assert proposals.find(now=at(3)) == 1
    row = ProposedRelease.objects.get()
    assert (row.key, row.name, row.lab.slug, row.pattern, row.state) == (
        "gpt-example-7", "GPT Example 7", "openai", "introduces", "waiting",
    )  # fmt: skip
    assert row.reason == "“Introducing GPT Example 7” introduces it, and 1 more."
    assert row.found_at == at(3)
    assert row.seen_in == [
        {"words": "Announcing GPT Example 7", "url": "https://example.org/again", "on": "2026-09-02", "kind": "news"},
        {"words": "Introducing GPT Example 7", "url": "https://example.org/news/7", "on": "2026-09-01", "kind": "news"},
    ]


def test_a_repository_that_no_alias_explains_is_proposed_for_the_lab_that_its_row_names():
    listed("deepseek-ai/DeepSeek-V9", "deepseek-ai/deepseek-example")
    proposals.find(now=at(3))
    row = ProposedRelease.objects.get()
    assert (row.name, row.lab.slug, row.pattern) == ("DeepSeek-V9", "deepseek", "repository")
    assert row.seen_in == [
        {
            "words": "deepseek-ai/DeepSeek-V9",
            "url": "https://huggingface.co/deepseek-ai/DeepSeek-V9",
            "on": "2026-09-01",
            "kind": "repository",
        }
    ]


def test_what_a_listing_and_the_news_both_speak_of_is_one_proposal():
    announced(NewsRecord("n", "DeepSeek", "Introducing DeepSeek-V9", DAY, url="https://example.org/v9"))
    listed("deepseek-ai/DeepSeek-V9", "deepseek-ai/DeepSeek-V9-Base")
    assert proposals.find(now=at(3)) == 1
    row = ProposedRelease.objects.get()
    assert row.pattern == "repository"
    assert {seen["words"] for seen in row.seen_in} == {
        "Introducing DeepSeek-V9", "deepseek-ai/DeepSeek-V9", "deepseek-ai/DeepSeek-V9-Base",
    }  # fmt: skip


def test_a_lab_that_nobody_knows_is_left_open():
    listed("somebody/Zephyrine-9", lab="somebody")
    proposals.find(now=at(3))
    assert ProposedRelease.objects.get().lab is None


def test_finding_again_writes_nothing():
    announced()
    listed("deepseek-ai/DeepSeek-V9")
    assert proposals.find(now=at(3)) == 2
    before = everything()
    assert proposals.find(now=at(4)) == 0
    assert everything() == before


def test_another_title_is_added_to_the_proposal():
    announced(*NEWS[:1])
    proposals.find(now=at(1))
    announced(*NEWS, day=2)
    assert proposals.find(now=at(3)) == 0
    assert len(ProposedRelease.objects.get().seen_in) == 2
    assert ProposedRelease.objects.get().found_at == at(1)


def test_a_proposal_that_an_alias_explains_by_now_says_so_and_waits_again_without_it():
    announced()
    proposals.find(now=at(3))
    model = AIModel.objects.get(slug="gpt-example")
    alias = Alias.objects.create(kind="model", key="gpt-example-7", name="GPT Example 7", model=model)
    proposals.find(now=at(4))
    assert states() == {"GPT Example 7": "explained"}
    alias.delete()
    proposals.find(now=at(5))
    assert states() == {"GPT Example 7": "waiting"}
    assert ProposedRelease.objects.get().found_at == at(5)


@pytest.mark.parametrize("state", ["dismissed", "adopted"])
def test_what_was_decided_does_not_return_however_often_it_is_announced(state):
    announced()
    proposals.find(now=at(3))
    ProposedRelease.objects.update(state=state)
    before = everything()
    announced(*NEWS, NewsRecord("n5", "OpenAI", "GPT Example 7 is here", DAY), day=4)
    assert proposals.find(now=at(5)) == 0
    assert everything() == before


def test_a_hub_name_that_a_curator_ignored_is_not_proposed():
    listed("deepseek-ai/DeepSeek-V9")
    Unresolved.objects.update(state="ignored")
    assert proposals.find(now=at(3)) == 0


def test_names_that_wait_from_other_sources_are_the_queues_business():
    take_in(PRICES, prices(Offer("deepseek", "deepseek-v9")), at(1))
    assert Unresolved.objects.filter(endpoint=endpoint(PRICES)).exists()
    assert proposals.find(now=at(3)) == 0


def test_nothing_in_the_news_proposes_nothing():
    assert not News.objects.exists()
    assert proposals.find(now=at(3)) == 0
    assert Source.objects.exists()
