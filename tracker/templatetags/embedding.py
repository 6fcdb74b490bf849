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
        if isinstance(value, Drawn):
            yield value
        elif isinstance(value, Mapping):
            yield from (one for one in value.values() if isinstance(one, Drawn))
        elif isinstance(value, list | tuple):
            yield from (one for one in value if isinstance(one, Drawn))
