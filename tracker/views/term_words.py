"""A licence's terms as a reader sees them: what each is called, what it asks, its values in words and their tone."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.queries.licences import LicenceRow

# What a value means for who wants to use the weights; each has a mark of its own, so that colour alone says nothing.
MARKS = {"good": "✓", "warn": "!", "bad": "×", "unread": "?", "": "·"}
MEANINGS = (
    ("good", "free of it, or a right that is given"),
    ("warn", "with a duty or a condition"),
    ("bad", "forbidden, or kept back"),
    ("unread", "nobody has read this"),
    ("", "no more than a fact"),
)
UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Shown:
    """One value in words, its tone, its mark, and what a column is sorted by."""

    words: str
    tone: str
    sort: str

    @property
    def mark(self) -> str:
        return MARKS[self.tone]


@dataclass(frozen=True, slots=True)
class Term:
    """`values`: a value to its words and its tone. `matrix` is the heading where room is short; blank is not shown."""

    key: str
    name: str
    asks: str
    values: Mapping[str, tuple[str, str]]
    matrix: str = ""


ALLOWED = {"allowed": ("allowed", "good"), "limited": ("limited", "warn"), "banned": ("forbidden", "bad")}
DUTY = {"no": ("no", "good"), "yes": ("yes", "warn")}
STATED = {"yes": ("given", "good"), "silent": ("not spoken of", ""), "no": ("kept back", "bad")}

TERMS = (
    Term("osi_approved", "OSI-approved", "Is it on the list of the Open Source Initiative?",
         {"yes": ("yes", "good"), "no": ("no", "")}, "OSI"),
    Term("fsf_libre", "FSF libre", "Is it on the list of the Free Software Foundation?",
         {"yes": ("yes", "good"), "no": ("no", "")}),
    Term("commercial", "Commercial use", "May it be used to earn money?",
         {"yes": ("yes", "good"), "threshold": ("up to a threshold", "warn"), "permission": ("ask first", "bad"),
          "no": ("no", "bad")}, "Commercial use"),
    Term("mau_threshold", "Threshold of users", "Above how many monthly users does more apply?", {}, "Threshold"),
    Term("revenue_threshold", "Threshold of revenue", "Above which revenue does more apply?", {}),
    Term("threshold_effect", "Above the threshold", "What applies above it?",
         {"none": ("there is none", "good"), "display-name": ("show its name", "warn"),
          "need-licence": ("a further licence", "bad")}),
    Term("aup", "Use policy", "Are limits of use part of it, and can they change later?",
         {"none": ("none", "good"), "incorporated": ("part of it", "warn"), "updatable": ("may change", "bad")},
         "Use policy"),
    Term("field_of_use", "Forbidden uses", "Which uses does it forbid?", {"none": ("none", "good")}, "Forbidden uses"),
    Term("military", "Military use", "May the military use it?",
         {"allowed": ("not forbidden", "good"), "banned": ("forbidden", "bad")}, "Military"),
    Term("output_training", "Outputs may train others", "May what it writes train other models?",
         {"allowed": ("yes", "good"), "named": ("under its name", "warn"), "banned": ("no", "bad")}, "Outputs train"),
    Term("geo_exclusions", "Places excluded", "Are people of some places given no rights?",
         {"none": ("none", "good")}, "Places"),
    Term("naming_duty", "A name to be shown", "Must a name or a label be displayed?",
         {"none": ("no", "good"), "above-threshold": ("above the threshold", "warn"), "display": ("yes", "warn")},
         "Label"),
    Term("attribution_ui", "Where users see it", "Must the label stand in the product?",
         {"none": ("no", "good"), "one-of-several": ("there or elsewhere", "warn"), "required": ("yes", "warn"),
          "above-threshold": ("above the threshold", "warn")}),
    Term("notice", "Notices", "Must its notices stay in every copy?", DUTY),
    Term("share_alike", "Same licence onward", "Must what is passed on stay under it?", DUTY, "Same licence"),
    Term("pass_through_restrictions", "Limits onward", "Must limits of use be passed on?", DUTY, "Limits onward"),
    Term("modification", "Changing", "May the weights be changed?", ALLOWED, "Changing"),
    Term("redistribution", "Passing on", "May the weights be passed on?", ALLOWED, "Passing on"),
    Term("patent_grant", "Patents", "Does it give rights under patents?", STATED),
    Term("patent_retaliation", "Patent suits end it", "Do rights end for who sues over patents?", DUTY),
    Term("termination", "What ends it", "On what grounds can it end?", {"none": ("nothing", "good")}),
    Term("remote_restriction_right", "Later limits", "May the licensor restrict use later, or from afar?",
         {"no": ("no", "good"), "yes": ("may restrict", "bad")}, "Later limits"),
    Term("revocable", "Revocable", "May the licensor take it back?",
         {"no": ("no", "good"), "silent": ("not spoken of", ""), "yes": ("yes", "bad")}),
    Term("governing_law", "Governing law", "Which law decides?", {"none": ("none named", "")}),
    Term("indemnity", "Indemnity", "Must users answer for claims against the licensor?", DUTY),
)  # fmt: skip
BY_KEY = {term.key: term for term in TERMS}
MATRIX = tuple(term for term in TERMS if term.matrix)


def name_of(key: str) -> str:
    """The term's name; a field that is not a term keeps its own."""
    return BY_KEY[key].name if key in BY_KEY else key.replace("_", " ")


def shown(row: LicenceRow, term: Term, *, brief: bool = False) -> Shown:
    """One term of one licence; `brief` says only how many uses and which places there are."""
    if term.key in ("mau_threshold", "revenue_threshold"):
        return _threshold(row, term.key, brief=brief)
    value = getattr(row, term.key)
    if not value:
        return Shown(UNREAD, UNREAD, "~")
    if value in term.values:
        words, tone = term.values[value]
        return Shown(words, tone, f"{list(MARKS).index(tone)} {words}")
    tone = "bad" if term.key == "geo_exclusions" else "warn" if term.key == "field_of_use" else ""
    if brief and term.key == "field_of_use":
        count = value.count(";") + 1
        return Shown(f"{count} named", tone, f"1 {count:03}")
    if brief and term.key == "geo_exclusions":
        value = "; ".join(part.partition(" (")[0] for part in value.split("; ") if part.partition(" (")[0])
    return Shown(value, tone, f"2 {value}")


def in_words(key: str, value: object) -> str:
    """A value as a report of changes holds it, in words."""
    if isinstance(value, list | tuple):
        parts = [_place(one) if isinstance(one, dict) else str(one) for one in value]
        return "; ".join(parts) or "nothing"
    if isinstance(value, int):
        return f"{value:,}" if value else "none"
    if not value or value == "unread":
        return UNREAD
    known = BY_KEY[key].values.get(str(value)) if key in BY_KEY else None
    return known[0] if known else str(value)


def _place(one: Mapping[str, str]) -> str:
    return f"{one['region']} ({one['scope']})" if one.get("scope") else one["region"]


def _threshold(row: LicenceRow, key: str, *, brief: bool) -> Shown:
    if not row.commercial:
        return Shown(UNREAD, UNREAD, "~")
    tone = "warn" if row.threshold_effect == "display-name" else "bad"
    users, revenue = _short(row.mau_threshold), _short(row.revenue_threshold)
    money = f"${revenue} a {row.revenue_period}" if row.revenue_threshold else ""
    if brief:
        words = " or ".join(part for part in (f"{users} users" if row.mau_threshold else "", money) if part)
    else:
        words = money if key == "revenue_threshold" else f"{row.mau_threshold:,} a month" if row.mau_threshold else ""
    if not words:
        return Shown("none", "good", "0")
    return Shown(words, tone, f"{2 if tone == 'bad' else 1} {row.mau_threshold or row.revenue_threshold:015}")


def _short(value: int) -> str:
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return str(value)
