"""The long parts of the table of scores as markup: a template would take several times as long for them."""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe

from tracker.queries.scores import Facet, FacetValue, ScoreRow
from tracker.templatetags.readable import number, percent, score

ROW = (
    '\n<tr><th scope="row"><a href="/models/{0}/{12}">{1}</a></th><td><a href="/benchmarks/{2}/{12}">{3}</a></td>'
    '<td class="num">{4}</td><td class="num">{5}</td><td>{6}</td><td class="nowrap">{7}</td><td class="nowrap">{8}</td>'
    '<td>{9}</td><td>{10}</td><td><a class="prov" href="/facts/score/{13}/{12}">{11}</a></td></tr>'
)


def body(rows: Iterable[ScoreRow], at: str) -> SafeString:
    """The rows of the table's body; `at` is what every link ends in."""
    return mark_safe("".join(_row(row, at) for row in rows))  # noqa: S308 (every cell is escaped below)


def _row(row: ScoreRow, at: str) -> str:
    cells = (
        row.model_slug,
        row.model,
        row.benchmark_slug,
        row.benchmark,
        score(row.value, row.unit),
        _error(row),
        row.setting or "not stated",
        row.evaluator,
        row.evaluated_on.isoformat() if row.evaluated_on else "–",
        row.lab,
        row.weights,
        row.source,
        at,
        str(row.fact),
    )
    return ROW.format(*_escaped(*cells))


def _escaped(*texts: str) -> list[str]:
    """In one call, because a page has two thousand of them. No text of the database has a NUL."""
    return escape("\0".join(texts)).split("\0")


def _error(row: ScoreRow) -> str:
    if not row.stderr:
        return "–"
    return percent(row.stderr, 1) if row.unit == "proportion" else number(row.stderr, 0)


def options(values: Iterable[FacetValue], now: str) -> SafeString:
    """The values of a facet that is chosen from a list."""
    found = (
        f'<option value="{value}"{" selected" if one.value == now else ""}>{label} ({one.count})</option>'
        for one in values
        for value, label in (_escaped(one.value, one.label),)
    )
    return mark_safe("".join(found))  # noqa: S308 (escaped above)


def chips(facets: Iterable[tuple[Facet, Iterable[tuple[FacetValue, str]]]]) -> SafeString:
    """The facets whose values stand on the page, each value with the address that it leads to."""
    found = (
        f'<dt>{escape(facet.title)}</dt><dd><ul class="chips">'
        + ("".join(_chip(*one) for one in values) or '<li class="muted">–</li>')
        + "</ul></dd>"
        for facet, values in facets
    )
    return mark_safe("".join(found))  # noqa: S308 (escaped here and below)


def _chip(one: FacetValue, link: str) -> str:
    on, now = (" on", ' aria-current="true"') if one.selected else ("", "")
    return (
        f'<li><a class="chip{on}" href="{escape(link)}"{now}>{escape(one.label)} '
        f'<span class="count">{one.count}</span></a></li>'
    )
