"""model-prices: what labs have asked for a token since when, out of the history of models.dev and corrected by hand."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tracker.domain.records import PriceRecord, When
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.price_lists import OTHER_WORK, dollars, first_regions, in_one_unit, rows, table
from tracker.sources.withheld import is_withheld

LATEST = "https://raw.githubusercontent.com/wakamex/model-prices/data/v1/latest.json"
SHA256 = re.compile(r"[0-9a-f]{64}")
# Its providers are models.dev's, and so are our hosts, but for the names of two.
RENAMED = {"stepfun-ai": "stepfun", "tencent-tokenhub": "tencent"}
SCHEMA = 1


def onward(body: bytes) -> str:
    """The list stands beside the file that names it, under its own checksum."""
    try:
        named = json.loads(body)
    except (ValueError, RecursionError):
        return ""  # no pointer, and for the parser to refuse
    if not isinstance(named, dict) or named.keys() != {"sha256", "published_at"}:
        return ""
    sha256 = str(named["sha256"])
    return LATEST.replace("latest", sha256) if SHA256.fullmatch(sha256) else ""


def parse(document: Document) -> Records:
    """Each host's standard price from step to step, with the day from which each held; steps still to come are left
    out. A list in another unit is refused."""
    yield from in_one_unit(_prices(document), document.url)


def _prices(document: Document) -> Iterator[PriceRecord]:
    listed = table(document.json(), document.url)
    if listed.keys() == {"sha256", "published_at"}:
        raise ParseError(f"{document.url} only names the current list, v1/{str(listed['sha256'])[:64]}.json")
    if listed.get("schema") != SCHEMA:
        raise ParseError(f"{document.url} has schema {str(listed.get('schema'))[:20]}, and {SCHEMA} is known")
    providers = table(listed.get("prices"), f"{document.url}, prices")
    if "openai" not in providers or "anthropic" not in providers:
        # Renamed providers would leave quietly with all their prices.
        raise ParseError(f"{document.url} lists {len(providers)} providers, and not both openai and anthropic")
    for host in sorted(providers):
        models = table(providers[host], f"{document.url}, {host}")
        for identity in sorted(first_regions(models)):
            if ":peft:" not in identity and not OTHER_WORK.search(identity):  # a tuned copy costs more than the model
                yield from _steps(host, identity, models, document)


def _steps(host: str, identity: str, models: Mapping[str, Any], document: Document) -> Iterator[PriceRecord]:
    """The standard price from step to step; a batch, a fast mode and the peak hours of a day cost otherwise.

    The last step of a day is the day's: those before it are corrections of one another. A step that changes none of our
    figures is none, so that each price stands with the day from which it held.
    """
    where = f"{document.url}, {host}/{identity}"
    standard = table(models[identity], where).get("standard")
    days: dict[date | None, PriceRecord | None] = {}
    for number, step in enumerate(rows(standard, f"{where}, standard") if standard is not None else ()):
        step = table(step, f"{where}, step {number}")
        start = _start(step.get("start"), f"{where}, step {number}")
        if start is not None and start > document.fetched_at:
            continue  # announced, and not to be told before it holds
        on = start.date() if start else None
        days[on] = _price(host, identity, on, step.get("rates"), models, f"{where}, step {number}")
    before: PriceRecord | None = None
    for on in sorted(days, key=lambda on: on or date.min):
        price = days[on]
        if price is not None and (before is None or _asked(price) != _asked(before)):
            yield price
        before = price


def _price(
    host: str, identity: str, on: date | None, rates: Any, models: Mapping[str, Any], where: str
) -> PriceRecord | None:
    """One step; None where there was no such offer then, or the id stood for a model that has a history of its own."""
    if rates is None:
        return None
    rates = table(rates, f"{where}, rates")
    # An id may silently move on to another model: then each step says which one it was.
    model = str(rates.get("model") or identity)
    if model.endswith("-latest") or (model != identity and model in models):
        return None
    source = str(rates.get("source") or "")
    if is_withheld(source):
        return None
    price = PriceRecord(
        f"{host}/{identity}" + (f"@{on}" if on else ""),
        model,
        RENAMED.get(host, host),
        input=dollars(rates.get("input"), f"{where}: input"),
        output=dollars(rates.get("output"), f"{where}: output"),
        cache_read=dollars(rates.get("cache_read"), f"{where}: cache_read"),
        cache_write=dollars(rates.get("cache_write"), f"{where}: cache_write"),
        since=When(on) if on else None,  # the first step holds from the model's beginning, whenever that was
        url=source if source.startswith("https://") else "",
    )
    return price if price.input is not None and price.output is not None else None


def _asked(price: PriceRecord) -> tuple[object, ...]:
    return price.model, price.input, price.output, price.cache_read, price.cache_write


def _start(value: Any, where: str) -> datetime | None:
    if value is None:
        return None
    try:
        start = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ParseError(f"{where}: start {error}") from error
    return start if start.tzinfo else start.replace(tzinfo=UTC)


SOURCE = Source(
    __name__,
    title="model-prices",
    publisher="wakamex",
    homepage="https://github.com/wakamex/model-prices",
    data_licence="MIT",
    attribution="model-prices, MIT, github.com/wakamex/model-prices, from the history of models.dev, MIT.",
    urls=(LATEST,),
    parse=parse,
    onward=onward,
    at_least=5,
    stale_after=timedelta(days=7),  # it is published every day
)
