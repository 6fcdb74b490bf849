"""What in a licence file is dress and no words of it: front matter, HTML, Markdown, notices of who holds the rights."""

import html
import re
import unicodedata

# A tag's name must be one of these: `<year>` and `<copyright holders>` are places to fill in, not marks.
BLOCKS = (
    "address article blockquote body center dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p "
    "pre section table tbody td tfoot th thead tr ul br"
).split()
INLINE = (
    "a abbr b big cite code dfn em font i img ins kbd label mark q s samp small span strong sub sup tt u var".split()
)
UNSHOWN = "head script style title noscript template svg".split()
SPDX_BLOCKS = "text titletext copyrighttext list item standardlicenseheader optional".split()

_COMMENT = re.compile(r"<!--.*?-->|<\?.*?\?>|<!doctype[^>]*>", re.S | re.I)
_UNSHOWN = re.compile(rf"<({'|'.join(UNSHOWN)})\b[^<>]*>.*?</\1\s*>", re.S | re.I)
_BLOCK = re.compile(rf"</?(?:{'|'.join(BLOCKS)})\b[^<>]*>", re.I)
_INLINE = re.compile(rf"</?(?:{'|'.join(INLINE)})(?:\s[^<>]*)?/?>", re.I)
_SPDX_TEXT = re.compile(r"<text>(.*)</text>", re.S)
_SPDX_OPTIONAL = re.compile(r"<optional\b[^<>]*>((?:(?!</?optional).)*)</optional>", re.S)
_SPDX_BLOCK = re.compile(rf"</?(?:{'|'.join(SPDX_BLOCKS)})\b[^<>]*>", re.I)
_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(?:[\w-]+:.*\n|[ \t#-].*\n|\n)*?---[ \t]*(?:\n|\Z)")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]*|<[^<>]*>)(?:\s+\"[^\"]*\")?\)")
_REFERENCE = re.compile(r"^[ \t]*\[[^\[\]]+\]:[ \t]*\S+[ \t]*$", re.M)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")
_SPDX_TAG = re.compile(r"^.*SPDX-License-Identifier:\s*(.*?)\s*(?:\*/|-->)?\s*$", re.M | re.I)
_PLACE = (
    r"(?:(?:the|full)\s+)*(?:yyyy|years?|names?|fullname|authors?|copyright|owners?|holders?|organi[sz]ation|company|"
    r"insert|project|program|date|e-?mail|licensors?|your)\b"
)
_PLACEHOLDER = re.compile(
    rf"\[\s*{_PLACE}[^\[\]]{{0,60}}\]|<\s*{_PLACE}[^<>]{{0,60}}>|\{{\{{?[^{{}}\n]{{1,40}}\}}?\}}|_{{3,}}", re.I
)
# The mark of a notice, then a year, a place to fill in or a holder: "Copyright and Similar Rights means" is none.
_NOTICE = re.compile(
    r"^\W*(?:(?:portions?|model|code|modifications|software|all code)\s+)?"
    r"(?:copyright\s*(?:\(c\)|:|by\s|\d{4}|[\[<{]|-)|\(c\)\s*(?:copyright|\d{4})|copyright\s+(?=[A-Z])(?-i:[A-Z][\w&.,'-]*"
    r"(?:\s+(?:[A-Z(][\w&.,')-]*|and|of|the|de))*\W*$))",
    re.I,
)
_RESERVED = re.compile(r"^\W*all rights (?:are )?reserved\W*$", re.I)
# A notice says who and when. What also permits, forbids or requires is a clause, whatever it begins with.
_RULES = re.compile(
    r"\b(?:shall|must|may|can|cannot|not|no|unless|only|except|provided|permi\w+|prohibit\w*|requir\w+|grant\w*|subject|"
    r"licen[sc]\w+|use[ds]?|using|commercial|research|without|right to|means?|agree\w*)\b",
    re.I,
)
_SIGN = re.compile(r"(?:copyright\s*)?(?:©|&copy;|Ⓒ)", re.I)
_QUOTES = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad™®", ""),
    }
)


def spdx_tag(text: str) -> str:
    """The expression behind the first SPDX-License-Identifier of a file; blank where there is none."""
    found = _SPDX_TAG.search(text)
    return found[1] if found else ""


def undressed(text: str, *, optional: bool = True) -> str:
    """The words with their lines and punctuation, without the dress.

    Quotes and dashes are of one kind, and a notice of who holds the rights, or a place for a name, is gone. In the
    XML of SPDX a part that may be left out is kept, unless `optional` is false or it is a word or two.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    text = _FRONT_MATTER.sub("", text, count=1)
    # Not "(c)" alone: the third item of a list begins with that.
    text = _SIGN.sub("Copyright (c)", text)
    text = _unmarked(text, optional=optional)
    text = unicodedata.normalize("NFKC", text.translate(_QUOTES)).translate(_QUOTES)
    text = _SPDX_TAG.sub("", text)
    text = _REFERENCE.sub("", text)
    text = _ESCAPE.sub(r"\1", _LINK.sub(r"\1", text))
    # A place for a name may be broken by a line's end, and the notice that it stands in must still be one line.
    text = _PLACEHOLDER.sub(lambda found: found[0].replace("\n", " "), text)
    return _PLACEHOLDER.sub(" ", _without_notices(text))


def _unmarked(text: str, *, optional: bool) -> str:
    if "<" not in text and "&" not in text:
        return text
    text = _COMMENT.sub(" ", text)
    found = _SPDX_TEXT.search(text) if "<SPDXLicenseCollection" in text else None
    if found is not None:
        body, before = found[1], ""
        body = re.sub(r"<bullet>.*?</bullet>|</?alt\b(?:[^<>\"]|\"[^\"]*\")*>", "", body, flags=re.S)
        while before != body:  # a part that may be left out can stand in another
            before = body
            body = _SPDX_OPTIONAL.sub(lambda part: part[1] if optional and len(part[1].split()) > 5 else "", body)
        # Its lines are the editor's: only the marks say where a paragraph ends.
        text = _SPDX_BLOCK.sub("\n\n", re.sub(r"[ \t]*\n[ \t]*", "\n", body))
    text = _BLOCK.sub("\n\n", _UNSHOWN.sub("\n\n", text))
    return html.unescape(_INLINE.sub("", text))


def _without_notices(text: str) -> str:
    """Without the lines that say who holds the rights.

    Such a line begins a paragraph or follows the title or another notice: wrapped text may well begin a line with
    "Copyright", and a wrapped clause must read as the same clause.
    """
    kept: list[str] = []
    open_here, seen = True, 0
    for line in text.split("\n"):
        bare = line.strip(" \t#*>/;|-=~")
        if open_here and bare and is_notice(bare):
            kept.append("")
            continue
        if bare:
            seen += 1
        open_here = not bare or (seen <= 2 and len(bare.split()) <= 8 and bare[-1] not in ",;")
        kept.append(line)
    return "\n".join(kept)


def is_notice(line: str) -> bool:
    """Whether a line says who holds the rights since when, and nothing else."""
    if _RESERVED.match(line):
        return True
    if len(line.split()) > 25 or not _NOTICE.match(line):
        return False
    return not _RULES.search(re.sub(r"all rights (?:are )?reserved", "", line, flags=re.I))
