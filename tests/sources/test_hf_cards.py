from collections import Counter
from dataclasses import replace

import pytest

from tests.sources.conftest import DOCUMENTS, FETCHED_AT
from tracker.domain.records import Access, LicenceRecord, ReleaseRecord
from tracker.sources.base import Document, ParseError
from tracker.sources.hf_cards import REPOSITORIES, SOURCE

HUB = "https://huggingface.co"


def card_of(repository, body):
    return Document(f"{HUB}/{repository}/raw/main/README.md", body, FETCHED_AT)


@pytest.fixture
def card():
    """A card of tests/documents, as the one of a repository of ours."""
    return lambda name: card_of("ExampleAI/Chat", (DOCUMENTS / "hf_cards" / f"{name}.md").read_bytes())


def stated(*lines):
    return card_of("ExampleAI/Chat", "\n".join(["---", *lines, "---", "Prose.", ""]).encode())


def release(document):
    return next(record for record in SOURCE.records(document) if isinstance(record, ReleaseRecord))


def terms(document):
    return [record for record in SOURCE.records(document) if isinstance(record, LicenceRecord)]


def test_a_card_is_read_whole_and_its_prose_is_no_fact(card):
    assert SOURCE.records(card("plain")) == [
        ReleaseRecord(
            "ExampleAI/Chat",
            "ExampleAI/Chat",
            lab="ExampleAI",
            access=Access.WEIGHTS,
            licence="apache-2.0",
            weights_url=f"{HUB}/ExampleAI/Chat",
            base="ExampleAI/Chat-Base",
            url=f"{HUB}/ExampleAI/Chat",
        )
    ]


def test_a_date_with_an_offset_in_the_card_is_no_release_date(card):
    assert b"+08:00" in card("plain").body
    assert release(card("plain")).released is None


def test_a_licence_without_an_id_goes_by_its_name_and_its_link_leads_into_the_repository(card):
    assert release(card("named")).licence == "example-community"
    assert terms(card("named")) == [
        LicenceRecord(
            "ExampleAI/Chat",
            "example-community",
            model="ExampleAI/Chat",
            url=f"{HUB}/ExampleAI/Chat/blob/main/LICENSE",
        )
    ]


def test_a_link_over_two_lines_is_read_whole_and_a_sentence_at_the_gate_is_no_licence(card):
    (found,) = terms(card("folded"))
    assert found.url == "https://example.org/licences/example-open-model.pdf"
    assert found.text == ""


def test_a_gate_that_is_the_whole_licence_is_kept_as_its_text(card):
    (found,) = terms(card("gated"))
    assert found.licence == "example-research"
    assert found.text.startswith("# Example Research License\n1. Clause 1 of ours")
    assert found.text.count("\n") == 20
    assert release(card("gated")).access is Access.WEIGHTS


def test_a_card_that_states_no_licence_states_none(card):
    assert release(card("silent")).licence == ""
    assert terms(card("silent")) == []


@pytest.mark.parametrize("body", [b"# Chat\n\nProse alone.\n", b"---\n---\nProse.\n"])
def test_a_card_without_values_states_no_licence(body):
    assert release(card_of("ExampleAI/Chat", body)).licence == ""


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["license: mit"], "mit"),
        (["license:", "- gemma"], "gemma"),
        (["license: [mit, apache-2.0]"], "mit AND apache-2.0"),
        (["license: [apache-2.0, other]", "license_name: exaone"], "apache-2.0 AND exaone"),
        (["license: [apache-2.0, other]"], ""),
        (["license: other"], ""),
        (["license: unknown"], ""),
        (["license:"], ""),
        (["license: other", "license_name: other"], ""),
        (["license_name: mrl"], "mrl"),
    ],
)
def test_a_word_for_no_licence_is_never_taken_for_a_licence(lines, licence):
    assert release(stated(*lines)).licence == licence


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("LICENSE", f"{HUB}/ExampleAI/Chat/blob/main/LICENSE"),
        ("./docs/LICENSE.md", f"{HUB}/ExampleAI/Chat/blob/main/docs/LICENSE.md"),
        ("https://example.org/terms", "https://example.org/terms"),
        ("[LICENSE]", f"{HUB}/ExampleAI/Chat/blob/main/LICENSE"),
    ],
)
def test_a_link_is_an_address_or_a_file_of_the_repository(link, address):
    (found,) = terms(stated("license: other", "license_name: ours", f"license_link: {link}"))
    assert found.url == address


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://[", ""])
def test_a_link_that_leads_nowhere_is_left_out(link):
    assert terms(stated("license: other", "license_name: ours", f"license_link: '{link}'")) == []


@pytest.mark.parametrize(
    ("lines", "made_from"),
    [
        (["base_model: ExampleAI/Base"], ("ExampleAI/Base", "")),
        (["base_model: [ExampleAI/Base, ExampleAI/Eyes]"], ("ExampleAI/Base, ExampleAI/Eyes", "")),
        (["base_model:", "- ExampleAI/Base", "base_model_relation: finetune"], ("ExampleAI/Base", "finetune")),
        (["base_model: ExampleAI/Base", "base_model_relation: cousin"], ("ExampleAI/Base", "")),
        (["base_model: "], ("", "")),
        (["license: mit"], ("", "")),
    ],
)
def test_what_a_model_was_made_from_is_a_word_or_a_list(lines, made_from):
    found = release(stated(*lines))
    assert (found.base, found.base_relation) == made_from


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["license: [mit"], "no YAML"),
        (["license: mit", "license: other"], "'license' twice"),
        (["license: {name: mit}"], "license is"),
        (["license: 2.0"], "license is '2.0'"),
        (["base_model: [1]"], "base_model is"),
        (["license_name: [ours]"], "license_name is"),
        (["base_model_relation: [finetune]"], "base_model_relation is"),
        (["extra_gated_prompt: {a: b}"], "extra_gated_prompt is"),
        (["last_checked: 2026-02-30"], "no YAML"),
    ],
)
def test_a_card_whose_values_cannot_be_read_is_refused(lines, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(stated(*lines))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b"---\nlicense: mit\n", "never ends it"),
        (b"<!doctype html><div id=root></div><script src=/app.js></script>", "web page"),
    ],
)
def test_what_is_no_card_is_refused(body, reason):
    with pytest.raises(ParseError, match=reason):
        SOURCE.records(card_of("ExampleAI/Chat", body))


def test_the_model_is_told_by_the_address_alone(card):
    assert release(replace(card("plain"), url=f"{HUB}/THUDM/glm/raw/main/README.md")).model == "THUDM/glm"
    with pytest.raises(ParseError, match="no address of a model card"):
        SOURCE.records(replace(card("plain"), url=f"{HUB}/api/models"))


def test_the_cards_asked_for_are_labs_own_and_no_copies():
    assert len(set(REPOSITORIES)) == len(REPOSITORIES) == 31
    reuploaders = ("bartowski/", "eaddario/", "NousResearch/Meta-Llama")
    assert not [name for name in REPOSITORIES if name.startswith(reuploaders) or name.lower().endswith("gguf")]


def test_every_stored_card_is_read(sample):
    found = {}
    for path in sorted(sample("hf-model-cards/cards").glob("*.md")):
        repository = path.stem.replace("_", "/", 1)
        found[repository] = SOURCE.records(card_of(repository, path.read_bytes()))
    assert len(found) == 43
    assert set(REPOSITORIES) <= set(found)
    licences = {name: records[0].licence for name, records in found.items()}
    assert Counter(licences.values())[""] == 5  # "other" alone, "unknown", or no word at all
    assert [licences[name] for name in ("THUDM/chatglm3-6b", "facebook/opt-66b", "tiiuae/falcon-11B")] == ["", "", ""]
    assert licences["eaddario/gemma-3-12b-it-pruned-GGUF"] == "gemma"  # a list of one
    # One family, three licences by size.
    assert licences["Qwen/Qwen2.5-3B-Instruct"] == "qwen-research"
    assert licences["Qwen/Qwen2.5-72B-Instruct"] == "qwen"
    # Who uploads another's model again files its licence under another name.
    assert licences["NousResearch/Meta-Llama-3-8B-Instruct"] == "llama3"
    bases = {name: records[0].base for name, records in found.items()}
    assert bases["Qwen/Qwen2.5-72B-Instruct"] == "Qwen/Qwen2.5-72B"
    assert bases["allenai/Molmo-72B-0924"] == "openai/clip-vit-large-patch14-336, Qwen/Qwen2-72B"
    assert sum(base != "" for base in bases.values()) == 13
    links = {record.key: record.url for records in found.values() for record in records[1:]}
    assert links["apple/OpenELM-3B-Instruct"] == f"{HUB}/apple/OpenELM-3B-Instruct/blob/main/LICENSE"
    assert links["nvidia/Nemotron-4-340B-Instruct"].endswith("open-model-license-agreement-june-2024.pdf")
    gates = {record.key for records in found.values() for record in records[1:] if record.text}
    assert gates == {
        "NousResearch/Meta-Llama-3-8B-Instruct",
        "NousResearch/Meta-Llama-3.1-8B",
        "bartowski/Llama-3.2-3B-Instruct-GGUF",
        "bartowski/Mistral-Large-Instruct-2411-GGUF",
    }
