"""What a model card's words for its licence mean: an id of the Hub's list, a name beside "other", or nothing."""

from typing import Any
from urllib.parse import urljoin, urlsplit

# Words of the Hub's own list that say that the list has no word for it.
NO_LICENCE = {"other", "unknown"}


def stated_licence(card: dict[str, Any]) -> str:
    """The licence's id as the card gives it, the name it has for one without an id; blank where neither is said."""
    stated, named = card.get("license"), _words(card.get("license_name"))
    if isinstance(stated, list) and stated:
        # Two licences are two sets of terms, and no one of them may be taken for the model's.
        each = [_words(one) or named for one in stated]
        return " AND ".join(each) if all(each) else ""
    return _words(stated) or named


def stated_link(card: dict[str, Any], repository: str) -> str:
    """Where the card says the licence stands; a file's name is one of the repository's. Blank where it says nothing."""
    link = card.get("license_link") or ""
    link = str(link[0] if isinstance(link, list) else link).strip()
    try:
        address = urljoin(f"https://huggingface.co/{repository}/blob/main/", link) if link else ""
        return address if urlsplit(address).scheme in ("https", "http") else ""
    except ValueError:
        return ""  # "https://[link]" looks like an address of the sixth version and is none


def _words(stated: Any) -> str:
    words = " ".join(str(stated or "").split())
    return "" if words.lower() in NO_LICENCE else words
