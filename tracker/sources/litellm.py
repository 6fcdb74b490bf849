"""LiteLLM's price map: what hundreds of addresses cost, kept by whoever uses them, and wrong more often than others.

It is for checking other lists against: about one of its changes in fourteen is a mistake or the end of one.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tracker.domain.records import PriceRecord
from tracker.sources.base import Document, Records, Source
from tracker.sources.price_lists import OTHER_WORK, dollars, first_regions, in_one_unit, table
from tracker.sources.withheld import is_withheld

# Its providers and our hosts: labs' own, and hosts that sell under their own name. Left out on purpose: resellers of
# resellers, copies for a region (qwencloud beside dashscope), subscriptions, and those whose prices stood there in
# another unit for months (novita, wandb, watsonx).
HOSTS = {
    "ai21": "ai21",
    "amazon_nova": "nova",
    "anthropic": "anthropic",
    "azure": "azure",
    "azure_ai": "azure",
    "bedrock": "amazon-bedrock",
    "bedrock_converse": "amazon-bedrock",
    "bedrock_mantle": "amazon-bedrock",
    "bigmodel": "zhipuai",
    "cerebras": "cerebras",
    "codestral": "mistral",
    "cohere": "cohere",
    "cohere_chat": "cohere",
    "dashscope": "alibaba",
    "deepinfra": "deepinfra",
    "deepseek": "deepseek",
    "fireworks_ai": "fireworks-ai",
    "gemini": "google",
    "groq": "groq",
    "inception": "inception",
    "meta": "meta",
    "meta_llama": "llama",
    "minimax": "minimax",
    "mistral": "mistral",
    "moonshot": "moonshotai",
    "openai": "openai",
    "perplexity": "perplexity",
    "sarvam": "sarvam",
    "text-completion-openai": "openai",
    "together_ai": "togetherai",
    "vertex_ai": "google-vertex",
    "vertex_ai-ai21_models": "google-vertex",
    "vertex_ai-anthropic_models": "google-vertex",
    "vertex_ai-deepseek_models": "google-vertex",
    "vertex_ai-language-models": "google-vertex",
    "vertex_ai-llama_models": "google-vertex",
    "vertex_ai-minimax_models": "google-vertex",
    "vertex_ai-mistral_models": "google-vertex",
    "vertex_ai-moonshot_models": "google-vertex",
    "vertex_ai-openai_models": "google-vertex",
    "vertex_ai-qwen_models": "google-vertex",
    "vertex_ai-zai_models": "google-vertex",
    "xai": "xai",
    "xiaomi_mimo": "xiaomi",
    "zai": "zai",
}
# Perplexity passes others' models on at their price.
OWN = {"perplexity": ("sonar", "r1-1776", "pplx")}
MODES = {"chat", "completion", "responses"}
PER_TOKEN = 1.0
# Prices for a size of model or for whatever a router picks, for a tuned copy, for spare machines or those of a region,
# and of one host's models in another's shop ("FW-" on Azure is Fireworks).
NO_MODEL = re.compile(r"FW-|together-ai-|fireworks-ai-|model.router|.*/routers/|ft:|.*-(?:us|spot)$")
# What a host puts around a model's name: where it lies, that it is somebody else's, which version of the address it is.
AROUND = re.compile(r"^accounts/fireworks/models/|-maas$|@default$|@\d{3}$|(?<=@\d{4})-\d{3}$")
# Known to be wrong by a factor of thousands since 2024: 3,200 dollars a million tokens. Another such row is news.
WRONG = {"azure_ai/jais-30b-chat"}


def parse(document: Document) -> Records:
    """What each host that is followed asks for a model's tokens: the base price of one region, each model of a host
    once. A list in another unit is refused."""
    yield from in_one_unit(_prices(document), document.url)


def _prices(document: Document) -> Iterator[PriceRecord]:
    listed = table(document.json(), document.url)
    offers: dict[tuple[str, str], str] = {}
    # The bare key and the one with its provider in front are one offer: the fuller one is kept.
    for key in sorted(listed, key=lambda key: ("/" in key, key)):
        row = table(listed[key], f"{document.url}, {key}")
        provider = str(row.get("litellm_provider") or "")
        name = key.partition("/")[2] or key
        if key == "sample_spec" or key in WRONG or provider not in HOSTS or str(row.get("mode")) not in MODES:
            continue
        if not name.startswith(OWN.get(provider, "")) or name.endswith(("-latest", "@latest")):
            continue
        if NO_MODEL.match(name) or OTHER_WORK.search(name):
            continue
        if HOSTS[provider] in ("amazon-bedrock", "azure") and "/" in name:
            continue  # "bedrock/eu-west-1/x", "azure/eu/x": the same model with a premium for the region
        offers[HOSTS[provider], AROUND.sub("", name)] = key
    for host in sorted({host for host, _ in offers}):
        for name in sorted(first_regions(name for other, name in offers if other == host)):
            key = offers[host, name]
            yield from _price(key, name, host, listed[key], f"{document.url}, {key}")


def _price(key: str, name: str, host: str, row: dict[str, Any], where: str) -> Iterator[PriceRecord]:
    """The base price: what a prompt above 200k or 272k tokens, a batch, flex or priority costs is left out."""

    def asked(field: str) -> float | None:
        return dollars(row.get(field), f"{where}: {field}", tokens=PER_TOKEN)

    source = str(row.get("source") or "")
    if is_withheld(source):
        return
    price = PriceRecord(
        key,
        f"fireworks/{name}" if host == "fireworks-ai" else name,  # it writes "glm-4p6" for "glm-4.6"
        host,
        input=asked("input_cost_per_token"),
        output=asked("output_cost_per_token"),
        cache_read=asked("cache_read_input_token_cost"),
        cache_write=asked("cache_creation_input_token_cost"),
        url=source if source.startswith("https://") else "",  # now and then a remark stands in its place
    )
    if price.input is not None and price.output is not None:  # paid by the second, the page or the query
        yield price


SOURCE = Source(
    __name__,
    title="LiteLLM price map",
    publisher="BerriAI",
    homepage="https://github.com/BerriAI/litellm",
    data_licence="MIT",
    attribution="LiteLLM model prices, BerriAI, MIT, github.com/BerriAI/litellm.",
    urls=("https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",),
    parse=parse,
    at_least=5,
    stale_after=timedelta(days=7),  # it changes every day
)
