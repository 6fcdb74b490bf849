"""Two of our runs compared question by question, how many questions a difference needs, and what to measure next."""

from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.queries import evaluation_pairs, evaluation_power, evaluations, next_evaluations, runs
from tracker.queries.evaluation_pairs import Comparison, PairRow
from tracker.queries.evaluation_power import Typed
from tracker.queries.evaluations import EvaluationFilter
from tracker.queries.next_evaluations import NextRow
from tracker.views import formats, state
from tracker.views.evaluations import live
from tracker.views.page import show

OFFERED = 200
BOUNDS = {
    "difference": (0.1, 100.0),
    "accuracy_a": (0.0, 100.0),
    "accuracy_b": (0.0, 100.0),
    "correlation": (-1.0, 1.0),
    "chance": (0.0, 1.0),
    "repeats_a": (1.0, 1000.0),
    "repeats_b": (1.0, 1000.0),
    "effect": (1.0, 100.0),
    "significance": (0.01, 50.0),
    "power": (1.0, 99.99),
    "questions": (2.0, 1e7),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A run that can be chosen."""

    id: int
    words: str


def _offers() -> list[Offer]:
    runs = evaluations.evaluation_page(EvaluationFilter(), size=OFFERED).rows
    return [Offer(row.id, f"{row.id}: {row.name} on {row.suite}, {row.state_label}") for row in runs]


def _number(request: HttpRequest, name: str) -> int | None:
    """The number of a run in the address. Raises BadState."""
    text = state.words(request, name)
    if not text:
        return None
    if not text.isdecimal() or len(text) > 12:
        raise state.BadState(f"{name}={text} is not the number of an evaluation")
    return int(text)


def _compared(request: HttpRequest) -> tuple[int | None, int | None, Comparison | None]:
    first, second = _number(request, "a"), _number(request, "b")
    if first is None or second is None:
        return first, second, None
    found = evaluation_pairs.comparison(first, second)
    if found is None:
        raise Http404(f"There is no evaluation {first} or no evaluation {second}")
    return first, second, found


@require_safe
def compare(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/evaluations/compare/?a=1&b=2; without both it offers runs to choose from. Its files hold a row for each kind of
    question and one for all."""
    first, second, found = _compared(request)
    if suffix:
        rows = found.rows if found else ()
        about = {
            "a": first,
            "b": second,
            "against": found.against if found else (),
            "notes": found.notes if found else (),
            "paired": formats.as_dicts([found.paired])[0] if found and found.paired else None,
        }
        return live(formats.rows_as(suffix, rows, PairRow, name="evaluations-compared", about=about))
    return live(
        show(
            request,
            "evaluation_compare.html",
            title="Two runs compared",
            description="The difference of two of our runs on the questions that both were asked, with its error.",
            context={
                "a": first,
                "b": second,
                "found": found,
                "offers": _offers(),
                "needed": evaluation_power.for_difference(found) if found else None,
                "query": f"a={first}&b={second}" if found else "",
            },
        )
    )


def _typed(request: HttpRequest) -> Typed:
    """What the form says; each number in its bounds. Raises BadState."""
    told = {}
    for name, (low, high) in BOUNDS.items():
        text = state.words(request, name).replace(",", ".")
        if not text:
            continue
        try:
            value = float(text)
        except ValueError as error:
            raise state.BadState(f"{name}={text} is not a number") from error
        if not low <= value <= high:
            raise state.BadState(f"{name}={text} is not between {low:g} and {high:g}")
        told[name] = int(value) if name in ("repeats_a", "repeats_b", "questions") else value
    return replace(Typed(), **told)  # type: ignore[arg-type]  # the keys are fields, ints where these are


@require_safe
def power(request: HttpRequest) -> HttpResponse:
    """/evaluations/power/: computed from what is typed in, and from two runs where their numbers are given."""
    typed = _typed(request)
    first, second, measured = _compared(request)
    answer = evaluation_power.answer(typed, measured)
    return live(
        show(
            request,
            "evaluation_power.html",
            title="How many questions?",
            description="How many questions a difference between two models needs, and what a number of them can show.",
            context={
                "typed": typed,
                "answer": answer,
                "a": first,
                "b": second,
                "measured": measured,
                "offers": _offers(),
            },
        )
    )


@require_safe
@state.tagged
def next_up(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/evaluations/next/: what measuring would narrow the headline most for its cost, as the day's run worked it
    out."""
    day = state.as_of(request)
    run = runs.run_for(day)
    found = next_evaluations.next_page(run)
    if suffix:
        about = {"index_run": run.id if run else None, **found.told}
        return formats.rows_as(suffix, found.rows, NextRow, name="evaluations-next", about=about)
    return show(
        request,
        "evaluation_next.html",
        title="What to measure next",
        description="Models and suites by how much measuring them would narrow the headline lag, for its cost.",
        as_of=day,
        run=run,
        context={
            "found": found,
            "run": run,
            "parts": [
                ("Models whose weights can be had", "weights", found.with_weights, "GPU hour"),
                ("Models behind an API", "api", found.behind_api, "dollar"),
            ],
        },
    )
