"""Steel's boards of browsing, computer-use and coding agents: figures that others report, each with where it stands.

Nothing here was measured by Steel, and a board mixes editions of its benchmark and ways of running it: its rows are a
series of their own, beside the benchmark's. Its GAIA board is not read: it ranks ensembles of many models.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from tracker.domain.records import Evaluator, ScoreRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import expect_percentages, number, proportion, required
from tracker.sources.withheld import is_withheld

# The key in each file, which is the file's name too, and what its rows are here.
BOARDS = {
    "agentBench": "steel_agentbench",
    "browsecomp": "steel_browsecomp",
    "clawbench": "steel_clawbench",
    "mind2web": "steel_mind2web",
    "osworld": "steel_osworld",
    "sweBenchVerified": "steel_swe_bench_verified",
    "tauBench": "steel_tau_bench",
    "webarena": "steel_webarena",
    "webvoyager": "steel_webvoyager",
}
# Most rows of these are products, whose names tell no model: a row stays where a model's name is told.
OF_SYSTEMS = {"mind2web", "osworld", "webarena", "webvoyager"}
# A board's own site, where the benchmark's maintainers print what they ran.
SITES = {"tauBench": "taubench.com"}


@dataclass(frozen=True, slots=True)
class Maker:
    """A lab by how its models' names begin, the words that organisations are written with, and where it publishes."""

    name: str
    models: re.Pattern[str]
    known_as: tuple[str, ...]
    places: tuple[str, ...]


def _maker(name: str, models: str, known_as: tuple[str, ...], *places: str) -> Maker:
    return Maker(name, re.compile(models, re.IGNORECASE), known_as, places)


MAKERS = (
    _maker("OpenAI", r"gpt-?\d|gpt-oss|o\d\b", ("openai",), "openai.com"),
    # A version tells the model from the products: Claude Code, Claude Computer Use.
    _maker(
        "Anthropic", r"claude (?:(?:opus|sonnet|haiku) )?\d|(?:claude )?mythos", ("anthropic",),
        "anthropic.com", "claude.com",
    ),
    _maker(
        "Google", r"gemini \d|gemma", ("google", "deepmind"),
        "deepmind.google", "blog.google", "ai.google.dev", "storage.googleapis.com/deepmind-media",
    ),
    _maker("DeepSeek", r"deepseek[ -][vr]\d", ("deepseek",), "deepseek.com", "huggingface.co/deepseek-ai"),
    _maker(
        "Moonshot AI", r"kimi[ -]k\d", ("moonshot", "kimi"),
        "kimi.com", "moonshot.ai", "moonshotai.github.io", "huggingface.co/moonshotai",
    ),
    _maker("Z.ai", r"glm-\d", ("z.ai", "zhipu"), "z.ai", "bigmodel.cn", "huggingface.co/zai-org"),
    _maker("Alibaba", r"qwen-?\d|qwq", ("alibaba", "qwen"), "qwen.ai", "qwenlm.github.io", "huggingface.co/Qwen"),
    _maker(
        "MiniMax", r"minimax[ -]m\d", ("minimax",),
        "minimax.io", "github.com/MiniMax-AI", "huggingface.co/MiniMaxAI",
    ),
    _maker("StepFun", r"step-\d", ("stepfun",), "stepfun.com", "huggingface.co/stepfun-ai"),
    _maker("ByteDance", r"seed[ -]?\d|ui-tars", ("bytedance",), "seed.bytedance.com", "huggingface.co/ByteDance-Seed"),
    _maker("Xiaomi", r"mimo-", ("xiaomi",), "mimo.xiaomi.com", "huggingface.co/XiaomiMiMo"),
    _maker("Meituan", r"longcat-", ("meituan", "longcat"), "longcat.ai", "huggingface.co/meituan-longcat"),
    _maker("Sarvam AI", r"sarvam-", ("sarvam",), "sarvam.ai"),
    _maker("xAI", r"grok[ -]", ("xai",), "x.ai"),
    _maker("NVIDIA", r"nemotron[ -]\d", ("nvidia",), "nvidia.com", "huggingface.co/nvidia"),
    _maker("Meta", r"llama[ -]\d|muse ", ("meta",), "meta.com", "huggingface.co/meta-llama"),
    _maker("Mistral AI", r"mistral|magistral|devstral", ("mistral",), "mistral.ai", "huggingface.co/mistralai"),
)  # fmt: skip
SELF_REPORTED = re.compile(r"\bself-reported\b|\btechnical (?:report|paper)\b", re.IGNORECASE)
# "awaiting independent verification" is none.
VERIFIED = re.compile(r"\bindependently (?:assessed|verified)\b|\bthird-party verified\b", re.IGNORECASE)
EFFORT = re.compile(
    r"\breasoning effort (?P<after>minimal|low|medium|high|xhigh|max)\b"
    r"|\b(?P<before>minimal|low|medium|high|xhigh|max) reasoning effort\b",
    re.IGNORECASE,
)
# Modes of one model that stand in its name like another model's.
MODES = re.compile(r"(?P<model>claude .+?) (?P<a>thinking)|(?P<other>deepseek-v4-\w+)-(?P<b>max)", re.IGNORECASE)
SHOWN = re.compile(r"(~?)(\d+(?:\.\d+)?) ?%")


def parse(document: Document) -> Records:
    """A score for each row of the board that the document holds, 0 to 1, with who measured it as far as the row tells.
    Scores given as about so much, and of systems whose model is not named, are left out."""
    board, rows = _board(document)
    cited = defaultdict(set)
    for row, where in rows:
        if maker := _made_by(_parts(required(row, "systemName", where))[0]):
            cited[_place(row, where)].add(maker.name)
    highest = 0.0
    for row, where in rows:
        name, notes = required(row, "systemName", where), required(row, "notesShort", where)
        where = f"{where} ({name[:60]})"
        percent = _percent(row, where)
        if percent is None or is_withheld(name, notes, required(row, "sourceUrl", where)):
            continue
        model, scaffold = _parts(name)
        maker = _made_by(model)
        if maker is None and board in OF_SYSTEMS:
            continue
        highest = max(highest, percent)
        organisation, place = required(row, "organization", where), _place(row, where)
        model, setting = _mode(model)
        effort = EFFORT.search(notes)
        yield ScoreRecord(
            f"{board}:{name}",
            model,
            BOARDS[board],
            proportion(percent, f"{where}: scoreValue"),
            setting=setting or ((effort["after"] or effort["before"]).lower() if effort else ""),
            scaffold=scaffold,
            evaluator=Evaluator.LEADERBOARD
            if place == SITES.get(board)
            else _evaluator(maker, organisation, place, notes, several=len(cited[place]) > 1),
            lab=maker.name if maker else organisation,
            url=required(row, "sourceUrl", where),
        )
    expect_percentages(highest, f"{document.url}: scoreValue")


def _board(document: Document) -> tuple[str, list[tuple[Any, str]]]:
    """The board's key, and its rows with where each stands."""
    table = document.json()
    if not isinstance(table, dict) or len(table) != 1:
        raise ParseError(f"{document.url} is not an object of one board")
    board, rows = next(iter(table.items()))
    if board not in BOARDS:
        raise ParseError(f"{document.url} is the board {board[:60]!r}; known are {', '.join(BOARDS)}")
    if not isinstance(rows, list):
        raise ParseError(f"{document.url}: {board} is not a list of rows")
    return board, [(row, f"{document.url}, row {position}") for position, row in enumerate(rows, 1)]


def _percent(row: Any, where: str) -> float | None:
    """The score in percent; None where the board itself gives it as about so much."""
    shown, percent = required(row, "scoreDisplay", where), number(row, "scoreValue", where)
    found = SHOWN.fullmatch(shown)
    if found is None or percent is None:
        raise ParseError(f"{where}: the score is shown as {shown[:60]!r} with the value {percent}: not a percentage")
    if abs(float(found[2]) - percent) > 0.5:
        raise ParseError(f"{where}: the score is shown as {shown!r}, and its value is {percent:g}")
    return None if found[1] else percent


def _parts(name: str) -> tuple[str, str]:
    """Model and scaffold of "Agent + Model", "Model + tool" and "Agent (Model)"; any other name is the model's whole.

    "AgentRL w/ Qwen2.5-7B" is weights of its own, and a bracket behind a model's name may be a size or a product's.
    """
    first, plus, second = name.partition(" + ")
    if not plus and (bracketed := re.fullmatch(r"([^()]+) \(([^()]+)\)", name)):
        first, second = bracketed.groups()
        return (second, first) if _made_by(second) and not _made_by(first) else (name, "")
    models = bool(_made_by(first)), bool(_made_by(second))
    return (
        {(True, False): (first, second), (False, True): (second, first)}.get(models, (name, "")) if plus else (name, "")
    )


def _made_by(model: str) -> Maker | None:
    return next((maker for maker in MAKERS if maker.models.match(model)), None)


def _mode(model: str) -> tuple[str, str]:
    if found := MODES.fullmatch(model):
        return found["model"] or found["other"], (found["a"] or found["b"]).lower()
    return model, ""


def _place(row: Any, where: str) -> str:
    """Host and path of a row's source, the same for all ways of writing one address."""
    address = required(row, "sourceUrl", where)
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise ParseError(f"{where}: sourceUrl is {address[:60]!r}: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ParseError(f"{where}: sourceUrl is {address[:60]!r}, which is no address")
    return (parts.hostname.removeprefix("www.") + parts.path).rstrip("/")


def _evaluator(maker: Maker | None, organisation: str, place: str, notes: str, *, several: bool) -> Evaluator:
    """Who measured it, by the row's own words and by whose page it stands on; where these disagree, nobody said."""
    if maker and not any(word in organisation.lower() for word in maker.known_as):
        return Evaluator.THIRD_PARTY  # somebody's agent around another's model
    own = maker is not None and any(_is_at(place, home) for home in maker.places)
    verified = VERIFIED.search(notes) is not None
    if own or SELF_REPORTED.search(notes):
        return Evaluator.UNSTATED if verified else Evaluator.FIRST_PARTY
    # One page with models of several labs is no lab's own.
    return Evaluator.THIRD_PARTY if verified or several else Evaluator.UNSTATED


def _is_at(place: str, home: str) -> bool:
    host, _, path = f"{place}/".partition("/")
    at, _, under = home.partition("/")
    return (host == at or host.endswith(f".{at}")) and (not under or path.startswith(f"{under}/"))


def _addresses() -> Iterator[str]:
    for board in BOARDS:
        yield f"https://raw.githubusercontent.com/steel-dev/leaderboard/main/src/data/{board}.json"


SOURCE = Source(
    __name__,
    title="Steel leaderboards",
    publisher="Steel",
    homepage="https://github.com/steel-dev/leaderboard",
    data_licence="MIT",
    attribution="AI agent leaderboards, Steel, github.com/steel-dev/leaderboard (MIT).",
    urls=tuple(_addresses()),
    parse=parse,
    every=timedelta(days=7),
    may_shrink_to=0.5,  # the boards of systems name a model in a few rows each
    stale_after=timedelta(days=365),
)
