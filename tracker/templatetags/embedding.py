"""What a page's head tells other sites of the figures in it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import template

from tracker.views.figures import Drawn

register = template.Library()


@register.simple_tag(takes_context=True)
def first_figure(context: template.Context) -> Drawn | None:
    """The figure that stands for the page when somebody shares it: the first that the view handed over."""
    return next(_figures(context.flatten().values()), None)


def _figures(values: Any) -> Iterator[Drawn]:
    for value in values:
        # A lazy value (the reader, the token) that is asked for its class comes about, and sets a cookie.
        kind = type(value)
        if issubclass(kind, Drawn):
            yield value
        elif issubclass(kind, Mapping):
            yield from (one for one in value.values() if isinstance(one, Drawn))
        elif issubclass(kind, list | tuple):
            yield from (one for one in value if isinstance(one, Drawn))
