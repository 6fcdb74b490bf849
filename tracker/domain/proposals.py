"""News titles and hub repositories that sound like a model nobody has catalogued: work for a curator, never a fact.

A name is proposed when no alias explains it and one of four patterns says why it may be a model's.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from tracker.domain.names import Known, normalise, resolve


class Pattern(StrEnum):
    """Why a name may be a model's, the surest first."""

    REPOSITORY = "repository"  # weights lie there
    INTRODUCES = "introduces"  # "Introducing Example 5", "Example 5 is here"
    TITLE = "title"  # the whole title is a name with a version
    MENTIONS = "mentions"  # a family of the catalogue, with a version that none of its models has


@dataclass(frozen=True, slots=True)
class Proposal:
    """A model that there may be; `seen_in` holds the titles and repositories that say so."""

    name: str
    lab: str
    pattern: Pattern
    seen_in: tuple[str, ...]

    @property
    def reason(self) -> str:
        says = {
            Pattern.REPOSITORY: "is a repository of weights",
            Pattern.INTRODUCES: "introduces it",
            Pattern.TITLE: "is a name with a version and nothing else",
            Pattern.MENTIONS: "names a version that the catalogue has no model for",
        }[self.pattern]
        more = f", and {len(self.seen_in) - 1} more" if len(self.seen_in) > 1 else ""
        return f"“{self.seen_in[0]}” {says}{more}."


LONGEST = 300  # of a title that is looked at
# Hyphens and dots belong to a name; Chinese characters, commas and quotation marks end it.
TOKEN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.+-]*[A-Za-z0-9+])?")
STEM = re.compile(r"[A-Za-z]+")
# 4.6, V3.2, K2, 4o, 27B or 235B-A22B; a year is no version.
VERSION = re.compile(r"(?!(?:19|20)\d\d\b)[A-Za-z]?\d+(?:\.\d+)*[A-Za-z]{0,2}(?:[-.][A-Za-z0-9.]+)*")
VARIANTS = frozenset(
    "air base chat codex coder exp fast flash haiku heavy instruct large lite maverick max medium micro mini nano next "
    "omni opus plus premier preview pro scout small sonnet super thinking turbo ultra vision vl".split()
)
INTRODUCING = re.compile(
    r"(?:introducing|announcing|meet|hello|presenting|unveiling|releasing|launching|welcome)\b:? +", re.IGNORECASE
)
# What stands behind a name that is announced by its place in the title.
ANNOUNCED = re.compile(
    r"\s*(?:(?:series|models?|family)\s+)?(?:(?:is|are) (?:here|live|out|now (?:generally )?available)|now available"
    r"|(?:is )?released\b|official (?:launch|release)|(?:system|model) card|technical report|release\b|[:—–]"
    r"|正式|发布|上线|开源)",
    re.IGNORECASE,
)
NAME_ENDS = re.compile(r"[:,;.!?()—–|](?:\s|$)| (?:-|for|with|in|on|to|and|from|by|at|as|is|are|now|powered|of)\b")
# Products, programmes, benchmarks, and models that write no text.
NO_MODEL = frozenset(
    "advisor agent agents api app apps arena asr assistant audio beta browser challenge chat cli code codes "
    "connectors constitution cookbook council dataset datasets desktop economic education embed embedding "
    "embeddings engine enterprise fellows fellowship fellowships forum framework fund futures government guide "
    "hub ide image images index initiative institute kit lab labs maps mcp memory mode music network ocr office "
    "partner partners platform playground plugins policy program programme project projects protocol report "
    "research safety school science sdk search security service skills speech store studio suite summit team "
    "teams toolkit tools tts vibe video voice workflows workspace".split()
)
NO_MODEL_ENDING = re.compile(r"(?:bench|eval|evals|qa|ide|3d|gym|arena)(?:$|[-\s\d.])", re.IGNORECASE)
# Of one release there are often several repositories.
EDITION = re.compile(r"[-_](?:instruct|base|chat|hf|it|pt|thinking|reasoning|preview|sft|dpo|rl)$", re.IGNORECASE)


def families(models: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The words that model names begin with, each with the lab that has most models under it.

    `models` are names with their lab. "GPT-5" is of the family "gpt", "o3" of "o".
    """
    labs: dict[str, Counter[str]] = defaultdict(Counter)
    for name, lab in models:
        if stem := STEM.match(name):
            labs[stem[0].lower()][lab] += 1
    return {stem: counts.most_common(1)[0][0] for stem, counts in labs.items()}


def from_title(
    title: str, *, lab: str, families: Mapping[str, str], aliases: Mapping[str, Known]
) -> Iterator[Proposal]:
    """The models that a notice of a lab may speak of; `aliases` is keyed by `normalise`.

    A model of a family that is another lab's is proposed for that lab: many announce what they host.
    """
    title, told = title[:LONGEST], set()
    for start, end, owner in _mentions(title, lab, families):
        name = title[start:end]
        introduced = INTRODUCING.fullmatch(title[:start].lstrip()) or (
            ANNOUNCED.match(title[end:]) and (start == 0 or not STEM.search(title[:start]))
        )
        pattern = Pattern.INTRODUCES if introduced else Pattern.TITLE if name == title.strip() else Pattern.MENTIONS
        told.add(start)
        if not _is_known(name, aliases) and not _is_no_model(name):
            yield Proposal(name, owner, pattern, (title,))
    if not told and (found := _unheard_of(title)):
        name, pattern = found
        if normalise(name) not in families and not _is_known(name, aliases) and not _is_no_model(name):
            yield Proposal(name, lab, pattern, (title,))


def from_repository(identity: str, *, lab: str, aliases: Mapping[str, Known]) -> Proposal | None:
    """The model that a repository such as lab/model may hold; None where an alias explains it or its bare name."""
    name = identity.partition("/")[2] or identity
    bare = name
    while (shorter := EDITION.sub("", bare)) != bare:
        bare = shorter
    if any(resolve(each, aliases) for each in (identity, name, bare)) or _is_no_model(bare):
        return None
    return Proposal(bare, lab, Pattern.REPOSITORY, (identity,))


def merged(proposals: Iterable[Proposal]) -> list[Proposal]:
    """One proposal for each name and lab, by its surest pattern and with all that say so; the surest stand first."""
    found: dict[tuple[str, str], list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        found[normalise(proposal.name), proposal.lab].append(proposal)
    order = list(Pattern)
    rows = []
    for group in found.values():
        surest = sorted(group, key=lambda proposal: order.index(proposal.pattern))
        seen_in = tuple(dict.fromkeys(words for proposal in surest for words in proposal.seen_in))
        rows.append(replace(surest[0], seen_in=seen_in))
    return sorted(rows, key=lambda row: (order.index(row.pattern), -len(row.seen_in), row.name))


def _mentions(title: str, lab: str, families: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Where a family's name stands with a version: from, to, and the family's lab."""
    tokens = list(TOKEN.finditer(title))
    done = 0
    for number, token in enumerate(tokens):
        word, stem = token[0], STEM.match(token[0])
        if token.start() < done or stem is None or stem[0].lower() not in families:
            continue
        owner = families[stem[0].lower()]
        # "step" is a word until it is written as a name; a letter or two are a family in their lab's own news: "o3".
        if word.islower() and not any(map(str.isdigit, word)):
            continue
        if len(stem[0]) < 3 and (owner != lab or not word[len(stem[0]) :][:1].isdigit()):
            continue
        end = token.end()
        for part in tokens[number + 1 :]:
            if title[end : part.start()] != " " or not _continues(part[0], families):
                break
            end = part.end()
        rest = title[token.start() + len(stem[0]) : end]
        if any(VERSION.fullmatch(piece) for piece in re.split(r"[\s-]+", rest) if piece):
            done = end
            yield token.start(), end, owner


def _continues(word: str, families: Mapping[str, str]) -> bool:
    """Whether a word goes on with a name: a version, a variant, or a second family's word ("Muse Spark")."""
    return bool(VERSION.fullmatch(word)) or word.lower() in VARIANTS or (word.istitle() and word.lower() in families)


def _unheard_of(title: str) -> tuple[str, Pattern] | None:
    """The name that a title introduces, or that it is, where it is of no known family."""
    words = title.strip()
    if opening := INTRODUCING.match(words):
        name = NAME_ENDS.split(words[opening.end() :], maxsplit=1)[0].strip()
        pattern = Pattern.INTRODUCES
    else:
        name, pattern = words, Pattern.TITLE
    parts = name.split()
    written = all(TOKEN.fullmatch(part) and (part[0].isupper() or VERSION.fullmatch(part)) for part in parts)
    # "Redeploying Example 5" says what is done with it.
    if not parts or len(parts) > 4 or not written or VERSION.fullmatch(parts[0]) or parts[0].endswith("ing"):
        return None
    versioned = any(VERSION.fullmatch(piece) for piece in re.split(r"[\s-]+", name))
    return (name, pattern) if versioned or pattern is Pattern.INTRODUCES else None


def _is_known(name: str, aliases: Mapping[str, Known]) -> bool:
    """Whether an alias is the name, or begins with it: "Gemma 3" is known where "Gemma 3 27B" is."""
    if resolve(name, aliases):
        return True
    key = normalise(name)
    return any(alias == key or alias.startswith(f"{key}-") for alias in aliases)


def _is_no_model(name: str) -> bool:
    return NO_MODEL_ENDING.search(name) is not None or any(
        piece.lower() in NO_MODEL for piece in re.split(r"[\s-]+", name)
    )
