"""models.dev: releases, prices and reported scores, from its neutral model files and from labs' own providers.

Resellers' rows are left out: they put their own listing date on a model and contradict each other on its weights.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from tracker.domain.records import Access, Evaluator, PriceRecord, ReleaseRecord, ScoreRecord, When
from tracker.sources.archives import untarred
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.models_dev_labs import BOARDS, LABS, OWN, OWN_PAGES, PERCENT
from tracker.sources.withheld import is_withheld

FILES = "https://github.com/anomalyco/models.dev/blob/dev/"


def parse(document: Document) -> Records:
    """Of api.json releases and prices at labs' own hosts, of the repository's tarball releases and the scores that labs
    or boards report. Which of the two it is the bytes say."""
    if document.body[:2] == b"\x1f\x8b":
        return _from_files(document)
    return _from_providers(document)


def _from_providers(document: Document) -> Records:
    """api.json: what each lab's own API offers, and for how much."""
    providers = _table(document.json(), document.url)
    if "openai" not in providers or "anthropic" not in providers:
        # Renamed providers would leave quietly with all their prices.
        raise ParseError(f"{document.url} lists {len(providers)} providers, and not both openai and anthropic")
    for host in sorted(LABS.keys() & providers.keys()):
        provider = _table(providers[host], f"{document.url}, {host}")
        page = str(provider.get("doc") or "")
        for name, model in sorted(_table(provider.get("models"), f"{document.url}, {host}, models").items()):
            where = f"{document.url}, {host}/{name}"
            model = _table(model, where)
            if not name.startswith(OWN.get(host, "")) or not _is_release(name, model, where):
                continue
            yield _release(f"{host}/{name}", name.rpartition("/")[2], host, model, page, where)
            if isinstance(model.get("cost"), Mapping):
                yield _price(host, name, model["cost"], page, where)


def _from_files(document: Document) -> Records:
    """models/<lab>/<name>.toml out of the repository's tarball."""
    found = untarred(document, lambda path: path.parts[:1] == ("models",) and path.suffix == ".toml")
    if not found:
        raise ParseError(f"{document.url} holds no models/**.toml")
    files = {path.relative_to("models").with_suffix(""): _toml(each) for path, each in found.items()}
    scores: list[ScoreRecord] = []
    for path in sorted(files):
        lab, name, where = path.parts[0], path.name, f"{document.url}!models/{path}"
        model = _inherited(path, files, where)
        if not _is_release(name, model, where):
            continue
        yield _release(f"models/{path}", name, lab, model, f"{FILES}models/{path}.toml", where)
        scores.extend(_scores(str(path), name, lab, model, where))
    if scores and max(score.value for score in scores) <= 0.01:
        # Fractions read on as percentages would put every model at a hundredth of its score.
        raise ParseError(f"{document.url}: no reported score is above 1 of 100")
    yield from scores


def _toml(file: Document) -> dict[str, Any]:
    try:
        return tomllib.loads(file.text())
    except tomllib.TOMLDecodeError as error:
        raise ParseError(f"{file.url} is not TOML: {error}") from error


def _inherited(path: PurePosixPath, files: Mapping[PurePosixPath, Mapping[str, Any]], where: str) -> dict[str, Any]:
    """A file with what it takes over from its base_model: tables are merged, all else replaced, then omitted."""
    chain: list[Mapping[str, Any]] = [files[path]]
    while base := chain[-1].get("base_model"):
        parent = files.get(PurePosixPath(str(base)))
        if parent is None or parent in chain:
            raise ParseError(f"{where}: base_model {base!r} is not there or leads back to the file")
        chain.append(parent)
    merged: dict[str, Any] = {}
    for each in reversed(chain):
        merged = _merged(merged, each)
        for name in _list(each.get("base_model_omit"), f"{where}, base_model_omit"):
            merged.pop(str(name), None)
    return merged


def _merged(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for name, value in top.items():
        below = both.get(name)
        both[name] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return both


def _is_release(name: str, model: Mapping[str, Any], where: str) -> bool:
    """A model that reads and writes text, under a name of its own: "-latest" is moved on from model to model."""
    modalities = _table(model.get("modalities"), f"{where}, modalities")
    talks = all("text" in _list(modalities.get(side), f"{where}, {side}") for side in ("input", "output"))
    return talks and not name.endswith("-latest") and "embed" not in name and "rerank" not in name


def _release(key: str, name: str, lab: str, model: Mapping[str, Any], page: str, where: str) -> ReleaseRecord:
    weights = model.get("open_weights")
    if not isinstance(weights, bool):
        raise ParseError(f"{where}: open_weights is {weights!r}, neither true nor false")
    try:
        released = When.parse(str(model.get("release_date", "")))
    except ValueError as error:
        raise ParseError(f"{where}: release_date {error}") from error
    context = _table(model.get("limit"), f"{where}, limit").get("context") or None  # 0 stands for unknown
    if context is not None and (not isinstance(context, int) or context < 0):
        raise ParseError(f"{where}: limit.context is {context!r}, no number of tokens")
    links = [str(link["url"]) for link in _tables(model.get("weights"), f"{where}, weights") if link.get("url")]
    return ReleaseRecord(
        key,
        name,
        lab=LABS.get(lab, lab),
        released=released,
        access=Access.WEIGHTS if weights else Access.API,
        licence=str(model.get("license") or ""),
        context=context,
        weights_url=links[0] if links else "",
        url=page,
    )


def _price(host: str, name: str, cost: Mapping[str, Any], page: str, where: str) -> PriceRecord:
    """The base price. Tiers (above 200k tokens, batch, audio) are left out: what a prompt of usual length costs."""

    def dollars(field: str) -> float | None:
        value = cost.get(field)
        if value is None:
            return None
        if not isinstance(value, int | float) or not 0 <= value <= 10_000:
            raise ParseError(f"{where}: cost.{field} is {value!r}, no price in dollars per million tokens")
        return float(value)

    return PriceRecord(
        f"{host}/{name}",
        name.rpartition("/")[2],
        host,
        input=dollars("input"),
        output=dollars("output"),
        cache_read=dollars("cache_read"),
        cache_write=dollars("cache_write"),
        url=page,
    )


def _scores(path: str, name: str, lab: str, model: Mapping[str, Any], where: str) -> Iterator[ScoreRecord]:
    repeats: Counter[str] = Counter()
    for row in _tables(model.get("benchmarks"), f"{where}, benchmarks"):
        source, title = str(row.get("source") or ""), str(row.get("name") or "").strip()
        evaluator = _evaluator(source, lab)
        if evaluator is None or is_withheld(title, source):
            continue
        if str(row.get("metric") or "").strip().lower() not in PERCENT:
            continue
        score = row.get("score")
        if not isinstance(score, int | float) or not 0 <= score <= 100:
            raise ParseError(f"{where}: {title} is {score!r}, not between 0 and 100")
        version, harness = str(row.get("version") or ""), str(row.get("harness") or "")
        variant = str(row.get("variant") or "")
        benchmark = title if not version or version in title else f"{title} {version}"
        key = ":".join((path, benchmark, harness, variant, str(row.get("dataset") or "")))
        repeats[key] += 1
        try:
            evaluated = When.parse(str(row.get("date") or ""))
        except ValueError as error:
            raise ParseError(f"{where}: {title}: date {error}") from error
        yield ScoreRecord(
            f"{key}#{repeats[key]}" if repeats[key] > 1 else key,
            name,
            benchmark,
            round(score / 100, 12),
            scaffold=harness or variant,  # without a harness, the variants are the names of harnesses
            setting=variant if harness else "",
            evaluator=evaluator,
            evaluated=evaluated,
            lab=LABS.get(lab, lab),
            url=source,
        )


def _evaluator(source: str, lab: str) -> Evaluator | None:
    """Who reported a score, or None when that is neither the lab itself nor the benchmark's board."""
    address = urlsplit(source)
    host = (address.hostname or "").removeprefix("www.")
    page = f"{host}{address.path}/"
    for own in OWN_PAGES.get(lab, ()):
        if page.startswith(f"{own}/") or ("/" not in own and host.endswith(f".{own}")):
            return Evaluator.FIRST_PARTY
    return Evaluator.LEADERBOARD if host in BOARDS else None


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ParseError(f"{where} is {str(value)[:60]!r}, not a table")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise ParseError(f"{where} is {str(value)[:60]!r}, not a list")
    return value or []


def _tables(value: Any, where: str) -> list[Mapping[str, Any]]:
    return [_table(each, where) for each in _list(value, where)]


SOURCE = Source(
    __name__,
    title="models.dev",
    publisher="models.dev",
    homepage="https://models.dev",
    data_licence="MIT",
    # Its files quote Artificial Analysis, whose scores may not be published again: they are dropped as it is read.
    may_hand_on=False,
    attribution="models.dev, MIT, github.com/anomalyco/models.dev.",
    urls=(
        "https://models.dev/api.json",
        "https://codeload.github.com/anomalyco/models.dev/tar.gz/refs/heads/dev",
    ),
    parse=parse,
    at_least=2,
)
