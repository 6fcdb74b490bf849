"""The ledger of published claims, and one claim with its test, its verdict, the figures and the evidence."""

from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.queries import claims
from tracker.views import formats, permalink, state
from tracker.views.page import show

# A verdict is told by its word and its shape, never by colour alone: the badge's class draws the shape.
BADGES = {"holds": "good", "fails": "bad", "depends": "warn", "untestable": ""}
FACTS = ("score", "release", "price")
PAGES = {"model": "models", "benchmark": "benchmarks"}
SHOWN_FLIPS = 12


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence that can be followed; `url` is blank where there is nothing to follow."""

    label: str
    url: str
    outside: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One verdict to narrow the ledger to, with how many claims have it and where that leads."""

    name: str
    count: int
    url: str
    current: bool


@require_safe
@state.tagged
def claim_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/claims/ and its files: the ledger as judged by the day, narrowed by verdict, topic and author."""
    pinned = permalink.pinned(request)
    judged = claims.judged(pinned.day, pinned.run)
    wanted = claims.ClaimFilter(
        verdict=state.choice(request, "verdict", ("", *claims.VERDICTS), ""),
        topic=state.words(request, "topic"),
        author=state.words(request, "author"),
    )
    found = claims.ledger(judged, wanted)
    if suffix:
        pinned.for_file()
        about = permalink.about(request, pinned, asdict(wanted), reverse("claims"))
        about |= {"judged_in": judged.id if judged else None, "filter": asdict(wanted), "total": found.total}
        return formats.rows_as(suffix, found.rows, claims.ClaimRow, name="claims", about=about)
    keys = {**asdict(wanted), **pinned.said}
    context = {
        "ledger": found,
        "wanted": wanted,
        "chips": [_chip(keys, "", found.total), *(_chip(keys, name, count) for name, count in found.verdicts)],
        "badges": BADGES,
        "flips": found.flips[:SHOWN_FLIPS],
        "query": urlencode({name: value for name, value in keys.items() if value}),
        "judged": judged,
    }
    return show(
        request,
        "claims.html",
        title="Claims",
        description="What essays and studies say of open and closed models, each sentence tested on the stored facts.",
        pinned=pinned,
        said=asdict(wanted),
        context=context,
    )


def _chip(keys: dict[str, str], verdict: str, count: int) -> Choice:
    query = urlencode({name: value for name, value in {**keys, "verdict": verdict}.items() if value})
    url = f"{reverse('claims')}{'?' if query else ''}{query}"
    return Choice(verdict or "all", count, url, keys["verdict"] == verdict)


@require_safe
@state.tagged
def claim_detail(request: HttpRequest, slug: str, suffix: str = "") -> HttpResponse:
    """/claims/SLUG/: the test, the verdict and its history, and where each piece of evidence can be looked up; its
    files hold the figures."""
    pinned = permalink.pinned(request)
    judged = claims.judged(pinned.day, pinned.run)
    row = claims.claim_row(judged, slug)
    if row is None:
        raise Http404(f"No claim is named {slug}")
    figures, evidence = claims.figures_of(judged, slug)
    if suffix:
        pinned.for_file()
        about = permalink.about(request, pinned, {}, reverse("claim", args=[slug]))
        about |= {"judged_in": judged.id if judged else None, "claim": asdict(row)}
        return formats.rows_as(suffix, figures, claims.FigureRow, name=slug, about=about)
    context = {
        "row": row,
        "figures": figures,
        # A forecast whose day has not come has figures, and no verdict in them.
        "waiting": row.due is not None and row.verdict == "untestable",
        "several": any(figure.choice for figure in figures),
        "proofs": [proof_of(row.kind, row.ref, row.label, urlencode(pinned.said)) for row in evidence],
        "history": claims.history_of(judged, slug),
        "badges": BADGES,
        "judged": judged,
    }
    return show(
        request,
        "claim.html",
        title=row.title,
        description=f"{row.title}, said by {row.author}: the test, the verdict and the figures it rests on.",
        pinned=pinned,
        context=context,
    )


def proof_of(kind: str, ref: str, label: str, at: str) -> Proof:
    """Where a piece of evidence can be looked up; `at` is the day's part of the query, or blank."""
    if kind == "page":
        return Proof(label, ref if ref.startswith(("https://", "http://")) else "", outside=True)
    if kind == "gap":
        query = "&".join(part for part in (ref, at) if part)
        return Proof(label, f"{reverse('gap')}{'?' if query else ''}{query}", outside=False)
    tail = f"?{at}" if at else ""
    if kind in FACTS and ref.isdecimal():
        return Proof(label, f"{reverse('fact', args=(kind, int(ref)))}{tail}", outside=False)
    if kind in PAGES:
        return Proof(label, f"/{PAGES[kind]}/{ref}/{tail}", outside=False)
    return Proof(label, "", outside=False)
