"""tau2-bench: how often an agent serves airline, shop, telephone and bank customers by the rules, from Sierra's board.

The board is a folder of the repository for each submission, and a manifest that says which of them stand on it. The
contacts of those who sent them in, with names and addresses of people, are not read.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.archives import untarred
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import day, expect_percentages, field, number, proportion, required, text

FOLDER = PurePosixPath("web/leaderboard/public/submissions")
PAGE = "https://github.com/sierra-research/tau2-bench/tree/main/web/leaderboard/public/submissions"
# Submissions by the manifest's lists. The tasks were corrected for release 1.0: what was measured before is legacy, and
# higher or lower on other tasks. Spoken conversations are another test again, of other models, and are left out.
LISTS = {"submissions": "", "legacy_submissions": "_legacy"}
TEMPLATE = "A_EXAMPLE_"
# The first tau-bench had the same shop and airline and other customers.
OTHER_BENCHMARK = "original tau-bench"
HOUSES = {"Alibaba": "Qwen", "Alibaba Cloud": "Qwen"}
OWNER = "Sierra"


def parse(document: Document) -> Records:
    """A score for each written domain of each submission that the manifest lists: the share of tasks served at the
    first try. Those from before the tasks were corrected are on benchmarks of their own."""
    files = untarred(document, lambda path: FOLDER in path.parents and path.suffix == ".json")
    manifest = files.get(FOLDER / "manifest.json")
    if manifest is None:
        raise ParseError(f"{document.url} holds no {FOLDER}/manifest.json")
    for name, suffix in LISTS.items():
        listed = field(manifest.json(), name, list, manifest.url)
        if not listed:
            raise ParseError(f"{manifest.url} lists no {name}")
        for identity in listed:
            submission = files.get(FOLDER / str(identity) / "submission.json")
            if submission is None:
                raise ParseError(f"{manifest.url} lists {str(identity)[:60]!r}, which is not in the repository")
            if not str(identity).startswith(TEMPLATE):
                yield from _scores(submission, str(identity), suffix)


def _scores(document: Document, identity: str, suffix: str) -> Iterator[ScoreRecord]:
    row, where = document.json(), document.url
    methodology = field(row, "methodology", dict, where) or {}
    if text(methodology, "tau2_bench_version", where) == OTHER_BENCHMARK:
        return
    if text(row, "modality", where) == "voice":
        raise ParseError(f"{where} is a spoken conversation among the written ones")
    results = field(row, "results", dict, where) or {}
    passed = {name: _passed(field(results, name, dict, where), f"{where}, {name}") for name in results}
    known = {name: percent for name, percent in passed.items() if percent is not None}
    expect_percentages(max(known.values(), default=0), f"{where}: pass_1")
    submitter, lab = text(row, "submitting_organization", where), text(row, "model_organization", where)
    effort = text(row, "reasoning_effort", where)
    for domain, percent in known.items():
        yield ScoreRecord(
            f"{identity}:{domain}",
            required(row, "model_name", where),
            f"tau2_{domain}{suffix}",
            proportion(percent, f"{where}: pass_1 of {domain}"),
            setting="thinking" if effort == "enabled" else effort,
            # An agent of the submitter's own around the model, instead of the one that everybody gets.
            scaffold=f"{submitter}'s own" if text(row, "submission_type", where) == "custom" else "",
            evaluator=_evaluator(submitter, lab, field(methodology, "verification", dict, where) or {}, where),
            # The folder's name ends on a date too, which is not always the day that anything happened.
            evaluated=day(methodology, "evaluation_date", where) or day(row, "submission_date", where),
            released=day(field(row, "model_release", dict, where) or {}, "release_date", where),
            lab=lab,
            url=f"{PAGE}/{identity}",
        )


def _passed(results: dict[str, Any] | None, where: str) -> float | None:
    return None if results is None else number(results, "pass_1", where)


def _evaluator(submitter: str, lab: str, verification: dict[str, Any], where: str) -> Evaluator:
    """Sierra's own runs on unchanged prompts are the board's; Sierra also enters what a lab announced."""
    changed = [field(verification, name, bool, where) for name in ("modified_prompts", "omitted_questions")]
    if submitter == OWNER:
        return Evaluator.LEADERBOARD if changed == [False, False] else Evaluator.UNSTATED
    return Evaluator.FIRST_PARTY if HOUSES.get(submitter, submitter) == HOUSES.get(lab, lab) else Evaluator.THIRD_PARTY


SOURCE = Source(
    __name__,
    title="tau2-bench leaderboard",
    publisher="Sierra",
    homepage="https://github.com/sierra-research/tau2-bench",
    data_licence="MIT",
    # Submissions hold people's addresses, which are dropped as they are read.
    may_hand_on=False,
    attribution="tau2-bench leaderboard submissions, Sierra Research, github.com/sierra-research/tau2-bench (MIT).",
    urls=("https://codeload.github.com/sierra-research/tau2-bench/tar.gz/refs/heads/main",),
    parse=parse,
    at_least=5,
    max_bytes=128 * 2**20,  # the whole repository, which has no smaller door
    stale_after=timedelta(days=60),
)
