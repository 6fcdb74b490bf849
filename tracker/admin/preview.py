"""An issue as readers will see it: the letter's own HTML and text, on a wide screen and on a phone, with its charts."""

import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from tracker.digest import build, letter, pictures, render
from tracker.digest.render import Rendered
from tracker.digest.words import TOPICS
from tracker.domain.notable import Content, Topic, Wishes
from tracker.models import Issue, IssueImage

PHONE = 390  # pixels
# A letter brings its own styles and its pictures, and nothing that acts; nobody may frame it.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
WIDTHS = re.compile(r"\((min|max)-width:\s*(\d+)px\)")


class AsReader(forms.Form):
    """The wishes of a reader, to look at the issue with their eyes. Nothing chosen is all of it."""

    topics = forms.MultipleChoiceField(
        choices=[(topic.value, TOPICS[topic]) for topic in Topic], required=False, widget=forms.CheckboxSelectMultiple
    )
    labs = forms.CharField(
        required=False,
        max_length=400,
        help_text="By their names in addresses, with commas: openai, deepseek",
        widget=forms.TextInput(attrs={"size": 40}),
    )
    only_flips = forms.BooleanField(required=False, label="Only when something flips")

    def wishes(self) -> Wishes:
        """Raises Http404 on a topic that there is not."""
        if not self.is_valid():
            raise Http404("No reader can wish for that")
        told = self.cleaned_data
        labs = frozenset(name.strip() for name in told["labs"].split(",") if name.strip())
        return Wishes(frozenset(Topic(topic) for topic in told["topics"]), labs, told["only_flips"])


def next_week() -> str:
    """The week that runs: next Monday's issue is about it."""
    return build.week_of(timezone.now(), settings.DIGEST_ZONE)


def content_of(week: str) -> tuple[Content, str]:
    """What the issue says and the editor's note, whether the issue has a row or not. Raises Http404 for a week that is
    none or that has not begun."""
    row = Issue.objects.filter(week=week).first()
    if row is not None:
        return build.arranged(row, build.said(row, now=timezone.now())), row.note
    try:
        return build.content(week, zone=settings.DIGEST_ZONE, now=timezone.now()), ""
    except ValueError as error:
        raise Http404(str(error)) from error


def rendered(week: str, wishes: Wishes) -> Rendered:
    """The letter of a week with the parts that a reader with these wishes gets; its links are nobody's own. Raises
    Http404 as `content_of` does."""
    content, note = content_of(week)
    return render.issue(content, note=note, wishes=wishes, links=render.for_anybody(week))


def html(request: HttpRequest, week: str) -> HttpResponse:
    """The letter's HTML, byte for byte but for where its pictures lie; `width=390` as a phone lays it out."""
    found = rendered(week, AsReader(request.GET).wishes()).html
    found = re.sub(rf"{re.escape(settings.SITE_URL)}/digest/{week}/([-\w]+)\.png", rf"{_picture(week)}\1.png", found)
    if request.GET.get("width") == str(PHONE):
        found = narrow(found, PHONE)
    return HttpResponse(found, headers={"Content-Security-Policy": POLICY})


def _picture(week: str) -> str:
    return reverse("admin:tracker_issue_preview", args=[week]).removesuffix("preview.html")


def narrow(letter_html: str, width: int) -> str:
    """The letter as a screen of that width lays it out, on any screen: what its styles ask of the screen's width is
    answered here."""

    def answer(asked: re.Match[str]) -> str:
        bound = int(asked[2])
        met = width >= bound if asked[1] == "min" else width <= bound
        return "(min-width:0px)" if met else "(max-width:0px)"

    answered = WIDTHS.sub(answer, letter_html)
    style = f"<style>html{{max-width:{width}px;margin:0 auto;outline:1px solid #888}}</style></head>"
    return answered.replace("</head>", style, 1)


def text(request: HttpRequest, week: str) -> HttpResponse:
    """The letter's text part, as a reader with the wishes in the address gets it."""
    found = rendered(week, AsReader(request.GET).wishes())
    return HttpResponse(found.text, content_type="text/plain; charset=utf-8")


def picture(request: HttpRequest, week: str, name: str) -> HttpResponse:
    """As it was frozen, or as it would be drawn now."""
    frozen = IssueImage.objects.filter(issue__week=week, name=name).values_list("png", flat=True).first()
    if frozen is None:
        content, _ = content_of(week)
        wanted = tuple(one for one in content.pictures if one.name == name)
        frozen = next((png for _, png, _, _ in pictures.draw(replace(content, pictures=wanted))), None)
    if frozen is None:
        raise Http404(f"The issue of {week} has no picture {name}")
    return HttpResponse(bytes(frozen), content_type="image/png")


def trial(user: User, week: str) -> Any:
    """The issue as a letter to the curator alone, ready to be sent: whoever it is, its links lead to the site."""
    site = settings.SITE_URL
    found = rendered(week, Wishes()).addressed(leave=f"{site}/subscribe/", preferences=f"{site}/subscribe/")
    found = replace(found, subject=f"[Test] {found.subject}")
    # Not the Message-ID of any reader's letter: another test is another letter.
    ident = f"test.{week}.{uuid4().hex}@{site.partition('://')[2].partition('/')[0].partition(':')[0]}"
    return letter.message(found, to=user.email, message_id=ident, leave_url=f"{site}/subscribe/", issue_week=week)
