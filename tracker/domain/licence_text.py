"""A licence's text as words that can be compared: dress falls away, and every word that says something stays."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.domain.licence_markup import undressed

_IDEOGRAPH = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(
    rf"\d+(?:[.,]\d+)+|[{_IDEOGRAPH}]|(?:(?![{_IDEOGRAPH}])[^\W_])+(?:'(?:(?![{_IDEOGRAPH}])[^\W_])+)?|[%$€£¥]"
)
_SAME = {
    "%": "percent",
    "licence": "license",
    "licences": "licenses",
    "licenced": "licensed",
    "sublicence": "sublicense",
}
_MARKER = re.compile(r"\d{1,2}|[a-z]|[ivxl]{1,5}")
_DOTTED = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}")
_PARTS = frozenset(
    "section sections clause clauses article articles paragraph paragraphs subsection subsections exhibit appendix "
    "attachment schedule annex version part item no sec".split()
)
_LIMITS = frozenset("than least exceed exceeds exceeding over under above below of to by most exactly".split())
_NUMBERS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy "
    "eighty ninety hundred thousand million billion".split()
)
_UNITS = frozenset(
    "day days month months year years hour hours percent million billion thousand business calendar".split()
)
# What a filled-in name never contains: with one of these the words beside it are a rule.
RULING = frozenset(
    "not no non only except unless must shall may cannot without if provided subject excluding including other than "
    "commercial noncommercial research restricted limited prohibited modified addendum amended plus".split()
)
_DATES = frozenset(
    "january february march april may june july august september october november december date dated updated modified "
    "effective".split()
)
_JOINING = frozenset("a an and by for from in of on or the to v with".split())
# Where permissive licences let a name be filled in: between these words stand the holders, and nothing else.
_SLOTS = (
    (("neither", "the", "name", "of"), ("nor",), 14),
    (("neither", "the", "names", "of"), ("nor",), 14),
    (("software", "is", "provided", "by"), ("as", "is"), 14),
    (("in", "no", "event", "shall"), ("be", "liable", "for", "any", "claim"), 14),
    (("in", "no", "event", "shall"), ("be", "liable", "for", "any", "direct"), 14),
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word in its normal form, and where it stands in the undressed text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence or a heading: `number` is its place ("1.b.ii"), `heading` what stands above it or at its head."""

    number: str
    heading: str
    words: tuple[str, ...]
    original: str
    is_heading: bool = False

    @property
    def label(self) -> str:
        return " ".join(part for part in (self.number, self.heading) if part)


def normalise(text: str) -> str:
    """The words alone, in one line: equal for texts that differ only in dress, numbering and filled-in names."""
    return " ".join(word.text for word in words_of(undressed(text)))


def text_sha256(text: str) -> str:
    """Of the normalised text."""
    return hashlib.sha256(normalise(text).encode()).hexdigest()


def words_of(text: str) -> tuple[Word, ...]:
    """The words of an undressed text in order."""
    tokens = [Word(_form(found[0]), found.start(), found.end()) for found in _TOKEN.finditer(text)]
    kept = [word for at, word in enumerate(tokens) if not _is_dress(text, tokens, at)]
    return tuple(_without_names(kept))


def _form(token: str) -> str:
    token = token.casefold()
    if token[0].isdigit():
        return re.sub(r",(?=\d{3}(?!\d))", "", token)
    return _SAME.get(token, token)


def _is_dress(text: str, tokens: Sequence[Word], at: int) -> bool:
    """Whether a token is the number of a list's item, the scheme of an address or the mark of copyright."""
    word = tokens[at]
    if word.text in ("http", "https") and text.startswith("://", word.end):
        return True
    if word.text == "www" and text.startswith(".", word.end):
        return True
    after, before = text[word.end : word.end + 1], text[word.start - 1 : word.start]
    if word.text == "c" and before == "(" and after == ")":
        return True
    return _is_number(text, tokens, at, before, after)


def _is_number(text: str, tokens: Sequence[Word], at: int, before: str, after: str) -> bool:
    word = tokens[at]
    dotted = bool(_DOTTED.fullmatch(word.text))
    if not dotted and not _MARKER.fullmatch(word.text):
        return False
    previous = tokens[at - 1].text if at else ""
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    figure = word.text[0].isdigit()
    if before == "(" and after == ")":
        attached = text[word.start - 2 : word.start - 1]
        if attached.isalnum() or previous in _PARTS:
            return False  # "Section 4(a)", "Affiliate(s)"
        if figure:  # "thirty (30) days" is a threshold
            return previous not in _NUMBERS and not (following and following.text in _UNITS)
        return True
    gap = text[tokens[at - 1].end if at else 0 : word.start]
    ended = gap.strip(" \t\n*_\"')")[-1:] in tuple(".;:,")
    line_start, paragraph = "\n" in gap or not at, gap.count("\n") > 1 or not at
    if not paragraph and (previous in _PARTS or previous in _LIMITS):
        return False
    if not paragraph and previous in ("and", "or") and at > 1 and tokens[at - 2].text[0].isdigit():
        return False  # "Sections 15 and 16."
    if before not in ("", " ", "\t", "\n", "*", "_", "#", "."):
        return False
    spaced = text[word.end + 1 : word.end + 2] in ("", " ", "\t", "\n", "*", "_")
    if after in (".", ")", ":") and spaced:
        if line_start and (paragraph or after != ":" or not figure):
            return True
        capital = following is not None and text[following.start].isupper()
        return after != ":" and ended and (capital or after == ")" or (len(word.text) > 1 and not figure))
    return (
        dotted
        and (paragraph or (line_start and ended and gap.strip()[-1:] != ","))
        and after in ("", " ", "\t", "\n", "*")
    )


def _without_names(words: list[Word]) -> Iterator[Word]:
    at = 0
    while at < len(words):
        end = _slot_end(words, at)
        if end is None:
            yield words[at]
            at += 1
        else:
            first, last = end
            yield from words[at:first]
            at = last


def _slot_end(words: list[Word], at: int) -> tuple[int, int] | None:
    """Where a name filled in after the words at this place begins and ends."""
    for opening, closing, longest in _SLOTS:
        if words[at].text != opening[0] or tuple(word.text for word in words[at : at + len(opening)]) != opening:
            continue
        first = at + len(opening)
        for last in range(first, min(first + longest, len(words)) + 1):
            if tuple(word.text for word in words[last : last + len(closing)]) == closing:
                if any(word.text in RULING for word in words[first:last]):
                    return None
                return first, last
    return None


_LEAD = re.compile(r"^\W*(?:\(?(?:\d{1,2}(?:\.\d{1,2})*|[A-Za-z]|[ivxl]{1,5})[.)]\s+|\d{1,2}(?:\.\d{1,2})+\s+)?")
_BLANK = re.compile(r"\n[ \t>#*|]*(?:\n[ \t>#*|]*)+")
_ITEM = re.compile(
    r"^[ \t>#*_|-]*(?:\(?(?P<mark>\d{1,2}(?:\.\d{1,2})*|[A-Za-z]|[ivxlIVXL]{1,5})[.)](?=[\s*_]|$)"
    r"|(?P<dotted>\d{1,2}(?:\.\d{1,2})+)(?=[\s*_]|$)"
    r"|(?P<part>(?:section|article|clause|attachment|appendix|annex)\s+(?:\d{1,2}|[ivxl]{1,5}|[a-z]))\b[.:]?)",
    re.I,
)
_BULLET = re.compile(r"^[ \t>]*(?:[-*+•·]|#{1,6})[ \t]+")
_SENTENCE = re.compile(r"(?<=[.;:!?])(?<!\b[A-Za-z]\.)(?<!e\.g\.)(?<!i\.e\.)[\"')*_]*\s+(?=[\"'(*_]*[A-Z0-9(])")


def clauses(text: str, *, optional: bool = True) -> tuple[Clause, ...]:
    """The text in sentences and headings, each under its number and heading; together they hold all its words."""
    clean = undressed(text, optional=optional)
    return clauses_of(clean, words_of(clean))


def clauses_of(clean: str, words: Sequence[Word]) -> tuple[Clause, ...]:
    """The clauses of an undressed text, whose words are given."""
    found: list[Clause] = []
    place: list[tuple[int, str]] = []
    heading, at = "", 0
    for start, end in _blocks(clean):
        block = clean[start:end]
        mark = _ITEM.match(block)
        if mark is not None:
            number = (mark["mark"] or mark["dotted"] or mark["part"]).strip()
            place = _placed(place, number)
            heading = ""
        in_block = 0
        for first, last in _sentences(block):
            begin = at
            while at < len(words) and words[at].start < start + last:
                at += 1
            if at == begin:
                continue
            original = " ".join(block[first:last].split())
            own = tuple(word.text for word in words[begin:at])
            if in_block == 0 and is_label(original, own):
                heading = _bare(original)
            label = ".".join(part for _, part in place)
            found.append(Clause(label, heading, own, original, is_title(original, own)))
            in_block += 1
    return tuple(found)


def is_label(original: str, words: Sequence[str]) -> bool:
    """Whether words stand above a clause, or at its head, and are no sentence."""
    bare = original.strip(" #*_|>=-\t")
    if not words or len(words) > 9 or bare[-1:] in ",;" or "means" in words:
        return False
    written = re.findall(r"[A-Za-z]+", bare)
    return any(word[0].isupper() for word in written) and sum(map(str.islower, written)) * 2 <= len(written)


def is_title(original: str, words: Sequence[str]) -> bool:
    """Whether a text without these words says the same: a label with neither a rule nor a date in it."""
    small = {word for word in re.findall(r"[A-Za-z]+", _LEAD.sub("", original)) if word.islower()}
    return is_label(original, words) and small <= _JOINING and RULING.isdisjoint(words) and _DATES.isdisjoint(words)


def _bare(original: str) -> str:
    return _LEAD.sub("", original).strip(" #*_|.:=-\"'")


def _placed(place: list[tuple[int, str]], number: str) -> list[tuple[int, str]]:
    """The place of an item below the items that it stands in: figures, then letters, then small Roman figures."""
    previous = place[-1] if place else (0, "")
    if number[0].isdigit():
        level = 1 + number.count(".")
        return [(level, number)]
    if " " in number:
        return [(0, number)]
    roman = bool(re.fullmatch(r"[ivxl]+", number)) and not (len(number) == 1 and previous[1] == chr(ord(number) - 1))
    level = 9 if roman else 8 if number.islower() else 1
    return [*(part for part in place if part[0] < level), (level, number)]


def _blocks(clean: str) -> Iterator[tuple[int, int]]:
    """Paragraphs, and the items of a list that no blank line keeps apart."""
    start = 0
    for paragraph in [*_BLANK.finditer(clean), None]:
        end = paragraph.start() if paragraph else len(clean)
        begin, position = start, start
        for line in clean[start:end].splitlines(keepends=True):
            if position > begin and (_ITEM.match(line) or _BULLET.match(line)):
                yield begin, position
                begin = position
            position += len(line)
        if clean[begin:end].strip():
            yield begin, end
        start = paragraph.end() if paragraph else end


def _sentences(block: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _SENTENCE.finditer(block):
        if len(_TOKEN.findall(block[start : gap.start()])) >= 2:
            yield start, gap.end()
            start = gap.end()
    yield start, len(block)
