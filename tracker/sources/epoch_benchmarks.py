"""Epoch AI's benchmarking hub: one archive with a table for each benchmark, in two layouts.

Until August 2026 the archive held benchmark tables and epoch_capabilities_index.csv; since September 2026
benchmark_metadata.csv says where each benchmark's scores stand and model_metadata.csv replaces the model columns.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from tracker.domain.definitions import Unit
from tracker.domain.records import Evaluator, ReleaseRecord, ScoreRecord
from tracker.sources.archives import unzipped
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.epoch_sheets import CORE, SHEETS, WITHHELD, Sheet, stem
from tracker.sources.epoch_words import access, number, releases_of, when, words
from tracker.sources.withheld import is_withheld

# Upstream boards were linked under three headings; the last two are logs of Epoch's own runs.
LINKS = ("Source link", "Source Link", "Source link (site from table)", "Log viewer", "Logs")
EVALUATED = ("Started at", "Run date", "Date run", "Evaluation date", "Date of evaluation")
IDENTITY = ("Model version", "Name", "Agent", "Scaffold", "Date added", "Source")
# Whose announcement a link leads to, by the end of its host. A score from a lab's own report on its own model is
# first-party; on a rival's model nobody says who measured.
LAB_HOSTS = {
    "anthropic.com": "Anthropic",
    "openai.com": "OpenAI",
    "x.ai": "xAI",
    "deepmind.google": "Google DeepMind",
    "mistral.ai": "Mistral AI",
    "qwen.ai": "Alibaba",
    "moonshot.ai": "Moonshot",
    "z.ai": "Z.ai",
    "deepseek.com": "DeepSeek",
}


def parse(document: Document) -> Records:
    """Releases, then scores in their benchmarks' units, then releases that only score rows tell of; of either layout.
    Rows of boards that may not be published again are left out. An archive without one of the CORE tables is
    refused."""
    tables = {path.name: table for path, table in unzipped(document, _is_table).items()}
    metadata = tables.pop("benchmark_metadata.csv", None)
    if metadata is None:
        releases = list(_releases_from_index(tables.get("epoch_capabilities_index.csv")))
        sheets = {stem(name): [(stem(name), SHEETS[stem(name)])] for name in tables if stem(name) in SHEETS}
        expected = set(CORE)
    else:
        if "model_metadata.csv" not in tables:
            raise ParseError(f"{document.url} has benchmark_metadata.csv and no model_metadata.csv")
        releases = list(_releases_from_metadata(tables["model_metadata.csv"]))
        sheets = _sheets_from_metadata(metadata, tables)
        expected = set(CORE) & {stem(row["source_file"]) for row in metadata.csv("source_file")}
    by_stem = {stem(name): table for name, table in tables.items()}
    if gone := sorted(expected - set(by_stem)):
        raise ParseError(f"{document.url} no longer holds {', '.join(gone)}; it holds {len(tables)} tables")
    scores = [
        score
        for name in sorted(set(sheets) - WITHHELD)
        for benchmark, sheet in sheets[name]
        for score in _scores(by_stem[name], name, benchmark, sheet)
    ]
    yield from releases
    yield from scores
    yield from releases_of(scores, told=frozenset(release.model for release in releases))


def _is_table(path: PurePosixPath) -> bool:
    return path.suffix == ".csv" and "additional_eci_data" not in path.parts


def _releases_from_index(table: Document | None) -> Iterator[ReleaseRecord]:
    # The vintages of early 2026 came without it: models then have scores and no release.
    if table is None:
        return
    for row in table.csv("Model version", "Model accessibility"):
        model = words(row["Model version"])
        if model:
            yield ReleaseRecord(
                f"release:{model}",
                model,
                lab=words(row.get("Organization", "")),
                released=when(row.get("Release date", ""), f"{table.url}, {model}"),
                access=access(row["Model accessibility"], f"{table.url}, {model}"),
            )


def _releases_from_metadata(table: Document) -> Iterator[ReleaseRecord]:
    found: dict[str, ReleaseRecord] = {}
    for row in table.csv("model_version", "date", "organization", "accessibility"):
        model = words(row["model_version"])
        if not model:
            continue
        release = ReleaseRecord(
            f"release:{model}",
            model,
            lab=words(row["organization"]),
            released=when(row["date"], f"{table.url}, {model}"),
            access=access(row["accessibility"], f"{table.url}, {model}"),
        )
        # One key stood there with two dates: a model is out from the first of them on.
        other = found.get(model, release)
        dates = [record.released for record in (release, other) if record.released]
        first = min(dates, key=lambda date: date.on, default=None)
        found[model] = replace(other, released=first, access=other.access or release.access)
    yield from found.values()


def _sheets_from_metadata(metadata: Document, tables: dict[str, Document]) -> dict[str, list[tuple[str, Sheet]]]:
    """The benchmarks of each file: as the archive's own table says, else as ours does."""
    sheets = {stem(name): [(stem(name), SHEETS[stem(name)])] for name in tables if stem(name) in SHEETS}
    named: set[str] = set()
    for row in metadata.csv("benchmark", "source_file", "score_column", "scale"):
        file, column = PurePosixPath(row["source_file"].strip()).name, words(row["score_column"])
        name = stem(file)
        if not file or not column or file not in tables:
            continue  # shown on Epoch's site, not in the archive
        known = SHEETS.get(name, Sheet("", evaluator=None))
        if not known.unit.bounded:
            continue  # Epoch fits its index to another column; we keep the minutes, Elo and dollars
        scale = number(row["scale"], f"{metadata.url}, {name}")
        sheet = replace(known, score=column, scale=1.0 if scale is None else scale)
        if name in named:
            sheets[name].append((words(row["benchmark"]), sheet))
        else:
            sheets[name] = [(name, sheet)]
            named.add(name)
    return sheets


def _scores(table: Document, file: str, benchmark: str, sheet: Sheet) -> Iterator[ScoreRecord]:
    rows = list(table.csv("Model version", sheet.score))
    if rows and "Source" not in rows[0] and any(name in rows[0] for name in LINKS if name.startswith("Source")):
        # What may not be handed on is told by it.
        raise ParseError(f"{table.url} says where a score stands and no longer whose it is: there is no Source column")
    repeats: Counter[str] = Counter()
    highest = 0.0
    for line, row in enumerate(rows, 2):
        scaffold = words(row.get(sheet.scaffold, "")) if sheet.scaffold else ""
        model = words(row["Model version"]) or words(row.get(sheet.name, ""))
        source = row.get("Source", "")
        url = next((row[link].strip() for link in LINKS if row.get(link)), "")
        if not row[sheet.score].strip() or not model or is_withheld(source, url):
            # Without a name (a pair of models, or one that Epoch could not tell) there is nothing to resolve.
            continue
        where = f"{table.url}, row {line} ({model}): {sheet.score}"
        raw = _finite(row[sheet.score], where)
        highest = max(highest, raw)
        key = words(row.get(sheet.key, "")) or _fingerprint(row)
        repeats[key] += 1
        lab = words(row.get("Organization", ""))
        if repeats[key] > 1:
            key = f"{key}#{repeats[key]}"
        yield ScoreRecord(
            f"{file}:{key}" if benchmark == file else f"{file}:{key}:{benchmark}",
            model,
            _versioned(benchmark, row.get(sheet.version, "")),
            _in_unit(raw, sheet, where),
            stderr=_stderr(row, sheet, where),
            scaffold="" if scaffold in ("True", "False") else scaffold,  # a tick, not an agent's name
            shots=words(row.get("Shots", "")),
            evaluator=_evaluator(sheet, source, url, lab),
            evaluated=when(next((row[name] for name in EVALUATED if row.get(name)), ""), where),
            released=when(row.get("Release date", ""), where),
            lab=lab,
            url=url,
        )
    if sheet.unit.bounded and sheet.scale < 1 and 0 < highest <= 1:
        # Read on as percent, every model would fall to a hundredth of its score.
        raise ParseError(f"{table.url}: {sheet.score} goes up to {highest}; it was not a fraction before")


def _finite(text: str, where: str) -> float:
    value = number(text, where)
    if value is None:
        raise ParseError(f"{where} is {text!r}")
    return value


def _in_unit(raw: float, sheet: Sheet, where: str) -> float:
    # 41.8 percent is 0.418, not 0.41800000000000004
    value = raw if sheet.scale == 1 else round(raw * sheet.scale, 12)
    if sheet.unit.bounded and not 0 <= value <= 1:
        # Percentages read as fractions would put every model at a hundred times its score.
        raise ParseError(f"{where} is {raw}, not within 0 and {1 / sheet.scale:g}")
    possible = {Unit.MINUTES: raw >= 0, Unit.ELO: 100 <= raw <= 5000}
    if not possible.get(sheet.unit, True):
        raise ParseError(f"{where} is {raw}, which is no {sheet.unit}")
    return value


def _stderr(row: dict[str, str], sheet: Sheet, where: str) -> float | None:
    value = number(row.get(sheet.stderr, ""), where) if sheet.stderr else None
    return None if value is None or value < 0 else value * sheet.stderr_scale


def _versioned(benchmark: str, version: str) -> str:
    """Suites of different versions are not comparable: the first goes by the plain name, a later one by its number."""
    release = words(version).rpartition("v")[2]
    return benchmark if release in ("", "1.0") else f"{benchmark}_{release.replace('.', '_')}"


def _fingerprint(row: dict[str, str]) -> str:
    identity = "\x1f".join(words(row.get(name, "")) for name in IDENTITY)
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _evaluator(sheet: Sheet, source: str, url: str, lab: str) -> Evaluator:
    host = urlsplit(url).hostname or ""
    for end, owner in LAB_HOSTS.items():
        if host == end or host.endswith("." + end):
            return Evaluator.FIRST_PARTY if owner in lab else Evaluator.UNSTATED
    if sheet.evaluator is not None:
        return sheet.evaluator
    if host == "crfm.stanford.edu":
        return Evaluator.THIRD_PARTY  # HELM runs the models itself
    # A paper's table mixes the authors' own models with others' figures, and the row does not say which.
    return Evaluator.LEADERBOARD if "leaderboard" in source.lower() else Evaluator.UNSTATED


SOURCE = Source(
    __name__,
    title="Capabilities & Benchmarking",
    publisher="Epoch AI",
    homepage="https://epoch.ai/benchmarks",
    data_licence="CC-BY-4.0",
    # The archive holds other boards' tables too, and those of Artificial Analysis may not be published again.
    may_hand_on=False,
    attribution="Epoch AI, 'AI Benchmarking Hub', epoch.ai/benchmarks. Scores of other boards belong to those boards.",
    urls=("https://epoch.ai/data/benchmark_data.zip",),
    parse=parse,
    at_least=5,
)
