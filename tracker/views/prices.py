"""What capability costs: models by price and place on the index, a level's price over time, open against closed."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import prices, runs
from tracker.queries.prices import PriceFilter, PriceRow
from tracker.views import formats, state
from tracker.views.figures import drawn
from tracker.views.models import REGION_NAMES, REGIONS
from tracker.views.page import show

# A page stays light; the files hold every row.
SHOWN, HOSTS = 100, 4


@require_safe
@state.tagged
def price_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/prices/: the page shows the first SHOWN models with a few hosts each, the files every model that passes."""
    day = state.as_of(request)
    run = runs.run_for(day)
    wanted = PriceFilter(
        side=state.choice(request, "side", ("", *prices.SIDES), ""),
        region=state.choice(request, "region", REGIONS, ""),
        level=_level(request),
    )
    every = prices.prices(run)
    found = prices.narrowed(every, wanted)
    keys = {name: getattr(wanted, name) for name in ("side", "region", "level") if getattr(wanted, name)}
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else "")), "on": found.on, "filter": keys}
        about |= {"blend": "3 input : 1 output", "unit": "US dollars per million tokens"}
        return formats.rows_as(suffix, found.rows, PriceRow, name="prices", about=about)
    placed = [row for row in every.rows if row.value is not None]
    shown = [(row, found.offers[row.slug][:HOSTS], max(row.hosts - HOSTS, 0)) for row in found.rows[:SHOWN]]
    return show(
        request,
        "prices.html",
        title="Prices",
        description="What capability costs: price against the index, and what staying closed costs at each level.",
        as_of=day,
        run=run,
        context={
            "found": found,
            "shown": shown,
            "wanted": wanted,
            "regions": REGION_NAMES,
            "query": urlencode({**keys, **({"as_of": str(day)} if day else {})}),
            "figure": drawn(request, CHARTS["price-capability"], run, {}, rows=placed),
            "levels_figure": drawn(request, CHARTS["price-of-level"], run, {}),
            "run": run,
        },
    )


def _level(request: HttpRequest) -> str:
    """The least place on the index. Any whole number is one: which levels a run followed differs from run to run."""
    text = state.words(request, "level")
    if text and not (text.isdecimal() and len(text) < 4):
        raise state.BadState(f"level={text} is no place on the index; write it as 120")
    return text
