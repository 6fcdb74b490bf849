"""axe-core as the tests run it: its script from the package that carries it, its rules for WCAG 2.2 AA."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.drawings import ALL

PACKAGE = "axe_playwright_python"
MOST_ROWS = 20
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    # It would copy style sheets into the page to look into them, which the policy refuses.
    "preload": False,
    # Off by default in axe, and part of WCAG 2.2 AA.
    "rules": {"target-size": {"enabled": True}},
}
# The policy of our pages lets no foreign script in; what a debugger evaluates is not the page's.
RUN = """
async ([rules, most]) => {
  // The first rows of a long table stand for the others, which the same lines of a template make. A table without
  // a head is how a letter is laid out.
  for (const body of document.querySelectorAll("thead ~ tbody")) {
    while (most && body.rows.length > most) body.deleteRow(-1);
  }
  // Another theme's colours may still be on their way.
  for (const one of document.getAnimations()) one.finish();
  return (await axe.run(document, rules)).violations;
}
"""


@cache
def script() -> str:
    """The script's text; without its package the test is skipped."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        pytest.skip("axe-core is not installed: it comes with the package axe-playwright-python")
    return (Path(found.origin).parent / "axe.min.js").read_text("utf-8")


def faults(page: Page) -> list[str]:
    """What axe holds against the page as it is now: rule, how many places, and the first of them."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(script())
    return [_told(one) for one in page.evaluate(RUN, [RULES, 0 if ALL else MOST_ROWS])]


def _told(one: dict[str, Any]) -> str:
    first = one["nodes"][0]
    why = [check["message"] for kind in ("any", "all", "none") for check in first[kind]]
    return f"{one['id']} x{len(one['nodes'])}: {json.dumps(first['target'])} {' '.join(why)[:200]}"
