"""A small but complete world for pages: invented models on real anchors, read through the usual door in two vintages.

Names are as hostile as names from a source can be. What may not be displayed stands beside what may, under words that
appear nowhere else.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from tests.pipeline.vintages import NOTABLE, PANEL, PRICES, records
from tracker.domain.records import (
    Access,
    Evaluator,
    EventRecord,
    PriceRecord,
    Record,
    ReleaseRecord,
    ScoreRecord,
    StatementRecord,
    When,
)
from tracker.sources.record_file import MEDIA_TYPE

FIRST = datetime(2026, 4, 1, 6, tzinfo=UTC)
SECOND = datetime(2026, 9, 1, 6, tzinfo=UTC)
NOW = datetime(2026, 9, 2, 12, tzinfo=UTC)
SECRET = "https://openrouter.ai/api/v1/models"  # of a source whose terms do not let its rows be shown

MARKUP_LAB = "Acme <b>Labs</b>"
QUOTED = 'Acme "Two" & <i>Co</i>'
FORMULA = "=1+1 Birch"
HIDDEN_BENCHMARK = "Veiled Exam"
HIDDEN_HOST = "veiled-host"
HIDDEN_CONTEXT = 987_654
HIDDEN_SCORE = 0.98765
SCRIPT_URL = "javascript:alert(1)"


@dataclass(frozen=True)
class Entrant:
    """One model: when it came, how able it is, and how it can be had."""

    slug: str
    name: str
    lab: str
    on: date
    ability: float
    access: Access
    licence: str = ""
    parameters: float | None = None


def _month(number: int) -> date:
    return date(2023 + (number + 2) // 12, (number + 2) % 12 + 1, 7)


def _closed() -> Iterator[Entrant]:
    named = {
        5: ("claude-3-5-sonnet-jun-2024", "Claude 3.5 Sonnet (June 2024)", "anthropic"),
        10: ("gpt-5", "GPT-5", "openai"),
        2: ("acme-two", QUOTED, "acme"),
    }
    for step in range(14):
        slug, name, lab = named.get(step, (f"acme-{step}", f"Acme {step}", "acme"))
        yield Entrant(slug, name, lab, _month(3 * step), -1 + 0.3 * step, Access.API)


def _open() -> Iterator[Entrant]:
    licences = ("apache-2-0", "mit", "example-community")
    for step in range(12):
        lab, name = ("birch", f"Birch {step}") if step % 3 else ("cedar", f"Cedar {step}")
        slug = name.lower().replace(" ", "-")
        if step == 4:
            name = FORMULA
        yield Entrant(
            slug, name, lab, _month(3 * step + 5), -1.35 + 0.3 * step, Access.WEIGHTS_PERMISSIVE, licences[step % 3],
            (7e9, 32e9, 70e9, 400e9)[step % 4],
        )  # fmt: skip


ENTRANTS = (*_closed(), *_open())
# slug, name, category, unit, access to the questions, floor, slope, difficulty
EXAMS = (
    ("winogrande", "Winogrande", "reasoning", "proportion", "public", 0.5, 1.0, -1.2),
    ("gpqa-diamond", "GPQA Diamond", "knowledge", "proportion", "public", 0.25, 1.3, 0.0),
    ("sums", "Sums & <u>Roots</u>", "mathematics", "proportion", "public", 0.0, 0.9, 0.5),
    ("repair", "Repair", "coding", "proportion", "semi-private", 0.0, 1.5, 1.2),
    ("errands", "Errands", "agentic", "proportion", "private", 0.0, 1.1, 2.0),
    ("duels", "Duels", "preference", "elo", "public", None, 120.0, 1000.0),
    ("veiled-exam", HIDDEN_BENCHMARK, "reasoning", "proportion", "private", 0.0, 1.0, 0.0),
)
LABS = {
    "acme": (MARKUP_LAB, "us"),
    "anthropic": ("Anthropic", "us"),
    "openai": ("OpenAI", "us"),
    "birch": ("Birch", "china"),
    "cedar": ("Cedar", "europe"),
}
PEOPLE = {
    "ada-birchwood": ("Ada Birchwood", "Head of research", "birch"),
    "no-one": ("No <u>One</u>", "", ""),
}
SCENARIO = """
title = "Open <i>leads</i>"
summary = "Open models pass closed ones."
source = "Nobody"
[[indicator]]
slug = "no-gap"
title = "No gap is left"
why = "It would be so."
[indicator.test]
kind = "lag"
estimator = "L8"
at_most = 0
vary = []
[[indicator]]
slug = "nobody-tells"
title = "A thing that nobody tells"
why = "It would count."
[indicator.test]
kind = "none"
missing = "No source tells of it"
"""
HAPPENINGS = "https://epoch.ai/data/happenings.jsonl"


def quoted(text: str) -> str:
    return json.dumps(text)


def catalogue(root: Path, more: Iterable[Entrant] = ()) -> Path:
    """The world's definitions as catalogue files."""
    for folder in ("labs", "benchmarks", "licences"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for slug, (name, region) in LABS.items():
        lines = [f"name = {quoted(name)}", f'region = "{region}"']
        for entrant in (*ENTRANTS, *more):
            if entrant.lab == slug:
                lines += ["[[model]]", f"slug = {quoted(entrant.slug)}", f"name = {quoted(entrant.name)}"]
        (root / "labs" / f"{slug}.toml").write_text("\n".join(lines), "utf-8")
    for slug, name, category, unit, access, floor, _, _ in EXAMS:
        lines = [f"name = {quoted(name)}", f'category = "{category}"', f'unit = "{unit}"', f'access = "{access}"']
        if floor is not None:
            lines += [f"floor = {floor}", "ceiling = 1.0", "items = 200"]
        lines += [f"in_index = {str(unit == 'proportion').lower()}"]
        lines += ["may_display = false"] if name == HIDDEN_BENCHMARK else []
        (root / "benchmarks" / f"{slug}.toml").write_text("\n".join(lines), "utf-8")
    for slug, name, osi, commercial in (
        ("apache-2-0", "Apache License 2.0", "yes", "yes"),
        ("mit", "MIT License", "yes", "yes"),
        ("example-community", "Example Community License", "no", "permission"),
        ("proprietary", "Terms of service", "no", "yes"),
    ):
        lines = [f'name = "{name}"', f'osi_approved = "{osi}"', f'commercial = "{commercial}"']
        lines += ['evidence = "https://example.org/licence"', 'read_on = "2026-09-01"']
        (root / "licences" / f"{slug}.toml").write_text("\n".join(lines), "utf-8")
    (root / "people").mkdir(exist_ok=True)
    (root / "scenarios").mkdir(exist_ok=True)
    (root / "scenarios" / "open-leads.toml").write_text(SCENARIO, "utf-8")
    for slug, (name, role, lab) in PEOPLE.items():
        lines = [f"name = {quoted(name)}", f"role = {quoted(role)}", f"lab = {quoted(lab)}"]
        (root / "people" / f"{slug}.toml").write_text("\n".join(lines), "utf-8")
    return root


def _noise(*parts: str) -> float:
    """The same small offset every time, between -1 and 1."""
    return hashlib.sha256("|".join(parts).encode()).digest()[0] / 127.5 - 1


def score(entrant: Entrant, exam: tuple[str, str, str, str, str, float | None, float, float]) -> ScoreRecord:
    slug, name, _, unit, _, floor, slope, difficulty = exam
    noise = _noise(entrant.slug, slug)
    if unit == "elo":
        value, stderr = difficulty + slope * entrant.ability + 10 * noise, 8.0
    else:
        share = 1 / (1 + math.exp(-slope * (entrant.ability - difficulty)))
        value, stderr = min(0.99, max(0.01, (floor or 0.0) + (1 - (floor or 0.0)) * share + 0.02 * noise)), 0.02
    return ScoreRecord(
        key=f"{entrant.slug}/{slug}",
        model=entrant.name,
        benchmark=name,
        value=round(value, 4),
        stderr=stderr,
        evaluator=Evaluator.THIRD_PARTY,
        url="https://example.org/board",
    )


def scores(entrants: Iterable[Entrant]) -> list[Record]:
    return [score(entrant, exam) for entrant in entrants for exam in EXAMS]


def releases(entrants: Iterable[Entrant]) -> list[Record]:
    return [
        ReleaseRecord(
            key=entrant.slug,
            model=entrant.name,
            released=When(entrant.on),
            access=entrant.access,
            licence=entrant.licence,
            parameters=entrant.parameters,
            url=SCRIPT_URL if entrant.slug == "acme-two" else "https://example.org/card",
        )
        for entrant in entrants
    ]


def prices(entrants: Iterable[Entrant], host: str) -> list[Record]:
    return [
        PriceRecord(key=f"{host}/{entrant.slug}", model=entrant.name, host=host, input=1.25, output=5.0)
        for entrant in entrants
    ]


def happenings() -> list[Record]:
    """What labs did and people said: enough for every kind of phase, and a promise in each of its states."""
    page = "https://example.org/news"
    told = (
        ("birch-open", "Birch", "open-release", "Opens its first model", "2023-08-07", "Birch 1", ""),
        ("birch-promise", "Birch", "promise", "Says the next model will be open", "2024-01", "", ""),
        ("birch-kept", "Birch", "promise-kept", "Opens the next model", "2024-08-07", "", "birch-promise"),
        ("birch-closed", "Birch", "track-closed", "Keeps its largest model to itself", "2026-02-03", "", ""),
        ("cedar-promise", "Cedar", "promise", "Says all data will follow", "2025", "", ""),
        ("acme-funding", MARKUP_LAB, "funding", "Raises one billion dollars", "2025-05-06", "", ""),
        ("acme-closed", MARKUP_LAB, "closed-release", QUOTED + " through an API", "2023-10-07", QUOTED, ""),
        ("acme-licence", "Cedar", "licence-change", "Takes the commercial clause back", "2026-03-04", "", ""),
    )
    events: list[Record] = [
        EventRecord(key, lab, kind, title, When.parse(day) or When(FIRST.date()), model=model, about=about, url=page)
        for key, lab, kind, title, day, model, about in told
    ]
    return [
        *events,
        StatementRecord(
            *("ada-1", "Ada Birchwood", "openness", "Weights should be open up to a point"),
            *(When(date(2025, 3, 4)), "up to a point", "A conference & more", "Birch", page),
        ),
        StatementRecord("ada-2", "Ada Birchwood", "gap", "The gap is closing", When(date(2026, 2, 1)), url=page),
        StatementRecord("no-1", "No <u>One</u>", "safety", "Gates come first", When(date(2024, 5, 1)), url=page),
    ]


def veiled() -> list[Record]:
    """What only a source that may not be shown says: a context length, and the best score of any open model."""
    evaluator = Evaluator.THIRD_PARTY
    return [
        ReleaseRecord(key="veiled", model="GPT-5", context=HIDDEN_CONTEXT),
        ScoreRecord("veiled", ENTRANTS[-1].name, "Sums & <u>Roots</u>", HIDDEN_SCORE, evaluator=evaluator),
    ]


def archive(folder: Path) -> Path:
    """The world's documents as an archive: what was known in April, and what September added and corrected."""
    early = [entrant for entrant in ENTRANTS if entrant.on < date(2026, 3, 1)]
    corrected = [replace(one, parameters=33e9) if one.slug == "birch-1" else one for one in ENTRANTS]
    waiting = ScoreRecord(key="nobody", model="Nobody Knows 1", benchmark="GPQA Diamond", value=0.5)
    documents = (
        ("epoch_models", NOTABLE, FIRST, releases(early)),
        ("epoch_panel", PANEL, FIRST, scores(early)),
        ("epoch_models", NOTABLE, SECOND, releases(corrected)),
        ("epoch_panel", PANEL, SECOND, [*scores(ENTRANTS), waiting]),
        ("epoch_models", HAPPENINGS, FIRST, happenings()),
        ("models_dev", PRICES, SECOND, prices(ENTRANTS, "example-host")),
        ("openrouter", SECRET, SECOND, [*prices(ENTRANTS, HIDDEN_HOST), *veiled()]),
    )
    folder.mkdir(parents=True, exist_ok=True)
    manifest = []
    for number, (source, url, at, rows) in enumerate(documents):
        body = records(*rows, url=url, on=at.date())
        (folder / f"{number}.jsonl").write_bytes(body)
        manifest.append(
            {
                "source": source,
                "url": url,
                "retrieved_at": at.isoformat(),
                "media_type": MEDIA_TYPE,
                "sha256": hashlib.sha256(body).hexdigest(),
                "file": f"{number}.jsonl",
            }
        )
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def build(scratch: Path) -> None:
    """Fill an empty database: today's run with every question answered, April's with its headline only."""
    from tests.pages import evaluations_world
    from tracker.models import IndexRun, Snapshot
    from tracker.pipeline import recompute
    from tracker.pipeline.archive import load
    from tracker.pipeline.catalog import load_catalog

    load_catalog(now=NOW, root=catalogue(scratch / "catalogue"))
    for entry, snapshot in load(archive(scratch / "archive"), now=NOW, by="world"):
        assert snapshot.state == Snapshot.State.INGESTED, f"{entry.url}: {snapshot.message}"
    recompute.plan(now=NOW)
    today = IndexRun.objects.get(historic=False)
    while recompute.advance(today.pk, clock=lambda: NOW, by="world"):
        pass
    for past in IndexRun.objects.filter(historic=True):
        recompute.headline(past.pk, clock=lambda: NOW, by="world")
    evaluations_world.build(now=NOW)
