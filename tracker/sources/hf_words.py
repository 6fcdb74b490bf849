"""What the words of a model card mean, as the card itself and the Hub's listing have them: its licence, and what it was
made from."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit

# Words of the Hub's own list that say that the list has no word for it.
NO_LICENCE = {"other", "unknown"}
LICENCE_TAG = "license:"
# How a model was made from another, in the Hub's words.
RELATIONS = frozenset({"finetune", "quantized", "merge", "adapter"})
BASE_TAG = "base_model:"


def stated_licence(card: dict[str, Any], tags: Iterable[Any] = ()) -> str:
    """The licence's id as the card gives it, the name it has for one without an id; blank where neither is said.

    The tags that the Hub makes of a card answer where the card itself is not at hand.
    """
    stated, named = card.get("license"), _words(card.get("license_name"))
    if isinstance(stated, list) and stated:
        # Two licences are two sets of terms, and no one of them may be taken for the model's.
        each = [_words(one) or named for one in stated]
        return " AND ".join(each) if all(each) else ""
    return _words(stated) or named or _words(_behind(LICENCE_TAG, tags))


def stated_base(card: dict[str, Any], tags: Iterable[Any] = ()) -> tuple[str, str]:
    """What the model was made from and how (finetune, quantized, merge, adapter, or blank where nobody says).

    A card names one model or several (an encoder beside a language model, the parts of a merge); the Hub tells the
    relation in a tag where the card does not: "base_model:finetune:lab/model".
    """
    tags = [str(tag)[len(BASE_TAG) :] for tag in tags if str(tag).startswith(BASE_TAG)]
    related = [tag.partition(":") for tag in tags if tag.partition(":")[0] in RELATIONS]
    named = card.get("base_model")
    listed = named if isinstance(named, list) else [named]
    bases = [" ".join(one.split()) for one in listed if isinstance(one, str)]
    bases = list(dict.fromkeys(base for base in bases if base))
    bases = bases or list(dict.fromkeys([base for _, _, base in related] or [tag for tag in tags if ":" not in tag]))
    relation = str(card.get("base_model_relation") or "").strip().lower()
    if relation not in RELATIONS:
        # A word that is none of the Hub's says nothing that lineage could be counted by.
        relation = related[0][0] if related else ""
    return (", ".join(bases), relation) if bases else ("", "")


def stated_link(card: dict[str, Any], repository: str) -> str:
    """Where the card says the licence stands; a file's name is one of the repository's. Blank where it says nothing."""
    link = card.get("license_link") or ""
    link = str(link[0] if isinstance(link, list) else link).strip()
    try:
        address = urljoin(f"https://huggingface.co/{repository}/blob/main/", link) if link else ""
        return address if urlsplit(address).scheme in ("https", "http") else ""
    except ValueError:
        return ""  # "https://[link]" looks like an address of the sixth version and is none


def _behind(start: str, tags: Iterable[Any]) -> str:
    return next((str(tag)[len(start) :] for tag in tags if str(tag).startswith(start)), "")


def _words(stated: Any) -> str:
    words = " ".join(str(stated or "").split())
    return "" if words.lower() in NO_LICENCE else words
