"""The Model Openness Tool: which of the Model Openness Framework's components a model comes with, and under which
licence.

Its dates are read by nobody here: most are the day of the entry, some the day of the model, and nothing says which.
Licences are kept in the words of whoever entered them.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from tracker.domain.names import normalise
from tracker.domain.records import AssessmentRecord
from tracker.sources.archives import untarred
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import field, required, text
from tracker.sources.yaml_text import read_yaml

FOLDER = PurePosixPath("models")
PAGE = "https://github.com/lfai/model_openness_tool/blob/main"
RUBRIC = "mof-1.0"
FRAMEWORK = "1.0"
# The framework's components, each with the kind of licence that covers it where it names none of its own.
COMPONENTS = {
    "Model architecture": "code",
    "Data preprocessing code": "code",
    "Training code": "code",
    "Inference code": "code",
    "Evaluation code": "code",
    "Supporting libraries and tools": "code",
    "Model parameters (Final)": "data",
    "Model parameters (Intermediate)": "data",
    "Datasets": "data",
    "Evaluation data": "data",
    "Model metadata": "data",
    "Sample model outputs": "document",
    "Model card": "document",
    "Data card": "document",
    "Technical report": "document",
    "Research paper": "document",
    "Evaluation results": "document",
}
# Words in the place of a licence that say something else: there without one, there under unknown terms, not there.
WITHOUT_LICENCE = ("unlicensed", "undisclosed")
ABSENT = re.compile(r"(component )+not include", re.IGNORECASE)
# Records of whoever tried the form out.
PLACEHOLDERS = ("unnamed-model", "my-model")
TRIAL = "-test"


def parse(document: Document) -> Records:
    """For each component of each model whether it comes with it, and under which licence. Files that were copied for
    another model and kept its name are left out."""
    files = untarred(document, lambda path: path.parent == FOLDER and path.suffix in (".yml", ".yaml"))
    by_name: dict[str, list[tuple[PurePosixPath, dict[str, Any]]]] = defaultdict(list)
    for path in sorted(files):
        release = _release(files[path])
        name = normalise(required(release, "name", files[path].url))
        if name not in PLACEHOLDERS and not name.endswith(TRIAL):
            by_name[name].append((path, release))
    for name, entries in by_name.items():
        named = [entry for entry in entries if normalise(entry[0].stem) == name]
        # A file was copied for another model and kept the first one's name: it tells of one of them, and not which.
        for path, release in entries if len(entries) == 1 else named:
            yield from _assessments(path, release, files[path].url)


def _release(file: Document) -> dict[str, Any]:
    values = read_yaml(file)
    framework = field(values, "framework", dict, file.url) or {}
    if text(framework, "version", file.url) != FRAMEWORK:
        raise ParseError(f"{file.url} follows version {framework.get('version')!r} of the framework")
    release = field(values, "release", dict, file.url)
    if release is None:
        raise ParseError(f"{file.url} describes no release")
    return release


def _assessments(path: PurePosixPath, release: dict[str, Any], where: str) -> Iterator[AssessmentRecord]:
    model, lab = required(release, "name", where), text(release, "producer", where)
    licences = field(release, "license", dict, where) or {}
    for component in field(release, "components", list, where) or []:
        criterion = required(component, "name", where)
        if criterion not in COMPONENTS:
            raise ParseError(f"{where} has a component {criterion!r}, which the framework does not know")
        stated = text(component, "license", where)
        if ABSENT.match(stated):
            verdict, licence = "not included", ""
        elif stated.lower() in WITHOUT_LICENCE:
            verdict, licence = stated.lower(), ""
        else:
            verdict, licence = "included", stated or _inherited(licences, COMPONENTS[criterion], where)
        address = text(component, "component_path", where)
        yield AssessmentRecord(
            f"{path.stem}:{criterion}",
            model,
            RUBRIC,
            criterion,
            verdict,
            licence=licence,
            lab=lab,
            url=address if address.startswith("https://") else f"{PAGE}/{path.as_posix().replace(' ', '%20')}",
        )


def _inherited(licences: dict[str, Any], kind: str, where: str) -> str:
    """The licence of a component that names none: the one for its kind, else the one for everything."""
    for name in (kind, "distribution"):
        if found := text(field(licences, name, dict, where) or {}, "name", where):
            return found
    return ""


SOURCE = Source(
    __name__,
    title="Model Openness Tool",
    publisher="LF AI & Data",
    homepage="https://mot.isitopen.ai/",
    data_licence="MIT",
    attribution="Model Openness Tool, LF AI & Data Foundation, github.com/lfai/model_openness_tool (MIT).",
    urls=("https://codeload.github.com/lfai/model_openness_tool/tar.gz/refs/heads/main",),
    parse=parse,
    at_least=5,
    max_bytes=128 * 2**20,  # the whole repository, which has no smaller door
    stale_after=timedelta(days=400),
)
