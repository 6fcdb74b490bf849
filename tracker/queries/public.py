"""The public data set: every table of it, its columns, and its rows in an order that is the same on any machine."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, Model, Q, QuerySet, When
from django.db.models.functions import Coalesce, Collate, NullIf

from tracker.domain.dataset import Column, Credit, Table, Type
from tracker.models import (
    SHOWN,
    AIModel,
    Alias,
    Assessment,
    Benchmark,
    ClaimVerdict,
    Event,
    Fact,
    Family,
    GapResult,
    Lab,
    Licence,
    LicenceText,
    ModelState,
    News,
    OpennessState,
    Person,
    Price,
    Release,
    Score,
    Snapshot,
    Source,
    Statement,
)
from tracker.queries.runs import run_for

CHUNK = 5000  # rows that are in memory at once
S, N, I, B, D, T, O = (  # noqa: E741  the letters stand in a table
    Type.STRING, Type.NUMBER, Type.INTEGER, Type.BOOLEAN, Type.DATE, Type.DATETIME, Type.OBJECT,
)  # fmt: skip
Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Extract:
    """A table with the way to its rows, which come one by one from a cursor of the server's.

    `query` and `paths`, a column's name to where it is found, are there where each row is one of the database's.
    """

    table: Table
    rows: Callable[[], Rows]
    query: QuerySet[Any] | None = None
    paths: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def one_moment() -> Iterator[None]:
    """All tables as they are at one time, however long reading them lasts."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def credited() -> list[Credit]:
    """The publishers of what is in the data set."""
    fields = ("slug", "title", "publisher", "homepage", "data_licence", "attribution")
    shown = Source.objects.filter(may_display=True, endpoints__current__isnull=False).distinct()
    return [Credit(*row) for row in shown.order_by(Collate(F("slug"), "C")).values_list(*fields)]


def extracts() -> list[Extract]:
    """Every table of the data set: definitions first, then what sources say, then what follows from it."""
    return [*_definitions(), *_statements(), *_results()]


def _definitions() -> list[Extract]:
    visible = Q(superseded_by__may_display=True)
    return [
        _extract(
            Lab.objects.all(), "labs", "Labs", "Who makes models.",
            ("slug", S, "Short name, used in all tables."), ("name", S, "Name."), ("country", S, "Seat."),
            ("region", S, "us, china, europe or other."), ("homepage", S, "Homepage."),
            key=("slug",),
        ),
        _extract(
            Family.objects.all(), "families", "Families", "Lines of models of one lab.",
            ("slug", S, "Short name."), ("name", S, "Name."), ("lab", S, "Lab.", "lab__slug"),
            key=("slug",), references={"lab": "labs"},
        ),
        _extract(
            AIModel.objects.all(), "models", "Models", "The thing that was released; when and how is in releases.",
            ("slug", S, "Short name, used in all tables."), ("name", S, "Name."), ("lab", S, "Lab.", "lab__slug"),
            ("family", S, "Family.", "family__slug"),
            ("identity_date", D, "The date that tells dated names apart; not the believed release date."),
            key=("slug",), references={"lab": "labs", "family": "families"},
        ),
        _extract(
            Benchmark.objects.filter(may_display=True), "benchmarks", "Benchmarks", "What scores are measured on.",
            ("slug", S, "Short name, used in all tables."), ("name", S, "Name."), ("category", S, "What it tests."),
            ("domain", S, "The subject."), ("unit", S, "Unit of its scores."),
            ("floor", N, "What guessing scores, in the unit."), ("ceiling", N, "The best possible score."),
            ("lower_is_better", B, "Whether less is better."), ("items", I, "Number of questions."),
            ("access", S, "Who may read the questions."), ("released_on", D, "When it was published."),
            ("homepage", S, "Homepage."), ("maintainer", S, "Who keeps it."),
            ("in_index", B, "Whether its scores feed the capability index."),
            ("superseded_by", S, "The benchmark that replaces it.", "successor"),
            ("note", S, "What one should know of it."),
            ("contamination", O, "Findings about leaked questions: text, url and date."),
            key=("slug",), more={"successor": Case(When(visible, then=F("superseded_by__slug")))},
        ),
        _extract(
            Person.objects.all(), "people", "People", "Whose statements are collected.",
            ("slug", S, "Short name, used in all tables."), ("name", S, "Name."), ("role", S, "Known for."),
            ("lab", S, "Of which lab.", "lab__slug"), ("homepage", S, "Homepage."),
            key=("slug",), references={"lab": "labs"},
        ),
        _extract(
            Licence.objects.all(), "licences", "Licences", "Terms as they were read, never a verdict.",
            ("slug", S, "Short name, used in all tables."), ("name", S, "Name."), ("spdx", S, "SPDX identifier."),
            ("url", S, "Where it was read."), ("osi_approved", S, "Whether the OSI approved it."),
            ("commercial", S, "Whether it allows commercial use."), ("terms", O, "All terms."),
            key=("slug",),
        ),
        _extract(
            Alias.objects.filter(Q(benchmark=None) | Q(benchmark__may_display=True)), "aliases", "Aliases",
            "Names that sources use, and exactly what they mean.",
            ("kind", S, "lab, model, benchmark, licence or person."), ("key", S, "The name as it is looked up."),
            ("name", S, "The name as it is used."), ("slug", S, "What it means: the short name of that kind.", "named"),
            key=("kind", "key"),
            more={"named": Coalesce("lab__slug", "model__slug", "benchmark__slug", "licence__slug", "person__slug")},
        ),
        _extract(
            Source.objects.filter(may_display=True), "sources", "Sources", "Whose data these are, and their licence.",
            ("slug", S, "Short name, used in all tables."), ("title", S, "Title."), ("publisher", S, "Publisher."),
            ("homepage", S, "Homepage."), ("data_licence", S, "Licence of the data."),
            ("attribution", S, "How the publisher wants to be named."),
            ("may_hand_on", B, "Whether its documents may be handed on whole."),
            ("rolling", B, "Whether they are windows onto a longer list: what leaves one still holds."),
            key=("slug",),
        ),
        _extract(
            Snapshot.objects.filter(state=Snapshot.State.INGESTED, endpoint__source__may_display=True),
            "documents", "Documents", "Every document that facts were read from.",
            ("source", S, "Source.", "endpoint__source__slug"), ("endpoint", S, "Its address.", "endpoint__url"),
            ("fetched_at", T, "When it was had."), ("sha256", S, "Of the stored bytes.", "blob_id"),
            ("original_sha256", S, "Of the publisher's bytes, where these are a record file made from them."),
            key=("endpoint", "fetched_at"), references={"source": "sources"},
        ),
    ]  # fmt: skip


def _statements() -> list[Extract]:
    day = ("precision", S, "Whether the date is exact to the day, month or year.")
    model, lab = ("model", S, "Model.", "model__slug"), ("lab", S, "Lab.", "lab__slug")
    return [
        _facts(
            Release, "releases", "Releases", "What sources say of a model's release; a relicensing is another row.",
            model, ("released_on", D, "First day of the stated interval."), day, ("access", S, "How it can be had."),
            ("licence", S, "The licence, where its name is known.", "licence__slug"),
            ("licence_words", S, "The source's own name of the licence."),
            ("parameters", N, "Number of parameters."), ("active_parameters", N, "Those used for a token."),
            ("context", I, "Tokens of context."), ("weights_url", S, "Where the weights are."),
            ("data_information", S, "How fully the training data is described: full, partial or none."),
            ("training_code", S, "open or none."), ("base_words", S, "What it was made from, in the source's words."),
            ("base_relation", S, "How: finetune, quantized, merge or adapter."),
            references={"model": "models", "licence": "licences"},
        ),
        _facts(
            Score, "scores", "Scores", "Results of models on benchmarks, in the benchmark's unit.",
            model, ("benchmark", S, "Benchmark.", "benchmark__slug"),
            *((part, S, f"Setting: {about}.", f"setting__{part}") for part, about in (
                ("effort", "reasoning effort"), ("mode", "mode"), ("host", "who ran the model"),
                ("scaffold", "program around the model"), ("shots", "worked examples given"))),
            ("budget", I, "Setting: thinking tokens.", "thinking"), ("value", N, "The score."),
            ("stderr", N, "Its standard error."), ("evaluator", S, "Who measured it."),
            ("evaluated_on", D, "When it was measured."),
            references={"model": "models", "benchmark": "benchmarks"},
            only=Q(benchmark__may_display=True), more={"thinking": NullIf("setting__budget", 0)},
        ),
        _facts(
            Price, "prices", "Prices", "What hosts ask, in US dollars per million tokens.",
            model, ("host", S, "Who asks it."), ("input", N, "Input."), ("output", N, "Output."),
            ("cache_read", N, "Input read from the cache."), ("cache_write", N, "Input written to the cache."),
            ("since", D, "Since when, where the source says."),
            references={"model": "models"},
        ),
        _facts(
            Event, "events", "Events", "What labs did.",
            lab, model, ("kind", S, "Kind of event."), ("title", S, "In a few words."),
            ("detail", S, "In a sentence."), ("about", S, "Key of the event that it keeps or breaks."),
            ("occurred_on", D, "First day of the stated interval."), day,
            references={"lab": "labs", "model": "models"},
        ),
        _facts(
            Statement, "statements", "Statements", "What people said, in our words, with a short quote at most.",
            ("person", S, "Who.", "person__slug"), lab, ("topic", S, "On what."), ("summary", S, "In our words."),
            ("quote", S, "In theirs."), ("venue", S, "Where."),
            ("said_on", D, "First day of the stated interval."), day,
            references={"person": "people", "lab": "labs"},
        ),
        _facts(
            News, "news", "News", "Labs' own notices: title and address.",
            lab, ("title", S, "Its title."), ("published_on", D, "When it was published."), day,
            references={"lab": "labs"},
        ),
        _facts(
            LicenceText, "licence_texts", "Licence texts", "What registers and publishers say of licences.",
            ("licence", S, "The licence, where its name is known.", "licence__slug"), model,
            ("text", S, "Its words; blank where their publisher does not let them be handed on.", "words"),
            ("osi_approved", B, "Whether the OSI approved it, says the source."),
            ("fsf_libre", B, "Whether the FSF calls it free, says the source."), ("category", S, "The source's own."),
            references={"licence": "licences", "model": "models"},
            more={"words": Case(When(endpoint__source__may_hand_on=True, then=F("text")))},
        ),
        _facts(
            Assessment, "assessments", "Assessments", "What assessors of openness say of a model, or of a lab.",
            model, lab, ("rubric", S, "Whose rubric."), ("criterion", S, "Its criterion."),
            ("verdict", S, "The assessor's word."), ("value", N, "Its number: 1 open, 0 closed."),
            ("licence_words", S, "The licence as the assessor calls it."), ("assessed_on", D, "When."),
            references={"model": "models", "lab": "labs"},
        ),
    ]  # fmt: skip


def _results() -> list[Extract]:
    run = run_for(None)
    believed = _extract(
        ModelState.objects.filter(run_id=run.id if run else None), "index_values", "Capability index",
        "What the current run believes of each model, with its index value and a 90 % interval.",
        ("model", S, "Model.", "model__slug"), ("released_on", D, "Believed release date."),
        ("precision", S, "day, month or year."), ("access", S, "Believed access."),
        ("licence", S, "Believed licence.", "licence__slug"), ("parameters", N, "Believed number of parameters."),
        ("scores", I, "Believed scores."), ("benchmarks", I, "On so many benchmarks."), ("value", N, "Index value."),
        ("low", N, "Lower end of its interval."), ("high", N, "Upper end."),
        ("frontier", S, "open or closed: a step of that frontier."),
        key=("model",), references={"model": "models", "licence": "licences"},
    )  # fmt: skip
    rungs = _extract(
        OpennessState.objects.filter(run_id=run.id if run else None), "openness", "Openness",
        "What every rubric makes of a release, as the current run believes its facts.",
        ("model", S, "Model.", "model__slug"), ("rung", I, "Of our ladder, 0 to 8."),
        ("blocker", S, "What would lift it to the next rung."),
        ("verdicts", O, "Rubric to its verdict: value, what decides it, what is missing, the step that lifts."),
        key=("model",), references={"model": "models"},
    )  # fmt: skip
    judged = ClaimVerdict.objects.order_by("-run__known_at", "-run_id").values("run_id")[:1]
    claims = _extract(
        ClaimVerdict.objects.filter(run_id__in=judged, claim__listed=True), "claims", "Claims",
        "Published claims, the test that each was turned into, and what the data say of it today.",
        ("slug", S, "Short name.", "claim__slug"), ("title", S, "In our words.", "claim__title"),
        ("quote", S, "In the author's, in short.", "claim__quote"), ("author", S, "Who said it.", "claim__author"),
        ("said_on", D, "When.", "claim__said_on"), ("publication", S, "Where.", "claim__publication"),
        ("url", S, "Its address, where known.", "claim__url"), ("topic", S, "What it is about.", "claim__topic"),
        ("test", O, "The test.", "claim__test"), ("verdict", S, "holds, fails, depends or untestable."),
        ("assumption", S, "What it turns on, or what is missing."), ("reading", O, "The figures and their evidence."),
        key=("slug",),
    )  # fmt: skip
    text = "scope open_means region estimate name unit reason".split()
    about = {
        "scope": "Which benchmarks.", "open_means": "Which meaning of open.", "region": "Of the open models.",
        "max_parameters": "Largest open model that counts; blank is any.", "estimate": "The estimator's letter.",
        "name": "Its name.", "unit": "months or points.", "value": "The estimate; blank if the data do not tell one.",
        "low": "Lower end of its interval.", "high": "Upper end.", "steps": "On how many steps it rests.",
        "censored": "Share of steps not matched yet.", "reason": "Why there is no estimate.",
    }  # fmt: skip
    types = {name: S if name in text else N for name in about} | {"steps": I}
    columns = tuple(Column(name, types[name], told, name in text[:2]) for name, told in about.items())
    key = ("scope", "open_means", "region", "max_parameters", "estimate")
    lags = Table("lags", "Lags", "Every estimator under every question of the current run.", columns, key)
    return [believed, rungs, claims, Extract(lags, lambda: _lags(run.id if run else None))]


def _lags(run: int | None) -> Rows:
    asked = ("scope", "open_means", "region", "max_parameters")
    order = [Collate(F(name), "C") for name in asked[:3]]
    results = GapResult.objects.filter(run_id=run).order_by(*order, "max_parameters")
    for scope, means, region, size, report in results.values_list(*asked, SHOWN).iterator(chunk_size=50):
        for letter, found in sorted(report["estimates"].items()):
            numbers = (found[name] for name in ("value", "low", "high", "steps", "censored"))
            yield scope, means, region, size or None, letter, found["name"], found["unit"], *numbers, found["reason"]


def _facts(
    kind: type[Fact],
    name: str,
    title: str,
    about: str,
    *columns: tuple[Any, ...],
    references: Mapping[str, str],
    only: Q | None = None,
    more: Mapping[str, Any] | None = None,
) -> Extract:
    """The facts of one kind, current and superseded, each by its natural key and with its two times."""
    rows = kind._default_manager.filter(only or Q(), endpoint__source__may_display=True)
    # When a row left a window onto a longer list is not kept: naming the newest document would be a guess.
    last = Coalesce("last_snapshot__blob_id", "endpoint__current__blob_id")
    seen = Case(When(endpoint__source__rolling=False, then=last))
    return _extract(
        rows, name, title, about,
        ("source", S, "Source.", "endpoint__source__slug"), ("endpoint", S, "The document's address.", "endpoint__url"),
        ("key", S, "The document's own name of the row."),
        ("known_from", T, "Since when it was known."), ("known_to", T, "Until when it held; blank: it holds."),
        ("first_sha256", S, "The first document that showed it.", "first_snapshot__blob_id"),
        ("last_sha256", S, "The last one; blank of a window onto a longer list.", "seen"),
        ("name", S, "The source's name of the thing."), ("url", S, "The row's own evidence."),
        *columns,
        sort=("endpoint__source__slug", "endpoint__url", "key", "known_from", "known_to"),
        references={"source": "sources", **references}, more={"seen": seen, **(more or {})},
    )  # fmt: skip


def _extract(
    rows: QuerySet[Any],
    name: str,
    title: str,
    about: str,
    *columns: tuple[Any, ...],
    key: tuple[str, ...] = (),
    references: Mapping[str, str] | None = None,
    sort: tuple[str, ...] = (),
    more: Mapping[str, Any] | None = None,
) -> Extract:
    """Columns are (name, type, what it is, and where it is found if not under that name)."""
    paths = {column[0]: column[3] if len(column) > 3 else column[0] for column in columns}
    model: type[Model] = rows.model
    needed = {path for path in paths.values() if _is_required(model, path)}
    described = tuple(Column(column[0], column[1], column[2], paths[column[0]] in needed) for column in columns)
    types = dict(zip(paths.values(), (column.type for column in described), strict=True))
    # The order of texts is the bytes' order, whatever the database's language; equal ones keep the order they came in.
    wanted = sort or tuple(paths[part] for part in key)
    order = [Collate(F(path), "C") if types[path] is S else F(path).asc(nulls_last=True) for path in wanted]
    jsons = [at for at, column in enumerate(described) if column.type is O]

    query = rows.annotate(**(more or {}))

    def read() -> Rows:
        found = query.order_by(*order, "pk").values_list(*paths.values())
        for row in found.iterator(chunk_size=CHUNK):
            yield tuple(_written(cell) if at in jsons else cell for at, cell in enumerate(row)) if jsons else row

    return Extract(Table(name, title, about, described, key, references or {}), read, query, paths)


def _written(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _is_required(model: type[Model], path: str) -> bool:
    """Whether a cell is never blank: the database keeps it so along the whole path."""
    for part in path.split("__"):
        names = {field.name: field for field in model._meta.concrete_fields}
        names |= {field.attname: field for field in model._meta.concrete_fields}
        field = names.get(part)
        if field is None or field.null or field.blank:
            return False
        if field.is_relation and field.related_model:
            model = field.related_model
    return True
