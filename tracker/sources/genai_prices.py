"""genai-prices: what labs and hosts ask for a token, kept by hand and by people who pay the bills."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tracker.domain.records import PriceRecord, When
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.price_lists import OTHER_WORK, dollars, first_regions, in_one_unit, rows, table

# The list's providers and our hosts. Left out on purpose: openrouter, whose own list carries no licence, the routes
# through Hugging Face (huggingface_*), which repeat the price of the host behind them, and voyageai, which embeds.
HOSTS = {
    "anthropic": "anthropic",
    "avian": "avian",
    "aws": "amazon-bedrock",
    "azure": "azure",
    "cerebras": "cerebras",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "doubleword": "doubleword",
    "fireworks": "fireworks-ai",
    "google": "google",
    "groq": "groq",
    "minimax": "minimax",
    "mistral": "mistral",
    "modal": "modal",
    "moonshotai": "moonshotai",
    "novita": "novita-ai",
    "openai": "openai",
    "ovhcloud": "ovhcloud",
    "perplexity": "perplexity",
    "together": "togetherai",
    "x-ai": "xai",
    "zai": "zai",
    "zhipuai": "zhipuai",  # the mainland's platform: yuan, converted by the list
}
# Weights that anyone may host and their maker does not sell: under the maker's name the list repeats to the cent what
# the router's cheapest host asks, with the maker's page as source, where no such price stands. Whether it is one
# waits for a person under words that no model goes by.
GIVEN_AWAY = {"openai": "gpt-oss"}
COPIED = "price of the router under its maker"
OWN = ("gemini", "gemma", "learnlm")  # of Google's two shops, what the first one sells; Claude and Llama are Vertex's


def parse(document: Document) -> Records:
    """What each host that is followed asks for a model's tokens today: the base price, at any hour, of one region. A
    list in another unit is refused."""
    yield from in_one_unit(_prices(document), document.url)


def _prices(document: Document) -> Iterator[PriceRecord]:
    providers = [table(each, f"{document.url}, a provider") for each in rows(document.json(), document.url)]
    names = {str(provider.get("id")) for provider in providers}
    if not {"openai", "anthropic"} <= names:
        # Renamed providers would leave quietly with all their prices.
        raise ParseError(f"{document.url} lists {len(providers)} providers, and not both openai and anthropic")
    routed = _routed(providers)
    for provider in providers:
        name = str(provider.get("id"))
        if name not in HOSTS:
            continue
        where = f"{document.url}, {name}"
        models = [table(each, f"{where}, a model") for each in rows(provider.get("models"), f"{where}, models")]
        pages = provider.get("pricing_urls") or [""]
        kept = first_regions(str(model.get("id") or "") for model in models)
        for model in models:
            if (identity := str(model.get("id") or "")) in kept:
                given_away = identity.startswith(GIVEN_AWAY.get(name, " "))
                copied = given_away and routed.get(f"{name}/{identity}") == model.get("prices")
                for price in _price(name, identity, model, str(rows(pages, f"{where}, pricing_urls")[0]), document):
                    yield replace(price, model=f"{price.model} ({COPIED})") if copied else price


def _routed(providers: list[Mapping[str, Any]]) -> dict[str, Any]:
    """What the router's own list says of each model that it names by its maker."""
    models = [each for one in providers if one.get("id") == "openrouter" for each in one.get("models") or ()]
    return {str(each.get("id")): each.get("prices") for each in models if isinstance(each, Mapping)}


def _price(host: str, identity: str, model: Mapping[str, Any], page: str, document: Document) -> Iterator[PriceRecord]:
    where = f"{document.url}, {host}/{identity}"
    name = _name(identity, table(model.get("match"), f"{where}, match"), where)
    if not name or name.startswith("ft:") or OTHER_WORK.search(name):
        return
    asked, since = _in_force(model.get("prices"), document.fetched_at.date(), where)
    price = PriceRecord(
        f"{host}/{identity}",
        # Fireworks writes "glm-4p6" for "glm-4.6": its name in front says so.
        f"fireworks/{name}" if host == "fireworks" else name.removeprefix("regional."),
        "google-vertex" if host == "google" and not name.startswith(OWN) else HOSTS[host],
        input=_base(asked, "input_mtok", where),
        output=_base(asked, "output_mtok", where),
        cache_read=_base(asked, "cache_read_mtok", where),
        cache_write=_base(asked, "cache_write_mtok", where),
        since=since,
        url=page,
    )
    if price.input is not None and price.output is not None:  # a request or an image may be all that has a price
        yield price


def _name(identity: str, match: Mapping[str, Any], where: str) -> str:
    """The model's name: the id, or for "x-latest" what it stands for by the rules that say what is billed as it.

    Blank when the rules name nothing: such a sign is moved on from model to model.
    """
    if not identity.endswith("-latest"):
        return identity
    rules = [table(rule, f"{where}, a rule") for rule in rows(match.get("or") or [match], f"{where}, or")]
    named = (str(rule.get("equals") or rule.get("starts_with") or "") for rule in rules)
    return next((name for name in named if name and not name.endswith("-latest")), "")


def _in_force(prices: Any, on: date, where: str) -> tuple[Mapping[str, Any], When | None]:
    """The prices that hold on a day, and since when.

    A price announced for later is not applied early. One for certain hours is left out: the default is told whatever
    the hour of our asking, or a price would seem to change from run to run.
    """
    if isinstance(prices, Mapping):
        return prices, None
    holds: tuple[Mapping[str, Any], When | None] = ({}, None)
    for number, entry in enumerate(rows(prices, f"{where}, prices")):
        entry = table(entry, f"{where}, price {number}")
        condition = table(entry.get("constraint") or {}, f"{where}, price {number}, constraint")
        if condition.keys() - {"start_date", "start_time", "end_time", "type"}:
            # A condition that is not understood would be taken for one that always holds.
            raise ParseError(f"{where}: a price under the condition {sorted(condition)}")
        if "start_time" in condition or "end_time" in condition:
            continue
        try:
            since = When.parse(str(condition.get("start_date") or ""))
        except ValueError as error:
            raise ParseError(f"{where}: start_date {error}") from error
        if since is None or since.on <= on:
            holds = table(entry.get("prices"), f"{where}, price {number}"), since  # a later entry goes before
    return holds


def _base(prices: Mapping[str, Any], field: str, where: str) -> float | None:
    """A price; of several tiers (above 200k or 272k tokens) the base: what a prompt of usual length costs."""
    value = prices.get(field)
    if isinstance(value, Mapping):
        if "base" not in value:
            raise ParseError(f"{where}: {field} has no base: {str(value)[:60]}")
        value = value["base"]
    return dollars(value, f"{where}: {field}")


SOURCE = Source(
    __name__,
    title="genai-prices",
    publisher="Pydantic",
    homepage="https://github.com/pydantic/genai-prices",
    data_licence="MIT",
    attribution="genai-prices, Pydantic Services Inc., MIT, github.com/pydantic/genai-prices.",
    urls=("https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/new_data/v2/data.json",),
    parse=parse,
    at_least=5,
    # It changes weekly or more often; its first format stopped in July 2026 and answered on.
    stale_after=timedelta(days=21),
)
