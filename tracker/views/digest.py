"""The digest's archive: every issue that went out as a page, as text, as a file, and its pictures."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.digest import render
from tracker.digest.words import span
from tracker.queries import issues, runs
from tracker.views import formats, state
from tracker.views.models import Pager
from tracker.views.page import show

YEAR = 365 * 24 * 3600


def _known_at(request: HttpRequest) -> datetime | None:
    day = state.as_of(request)
    return runs.end_of(day) if day else None


@require_safe
@state.tagged
def issue_list(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/digest/ and its files: the issues that were let go, a page at a time; files hold all of them."""
    day, page = state.as_of(request), request.GET.get("page", "1")
    found = issues.issues(
        known_at=_known_at(request),
        page=max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
        size=0 if suffix else issues.PAGE_SIZE,
    )
    if suffix:
        about = {"as_of": str(day or ""), "total": found.total}
        return formats.rows_as(suffix, found.rows, issues.IssueRow, name="digest", about=about)
    first = (found.page - 1) * issues.PAGE_SIZE
    at = f"as_of={day}&" if day else ""
    context = {
        "found": found,
        "rows": [(row, span(row.week)) for row in found.rows],
        "pager": Pager(
            text=f"{first + 1} to {first + len(found.rows)} of {found.total}",
            previous=f"/digest/?{at}page={found.page - 1}" if found.page > 1 else "",
            next=f"/digest/?{at}page={found.page + 1}" if found.page < found.pages else "",
        ),
    }
    return show(
        request,
        "digest/list.html",
        title="The weekly digest",
        description="What changed in a week, every Monday by mail: all issues as they were sent.",
        as_of=day,
        run=runs.run_for(day),
        context=context,
    )


def _edition(request: HttpRequest, week: str) -> issues.Edition:
    found = issues.edition(week, known_at=_known_at(request))
    if found is None:
        raise Http404(f"No issue of the digest is about {week}")
    return found


@require_safe
@state.tagged
def issue_page(request: HttpRequest, week: str, suffix: str = "") -> HttpResponse:
    """An issue in the site's look: the same parts as the letter has, without a limit to their number."""
    day, found = state.as_of(request), _edition(request, week)
    if suffix:
        row = found.row
        about = {
            "week": row.week,
            "as_of": str(row.as_of),
            "subject": row.subject,
            "preheader": row.preheader,
            "note": found.note,
            "quiet": row.quiet,
            "approved_at": row.approved_at.isoformat(),
            "index_run": found.run,
        }
        name = f"digest-{row.week}"
        return formats.rows_as(suffix, issues.item_rows(found.content), issues.ItemRow, name=name, about=about)
    here = render.Links(site="", leave="", preferences="", archive=f"/digest/{week}/")
    return show(
        request,
        "digest/issue.html",
        title=f"{found.row.subject} ({week})",
        description=found.row.preheader,
        as_of=day,
        run=runs.run_for(day),
        context={
            "found": found,
            "letter": render.parts(found.content, note=found.note, links=here, most=len(found.content.items)),
        },
    )


@require_safe
@state.tagged
def issue_text(request: HttpRequest, week: str) -> HttpResponse:
    """The letter's text part, as it was sent to who chose nothing, but for the links that were a reader's own."""
    found = _edition(request, week)
    letter = render.issue(found.content, note=found.note, links=render.public(week), text_only=True)
    return HttpResponse(letter.text, content_type="text/plain; charset=utf-8")


@require_safe
def issue_picture(request: HttpRequest, week: str, name: str) -> HttpResponse:
    """A chart of the issue. It never changes, and mail programs on other sites show it."""
    found = issues.picture(week, name)
    if found is None:
        raise Http404(f"The issue of {week} has no picture named {name}")
    response = HttpResponse(found, content_type="image/png")
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
