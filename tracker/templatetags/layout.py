"""What the frame of every page holds, error pages included."""

from typing import Any

from django import template

from tracker.views.page import Link, navigation

register = template.Library()


@register.simple_tag(takes_context=True)
def main_links(context: dict[str, Any]) -> list[Link]:
    """The navigation of the page at hand."""
    request = context.get("request")
    return navigation(request.path if request else "", context.get("at", ""))
