"""What the frame of every page holds, error pages included."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from tracker.views.page import current, navigation

register = template.Library()


@register.simple_tag(takes_context=True)
def menu(context: Mapping[str, Any], which: str) -> SafeString:
    """The navigation of the page at hand: `main` or `more` of it, `all` for a small screen, or `foot`."""
    request = context.get("request")
    return _menu(which, current(request.path if request else ""), str(context.get("at", "")))


@lru_cache(maxsize=256)
def _menu(which: str, here: str, at: str) -> SafeString:
    """Every page has it four times over, and few differ in it: to render it is a third of a page's whole frame."""
    return render_to_string("_nav.html", {"which": which, "navigation": navigation(here, at)})
