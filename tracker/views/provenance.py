"""One click from any number: the fact, the document it was read from, the document's bytes where they may be had."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.queries import provenance, runs
from tracker.views import state
from tracker.views.page import show


@require_safe
def fact(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """/facts/KIND/NUMBER/: what a number rests on, also after it was superseded; with `as_of` as it stood on that
    day."""
    day = state.as_of(request)
    row = provenance.fact(kind, number, known_at=runs.end_of(day) if day else None)
    if row is None:
        raise Http404(f"There is no {kind} fact {number} that may be shown")
    title = f"Where this {kind} comes from"
    return show(
        request,
        "fact.html",
        title=title,
        description=f"{row.name}: publisher, document, date, sha256 and licence of the data.",
        as_of=day,
        context={"row": row},
    )


@require_safe
def snapshot(request: HttpRequest, number: int) -> HttpResponse:
    """/snapshots/NUMBER/: what a stored document is, also one whose bytes may not be handed on."""
    row = provenance.snapshot(number)
    if row is None:
        raise Http404(f"There is no document {number}")
    return show(
        request,
        "snapshot.html",
        title=f"{row.source}, {row.fetched_at:%Y-%m-%d}",
        description=f"A document of {row.publisher} as it was collected, with its sha256 and licence.",
        context={"row": row},
    )


@require_safe
def document(request: HttpRequest, number: int) -> HttpResponse:
    """The bytes, always as a file to save: a publisher's HTML must never run as a page of ours."""
    found = provenance.document(number)
    if found is None:
        raise Http404(f"There is no document {number}, or its licence does not let us hand it on")
    body, row = found
    response = HttpResponse(body, content_type="application/octet-stream")
    response["Content-Disposition"] = (
        f'attachment; filename="{row.source_slug}-{row.fetched_at:%Y-%m-%d}-{row.sha256[:8]}"'
    )
    response["ETag"] = f'"{row.sha256}"'
    return response
