import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sources.conftest import DOCUMENTS, FETCHED_AT
from tracker.domain.names import normalise
from tracker.domain.records import LicenceRecord
from tracker.sources.base import Document, ParseError
from tracker.sources.licence_texts import BY_URL, POLICY, SOURCE

LLAMA = "https://raw.githubusercontent.com/meta-llama/llama-models/main/models"
KIMI = "https://huggingface.co/moonshotai/Kimi-K2-Instruct/raw/main/LICENSE"
LICENCES = Path(__file__).parents[2] / "tracker" / "catalog" / "licences"
STORED = {
    **{
        f"{LLAMA}/{folder}/{file}": f"meta-llama/{folder}/{file}"
        for folder in ("llama2", "llama3", "llama3_1", "llama3_2", "llama3_3")
        for file in ("LICENSE", "USE_POLICY.md")
    },
    KIMI: "kimi-k2/LICENSE",
    "https://huggingface.co/deepseek-ai/DeepSeek-V3/raw/main/LICENSE-MODEL": "deepseek-v3/LICENSE-MODEL",
    "https://huggingface.co/openai/gpt-oss-120b/raw/main/LICENSE": "gpt-oss/LICENSE",
    "https://huggingface.co/openai/gpt-oss-120b/raw/main/USAGE_POLICY": "gpt-oss/USAGE_POLICY",
    "https://huggingface.co/Qwen/Qwen-72B-Chat/raw/main/LICENSE": "qwen/Tongyi Qianwen LICENSE AGREEMENT",
}


def at(url, name):
    return Document(url, (DOCUMENTS / "licence_texts" / name).read_bytes(), FETCHED_AT)


@pytest.fixture
def kimi():
    return at(KIMI, "modified-mit.txt")


def test_a_text_in_a_models_repository_is_that_models(kimi):
    assert SOURCE.records(kimi) == [
        LicenceRecord(
            "huggingface.co/moonshotai/Kimi-K2-Instruct/raw/main/LICENSE",
            "Kimi K2 License",
            text="Modified MIT License\n\nOur own sentence, which stands where the terms would be.",
            model="moonshotai/Kimi-K2-Instruct",
            url=KIMI,
        )
    ]


def test_marks_of_markdown_and_blanks_make_no_other_licence():
    (record,) = SOURCE.records(at(f"{LLAMA}/llama3_3/LICENSE", "llama3_3.txt"))
    assert (record.licence, record.model) == ("Llama 3.3", "")
    assert "3\\.3" in record.text  # the text itself is kept as it came


def test_a_changed_text_is_another_fact_under_the_same_key(kimi):
    (before,) = SOURCE.records(kimi)
    (after,) = SOURCE.records(replace(kimi, body=kimi.body.replace(b"Our own", b"Another")))
    assert (after.key, after.licence) == (before.key, before.licence)
    assert after != before


def test_another_licence_at_the_address_waits_for_a_person(kimi):
    with pytest.raises(ParseError, match=r"does not say 'Modified MIT License'; it begins with 'Example Terms"):
        SOURCE.records(replace(kimi, body=b"Example Terms of Service. No more MIT."))


def test_one_version_of_llamas_licence_is_not_taken_for_another():
    with pytest.raises(ParseError, match=r"LLAMA 3 COMMUNITY"):
        SOURCE.records(at(f"{LLAMA}/llama3/LICENSE", "llama3_3.txt"))


@pytest.mark.parametrize("body", [b"", b" \n", b"<!doctype html><p>Modified MIT License</p>", b"\xff\xfe"])
def test_what_is_no_text_of_a_licence_is_refused(kimi, body):
    with pytest.raises(ParseError):
        SOURCE.records(replace(kimi, body=body))


def test_an_address_that_nobody_declared_is_refused(kimi):
    with pytest.raises(ParseError, match="no address of a licence"):
        SOURCE.records(replace(kimi, url="https://example.org/LICENSE"))


def test_of_two_licences_in_a_repository_the_codes_is_not_taken_for_the_weights():
    beside = "https://huggingface.co/deepseek-ai/DeepSeek-V3/raw/main"
    assert f"{beside}/LICENSE-MODEL" in SOURCE.urls
    assert f"{beside}/LICENSE-CODE" not in SOURCE.urls


def test_the_texts_are_the_publishers_and_are_not_shown():
    assert not SOURCE.may_display


def test_every_licence_but_a_models_own_policy_is_in_the_catalogue():
    known = set()
    for path in LICENCES.glob("*.toml"):
        values = tomllib.loads(path.read_text("utf-8"))
        known |= {normalise(name) for name in (path.stem, values["name"], *values.get("aliases", []))}
    unknown = {text.licence for text in BY_URL.values() if normalise(text.licence) not in known}
    assert unknown <= {"gpt-oss usage policy"}


def test_one_family_comes_under_three_licences_by_size():
    qwen = {text.model: text.licence for text in BY_URL.values() if text.model.startswith("Qwen/Qwen2.5")}
    assert qwen == {"Qwen/Qwen2.5-72B-Instruct": "Qwen License", "Qwen/Qwen2.5-3B-Instruct": "Qwen Research"}


def test_every_stored_text_is_the_licence_that_is_expected_at_its_address(sample):
    folder = sample("licence-texts/upstream")
    found = {}
    for url, name in STORED.items():
        (record,) = SOURCE.records(Document(url, (folder / name).read_bytes(), FETCHED_AT))
        found[url] = record
    assert len(found) == 15
    europe = "European Union"
    assert europe in found[f"{LLAMA}/llama3_2/USE_POLICY.md"].text
    assert europe not in found[f"{LLAMA}/llama3_2/LICENSE"].text
    assert europe not in found[f"{LLAMA}/llama3_1/USE_POLICY.md"].text
    assert {found[url].category for url in found if "POLICY" in url} == {POLICY}
    assert {found[url].category for url in found if "POLICY" not in url} == {""}


def test_a_stored_text_is_not_taken_for_any_other_of_its_family(sample):
    folder = sample("licence-texts/upstream/meta-llama")
    versions = ("llama2", "llama3", "llama3_1", "llama3_2", "llama3_3")
    for theirs in versions:
        for ours in set(versions) - {theirs}:
            with pytest.raises(ParseError, match="does not say"):
                SOURCE.records(
                    Document(f"{LLAMA}/{ours}/LICENSE", (folder / theirs / "LICENSE").read_bytes(), FETCHED_AT)
                )
