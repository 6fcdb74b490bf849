"""A text with other words than the time before is a change, kept once; one with other lines is none."""

from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings

from tests.domain.licences_of_ours import COMMUNITY
from tests.pipeline.steps import at
from tracker import tasks
from tracker.domain.licence_diff import QUOTE_WORDS, terms_diff, text_diff
from tracker.domain.licence_fingerprint import fingerprint
from tracker.domain.licence_terms import AcceptableUse, LicenceDefinition, OutputTraining
from tracker.models import AIModel, Blob, Endpoint, Licence, LicenceChange, LicenceText, Snapshot
from tracker.pipeline.licence_changes import find

STRICTER = COMMUNITY.replace("700 million", "50 million").replace(
    "4. Governing", "4. Places. Nobody in the European Union receives any right.\n\n5. Governing"
)


@pytest.fixture
def texts(installed: None) -> Any:
    """Writes what an endpoint showed, one text after the other, as the store would have left it."""
    endpoint = Endpoint.objects.filter(url__endswith="llama3_1/LICENSE").first()
    assert endpoint is not None
    licence, model = Licence.objects.get(slug="example-community"), AIModel.objects.get(slug="deepseek-example")

    def show(*bodies: str) -> list[LicenceText]:
        rows: list[LicenceText] = []
        for day, body in enumerate(bodies, 1):
            blob = Blob.objects.create(sha256=f"{day:064x}", size=1, packed=b"x")
            snapshot = Snapshot.objects.create(endpoint=endpoint, blob=blob, fetched_at=at(day))
            row = LicenceText(
                endpoint=endpoint, key="text", digest=f"{day:032x}", name="Lantern 2", first_snapshot=snapshot,
                known_from=at(day), licence=licence, model=model, text=body,
            )  # fmt: skip
            if rows:
                LicenceText.objects.filter(pk=rows[-1].pk).update(known_to=at(day), last_snapshot=snapshot)
            row.save()
            if rows:
                LicenceText.objects.filter(pk=rows[-1].pk).update(superseded_by=row)
            rows.append(row)
        return rows

    return show


def test_a_changed_text_is_found_once_with_its_clauses(texts: Any) -> None:
    before, after = texts(COMMUNITY, STRICTER)
    (change,) = find(now=at(9))
    assert (change.before, change.after, change.found_at) == (before, after, at(9))
    assert (change.licence, change.model.slug, change.lab.slug) == (after.licence, "deepseek-example", "deepseek")
    assert [row["after"] for row in change.report["added"]][-1].startswith("Nobody in the European Union")
    assert "50 million" in change.report["changed"][0]["after"]
    assert "700 million" in change.report["changed"][0]["before"]
    assert (change.report["terms"], change.report["allowed_now"]) == ("not read", [])
    assert {"places", "number of users"} <= set(change.report["topics"])
    assert find(now=at(10)) == []
    assert LicenceChange.objects.count() == 1


def test_other_lines_are_no_change(texts: Any) -> None:
    texts(
        COMMUNITY, " ".join(COMMUNITY.split("\n\n")[0:1]) + "\n\n" + COMMUNITY.split("\n\n", 1)[1].replace("\n", "\r\n")
    )
    assert find(now=at(9)) == []


def test_every_change_of_a_chain_is_found(texts: Any) -> None:
    rows = texts(COMMUNITY, STRICTER, COMMUNITY)
    assert [(one.before, one.after) for one in find(now=at(9))] == [(rows[0], rows[1]), (rows[1], rows[2])]


def test_where_both_texts_are_known_the_terms_are_compared_field_by_field(texts: Any) -> None:
    texts(COMMUNITY, STRICTER)
    known = [fingerprint("old", "of ours", COMMUNITY), fingerprint("new", "of ours", STRICTER)]
    definition = LicenceDefinition.from_toml("old", {"name": "Old", "geo_exclusions": [], "field_of_use": []})
    old = replace(definition, aup=AcceptableUse.UPDATABLE, output_training=OutputTraining.BANNED)
    new = replace(definition, slug="new", aup=AcceptableUse.NONE, output_training=OutputTraining.BANNED)
    (change,) = find(now=at(9), known=known, licences={"old": old, "new": replace(new, mau_threshold=50)})
    assert change.report["terms"] == "read"
    assert change.report["allowed_now"] == [{"field": "aup", "before": "updatable", "after": "none"}]
    assert change.report["forbidden_now"] == [{"field": "mau_threshold", "before": 0, "after": 50}]


def test_what_is_unread_on_one_side_is_neither_gained_nor_lost() -> None:
    (row,) = terms_diff({"military": "unread"}, {"military": "banned"})
    assert (row.field, row.allows_more) == ("military", None)


def test_no_quote_is_as_long_as_25_words() -> None:
    long = COMMUNITY.replace("We may refuse it for any reason.", f"We may refuse it {'again and ' * 30} again.")
    diff = text_diff(COMMUNITY, long)
    assert diff is not None
    rows = (*diff.added, *diff.removed, *diff.changed)
    quotes = [said.replace("…", "").split() for row in rows for said in (row.before, row.after)]
    assert max(map(len, quotes)) == QUOTE_WORDS < 25


def test_equal_words_have_no_difference() -> None:
    assert text_diff(COMMUNITY, COMMUNITY.replace("\n   ", "\n")) is None


def test_beat_asks_for_changes_and_they_are_kept(texts: Any) -> None:
    texts(COMMUNITY, STRICTER)
    tasks.ingest_findings()
    assert LicenceChange.objects.count() == 1
    assert settings.CELERY_BEAT_SCHEDULE["ingest_findings"]["task"] == tasks.ingest_findings.name
