"""How likely a server says each label of a choice is as the next token, from its completions endpoint.

One request a question: the raw prompt, one token, and the likeliest next tokens with their likelihoods. A label's is
the sum over the tokens that are the label but for blanks before it. A label that is not among those named is given that
of the least likely one named, which is the most it can have, and the answer says so.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tracker.evals.backends.base import Endpoint


class NoLikelihoodsError(ValueError):
    """A server that answered without any."""


@dataclass(frozen=True, slots=True)
class NextToken:
    """The natural logarithms in the order of the labels, the labels that were not named, and the prompt's tokens."""

    likelihoods: tuple[float, ...]
    unnamed: tuple[str, ...]
    tokens: int


ERRORS = (httpx.HTTPError, NoLikelihoodsError)


async def next_token(endpoint: Endpoint, prompt: str, labels: Sequence[str], *, likely: int, extras: Any) -> NextToken:
    """Raises ERRORS. How long it may take is for the caller to say."""
    asked = {"model": endpoint.model, "prompt": prompt, "max_tokens": 1, "temperature": 0, "logprobs": likely, **extras}
    async with httpx.AsyncClient(trust_env=False, timeout=None) as client:  # noqa: S113  see above
        reply = await client.post(
            f"{endpoint.url}/completions", json=asked, headers={"Authorization": f"Bearer {endpoint.key}"}
        )
    reply.raise_for_status()
    try:
        said = reply.json()
        named = list(_named(said["choices"][0]["logprobs"]))
        tokens = int((said.get("usage") or {}).get("prompt_tokens") or 0)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise NoLikelihoodsError(f"the server names no likelihoods: {error!r}") from None
    return of_labels(named, labels, tokens)


def of_labels(named: Sequence[tuple[str, float]], labels: Sequence[str], tokens: int = 0) -> NextToken:
    """From the tokens that were named."""
    if not named:
        raise NoLikelihoodsError("the server names no likelihoods")
    least = min(value for _, value in named)
    found, unnamed = [], []
    for label in labels:
        of_this = [value for token, value in named if token.strip(" \u2581\u0120") == label]
        if not of_this:
            unnamed.append(label)
        found.append(min(0.0, _log_sum(of_this or [least])))
    return NextToken(tuple(found), tuple(unnamed), tokens)


def _log_sum(values: Sequence[float]) -> float:
    most = max(values)
    return most + math.log(math.fsum(math.exp(value - most) for value in values))


def _named(logprobs: Any) -> Iterator[tuple[str, float]]:
    """Both shapes in use: OpenAI's for completions, a mapping, and the one for chats, a list, that llama.cpp gives."""
    if "content" in logprobs:
        for one in logprobs["content"][0]["top_logprobs"]:
            yield str(one["token"]), max(float(one["logprob"]), -1e4)
    else:
        for token, value in logprobs["top_logprobs"][0].items():
            yield str(token), max(float(value), -1e4)
