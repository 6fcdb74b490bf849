"""Our own evaluations: the list with its queue and machines, one run with every sample, and both as files."""

from dataclasses import asdict, replace
from urllib.parse import urlencode

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.charts import CHARTS
from tracker.queries import evaluation, evaluation_export, evaluations
from tracker.queries.evaluation import Detail, SampleFilter, SampleRow
from tracker.queries.evaluations import MODES, SORTS, STATES, EvaluationFilter, EvaluationRow
from tracker.views import formats, state
from tracker.views.figures import Drawn, drawn
from tracker.views.models import Pager
from tracker.views.page import show

SORT_NAMES = {"newest": "when asked for", "accuracy": "accuracy", "name": "model", "suite": "suite"}
STATE_NAMES = dict(
    zip(STATES, ("Waiting", "Running", "Done", "Failed", "Cancelled", "Stopped at its budget"), strict=True)
)
MODE_NAMES = {"greedy": "Greedy", "sampled": "Sampled", "choice": "Likelihood of choices"}
OTHERS = 10  # runs of the same suite that are offered to compare with
FOLLOW = 15  # seconds between two looks of who follows a run


def live(response: HttpResponse) -> HttpResponse:
    """These pages change with every answer: who has one asks whether it is still right."""
    response["Cache-Control"] = "no-cache"
    return response


def page_number(request: HttpRequest) -> int:
    """The page that the address asks for; anything that is no page is the first."""
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


def pager(path: str, keys: dict[str, str], page: int, pages: int, text: str) -> Pager:
    """Links to the pages before and after, with the filter's keys kept; blank at either end."""
    return Pager(
        text=text,
        previous=f"{path}?{urlencode({**keys, 'page': page - 1})}" if page > 1 else "",
        next=f"{path}?{urlencode({**keys, 'page': page + 1})}" if page < pages else "",
    )


@require_safe
def evaluation_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/evaluations/: runs with the queue and the machines that serve it; its files hold all runs that pass."""
    wanted = EvaluationFilter(
        search=state.words(request, "q"),
        suite=state.words(request, "suite"),
        state=state.choice(request, "state", ("", *STATES), ""),
        mode=state.choice(request, "mode", ("", *MODES), ""),
        sort=state.choice(request, "sort", tuple(SORTS), "newest"),
        page=page_number(request),
    )
    found = evaluations.evaluation_page(wanted, size=0 if suffix else evaluations.PAGE_SIZE)
    if suffix:
        about = {"filter": asdict(wanted), "total": found.total, "error": "the wider of plain and clustered"}
        return live(formats.rows_as(suffix, found.rows, EvaluationRow, name="evaluations", about=about))
    keys = {"q": wanted.search, "suite": wanted.suite, "state": wanted.state, "mode": wanted.mode}
    keys |= {"sort": wanted.sort if wanted.sort != "newest" else ""}
    keys = {name: value for name, value in keys.items() if value}
    first = (found.page - 1) * evaluations.PAGE_SIZE
    hosts = evaluations.host_rows(now=timezone.now())
    context = {
        "found": found,
        "wanted": wanted,
        "narrowed": any(name != "sort" for name in keys),
        "query": urlencode(keys),
        "suites": evaluations.suites(),
        "states": STATE_NAMES.items(),
        "modes": MODE_NAMES.items(),
        "sorts": [(key, words.capitalize()) for key, words in SORT_NAMES.items()],
        "sort_name": SORT_NAMES[wanted.sort],
        "queue": evaluations.queue(),
        "hosts": hosts,
        "gpus": any(row.gpus for row in hosts),
        "pager": pager(
            "/evaluations/", keys, found.page, found.pages,
            f"{first + 1} to {first + len(found.rows)} of {found.total}",
        ),
    }  # fmt: skip
    return live(
        show(
            request,
            "evaluations.html",
            title="Own evaluations",
            description="What we measured ourselves on tasks made afresh: accuracy, errors, energy, every sample.",
            context=context,
        )
    )


def found_or_404(number: int) -> Detail:
    """The run as it stands now. Raises Http404."""
    found = evaluation.detail(number, now=timezone.now())
    if found is None:
        raise Http404(f"There is no evaluation {number}")
    return found


def _figure(request: HttpRequest, found: Detail) -> Drawn | None:
    """The chart of a run that is at its end; what it shows was read from no publisher's document but the run's log."""
    if found.so_far or not found.clusters:
        return None
    name, params = f"{found.row.name} on {found.row.suite}", {"evaluation": str(found.row.id)}
    figure = drawn(request, CHARTS["evaluation-clusters"], None, params, name=name)
    at = f"/snapshots/{found.row.snapshot}/" if found.row.snapshot else f"/evaluations/{found.row.id}/"
    return replace(figure, source=f"our own run {found.row.id}", source_url=at)


def _others(row: EvaluationRow) -> list[EvaluationRow]:
    """The newest other runs of the suite, to compare it with."""
    same = evaluations.evaluation_page(EvaluationFilter(suite=row.suite), size=OTHERS + 1).rows
    return [one for one in same if one.id != row.id][:OTHERS]


@require_safe
def evaluation_detail(request: HttpRequest, number: str, suffix: str = "") -> HttpResponse:
    """/evaluations/NUMBER/: with `follow=yes` a run that goes on shows itself again every FOLLOW seconds. Its files
    hold all samples that pass; what a secret series asks is blank until its week is over."""
    found = found_or_404(int(number))
    wanted = SampleFilter(
        cluster=state.words(request, "cluster"),
        outcome=state.choice(request, "outcome", ("", *evaluation.OUTCOMES), ""),
        page=page_number(request),
    )
    size = 0 if suffix else evaluation.SAMPLE_PAGE
    samples = evaluation.sample_page(found.row.id, wanted, hidden=found.hidden, size=size)
    if suffix:
        about = {"evaluation": formats.as_dicts([found.row])[0], "summary": found.summary, "hidden": found.hidden}
        return live(formats.rows_as(suffix, samples.rows, SampleRow, name=f"evaluation-{number}", about=about))
    keys = {name: value for name, value in (("cluster", wanted.cluster), ("outcome", wanted.outcome)) if value}
    first = (samples.page - 1) * evaluation.SAMPLE_PAGE
    following = state.choice(request, "follow", ("", "yes"), "") == "yes" and found.row.open
    context = {
        "found": found,
        "row": found.row,
        "summary": found.summary,
        "energy": found.summary.get("energy"),
        "samples": samples,
        "wanted": wanted,
        "query": urlencode(keys),
        "outcomes": evaluation.OUTCOMES,
        "following": following,
        "follow_every": FOLLOW,
        "others": _others(found.row),
        "pager": pager(
            f"/evaluations/{number}/", keys, samples.page, samples.pages,
            f"{first + 1} to {first + len(samples.rows)} of {samples.total}",
        ),
        "figure": _figure(request, found),
    }  # fmt: skip
    answer = show(
        request,
        "evaluation.html",
        title=f"{found.row.name} on {found.row.suite}",
        description=f"Our own run of {found.row.suite}: accuracy with errors, settings, hardware, every sample.",
        context=context,
    )
    if following:
        # Whoever asked to follow is shown the page again; for nobody else it moves by itself (WCAG 2.2.2).
        answer["Refresh"] = str(FOLLOW)
    return live(answer)


@require_safe
def evaluation_export_file(request: HttpRequest, number: str, lines: str = "") -> HttpResponse:
    """The run, or its samples a line each, in the Every Eval Ever schema."""
    found = found_or_404(int(number))
    name = f"evaluation-{number}.eee"
    if not lines:
        document = evaluation_export.run_document(found, site=request.build_absolute_uri("/"))
        return live(formats.answer(orjson.dumps(document, option=orjson.OPT_INDENT_2), "json", name))
    if found.hidden:
        raise Http404("The questions of this secret series are told when its week is over")
    response = HttpResponse(b"".join(evaluation_export.sample_lines(found)), content_type="application/x-ndjson")
    response["Content-Disposition"] = f'inline; filename="{name}.jsonl"'
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return live(response)
