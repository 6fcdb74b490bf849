"""The letters that this machine keeps in a folder, for staff: a list, and each with its head, its text and its HTML."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from tracker.digest import mailbox

# A letter holds the links by which its reader leaves.
MAY = "tracker.view_subscriber"
View = Callable[..., HttpResponse]


def _for_staff(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        if not mailbox.in_use():
            raise Http404("Letters go to a mail server; none is kept here.")
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return require_safe(staff_member_required(answer))


@_for_staff
def letter_list(request: HttpRequest) -> HttpResponse:
    """/mail/: the newest letters of this machine."""
    context = {
        **admin.site.each_context(request),
        "title": "Letters on this machine",
        "letters": mailbox.newest(),
        "most": mailbox.MOST,
    }
    return TemplateResponse(request, "digest/mailbox.html", context)


@_for_staff
def letter_page(request: HttpRequest, name: str, offset: str) -> HttpResponse:
    """/mail/FILE/OFFSET/: one letter's head and text, with the way to its HTML and its bytes."""
    letter = _opened(name, offset)
    context = {**admin.site.each_context(request), "title": letter.envelope.subject or "(no subject)", "letter": letter}
    return TemplateResponse(request, "digest/mailbox_letter.html", context)


@_for_staff
def letter_html(request: HttpRequest, name: str, offset: str) -> HttpResponse:
    """The HTML as a mail program would show it: in a sandbox, where nothing runs and only our own pictures load."""
    letter = _opened(name, offset)
    if not letter.html:
        raise Http404("This letter has no HTML part")
    response = HttpResponse(letter.html)
    ours = f"{request.scheme}://{request.get_host()} {settings.SITE_URL}"
    response["Content-Security-Policy"] = (
        f"sandbox; default-src 'none'; img-src {ours}; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return response


@_for_staff
def letter_file(request: HttpRequest, name: str, offset: str) -> HttpResponse:
    """The letter's own bytes, to open in a mail program."""
    response = HttpResponse(_opened(name, offset).raw, content_type="message/rfc822")
    response["Content-Disposition"] = f'attachment; filename="{name.removesuffix(".log")}-{offset}.eml"'
    return response


def _opened(name: str, offset: str) -> mailbox.Opened:
    letter = mailbox.opened(name, int(offset))
    if letter is None:
        raise Http404("No letter begins there")
    return letter
