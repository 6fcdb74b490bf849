"""Proposed releases adopted and dismissed: an adopted one is a fact with a document, and undoing ends it."""

from datetime import date

import pytest

from tests.curation.steps import worker
from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import records
from tracker import curation
from tracker.curation import Refused
from tracker.domain.records import Access, NewsRecord, ReleaseRecord, When
from tracker.models import AIModel, Alias, Decision, Lab, Licence, ProposedRelease, Release, Snapshot, Unresolved
from tracker.pipeline import archive, ingest, proposals
from tracker.pipeline.beliefs import beliefs
from tracker.sources import record_file
from tracker.sources.curated_releases import COLUMNS
from tracker.sources.hf_hub import SOURCE as HUGGING_FACE
from tracker.sources.lab_feeds import SOURCE as FEEDS

pytestmark = pytest.mark.usefixtures("installed")

FEED, LISTING = FEEDS.urls[0], HUGGING_FACE.urls[0]
WHY = "Announced by its lab"
PAGE = "https://example.org/news/7"


@pytest.fixture(autouse=True)
def found(installed):
    said = [NewsRecord("n1", "OpenAI", "Introducing GPT Example 7", When.parse("2026-09-01"), url=PAGE),
            NewsRecord("n2", "OpenAI", "Introducing Zephyrine 2", When.parse("2026-09-01"), url=PAGE)]  # fmt: skip
    take_in(FEED, records(*said, url=FEED), at(1), record_file.MEDIA_TYPE)
    weights = ReleaseRecord(
        "w", "openai/GPT-Example-7", lab="openai", access=Access.WEIGHTS, url="https://example.org/w"
    )
    take_in(LISTING, records(weights, url=LISTING), at(1), record_file.MEDIA_TYPE)
    proposals.find(now=at(1, 7))


def proposal(name: str = "GPT-Example-7") -> ProposedRelease:
    return ProposedRelease.objects.get(name=name)


def adopt(by, *, day: int = 2, **about) -> curation.Done:
    told = {"title": "GPT Example 7", "lab": Lab.objects.get(slug="openai"), "url": PAGE,
            "released": When.parse("2026-09"), "access": Access.API, **about}  # fmt: skip
    return curation.adopt_release(proposal(), by=by, reason=WHY, now=at(day), **told)


def read(done: curation.Done, day: int, hour: int = 7) -> None:
    for snapshot in done.snapshots:
        ingest.ingest(snapshot, now=at(day, hour), by="worker")
    worker(at(day, hour))


def stated() -> list[Release]:
    return list(Release.objects.known().filter(endpoint__url__startswith="desk:").select_related("model"))


def test_an_adopted_release_is_a_fact_with_its_document_its_page_and_its_day(ann):
    done = adopt(ann, licence=Licence.objects.get(slug="mit"))
    assert stated() == []
    read(done, 2)
    (fact,) = stated()
    assert (fact.model.slug, fact.released_on, fact.precision, fact.access) == (
        "gpt-example-7", date(2026, 9, 1), "month", "api",
    )  # fmt: skip
    assert (fact.url, fact.licence.slug, fact.known_from) == (PAGE, "mit", at(2))
    assert fact.endpoint.source.slug == "curated_releases"
    assert fact.first_snapshot.endpoint.url == "desk:releases/gpt-example-7.csv"
    assert beliefs(None).models["gpt-example-7"].lab == "OpenAI"
    assert proposal().state == "adopted"


def test_what_sources_said_under_its_name_comes_in_with_it(ann):
    read(adopt(ann), 2)
    assert Release.objects.known().get(endpoint__url=LISTING).model.slug == "gpt-example-7"
    assert Unresolved.objects.get(name="openai/GPT-Example-7").state == "resolved"


def test_a_decision_to_adopt_says_who_when_why_and_what(ann):
    (decision,) = adopt(ann).decisions
    assert (decision.kind, decision.by, decision.at, decision.reason) == ("adopt-release", ann, at(2), WHY)
    assert decision.words == "“GPT-Example-7” is a new model, GPT Example 7, of OpenAI"
    model = AIModel.objects.get(slug="gpt-example-7")
    assert {f"aimodel:{model.pk}", f"lab:{model.lab_id}"} <= set(decision.concerns)


def test_the_document_of_the_desk_has_every_column_that_its_source_reads(ann):
    (snapshot,) = adopt(ann).snapshots
    document = ingest.document_of(Snapshot.objects.select_related("endpoint", "blob").get(pk=snapshot))
    (row,) = document.csv(*COLUMNS)
    assert (row["key"], row["source"], row["retrieved_on"]) == ("gpt-example-7", "example.org", "2026-09-02")


def test_what_is_not_stated_stays_unstated(ann):
    read(adopt(ann, released=None, access=None), 2)
    (fact,) = stated()
    assert (fact.released_on, fact.access, fact.licence, fact.parameters) == (None, "", None, None)


def test_undoing_an_adoption_ends_the_fact_and_the_proposal_waits_again(ann, bob):
    done = adopt(ann)
    read(done, 2)
    undone = curation.undo(done.decisions[0], by=bob, reason="It is a product", now=at(3))
    worker(at(3, 1))
    assert stated() == []
    assert proposal().state == "waiting"
    assert not Alias.objects.filter(added_by="ann").exists()
    assert Unresolved.objects.get(name="openai/GPT-Example-7").state == "waiting"
    assert not Unresolved.objects.filter(endpoint__url__startswith="desk:", state="waiting").exists()
    past = Release.objects.known(at(2, 12)).filter(endpoint__url__startswith="desk:")
    assert [fact.model.slug for fact in past] == ["gpt-example-7"]
    assert undone.decisions[0].undoes == done.decisions[0]
    assert proposals.find(now=at(4)) == 0
    assert proposal().state == "waiting"


def test_an_adoption_that_nobody_read_yet_is_undone_without_a_trace_in_the_facts(ann):
    done, models = adopt(ann), AIModel.objects.count()
    curation.undo(done.decisions[0], by=ann, reason="Misread", now=at(2, 7))
    assert ingest.waiting(now=at(3)) == []
    assert stated() == []
    assert AIModel.objects.count() == models - 1
    assert proposal().state == "waiting"


def test_a_statement_that_is_being_read_is_not_taken_from_the_worker(ann):
    done = adopt(ann)
    Snapshot.objects.filter(pk__in=done.snapshots).update(lease_until=at(2, 8), lease_by="worker")
    with pytest.raises(Refused, match="being read"):
        curation.undo(done.decisions[0], by=ann, reason="Misread", now=at(2, 7))


def test_what_was_adopted_undone_and_adopted_again_is_one_model_with_one_fact(ann):
    done = adopt(ann)
    read(done, 2)
    curation.undo(done.decisions[0], by=ann, reason="Misread", now=at(3))
    worker(at(3, 1))
    read(adopt(ann, day=4, released=When.parse("2026-09-04")), 4)
    assert [fact.released_on for fact in stated()] == [date(2026, 9, 4)]
    assert AIModel.objects.filter(name="GPT Example 7").count() == 1


def test_a_model_that_is_known_is_not_adopted(ann):
    with pytest.raises(Refused, match="known already"):
        adopt(ann, title="GPT Example")
    assert not Decision.objects.exists()
    assert not Snapshot.objects.filter(endpoint__url__startswith="desk:").exists()


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://", "ftp://example.org/x"])
def test_a_release_needs_the_page_that_tells_of_it(ann, url):
    with pytest.raises(Refused, match="address of the page"):
        adopt(ann, url=url)


def test_a_dismissed_proposal_says_who_when_why_and_does_not_return(ann):
    (decision,) = curation.dismiss_releases([proposal("Zephyrine 2")], by=ann, reason="A product", now=at(2)).decisions
    assert (decision.kind, decision.by, decision.at, decision.reason) == ("dismiss-release", ann, at(2), "A product")
    assert proposals.find(now=at(3)) == 0
    assert proposal("Zephyrine 2").state == "dismissed"
    with pytest.raises(Refused, match="waits no longer: it is dismissed"):
        curation.dismiss_releases([proposal("Zephyrine 2")], by=ann, reason="Again", now=at(3))
    curation.undo(decision, by=ann, reason="It is a model", now=at(4))
    assert proposal("Zephyrine 2").state == "waiting"


def test_all_are_dismissed_or_none(ann):
    curation.dismiss_releases([proposal()], by=ann, reason="A product", now=at(2))
    with pytest.raises(Refused, match="GPT-Example-7"):
        curation.dismiss_releases(ProposedRelease.objects.all(), by=ann, reason="Products", now=at(3))
    assert proposal("Zephyrine 2").state == "waiting"


def test_a_statement_goes_out_and_comes_in_with_the_archive(ann, tmp_path):
    read(adopt(ann), 2)
    entries = [entry for entry in archive.export(tmp_path) if entry.url.startswith("desk:")]
    assert [entry.source for entry in entries] == ["curated_releases"]
    before = [(fact.key, fact.digest, fact.known_from) for fact in stated()]
    assert [snapshot.state for _, snapshot in archive.load(tmp_path, now=at(5), by="loader")][-1] == "ingested"
    assert [(fact.key, fact.digest, fact.known_from) for fact in stated()] == before
