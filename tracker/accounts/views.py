"""The way to the desk: password, second factor, enrolment at the first time, and what one has enrolled."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tracker.accounts import codes, factors, locks, pictures, sealing, sessions, trail
from tracker.accounts.passkeys import Place, ask_for_new, ask_for_proof
from tracker.clients import client_of

STATE, NEW, NEXT = "account-challenge", "account-new-secret", "account-next"
LONGEST_ANSWER = 20_000  # characters of what a browser says about a passkey
WRONG = "That proves nothing: a code works once and for a minute, a passkey must be one of this account’s."


def desk_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """What every page here has in common: kept by nobody, read by no other site, its fields in no report of errors."""

    @wraps(view)
    def kept_by_nobody(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    protected = csrf_protect(require_http_methods(["GET", "HEAD", "POST"])(kept_by_nobody))
    return sensitive_post_parameters()(protected)


def page(request: HttpRequest, name: str, title: str, *, status: int = 200, **context: Any) -> TemplateResponse:
    """A page of the way in, of templates/account, with what every page of the desk is told."""
    told = {**admin.site.each_context(request), "title": title, "is_nav_sidebar_enabled": False, **context}
    return TemplateResponse(request, f"account/{name}.html", told, status=status)


def too_often(request: HttpRequest, seconds: int) -> TemplateResponse:
    """429 for who must wait: the page says the minutes, rounded up, and Retry-After the seconds."""
    response = page(request, "locked", "Too many tries", status=429, minutes=-(-seconds // 60))
    response["Retry-After"] = str(seconds)
    return response


def onward(request: HttpRequest, told: str | None) -> str:
    """Where to go afterwards: within this site, or to the desk."""
    safe = url_has_allowed_host_and_scheme(told, {request.get_host()}, require_https=request.is_secure())
    return told if told and safe else reverse("admin:index")


def place_of(request: HttpRequest) -> Place:
    """The site as this very request names it: a passkey works only under the name that it was made for."""
    return Place(f"{request.scheme}://{request.get_host()}")


@desk_page
def log_in(request: HttpRequest) -> HttpResponse:
    """The password. It opens nothing yet."""
    told = request.POST.get("next") or request.GET.get("next")
    if request.method != "POST" and admin.site.has_permission(request):
        return redirect(onward(request, told))
    now, client = timezone.now(), client_of(request.META)
    form = AdminAuthenticationForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        name = request.POST.get("username", "")[:150]
        for limit, who in ((locks.by_client(), client), (locks.PASSWORD, name)):
            if seconds := locks.wait(limit, who, now=now):
                if locks.just_locked(limit, who, now=now):
                    trail.record(trail.Kind.LOCKED, _named(name), now=now, client=client, words=limit.name)
                return too_often(request, seconds)
        if form.is_valid():
            user = form.get_user()
            locks.forgive(locks.PASSWORD, name)
            sessions.wait_for_factor(request, user, now=now)
            request.session[NEXT] = onward(request, told)
            enrolled = factors.factors(user).enrolled
            return redirect("second-factor" if enrolled else "second-factor-enrol")
        trail.record(trail.Kind.REFUSED, _named(name), now=now, client=client)
    app_path = request.get_full_path()
    return page(request, "login", "Log in", form=form, next=onward(request, told), app_path=app_path)


def _named(name: str) -> User | None:
    return User.objects.filter(username=name).first()


@desk_page
def show_factor(request: HttpRequest) -> HttpResponse:
    """The second factor: after the password, or once more before something that matters."""
    now, client = timezone.now(), client_of(request.META)
    inside = admin.site.has_permission(request)
    user: Any = request.user if inside else sessions.waiting(request, now=now)
    if user is None:
        return redirect("admin:login")
    have = factors.factors(user)
    if not have.enrolled:
        return redirect("second-factor-enrol")
    status, wrong = 200, ""
    if request.method == "POST":
        for limit, who in ((locks.by_client(), client), (locks.FACTOR, str(user.pk))):
            if seconds := locks.wait(limit, who, now=now):
                if locks.just_locked(limit, who, now=now):
                    trail.record(trail.Kind.LOCKED, user, now=now, client=client, words=limit.name)
                return too_often(request, seconds)
        state, answer = request.session.pop(STATE, None), _answer(request)
        if answer is not None:
            proved = factors.take_passkey(user, place_of(request), state, answer, now=now, client=client)
        else:
            proved = factors.take_code(user, request.POST.get("code", ""), now=now, client=client)
        if proved:
            locks.forgive(locks.FACTOR, str(user.pk))
            return _come_in(request, user, inside=inside)
        trail.record(trail.Kind.FACTOR_REFUSED, user, now=now, client=client)
        status, wrong = 403, WRONG
    options = ""
    if have.passkeys and place_of(request).works:
        asked, state = ask_for_proof(place_of(request), have.credentials)
        request.session[STATE], options = state, json.dumps(asked)
    told: dict[str, Any] = {"status": status, "wrong": wrong, "options": options, "inside": inside}
    return page(request, "show", "Second factor", app=have.generator is not None, keys=have.passkeys, **told)


def _answer(request: HttpRequest) -> Any:
    """What the browser says about a passkey, if this is such a form at all."""
    told = request.POST.get("credential", "")
    if not told:
        return None
    try:
        answer = orjson.loads(told) if len(told) <= LONGEST_ANSWER else {}
    except ValueError:
        answer = {}
    return answer if isinstance(answer, dict) else {}


def _come_in(request: HttpRequest, user: User, *, inside: bool) -> HttpResponseRedirect:
    now, client = timezone.now(), client_of(request.META)
    after = onward(request, request.session.pop(NEXT, None))
    if inside:
        sessions.prove_again(request.session, now=now)
        trail.record(trail.Kind.PROVED, user, now=now, client=client)
    else:
        sessions.begin(request, user, now=now)
        trail.record(trail.Kind.LOGGED_IN, user, now=now, client=client)
    return HttpResponseRedirect(after)


@desk_page
def enrol(request: HttpRequest) -> HttpResponse:
    """A new second factor: the first one of an account comes with the first login."""
    now = timezone.now()
    inside = admin.site.has_permission(request)
    user: Any = request.user if inside else sessions.waiting(request, now=now)
    if user is None:
        return redirect("admin:login")
    if factors.factors(user).enrolled and not inside:
        return redirect("second-factor")
    if inside and (elsewhere := _prove_first(request)):
        return elsewhere
    place, status, wrong = place_of(request), 200, ""
    if request.method == "POST":
        if seconds := locks.wait(locks.FACTOR, str(user.pk), now=now):
            return too_often(request, seconds)
        if _enrolled(request, user, place):
            locks.forgive(locks.FACTOR, str(user.pk))
            return _welcome(request, user, inside=inside)
        status, wrong = 400, "That was not it. The code must be the newest one that the app shows."
    options = ""
    have = factors.factors(user)
    if place.works:
        asked, request.session[STATE] = ask_for_new(place, user, have.credentials)
        options = json.dumps(asked)
    sealed = request.session.get(NEW)
    secret = sealing.open_seal(sealed) if sealed else codes.new_secret()
    request.session[NEW] = sealed or sealing.seal(secret)
    address = codes.address(secret, issuer=request.get_host(), name=user.get_username())
    told: dict[str, Any] = {"status": status, "wrong": wrong, "options": options, "inside": inside}
    told["replaces"] = have.generator is not None
    picture, secret_text = pictures.square(address), codes.spaced(codes.as_text(secret))
    return page(request, "enrol", "Add a second factor", picture=picture, secret=secret_text, place=place, **told)


def _enrolled(request: HttpRequest, user: User, place: Place) -> bool:
    now, client = timezone.now(), client_of(request.META)
    state, answer = request.session.pop(STATE, None), _answer(request)
    if answer is not None:
        name = request.POST.get("name", "")
        return factors.add_passkey(user, place, state, answer, name, now=now, client=client)
    sealed = request.session.get(NEW)
    if not sealed:
        return False
    secret = sealing.open_seal(sealed)
    return factors.add_generator(user, secret, request.POST.get("code", ""), now=now, client=client)


def _welcome(request: HttpRequest, user: User, *, inside: bool) -> HttpResponse:
    """Recovery codes with the first factor; the session begins here if it has not."""
    now, client = timezone.now(), client_of(request.META)
    request.session.pop(NEW, None)
    fresh = factors.make_codes(user, now=now, client=client) if not factors.factors(user).codes_left else []
    after = reverse("second-factors") if inside else _come_in(request, user, inside=False).url
    if not fresh:
        return HttpResponseRedirect(after)
    return page(request, "codes", "Your recovery codes", codes=fresh, after=after)


def _prove_first(request: HttpRequest) -> HttpResponse | None:
    """Who sits down at a desk left open shall not take it over for good."""
    if sessions.is_fresh(request.session, now=timezone.now()):
        return None
    request.session[NEXT] = request.path
    return redirect("second-factor")


@desk_page
def mine(request: HttpRequest) -> HttpResponse:
    """A person's own second factors, and what happened to the account of late."""
    if not admin.site.has_permission(request):
        return redirect(f"{reverse('admin:login')}?next={request.path}")
    if elsewhere := _prove_first(request):
        return elsewhere
    user: Any = request.user
    now, client = timezone.now(), client_of(request.META)
    if request.method == "POST":
        if "codes" in request.POST:
            made = factors.make_codes(user, now=now, client=client)
            return page(request, "codes", "Your recovery codes", codes=made, after=request.path)
        if "sessions" in request.POST:
            ended = sessions.end(user, but=request.session.session_key)
            trail.record(trail.Kind.LOGGED_OUT, user, now=now, client=client, words=f"{ended} other session(s) ended")
            messages.success(request, f"{ended} other session(s) ended.")
        elif factors.remove(user, request.POST.get("remove", ""), now=now, client=client):
            messages.success(request, "Removed.")
        else:
            messages.error(request, "The last second factor stays: add another one first.")
        return redirect("second-factors")
    return page(request, "mine", "Your second factors", have=factors.factors(user), events=trail.of(user))


@desk_page
def log_out(request: HttpRequest) -> HttpResponse:
    """Django's own, by POST alone, with a row in the trail; over https the browser is told to forget what it kept."""
    user: Any = request.user
    response = admin.site.logout(request)
    if request.method == "POST" and request.is_secure():
        response["Clear-Site-Data"] = '"cache", "storage"'
    if request.method == "POST" and user.is_authenticated:
        trail.record(trail.Kind.LOGGED_OUT, user, now=timezone.now(), client=client_of(request.META))
    return response


@desk_page
def change_password(request: HttpRequest) -> HttpResponseBase:
    """Django's own page, with a row in the trail. Every other session of the account ends with its old password."""
    if not admin.site.has_permission(request):
        return redirect(f"{reverse('admin:login')}?next={request.path}")
    response = admin.site.password_change(request)
    if request.method == "POST" and response.status_code == 302:
        user: Any = request.user
        trail.record(trail.Kind.PASSWORD, user, now=timezone.now(), client=client_of(request.META))
    return response
