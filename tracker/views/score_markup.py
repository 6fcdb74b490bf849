"""The long parts of tables of scores as markup: a template would take several times as long for them."""

from collections.abc import Iterable
from html import escape

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from tracker.queries import benchmarks
from tracker.queries.models import ScoreLine
from tracker.queries.scores import Facet, FacetValue, ScoreRow
from tracker.templatetags.readable import number, percent, score

ROW = (
    '\n<tr><th scope="row"><a href="/models/{0}/{12}">{1}</a></th><td><a href="/benchmarks/{2}/{12}">{3}</a></td>'
    '<td class="num">{4}</td><td class="num">{5}</td><td>{6}</td><td class="nowrap">{7}</td><td class="nowrap">{8}</td>'
    '<td>{9}</td><td>{10}</td><td><a class="prov" href="/facts/score/{13}/{12}">{11}</a></td></tr>'
)
# A cell or a part of one that is markup itself stands in it by name.
OF_MODEL = (
    '\n<tr><th scope="row"><a href="/benchmarks/{0}/{1}">{2}</a></th><td class="num" data-sort="{3}">{value}</td>'
    '<td class="num">{4}</td><td>{5}</td><td class="nowrap">{6}</td><td>{7}</td>'
    '<td><a class="prov" href="/facts/score/{8}/{1}">{9}</a></td></tr>'
)
OF_BENCHMARK = (
    '\n<tr><th scope="row"><a href="/models/{0}/{1}">{2}</a></th><td>{3}</td><td>{side}</td>'
    '<td class="num" data-sort="{4}">{5}</td><td class="num">{6}</td><td>{7}</td><td class="nowrap">{8}</td>'
    '<td class="nowrap">{9}</td><td><a class="prov" href="/facts/score/{10}/{1}">{11}</a></td></tr>'
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
        _error(row.stderr, row.unit),
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


def _error(stderr: float | None, unit: str) -> str:
    if not stderr:
        return "–"
    return percent(stderr, 1) if unit == "proportion" else number(stderr, 0)


def of_model(lines: Iterable[ScoreLine], at: str) -> SafeString:
    """The body of one model's table; what is not believed is paler."""
    found = []
    for line in lines:
        value = escape(score(line.value, line.unit))
        cells = _escaped(
            line.benchmark_slug, at, line.benchmark, str(line.value), _error(line.stderr, line.unit),
            line.setting or "not stated", line.evaluator, line.category, str(line.fact), line.source,
        )  # fmt: skip
        found.append(OF_MODEL.format(*cells, value=value if line.believed else f'<span class="muted">{value}</span>'))
    return mark_safe("".join(found))  # noqa: S308 (every cell is escaped above)


def of_benchmark(rows: Iterable[benchmarks.ScoreRow], unit: str, at: str) -> SafeString:
    """The body of one benchmark's table."""
    sides = {side: render_to_string("_badge.html", {"side": side}).strip() for side in ("open", "closed")}
    sides[""] = '<span class="muted">not known</span>'
    found = []
    for row in rows:
        known = row.low is not None and row.high is not None
        cells = _escaped(
            row.slug, at, row.model, row.lab, str(row.value), score(row.value, unit),
            f"{score(row.low, unit)} to {score(row.high, unit)}" if known else "–", row.setting or "not stated",
            row.evaluator, row.released_on.isoformat() if row.released_on else "–", str(row.fact), row.source,
        )  # fmt: skip
        found.append(OF_BENCHMARK.format(*cells, side=sides[row.side]))
    return mark_safe("".join(found))  # noqa: S308 (every cell is escaped above)


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
