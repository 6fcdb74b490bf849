"""Whose figures may not be published again, wherever they turn up: rows that come from there are dropped at parse time.

Artificial Analysis and llm-stats forbid it in their terms, ARC Prize that of its own data files. ARC Prize's results as
Epoch AI publishes them, under its licence, are Epoch's rows.
"""

import re

# Names as people write them in a cell, and addresses.
UPSTREAMS = re.compile(
    r"artificial[ _-]?analysis|llm-?stats\.com|\bllm[ _-]stats\b"
    r"|arcprize\.org/(?:media/data/|leaderboard/\w+\.json)",
    re.IGNORECASE,
)


def is_withheld(*texts: str) -> bool:
    """Whether a row's own words say that it comes from one of them."""
    return any(UPSTREAMS.search(text) for text in texts)
