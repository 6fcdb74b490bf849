"""Subscribing, confirming, choosing and leaving: pages for people without an account, opened by links from letters.

What a link in a letter opens needs no cookie, so that nobody can be made to send one: its token is what allows the
deed, and only its bearer has it. That is why these forms carry no token against forged requests, and why only the form
that anybody may fill in does. Reading any of them changes nothing, because programs that guard mailboxes follow links.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tracker.clients import client_of
from tracker.digest import limits, readers, tokens
from tracker.digest.addresses import masked
from tracker.digest.tokens import Use
from tracker.forms import AskForm, PreferencesForm
from tracker.views.page import show

READ_AND_SEND = ["GET", "HEAD", "POST"]
NOT_OURS = "This link is not one of ours, or it is used up"
EXPIRED = f"{NOT_OURS}: a link to confirm works for seven days. Another is to be had at /subscribe/"


def private(response: HttpResponse, *, referrer: str = "no-referrer") -> HttpResponse:
    """Kept by nobody on the way, found by no search engine, told to no other site."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = referrer
    return response


def _page(
    request: HttpRequest, name: str, title: str, *, status: int = 200, referrer: str = "no-referrer", **context: Any
) -> HttpResponse:
    description = "The weekly digest of the AI Landscape by e-mail: no account, no tracking, one click to leave."
    response = show(request, f"subscribe/{name}.html", title=title, description=description, context=context)
    response.status_code = status
    return private(response, referrer=referrer)


def _too_often(request: HttpRequest, seconds: int, *, referrer: str = "no-referrer") -> HttpResponse:
    minutes = -(-seconds // 60)
    response = _page(request, "too_often", "Too many tries", status=429, referrer=referrer, minutes=minutes)
    response["Retry-After"] = str(seconds)
    return response


@require_http_methods(READ_AND_SEND)
def subscribe(request: HttpRequest) -> HttpResponse:
    """The same answer for every address, whoever has it and whatever became of it."""
    # A browser that names no referrer at all names no origin either, and then no form of ours would be believed.
    own: Mapping[str, Any] = {"referrer": "same-origin"}
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or form.searches():
        return _page(request, "subscribe", "The weekly digest by e-mail", form=form, told=False, **own)
    now = timezone.now()
    if wait := limits.attempt(limits.ASK_BY_CLIENT, client_of(request.META), now=now):
        return _too_often(request, wait, **own)
    if not form.is_valid():
        return _page(request, "subscribe", "The weekly digest by e-mail", status=400, form=form, told=True, **own)
    address = form.cleaned_data["email"]
    if wait := limits.attempt(limits.ASK_FOR_ADDRESS, address, now=now):
        return _too_often(request, wait, **own)
    readers.ask(address, form.preferences(), now=now)
    return _page(request, "asked", "Look into your mailbox", **own)


@csrf_exempt
@require_http_methods(READ_AND_SEND)
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Reading shows a button, and only pressing it confirms. 404 for a link that is not good, 410 where its reader has
    left since."""
    now = timezone.now()
    subscriber = tokens.subscriber_for(token, Use.CONFIRM, now=now)
    if subscriber is None:
        raise Http404(EXPIRED)
    if request.method != "POST":
        return _page(request, "confirm", "Confirm your subscription")
    if not readers.confirm(subscriber, now=now):
        return _page(request, "void", "This link is used up", status=410)
    return _page(request, "confirmed", "You are subscribed", preferences=tokens.preferences_url(subscriber))


@csrf_exempt
@require_http_methods(READ_AND_SEND)
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058: a mail program's single POST, without cookie or session, and the button of the page are one deed."""
    now = timezone.now()
    named = tokens.bearer(token, Use.LEAVE, now=now)
    if named is None:
        raise Http404(NOT_OURS)
    if request.method != "POST":
        return _page(request, "leave", "Unsubscribe")
    readers.leave(named.pk, now=now)
    return _page(request, "left", "You are unsubscribed", days=readers.ENDED_FOR.days)


@csrf_exempt
@require_http_methods(READ_AND_SEND)
def preferences(request: HttpRequest, token: str) -> HttpResponseBase:
    """A reader's own page: choosing, a copy of the data, new links, being forgotten; 404 once its link is void."""
    now = timezone.now()
    subscriber = tokens.subscriber_for(token, Use.PREFERENCES, now=now)
    if subscriber is None:
        raise Http404(NOT_OURS)
    today = now.astimezone(settings.DIGEST_ZONE).date()
    kept = readers.preferences(subscriber).fields()
    form = PreferencesForm(request.POST if _saves(request) else None, initial=kept, today=today)
    context: dict[str, Any] = {
        "form": form,
        "who": masked(subscriber.email),
        "reads": subscriber.state == subscriber.State.ACTIVE,
        "leave": tokens.leave_url(subscriber),
        "days": readers.ENDED_FOR.days,
        "told": "",
    }
    if request.method != "POST":
        return _page(request, "preferences", "Your letters", **context)
    if wait := limits.attempt(limits.CHANGE_BY_READER, str(subscriber.pk), now=now):
        return _too_often(request, wait)
    status, do = 200, request.POST.get("do", "")
    if do == "export":
        answer = JsonResponse(readers.export(subscriber), json_dumps_params={"indent": 2})
        answer["Content-Disposition"] = 'attachment; filename="ai-landscape-my-data.json"'
        return private(answer)
    if do == "erase" and request.POST.get("sure") == "yes":
        readers.erase([subscriber.pk], now=now)
        return _page(request, "erased", "You are forgotten")
    if do == "erase":
        status, context["told"] = 400, "unsure"
    elif do == "void":
        subscriber = readers.void_links(subscriber)
        context |= {"told": "void", "link": tokens.preferences_url(subscriber), "form": None}
    elif not form.searches():
        if form.is_valid():
            readers.prefer(subscriber, form.preferences())
            context["told"] = "saved"
        else:
            status, context["told"] = 400, "wrong"
    return _page(request, "preferences", "Your letters", status=status, **context)


def _saves(request: HttpRequest) -> bool:
    return request.method == "POST" and request.POST.get("do", "") not in ("export", "erase", "void")
