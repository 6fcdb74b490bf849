"""How a YAML document is read: plain values alone, and no key of one object twice."""

from collections.abc import Hashable
from typing import Any

import yaml

from tracker.sources.base import Document, ParseError

# Each value becomes a node of a kilobyte before it is one: three times the largest document that is known.
MOST_BYTES = 192 * 1024


class _Plain(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        # An alias can name a list of aliases of aliases: a page of text that stands for more values than there are
        # atoms. A tag runs a constructor on whatever follows it. Published tables have neither.
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None) is not None:
            raise yaml.YAMLError(f"an alias or a tag{event.start_mark}")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    # The second would hide the first, and nothing says which of them the publisher meant.
                    raise yaml.YAMLError(f"the key {key.value!r} twice{key.start_mark}")
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(document: Document) -> Any:
    """The values of a YAML document; a date without quotes is a date. Raises ParseError."""
    if len(document.body) > MOST_BYTES:
        raise ParseError(f"{document.url} is a YAML document of more than {MOST_BYTES} bytes")
    text = document.text()
    if not text.strip():
        raise ParseError(f"{document.url} is empty")
    try:
        return yaml.load(text, _Plain)  # noqa: S506  a safe loader, with more refused
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        # 2026-02-30 looks like a date and fails as a ValueError.
        raise ParseError(f"{document.url} is no YAML that can be read: {' '.join(str(error).split())[:200]}") from error
