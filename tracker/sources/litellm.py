"""LiteLLM's price map: what hundreds of addresses cost, kept by whoever uses them, and wrong more often than others.

It is for checking other lists against: about one of its changes in fourteen is a mistake or the end of one.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from tracker.domain.records import PriceRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.price_lists import OTHER_WORK, dollars, first_regions, in_one_unit, table

# Its providers and our hosts: labs' own, and hosts that sell under their own name. Resellers of resellers, copies of a
# region (qwencloud beside dashscope) and subscriptions are left out.
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
    "nebius": "nebius",
    "novita": "novita-ai",
    "openai": "openai",
    "perplexity": "perplexity",
    "sambanova": "sambanova",
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
