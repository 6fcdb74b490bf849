"""A figure on somebody else's page: the frame's content, and the oEmbed answer that tells sites how to frame it."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.views import charts, state, takeaway
from tracker.views.figures import drawn

# Pages whose first figure is meant when the page itself is shared.
FIRST = {
    "/": "frontier",
    "/gap/": "frontier",
    "/gap/reconcile/": "waterfall",
    "/openness/": "ladder-over-time",
    "/compare/": "compared",
    "/labs/": "strategies",
    "/prices/": "price-capability",
    "/regions/": "region-lags",
    "/specialists/": "specialists",
    "/statements/": "statements",
    "/timeline/": "events",
}
CHART = re.compile(r"/(?:charts|embed)/([-\w]+)/")
MODEL = re.compile(r"/(model|benchmark|lab)s/([-\w]+)/")
OF_ONE = {"model": "model-scores", "benchmark": "benchmark-frontier", "lab": "strategies"}
WIDTH = 760
LEAST = 240


@require_safe
@state.tagged
def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """The figure alone, live or pinned by the same keys as its own page; `theme` sets light or dark."""
    asked = charts.asked(request, slug)
    figure = drawn(request, asked.chart, asked.run, asked.params, name=asked.name, rows=asked.rows, table=False)
    return render(
        request,
        "embed.html",
        {
            "figure": figure,
            "notes": asked.pinned.notes,
            "meta": {"as_of": asked.day, "run": asked.run},
            "theme": state.choice(request, "theme", ("", "light", "dark"), ""),
        },
    )


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """What https://oembed.com asks of a provider: a page's address in, the element that frames its figure out."""
    form = request.GET.get("format", "json")
    if form != "json":
        return HttpResponse("Only format=json is written here.", status=501, content_type="text/plain; charset=utf-8")
    url = urlsplit(request.GET.get("url", ""))
    if url.scheme not in ("http", "https") or url.netloc != request.get_host():
        raise Http404("url is not an address of this site")
    shown = dict(parse_qsl(url.query))
    slug = _slug(url.path, shown)
    if slug == "compared":
        # The page names its models one by one, the chart all at once.
        shown.setdefault("models", ",".join(value for name, value in parse_qsl(url.query) if name == "m"))
    # Asked as if by its own address, so that one set of rules reads the keys.
    inner = HttpRequest()
    inner.method, inner.GET, inner.META, inner.path = "GET", QueryDict(urlencode(shown)), request.META, request.path
    asked = charts.asked(inner, slug)
    figure = drawn(inner, asked.chart, asked.run, asked.params, name=asked.name, rows=asked.rows, table=False)
    site = request.build_absolute_uri("/").rstrip("/")
    said = {name: value for name, value in shown.items() if name in (*asked.params, "as_of", "run", "v")}
    width = _at_most(request, "maxwidth", WIDTH)
    height = _at_most(request, "maxheight", figure.height + takeaway.AROUND)
    told = {
        "version": "1.0",
        "type": "rich",
        "title": figure.title,
        "provider_name": takeaway.SITE,
        "provider_url": f"{site}/",
        "cache_age": 3600,
        "width": width,
        "height": height,
        "html": takeaway.frame(
            takeaway.address(f"{site}{reverse('embed', args=[slug])}", said), figure.title, height, str(width)
        ),
    }
    response = HttpResponse(orjson.dumps(told), content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _slug(path: str, shown: dict[str, str]) -> str:
    """The chart that a page's address is about. A model's or benchmark's page names it in its path."""
    if path in FIRST:
        return FIRST[path]
    if found := CHART.fullmatch(path):
        return found[1]
    if found := MODEL.fullmatch(path):
        shown[found[1]] = found[2]
        return OF_ONE[found[1]]
    raise Http404("There is no figure to be framed under that address")


def _at_most(request: HttpRequest, name: str, wanted: int) -> int:
    """The size that we would like, within what the other site has room for."""
    most = request.GET.get(name, "")
    return min(wanted, max(int(most), LEAST)) if most.isascii() and most.isdecimal() and len(most) < 6 else wanted
