"""Up to six models side by side; who is in it stands in the address, and a name adds one without a script."""

from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import compare, runs, search
from tracker.views import formats, permalink, state
from tracker.views.figures import drawn
from tracker.views.page import show

# Benchmarks that at least two of the models share; that all share; every one.
SHOWN = ("", "common", "every")
SHOWN_WORDS = {"": "two or more share", "common": "all share", "every": "every benchmark"}
OFFERED = 10
# A name letter by letter: alike in full, and what an exact one adds. No other name comes so near.
SURE = 1 + search.EXACT


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that changes who or what is compared."""

    words: str
    url: str
    about: str = ""
    current: bool = False


def chart_params(request: HttpRequest) -> tuple[dict[str, str], str]:
    """What the chart's own address says, `models=one,two`, and the names of these. Raises BadState."""
    slugs = _slugs(request.GET.get("models", "").split(","))
    known = compare.names(slugs) if slugs else {}
    if unknown := [slug for slug in slugs if slug not in known]:
        raise state.BadState(f"models={unknown[0]} is not known")
    return _chart_keys(slugs, state.choice(request, "show", SHOWN, "")), ", ".join(known[slug] for slug in slugs)


def _chart_keys(slugs: list[str], wanted: str) -> dict[str, str]:
    return {"models": ",".join(slugs), **({"show": wanted} if wanted else {})} if slugs else {}


def _slugs(told: list[str]) -> list[str]:
    """The models that an address names, each once, in its order. Raises BadState."""
    found = dict.fromkeys(slug.replace("\0", "").strip()[:200] for slug in told)
    found.pop("", None)
    if len(found) > compare.MOST:
        raise state.BadState(f"{len(found)} models are more than the {compare.MOST} that stand side by side")
    return list(found)


@require_safe
@state.tagged
def compare_page(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/compare/?m=SLUG&m=SLUG. With `add` a name that is surely one model's redirects to the address with that model in
    it; any other is answered with what it might mean."""
    pinned = permalink.pinned(request)
    if suffix:
        pinned.for_file()
    day, run, slugs = pinned.day, pinned.run, _slugs(request.GET.getlist("m"))
    wanted = state.choice(request, "show", SHOWN, "")
    sides, unknown = compare.sides(run, slugs) if slugs else ((), ())
    if unknown:
        raise state.BadState(f"m={unknown[0]} is not known")
    stays = {**({"show": wanted} if wanted else {}), **pinned.said}
    name = "" if suffix else state.words(request, "add")
    hits = [hit for hit in search.search(name, run, kind="model") if hit.slug not in slugs] if name else []
    # A name that is one of the model's own is no question; anything else is a guess, and the reader's to make.
    if hits and hits[0].near >= SURE and len(slugs) < compare.MOST:
        return HttpResponseRedirect(_address([*slugs, hits[0].slug], stays))
    every = compare.lines(slugs, known_at=runs.facts_at(run, day)) if slugs else ()
    shown = compare.chosen(every, wanted, len(slugs))
    if suffix:
        about = {
            "as_of": str(day or (run.as_of if run else "")),
            "show": wanted,
            "models": [{**asdict(side.row), "rung": side.rung, "price": _price(side)} for side in sides],
        }
        rows = compare.file_rows(sides, shown)
        return formats.rows_as(suffix, rows, compare.ComparedScore, name="compare", about=about)
    names = ", ".join(side.row.name for side in sides)
    figure = None
    if len(sides) > 1 and shown:
        beside = compare.beside(sides, shown)
        figure = drawn(request, CHARTS["compared"], run, _chart_keys(slugs, wanted), rows=beside)
    return show(
        request,
        "compare.html",
        title=f"Compare: {names}"[:150] if names else "Compare models",
        description="Up to six models side by side: release, licence, size, price, and every benchmark they share.",
        as_of=day,
        run=run,
        context={
            "sides": sides,
            "without": [
                Choice(side.row.name, _address([slug for slug in slugs if slug != side.row.slug], stays))
                for side in sides
            ],
            "lines": shown,
            "figure": figure,
            "every": len(every),
            "common": sum(line.shared_by_all for line in every),
            "most": compare.MOST,
            "full": len(slugs) >= compare.MOST,
            "stays": stays,
            "name": name,
            "offered": [
                Choice(hit.name, _address([*slugs, hit.slug], stays), hit.about) for hit in hits[:OFFERED]
            ],
            "chips": [
                Choice(words, _address(slugs, {**pinned.said, **({"show": key} if key else {})}),
                       current=key == wanted)
                for key, words in SHOWN_WORDS.items()
            ],
            "query": _address(slugs, stays).partition("?")[2],
            "permalink": _address(slugs, {**({"show": wanted} if wanted else {}), **permalink.keys(run, day)}),
            "notes": pinned.notes,
            "run": run,
            "examples": search.suggestions() if not slugs and not day else [],
        },
    )  # fmt: skip


def _price(side: compare.Side) -> float | None:
    return side.offer.blend if side.offer else None


def _address(slugs: list[str], keys: dict[str, str]) -> str:
    query = urlencode([*(("m", slug) for slug in slugs), *keys.items()])
    return f"/compare/?{query}" if query else "/compare/"
