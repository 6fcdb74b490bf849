"""What a source's name for a model means: one spelling of it, the settings hidden in it, and the model it stands for.

A name resolves when one of its readings *is* an alias, never because it looks like one. Three rules keep neighbours
apart:

- Dots are significant ("gpt-4.1" is not "gpt-4-1"), and words such as "-thinking", "-preview" or "-FP8" are part of a
  name, because they tell different weights apart as often as they tell a setting.
- A date is taken off only when the alias that is left belongs to a model released on that very date: "gpt-4o-mini"
  stands for "gpt-4o-mini-2024-07-18" and for no other snapshot.
- Only known hosts and publishers are taken off the front: "someone/llama-2-7b" is someone's own model.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4`"), "'")
SEPARATORS = re.compile(r"[\s_\-@:()\[\]]+")

EFFORT = "none|minimal|low|medium|high|xhigh|max|unknown"
# Behind a bare hyphen "medium" and "max" are as often a model's size (Mistral Medium, Qwen3-Max) as an effort.
HYPHENATED_EFFORT = "minimal|low|high|xhigh"
THINKING_OFF = r"no-?thinking|non-?thinking|no-?reasoning|non-?reasoning"
THINKING_ON = r"thinking|reasoning|reasoner"
LONGEST = 200  # of a name that is worth taking apart: no model's is half as long, and searching takes the square of it
SHOTS = {"zero": "0", "one": "1", "two": "2", "three": "3", "five": "5"}

HOST = re.compile(
    r"(?P<host>"
    r"accounts/fireworks/models|accounts/fireworks|atlascloud|azure|baseten|bedrock|cerebras|chutes|cloudflare|"
    r"deepinfra|featherless|fireworks|fireworks_ai|friendli|gmicloud|groq|hyperbolic|lambda|nebius|novita|ollama|"
    r"openrouter|parasail|replicate|sambanova|siliconflow|together|together_ai|togethercomputer|vertex|vertex_ai"
    r")(?:/|(?<=parasail)-)",
    re.IGNORECASE,
)
# Names under which labs publish on hubs and routers: they say who made the model, not where it ran.
PUBLISHER = re.compile(
    r"(?:"
    r"01-ai|abacusai|ai21|ai21labs|aleph-alpha|alibaba|allenai|amazon|anthropic|apple|arcee-ai|baichuan-inc|baidu|"
    r"bigcode|bigscience|bytedance|bytedance-seed|cohere|cohereforai|coherelabs|databricks|deepcogito|deepseek|"
    r"deepseek-ai|eleutherai|google|huggingfaceh4|huggingfacetb|ibm|ibm-granite|inception|inceptionai|inclusionai|"
    r"inflection|internlm|lgai-exaone|liquid|liquidai|llm360|lmsys|meituan|meituan-longcat|meta|meta-llama|microsoft|"
    r"minimax|minimaxai|mistral|mistralai|moonshot|moonshotai|mosaicml|naver-hyperclovax|nousresearch|nvidia|openai|"
    r"opengvlab|perplexity|perplexity-ai|poolside|primeintellect|qwen|rekaai|sakana|salesforce|sarvam|sarvamai|"
    r"skywork|snowflake|stabilityai|stepfun|stepfun-ai|swiss-ai|tencent|thinkingmachines|thudm|tiiuae|upstage|writer|"
    r"x-ai|xai|xai-org|xiaomi|xiaomimimo|xlangai|z-ai|zai|zai-org|zhipuai"
    r")/",
    re.IGNORECASE,
)
BEDROCK = re.compile(
    r"(?:(?:us|us-gov|eu|apac|jp|au|global)\.)?"
    r"(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen|writer|xai|zai)\."
    r"(?=[a-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """How the model was run, as far as its name tells. `budget` is thinking tokens; None and blank are not stated.

    `effort` "unknown" is the source's own word: it knows that there is an effort, not which.
    """

    effort: str = ""
    budget: int | None = None
    mode: str = ""
    host: str = ""
    shots: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a name: what would be the model, how it ran, and the date that was taken off ("" if none)."""

    base: str
    setting: Setting = Setting()
    date: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What an alias stands for. `released` tells which dated names the undated alias may stand for."""

    slug: str
    released: date | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What a name means: the model's slug, the setting that stood in the name, and the alias, normalised, by which it
    was found."""

    slug: str
    setting: Setting
    alias: str


def normalise(name: str) -> str:
    """The key of a name: names that differ only in case, blanks, separators, dashes or apostrophes share it."""
    text = unicodedata.normalize("NFKC", name).translate(DASHES).translate(APOSTROPHES).casefold()
    return SEPARATORS.sub("-", text).strip("-")


def split(name: str) -> list[Reading]:
    """The readings of a name, from the most literal to the most stripped; those without their date come last."""
    return list(_readings(name))


def _readings(name: str) -> Iterator[Reading]:
    """The same one by one: most names are aliases as they stand, and need not be taken apart any further."""
    text = " ".join(unicodedata.normalize("NFKC", name).translate(DASHES).split())
    if len(text) > LONGEST:
        yield Reading(text)
        return
    literal = []
    for rest, setting in _without_suffixes(text):
        for base, host in _without_prefixes(rest):
            reading = Reading(base, replace(setting, host=host) if host else setting)
            literal.append(reading)
            yield reading
    for reading in literal:
        if found := next(filter(None, (pattern.search(reading.base) for pattern in DATES)), None):
            yield replace(reading, base=reading.base[: found.start()], date=found["date"])


def resolve(name: str, aliases: Mapping[str, Known], released: date | None = None) -> Match | None:
    """The model of the first reading that is an alias; `aliases` is keyed by `normalise`. None waits for a curator.

    `released` is the release date that the source states beside the name. Where a name has stood for several models in
    turn ("deepseek-chat"), the alias is the name with that date ("deepseek-chat 2025-12-01") and the bare name is none.
    """
    for reading in _readings(name):
        keys = [normalise(reading.base)]
        if released and not reading.date:
            keys.append(f"{keys[0]}-{released.isoformat()}")
        for key in keys:
            known = aliases.get(key)
            if known and (not reading.date or (known.released and _says(reading.date, known.released))):
                return Match(known.slug, reading.setting, key)
    return None


def suggest(name: str, aliases: Mapping[str, Known], limit: int = 3) -> list[tuple[str, float]]:
    """The models whose aliases look most like a name, best first, with 0..1: the share of common trigrams.

    For a curator's eyes only: a name whose numbers differ counts less, yet two sizes of one family look much the same.
    """
    readings = {normalise(reading.base) for reading in split(name)} - {""}
    best: dict[str, float] = {}
    for alias, known in aliases.items():
        score = max((_likeness(reading, alias) for reading in readings), default=0.0)
        if score > best.get(known.slug, 0.0):
            best[known.slug] = score
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return [(slug, round(score, 3)) for slug, score in ranked[:limit]]


def _suffix(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})$", re.IGNORECASE)


# Tried in this order on what is left of a name; each takes one setting off its end.
SUFFIXES = tuple(
    _suffix(pattern)
    for pattern in (
        rf"_(?P<pro>pro)?(?P<effort>{EFFORT})",
        r"_(?P<budget>\d+)k",
        rf"[ _-]*\((?P<effort>{EFFORT})(?:[ -](?:effort|thinking|reasoning))?\)",
        r"[ _-]*\((?P<budget>\d+)k(?: think(?:ing)?(?: tokens)?)?\)",
        r"[ _-]*\(thinking,? (?P<budget>\d+)k\)",
        rf"[ _-]*\((?P<off>{THINKING_OFF}|no think|no thinking|no reasoning)\)",
        rf"[ _-]*\((?P<on>{THINKING_ON})\)",
        r"[ _-]*\((?P<steps>\d+) steps\)",
        r"[ _-]*\((?P<shots>\d+|zero|one|two|three|five)-shot\)",
        rf"-(?P<on>thinking)(?:-auto)?-(?P<effort>{EFFORT})-effort",
        rf"-(?P<effort>{EFFORT})-effort",
        r"-thinking-(?P<budget>\d+)k",
        rf"[-_](?P<off>{THINKING_OFF})",
        r"_(?P<on>thinking|reasoning)",
        rf"-(?P<effort>{HYPHENATED_EFFORT})(?P<on>thinking)?",
        r"(?<=-\d\d-\d\d)-(?P<effort>medium)",
        rf":(?P<effort>{EFFORT})",
        r":(?P<on>thinking)",
        r":(?P<openrouter>free|nitro|floor|exacto|extended|beta)",
        r"-(?P<web>web-?app)",
        r"-v\d+(?P<bedrock>:\d+)",
        r"@(?P<vertex>default)",
    )
)

# A date at the end of a name: 2025-08-07, 01-29-2025, 20251101, 250428, 05-2026, 03-25, 0731 or 2507.
DATES = tuple(
    re.compile(rf"[-_@ ](?P<date>{pattern})$")
    for pattern in (r"20\d\d-\d\d-\d\d|\d\d-\d\d-20\d\d", r"20\d{6}|\d{6}", r"\d\d-20\d\d|\d\d-\d\d", r"\d{4}")
)


def _without_suffixes(text: str) -> Iterator[tuple[str, Setting]]:
    # Vertex writes the date behind an "@"; the date itself is read like any other.
    setting = Setting(host="vertex" if re.search(r"@\d{8}$", text) else "")
    yield text, setting
    while found := next(filter(None, (pattern.search(text) for pattern in SUFFIXES)), None):
        parts = {name: value for name, value in found.groupdict().items() if value is not None}
        text = text[: found.start()].rstrip()
        setting = _with(setting, parts)
        if not text:
            return
        yield text, setting


def _with(setting: Setting, parts: Mapping[str, str]) -> Setting:
    """The setting with what one suffix says; what stood further out stays, as it was said last."""
    mode = setting.mode
    if "off" in parts:
        mode = "non-thinking"
    elif "on" in parts:
        mode = "thinking"
    elif "pro" in parts:
        mode = "pro"
    elif "steps" in parts:
        mode = f"{parts['steps']} steps"
    hosts = {"openrouter": "openrouter", "web": "web app", "bedrock": "bedrock", "vertex": "vertex"}
    return Setting(
        effort=setting.effort or parts.get("effort", "").lower(),
        budget=setting.budget or (int(parts["budget"]) * 1000 if "budget" in parts else None),
        mode=setting.mode or mode,
        host=setting.host or next((host for part, host in hosts.items() if part in parts), ""),
        shots=setting.shots or SHOTS.get(shots := parts.get("shots", "").lower(), shots),
    )


def _without_prefixes(text: str) -> Iterator[tuple[str, str]]:
    """The name with ever fewer hosts and publishers in front, each with the host that was named first."""
    host = ""
    yield text, host
    while True:
        if found := BEDROCK.match(text):
            host = host or "bedrock"
            text = text[found.end() :]
        elif found := HOST.match(text):
            named = found["host"].lower()
            host = host or ("fireworks" if "fireworks" in named else named.removesuffix("_ai"))
            text = text[found.end() :]
        elif found := PUBLISHER.match(text):
            text = text[found.end() :]
        else:
            return
        yield text, host
        if host == "bedrock" and (unversioned := re.sub(r"-v\d+$", "", text)) != text:
            # The version is of its id: "anthropic.claude-opus-4-6-v1" runs "claude-opus-4-6".
            yield unversioned, host
        if host == "fireworks" and (dotted := re.sub(r"(?<=\d)p(?=\d)", ".", text)) != text:
            # Its ids may not hold a dot: "kimi-k2p5" is how it writes "kimi-k2.5".
            yield dotted, host


def _says(written: str, released: date) -> bool:
    """Whether a date as names write it is this day, or, where it holds no day, this month."""
    forms = ("%Y-%m-%d", "%m-%d-%Y", "%Y%m%d", "%y%m%d", "%m-%Y", "%m-%d", "%m%d", "%y%m")
    return written in {released.strftime(form) for form in forms}


@lru_cache(maxsize=1 << 16)
def _trigrams(key: str) -> frozenset[str]:
    padded = f"  {key} "
    return frozenset(padded[index : index + 3] for index in range(len(padded) - 2))


@lru_cache(maxsize=1 << 16)
def _numbers(key: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+(?:\.\d+)?", key))


def _likeness(one: str, other: str) -> float:
    ours, theirs = _trigrams(one), _trigrams(other)
    dice = 2 * len(ours & theirs) / (len(ours) + len(theirs))
    return dice if _numbers(one) == _numbers(other) else 0.8 * dice
