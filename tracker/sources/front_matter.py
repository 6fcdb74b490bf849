"""The block of YAML between two lines of dashes with which model cards and registers of licences begin a text."""

from typing import Any

from tracker.sources.base import Document, ParseError
from tracker.sources.yaml_text import read_yaml

FENCE = "---"


def front_matter(document: Document) -> tuple[dict[str, Any], str]:
    """The block's values and the text behind it; a text without a block has no values. Raises ParseError."""
    lines = document.text().replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() != FENCE:
        return {}, "\n".join(lines)
    end = next((number for number, line in enumerate(lines) if number and line.rstrip() == FENCE), None)
    if end is None:
        # Read on without the rest, a card cut off before its licence would look like one that states none.
        raise ParseError(f"{document.url} begins a block of values and never ends it")
    block = "\n".join(lines[1:end])
    values = read_yaml(Document(document.url, block.encode(), document.fetched_at)) if block.strip() else None
    if values is not None and not isinstance(values, dict):
        raise ParseError(f"{document.url} begins with {str(values)[:60]!r} instead of values with names")
    return values or {}, "\n".join(lines[end + 1 :])
