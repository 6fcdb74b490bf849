"""The licence pages: every term with its clause, what nobody has read said so, readings, changes, who may use it."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from tests.pages.reading import read
from tracker.domain.permission import Profile
from tracker.models import IndexRun, Licence, LicenceChange, LicenceReading, LicenceText, ModelState, Release
from tracker.queries import licences, permissions
from tracker.views.can_i_use import DEEDS
from tracker.views.term_words import MATRIX, TERMS

pytestmark = pytest.mark.usefixtures("world")
JUNE, OCTOBER = datetime(2026, 6, 1, 9, tzinfo=UTC), datetime(2026, 10, 1, 9, tzinfo=UTC)
READ = {
    "commercial": "threshold",
    "mau_threshold": 700,
    "threshold_effect": "need-licence",
    "field_of_use": ["military purposes", "malware"],
    "military": "banned",
    "aup": "incorporated",
    "output_training": "banned",
    "geo_exclusions": [{"region": "European Union", "scope": "every right"}],
    "naming_duty": "display",
    "attribution_ui": "required",
    "share_alike": "no",
    "notice": "yes",
    "pass_through_restrictions": "no",
    "modification": "allowed",
    "redistribution": "allowed",
    "remote_restriction_right": "no",
}
CLAUSES = [
    {"fact": "output_training", "quote": "not to improve any other model", "where": "1.b.v", "document": "licence"},
    {"fact": "mau_threshold", "quote": "more than 700 monthly users", "where": "2", "document": "licence"},
]


@pytest.fixture
def community():
    """The world's community licence, read to the end."""
    row = Licence.objects.get(slug="example-community")
    row.commercial = "threshold"
    row.terms = {**row.terms, **READ, "clauses": CLAUSES, "text_sha256": "a" * 64, "family": "Example"}
    row.save()
    return row


def text_of(licence, *, words, at, key="text"):
    """A text of the licence as a source that may be shown holds it."""
    like = Release.objects.filter(endpoint__source__may_display=True).first()
    return LicenceText.objects.create(
        endpoint=like.endpoint, key=f"{key}-{at:%m}", digest=f"{at:%m}", name="example-community", text=words,
        licence=licence, first_snapshot=like.first_snapshot, known_from=at, osi_approved=False, category="custom",
    )  # fmt: skip


def matrix(page):
    return {row[0]: row for row in page.rows("Licence", "Models", "OSI")}


def test_the_matrix_has_every_licence_with_a_mark_and_a_word_in_each_cell(ask):
    page = read(ask("/licences/"))
    rows = matrix(page)
    assert set(rows) == set(Licence.objects.values_list("name", flat=True))
    marked = [attrs for tag, attrs in page.tags if tag == "span" and attrs.get("class", "").startswith("term")]
    assert len(marked) >= len(rows) * len(MATRIX)
    assert all("data-mark" in attrs for attrs in marked)
    assert all(cell for row in rows.values() for cell in row)


def test_the_matrix_counts_the_models_of_the_run(ask):
    run = ModelState.objects.filter(run__historic=False).first().run
    rows = matrix(read(ask("/licences/")))
    for licence in Licence.objects.all():
        assert rows[licence.name][1] == str(ModelState.objects.filter(run=run, licence=licence).count())
    assert int(rows["MIT License"][1]) > 0


def test_a_term_that_nobody_has_read_says_so_and_never_counts_as_free(ask):
    row = matrix(read(ask("/licences/")))["MIT License"]
    assert row[2] == row[3] == "yes"
    assert set(row[5:-2]) == {"unread"}
    text = read(ask("/licences/mit/")).text
    assert "Nobody has read:" in text
    assert "nobody has read this" in text


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("osi=yes", {"apache-2-0", "mit"}),
        ("commercial=permission", {"example-community"}),
        ("aup=unread", {"apache-2-0", "mit", "example-community", "proprietary"}),
        ("aup=updatable", set()),
        ("outputs=unread&osi=no", {"example-community", "proprietary"}),
        ("q=APACHE", {"apache-2-0"}),
        ("q=%25", set()),
        ("used=yes&osi=yes", {"apache-2-0", "mit"}),
    ],
)
def test_a_filter_narrows_the_page_and_its_file_alike(client, query, slugs):
    rows = list(csv.DictReader(io.StringIO(client.get(f"/licences.csv?{query}").content.decode())))
    assert {row["slug"] for row in rows} == slugs
    page = read(client.get(f"/licences/?{query}"))
    assert f"{len(slugs)} of 4 licences" in page.text
    if not slugs:
        assert "No licence of the catalogue fits." in page.text


def test_a_licence_without_models_is_left_out_where_only_used_ones_are_asked_for(client):
    Licence.objects.create(slug="lonely", name="Lonely License", osi_approved="yes", commercial="yes", terms={})
    assert "Lonely License" in matrix(read(client.get("/licences/?osi=yes")))
    assert "Lonely License" not in matrix(read(client.get("/licences/?osi=yes&used=yes")))


def test_a_family_is_a_filter(client, community):
    rows = json.loads(client.get("/licences.json?family=Example").content)["rows"]
    assert [row["slug"] for row in rows] == ["example-community"]


@pytest.mark.parametrize(
    "address", ["/licences.json", "/licences/mit.json", "/licences/compare.json?a=mit", "/licences/can-i-use.json"]
)
def test_a_file_names_the_day_that_it_is_of(client, address):
    run = IndexRun.objects.get(historic=False)
    assert client.get(address).json()["as_of"] == run.as_of.isoformat()
    past = f"{address}{'&' if '?' in address else '?'}as_of=2026-04-15"
    assert client.get(past).json()["as_of"] == "2026-04-15"


def test_a_licence_shows_every_term_with_its_words_its_quote_and_its_place(client, community):
    rows = {row[0]: row[1:] for row in read(client.get("/licences/example-community/")).rows("Term", "What it says")}
    assert len(rows) == len(TERMS)
    told = {name.partition("?")[0]: cells for name, cells in rows.items()}
    outputs = next(cells for name, cells in told.items() if name.startswith("Outputs may train others"))
    assert outputs == ["no", "not to improve any other model", "1.b.v, the licence"]
    places = next(cells for name, cells in told.items() if name.startswith("Places excluded"))
    assert places[0] == "European Union (every right)"


def test_a_licence_says_the_sha256_of_its_text_and_when_it_was_read(client, community):
    text = read(client.get("/licences/example-community/")).text
    assert "a" * 64 in text
    assert "2026-09-01, https://example.org/licence" in text


def test_terms_read_after_the_day_of_the_page_are_told_apart(client):
    assert "Read later" in read(client.get("/licences/mit/?as_of=2026-04-15")).text
    assert "Read later" not in read(client.get("/licences/mit/?as_of=2026-09-02")).text
    assert "Read later" not in read(client.get("/licences/mit/")).text


def test_the_models_of_a_licence_are_those_the_run_believes_with_their_evidence(ask):
    page = read(ask("/licences/mit/"))
    states = ModelState.objects.filter(run__historic=False, licence__slug="mit")
    assert {row[0] for row in page.rows("Model", "Lab", "Released")} == set(
        states.values_list("model__name", flat=True)
    )
    for state in states:
        assert f"/facts/release/{state.evidence['licence']}/" in page.links


def test_two_curators_may_disagree_and_both_are_shown(client, community):
    for name, answer in (("ada", "allowed"), ("bo", "banned")):
        LicenceReading.objects.create(
            licence=community, text_sha256="a" * 64, terms={"output_training": answer, "military": "banned"},
            by=User.objects.create_user(name), at=OCTOBER, note=f"as {name} sees it",
        )  # fmt: skip
    page = read(client.get("/licences/example-community/"))
    assert "ada reads: yes" in page.text
    assert "bo reads" not in page.text
    assert "Reads otherwise: Outputs may train others: yes (above: no)." in page.text
    assert "bo read 2 terms on 1 October 2026. Agrees with the terms above. as bo sees it" in page.within("content")


def test_a_withdrawn_reading_and_one_of_later_are_not_shown(client, community):
    by = User.objects.create_user("ada")
    kept = LicenceReading.objects.create(
        licence=community, text_sha256="a" * 64, terms={"military": "allowed"}, by=by, at=OCTOBER
    )
    assert "ada reads: not forbidden" in read(client.get("/licences/example-community/")).text
    assert "ada" not in read(client.get("/licences/example-community/?as_of=2026-09-05")).text
    LicenceReading.objects.filter(pk=kept.pk).update(withdrawn_at=OCTOBER)
    assert "ada" not in read(client.get("/licences/example-community/")).text


@pytest.fixture
def changed(community):
    """A text of the licence that came with other words in October."""
    old, new = text_of(community, words="Old words.", at=JUNE), text_of(community, words="New words.", at=OCTOBER)
    report = {
        "added": [{"clause": "3", "after": "no military use", "topics": ["military use"]}],
        "removed": [{"clause": "4", "before": "a notice must stay", "topics": []}],
        "changed": [{"clause": "5", "before": "fifty users", "after": "five users", "topics": []}],
        "before": {"licence": "example-community", "sha256": "b" * 64},
        "after": {"licence": "", "sha256": "c" * 64},
        "topics": ["military use"],
        "terms": "read",
        "allowed_now": [{"field": "output_training", "before": "banned", "after": "allowed"}],
        "forbidden_now": [{"field": "military", "before": "allowed", "after": "banned"}],
        "other_terms": [{"field": "geo_exclusions", "before": None, "after": [{"region": "Oz", "scope": ""}]}],
    }
    return LicenceChange.objects.create(before=old, after=new, licence=community, found_at=OCTOBER, report=report)


def test_a_changed_text_shows_its_clauses_and_the_terms_gained_and_lost(client, changed):
    page = read(client.get("/licences/example-community/"))
    for words in (
        "1 October 2026: example-community came with other words",
        "Outputs may train others: no → yes",
        "Military use: not forbidden → forbidden",
        "Places excluded: unread → Oz",
        "removed 4 a notice must stay",
        "added 3 no military use",
        "changed 5 fifty users five users",
    ):
        assert words in page.within("content")
    assert {f"/facts/licence/{changed.before_id}/", f"/facts/licence/{changed.after_id}/"} <= set(page.links)
    assert client.get(f"/facts/licence/{changed.after_id}/").status_code == 200


def test_a_change_that_nobody_has_read_names_only_what_its_clauses_speak_of(client, changed):
    LicenceChange.objects.update(report={**changed.report, "terms": "not read"})
    text = read(client.get("/licences/example-community/")).text
    assert "Nobody has read both texts yet" in text
    assert "The clauses that differ speak of military use." in text
    assert "Allowed now" not in text


def test_a_change_is_not_known_before_it_was_found_nor_from_a_source_that_may_not_be_shown(client, changed):
    seen = "came with other words"
    assert seen in read(client.get("/licences/example-community/")).text
    assert seen not in read(client.get("/licences/example-community/?as_of=2026-09-05")).text
    type(changed.after.endpoint.source).objects.filter(pk=changed.after.endpoint.source_id).update(may_display=False)
    page = read(client.get("/licences/example-community/"))
    assert seen not in page.text
    assert "No register or publisher has been asked about it yet." in page.text


def test_what_registers_say_is_shown_with_its_evidence_and_without_the_text(client, changed):
    page = read(client.get("/licences/example-community/"))
    rows = page.rows("Source", "Its name there", "OSI-approved")
    assert [row[2:5] for row in rows] == [["no", "–", "custom"]] * 2
    assert "Old words." not in page.text
    assert f"/facts/licence/{changed.before_id}/" in page.links


def test_licences_side_by_side_show_what_differs_first(client, community):
    page = read(client.get("/licences/compare/?a=apache-2-0&b=example-community"))
    rows = page.rows("Term", "Apache License 2.0", "Example Community License")
    differs = ["differs" in row[0] for row in rows]
    assert differs == sorted(differs, reverse=True)
    assert any(differs)
    assert not all(differs)
    told = next(row for row in rows if row[0].startswith("Outputs may train others"))
    assert told[1] == "nobody has read this"
    assert "not to improve any other model at 1.b.v" in told[2]


def test_the_comparison_says_what_the_second_allows_more_and_less(client, community):
    Licence.objects.filter(slug="mit").update(
        terms={**Licence.objects.get(slug="mit").terms, "output_training": "allowed", "military": "unread"}
    )
    page = read(client.get("/licences/compare/?a=example-community&b=mit"))
    assert "Outputs may train others: no → yes" in page.text.partition("Allows less")[0]
    assert "Military use: forbidden" not in page.text.partition("Terms side by side")[0]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/licences/compare/?a=nothing", "a=nothing is not known"),
        ("/licences/?commercial=perhaps", "commercial=perhaps is not known"),
        ("/licences/?family=Nobody", "family=Nobody is not known"),
        ("/licences/can-i-use/?users=many", "users=many is not a whole number"),
        ("/licences/can-i-use/?users=-5", "users=-5 is not a whole number"),
        ("/licences/can-i-use/?revenue=99999999999999999", "is not a whole number"),
        ("/licences/can-i-use/?region=moon", "region=moon is not known"),
        ("/licences/can-i-use/?licence=nothing", "licence=nothing is not known"),
        ("/licences/nothing/", ""),
    ],
)
def test_nonsense_in_an_address_is_told_in_words(client, address, said):
    response = client.get(address)
    assert response.status_code == 404
    assert said in read(response).text


def test_the_answer_for_one_licence_quotes_the_deciding_clause(client, community):
    page = read(client.get("/licences/can-i-use/?licence=example-community&users=1&outputs=yes"))
    assert "Blocked Example Community License" in page.within("ruling")
    assert "Example Community License forbids training other models on outputs." in page.text
    assert "not to improve any other model at 1.b.v" in page.text
    assert "This is no legal advice." in page.text


def test_more_users_change_the_answer_and_the_licensor_can_be_asked(client, community):
    few = read(client.get("/licences/can-i-use/?licence=example-community&users=700"))
    many = read(client.get("/licences/can-i-use/?licence=example-community&users=701"))
    assert few.within("ruling").startswith("Conditional")
    assert many.within("ruling").startswith("Blocked")
    assert "the licensor can be asked for a further one" in many.text


@pytest.mark.parametrize("written", ["701", "7 01", "7,01", "7_01", "7'01"])
def test_a_number_is_taken_as_people_write_it(client, community, written):
    page = read(client.get("/licences/can-i-use/", {"licence": "example-community", "users": written}))
    assert page.within("ruling").startswith("Blocked")


def test_what_nobody_has_read_is_listed_in_the_answer(client):
    page = read(client.get("/licences/can-i-use/?licence=mit"))
    assert page.within("ruling").startswith("Unknown")
    assert "Nobody has read in MIT License whether some places are excluded." in page.text


def test_a_model_is_answered_by_the_licence_it_is_under(client, community):
    state = ModelState.objects.filter(run__historic=False, licence=community).select_related("model").first()
    page = read(client.get("/licences/can-i-use/", {"model": state.model.name, "users": "5"}))
    assert f"{' '.join(state.model.name.split())} under Example Community License" in page.within("ruling")


def test_a_model_that_nobody_knows_is_not_guessed(client):
    page = read(client.get("/licences/can-i-use/?model=birch"))
    assert "No model goes by exactly that name" in page.text
    assert "ruling" not in {attrs.get("id") for _, attrs in page.tags}


def test_all_licences_stand_in_one_table_the_kindest_first(client, community):
    page = read(client.get("/licences/can-i-use/?users=9999&outputs=yes"))
    rows = page.rows("Licence", "Outcome", "What decides")
    assert len(rows) == Licence.objects.count()
    order = ["Allowed", "Conditional", "Unknown", "Blocked"]
    places = [order.index(row[1].partition(",")[0]) for row in rows]
    assert places == sorted(places)
    file = list(
        csv.DictReader(io.StringIO(client.get("/licences/can-i-use.csv?users=9999&outputs=yes").content.decode()))
    )
    assert [(row["name"], row["outcome"]) for row in file] == [
        (row[0], row[1].partition(",")[0].lower()) for row in rows
    ]


def test_a_link_from_the_table_keeps_the_profile(client):
    query = "users=5&region=eu&outputs=yes&host=yes"
    link = next(at for at in read(client.get(f"/licences/can-i-use/?{query}")).links if "licence=mit&" in at)
    assert set(query.split("&")) <= set(link.partition("?")[2].split("&"))
    page = read(client.get(link))
    ticked = {attrs["name"] for attrs in page.all("input") if "checked" in attrs}
    assert ticked == {"outputs", "host"} <= set(DEEDS)


def test_a_name_of_two_models_names_none(db):
    assert permissions.model_named("gpt-5") == ("gpt-5", "GPT-5")
    assert permissions.model_named("") is None


def test_the_queries_do_not_grow_with_the_licences(client, django_assert_max_num_queries):
    like = Licence.objects.get(slug="mit")
    addresses = ("/licences/", "/licences/can-i-use/?licence=mit", "/licences/compare/?a=mit&b=apache-2-0")
    Licence.objects.bulk_create(
        Licence(slug=f"many-{n}", name=f"Many {n}", osi_approved="no", commercial="yes", terms=like.terms)
        for n in range(200)
    )
    for address in addresses:
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200


def test_a_row_of_the_database_is_the_definition_it_was_made_from(community):
    found = licences.definition(community)
    assert (found.mau_threshold, found.output_training.value) == (700, "banned")
    assert found.clauses[0].quote == "not to improve any other model"
    assert permissions.ruling(found, Profile(region="eu")).outcome == "blocked"
