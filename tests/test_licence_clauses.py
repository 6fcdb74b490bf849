"""The licence files as readings: each term rests on a few quoted words, which stand in the text that was read."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tracker.domain.licence_terms import (
    QUOTE_WORDS,
    TERMS,
    Clause,
    Document,
    LicenceDefinition,
    is_silence,
    is_unread,
)
from tracker.domain.licence_text import text_sha256

FILES = Path(__file__).parents[1] / "tracker" / "catalog" / "licences"
SHARED = Path(__file__).parents[1] / ".." / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SHARED.is_dir(), reason="the sample documents are not on this machine")

# A licence that another's words grant: its own file carries no hash, or two licences would answer to one text.
WORDS_OF = {"gpt-oss": "apache-2-0"}
# Said beside the clause of another term: a period is part of the threshold's words.
SAID_WITH = {"revenue_period": "revenue_threshold"}


def read() -> dict[str, LicenceDefinition]:
    return {
        path.stem: LicenceDefinition.from_toml(path.stem, tomllib.loads(path.read_text("utf-8")))
        for path in sorted(FILES.glob("*.toml"))
    }


LICENCES = read()


def plain(text: str) -> str:
    return " ".join(text.split())


def unsupported(licence: LicenceDefinition) -> list[str]:
    """Terms that say something, and rest on no clause."""
    cited = {clause.fact for clause in licence.clauses}
    return [
        term
        for term in TERMS
        if not is_unread(licence, term)
        and not is_silence(licence, term)
        and term not in cited
        and SAID_WITH.get(term) not in cited
    ]


def body(path: Path) -> str:
    """A sample's licence text: without the collector's head, and out of the gate where a card holds it."""
    text = path.read_text("utf-8")
    if path.suffix not in (".LICENSE", ".md") or not text.startswith("---\n"):
        return text
    head, _, rest = text.removeprefix("---\n").partition("\n---")
    if path.suffix == ".LICENSE":
        return rest.partition("\n")[2]
    gate = yaml.safe_load(head).get("extra_gated_prompt", "")
    return gate if isinstance(gate, str) else ""


@dataclass(frozen=True, slots=True)
class Samples:
    texts: dict[str, str]  # by the hash of their words
    cards: tuple[str, ...]

    def text_of(self, licence: LicenceDefinition, document: Document) -> str | None:
        if document is Document.USE_POLICY:
            return self.texts.get(licence.aup_sha256)
        return self.texts.get(LICENCES[WORDS_OF.get(licence.slug, licence.slug)].text_sha256)

    def holds(self, licence: LicenceDefinition, clause: Clause) -> bool | None:
        """Whether the quote stands where it says; None where the text is not among the samples."""
        quote = plain(clause.quote)
        if clause.document is Document.CARD:
            return any(quote in card for card in self.cards)
        text = self.text_of(licence, clause.document)
        return None if text is None else quote in plain(text)


@pytest.fixture(scope="module")
def samples() -> Samples:
    folder = SHARED / "licence-texts"
    cards = sorted((SHARED / "hf-model-cards" / "cards").glob("*.md"))
    papers = [
        path for part in ("scancode", "upstream") for path in sorted((folder / part).rglob("*")) if path.is_file()
    ]
    bodies = [text for text in map(body, [*papers, *cards]) if text]
    return Samples(
        {text_sha256(text): text for text in bodies}, tuple(plain(card.read_text("utf-8")) for card in cards)
    )


def test_the_texts_of_sixty_licences_were_read():
    assert sum(bool(licence.text_sha256) for licence in LICENCES.values()) >= 60


def test_one_text_is_one_licence():
    digests = [licence.text_sha256 for licence in LICENCES.values() if licence.text_sha256]
    assert len(set(digests)) == len(digests)


@pytest.mark.parametrize("slug", LICENCES)
def test_every_quote_is_short_and_supports_a_term(slug):
    for clause in LICENCES[slug].clauses:
        assert 0 < len(clause.quote.split()) < QUOTE_WORDS, clause
        assert clause.fact in TERMS, clause
        assert clause.where, clause


@pytest.mark.parametrize("slug", [slug for slug in LICENCES if slug != "proprietary"])
def test_every_term_that_says_something_rests_on_a_clause(slug):
    assert unsupported(LICENCES[slug]) == []


@pytest.mark.parametrize("slug", LICENCES)
def test_what_nobody_read_says_why(slug):
    licence = LICENCES[slug]
    if any(is_unread(licence, term) for term in TERMS):
        assert licence.note or "unread" in licence.evidence, slug


@pytest.mark.parametrize("slug", [slug for slug, licence in LICENCES.items() if licence.text_sha256])
def test_a_text_that_was_read_leaves_little_unread(slug):
    """What stays open is what stands in a policy of its own, or is granted in no words."""
    open_terms = {term for term in TERMS if is_unread(LICENCES[slug], term)}
    assert open_terms <= {"military", "field_of_use"}, open_terms
    assert not open_terms or LICENCES[slug].aup_url


def test_a_term_without_its_clause_is_found():
    terms: dict[str, Any] = {"commercial": "yes", "indemnity": "yes", "notice": "no", "military": "allowed"}
    file = {"name": "Example", "evidence": "text", "read_on": "2026-11-22", **terms}
    clause = {"fact": "commercial", "quote": "You may sell it.", "where": "1"}
    assert unsupported(LicenceDefinition.from_toml("example", file | {"clauses": [clause]})) == ["indemnity"]


def test_a_quote_is_found_over_line_ends_and_not_where_a_word_differs(tmp_path):
    path = tmp_path / "example.LICENSE"
    path.write_text("---\nkey: example\n---\n\nYou may\n  sell it,\nif you say so.\n", "utf-8")
    file = {"name": "Example", "commercial": "yes", "evidence": "text", "read_on": "2026-11-22"}
    quotes = [{"fact": "commercial", "quote": quote, "where": "1"} for quote in ("may sell it, if", "may not sell it")]
    text = body(path)
    licence = LicenceDefinition.from_toml("mit", file | {"clauses": quotes})
    known = Samples({LICENCES["mit"].text_sha256: text}, ())
    assert [known.holds(licence, clause) for clause in licence.clauses] == [True, False]
    assert Samples({}, ()).holds(licence, licence.clauses[0]) is None


def test_the_text_in_a_gate_is_taken_out_of_the_card(tmp_path):
    path = tmp_path / "card.md"
    path.write_text("---\nlicense: other\nextra_gated_prompt: |\n  You may sell it.\n---\n# Model\n", "utf-8")
    assert body(path).strip() == "You may sell it."


@needs_samples
@pytest.mark.parametrize("slug", LICENCES)
def test_every_quote_stands_in_the_sample_it_was_read_from(slug, samples):
    licence = LICENCES[slug]
    assert [clause.quote for clause in licence.clauses if samples.holds(licence, clause) is False] == []


@needs_samples
def test_the_samples_hold_most_of_what_was_read(samples):
    """Or a changed hash would leave the quotes unchecked and say nothing."""
    found = {slug for slug, licence in LICENCES.items() if samples.text_of(licence, Document.LICENCE)}
    assert len(found) >= 40
    assert {"llama-2", "llama-4", "gemma", "qwen", "kimi-modified-mit", "deepseek-1-0", "mistral-research"} <= found
    policies = {slug for slug, licence in LICENCES.items() if samples.text_of(licence, Document.USE_POLICY)}
    assert {"llama-2", "llama-3", "llama-3-1", "llama-3-2", "llama-3-3", "llama-4", "gemma", "gpt-oss"} <= policies


LLAMA = {"commercial": "threshold", "mau_threshold": 700_000_000, "threshold_effect": "need-licence"}
LLAMA |= {"military": "banned", "notice": "yes", "aup": "incorporated", "osi_approved": "no", "indemnity": "yes"}
FREE = {"commercial": "yes", "mau_threshold": 0, "revenue_threshold": 0, "output_training": "allowed", "notice": "yes"}
FREE |= {"aup": "none", "naming_duty": "none", "geo_exclusions": (), "osi_approved": "yes", "field_of_use": ()}
RAIL = {"commercial": "yes", "output_training": "allowed", "pass_through_restrictions": "yes", "osi_approved": "no"}
RAIL |= {"aup": "incorporated", "remote_restriction_right": "yes"}
GOLDEN: dict[str, dict[str, Any]] = {
    "apache-2-0": FREE | {"patent_grant": "yes", "patent_retaliation": "yes"},
    "mit": FREE,
    "llama-2": LLAMA | {"output_training": "banned", "naming_duty": "none", "geo_exclusions": ()},
    "llama-3": LLAMA | {"output_training": "banned", "naming_duty": "display", "geo_exclusions": ()},
    "llama-3-1": LLAMA | {"output_training": "named", "naming_duty": "display", "geo_exclusions": ()},
    "llama-3-2": LLAMA | {"output_training": "named", "naming_duty": "display"},
    "llama-4": LLAMA | {"output_training": "named", "naming_duty": "display"},
    "gemma": {"commercial": "yes", "output_training": "allowed", "pass_through_restrictions": "yes", "notice": "yes"}
    | {"remote_restriction_right": "yes", "osi_approved": "no", "mau_threshold": 0, "geo_exclusions": ()},
    "kimi-modified-mit": {"commercial": "yes", "mau_threshold": 100_000_000, "revenue_threshold": 20_000_000}
    | {"revenue_period": "month", "threshold_effect": "display-name", "naming_duty": "above-threshold"}
    | {"output_training": "allowed", "aup": "none", "osi_approved": "no"},
    "minimax-m2-7": {"commercial": "permission", "naming_duty": "display", "military": "banned", "osi_approved": "no"},
    "deepseek-1-0": {"commercial": "yes", "output_training": "allowed", "aup": "incorporated", "osi_approved": "no"},
    "bigscience-openrail-m": RAIL,
    "bigcode-openrail-m": RAIL,
    "cc-by-nc-4-0": {"commercial": "no", "notice": "yes", "aup": "none", "osi_approved": "no"},
    "mistral-research": {"commercial": "no", "notice": "yes", "aup": "none", "osi_approved": "no"},
}


@pytest.mark.parametrize("slug", GOLDEN)
def test_the_golden_facts_hold(slug):
    assert {term: getattr(LICENCES[slug], term) for term in GOLDEN[slug]} == GOLDEN[slug]


@pytest.mark.parametrize("slug", ["llama-3-2", "llama-4"])
def test_multimodal_llamas_exclude_the_european_union_by_the_policy_but_not_end_users(slug):
    licence = LICENCES[slug]
    (exclusion,) = licence.geo_exclusions
    assert exclusion.region == "European Union"
    assert "multimodal" in exclusion.scope
    assert "end users" in exclusion.scope
    assert {clause.document for clause in licence.clauses if clause.fact == "geo_exclusions"} == {Document.USE_POLICY}


def test_a_suit_ends_the_rights_under_llama_3_1():
    assert set(LICENCES["llama-3-1"].termination) == {"breach", "litigation"}
