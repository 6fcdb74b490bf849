"""The European Open Source AI Index: how open a system is under each of its criteria, and where that can be seen.

A file stands for a family and is rewritten for the family's newest model, so a row is told by the model's name too.
Until 13 March 2026 the index had fourteen criteria, since then twelve: sums over them do not compare.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from tracker.domain.records import AssessmentRecord
from tracker.sources.archives import untarred
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import field, one_line, text
from tracker.sources.yaml_text import read_yaml

PAGE = "https://github.com/Language-Technology-Assessment/main-database/blob/main"
TEMPLATE = "a_submission_template"
ABOUT = frozenset({"system", "org"})
TWELVE = frozenset(
    "datasources_basemodel datasources_endmodel weights_basemodel weights_endmodel trainingcode code "
    "hardware_architecture preprint paper modelcard datasheet licenses".split()
)
RUBRICS = {TWELVE: "osai-12", TWELVE | {"package", "api"}: "osai-14"}
VALUES = {"open": 1.0, "partial": 0.5, "closed": 0.0}
# LLM360's Guru is made from Alibaba's Qwen2.5-32B; its file has the two the wrong way round.
EXCHANGED = {("Guru", "Qwen2.5-32B"): "Guru-32B"}


def parse(document: Document) -> Records:
    """A verdict for each criterion of each system: open 1, partial 0.5, closed 0. A file with criteria of neither
    edition is refused."""
    files = untarred(document, lambda path: len(path.parts) == 1 and path.suffix == ".yaml")
    for path in sorted(files):
        if path.stem != TEMPLATE:
            yield from _assessments(files[path], path)


def _assessments(file: Document, path: PurePosixPath) -> Iterator[AssessmentRecord]:
    values, where = read_yaml(file), file.url
    system = field(values, "system", dict, where)
    if system is None:
        raise ParseError(f"{where} describes no system")
    model = text(system, "endmodelname", where)
    if not model:
        return  # a file that somebody has begun
    model = EXCHANGED.get((path.stem, model), model)
    criteria = frozenset(str(name) for name in values if name not in ABOUT)
    if criteria not in RUBRICS:
        # Under a rubric that nobody described, a missing criterion would look like one that was closed.
        raise ParseError(f"{where} has other criteria than the index had: {', '.join(sorted(criteria ^ TWELVE))}")
    licence = text(system, "endmodellicense", where) or text(system, "endmodel license", where)
    lab = text(field(values, "org", dict, where) or {}, "name", where)
    for criterion in sorted(criteria):
        cell = field(values, criterion, dict, where) or {}
        verdict = text(cell, "class", f"{where}, {criterion}")
        if verdict not in VALUES:
            raise ParseError(f"{where}: {criterion} is {verdict!r}, not open, partial or closed")
        yield AssessmentRecord(
            f"{path.stem}:{model}:{criterion}",
            model,
            RUBRICS[criteria],
            criterion,
            verdict,
            VALUES[verdict],
            licence=licence if criterion == "licenses" else "",
            lab=lab,
            url=_evidence(cell, f"{where}, {criterion}") or f"{PAGE}/{path.name.replace(' ', '%20')}",
        )


def _evidence(cell: dict[str, Any], where: str) -> str:
    """The first of the addresses that the cell names: one, a list of them, or none."""
    link = field(cell, "link", object, where)
    links = [one_line(str(one)) for one in (link if isinstance(link, list) else [link])]
    return next((one for one in links if one.startswith(("https://", "http://"))), "")


SOURCE = Source(
    __name__,
    title="European Open Source AI Index",
    publisher="Language Technology Assessment",
    homepage="https://osai-index.eu/",
    data_licence="CC-BY-4.0",
    attribution=(
        "European Open Source AI Index, osai-index.eu (CC BY 4.0); Liesenfeld and Dingemanse, 'Rethinking open source "
        "generative AI', FAccT 2024."
    ),
    urls=("https://codeload.github.com/Language-Technology-Assessment/main-database/tar.gz/refs/heads/main",),
    parse=parse,
    at_least=12,
    stale_after=timedelta(days=120),
)
