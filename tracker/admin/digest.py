"""The digest's desk: what next Monday's letter will say, the editor's hand in it, and whether it goes out."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from tracker import curation
from tracker.admin import preview
from tracker.admin.desk import Desk, may_decide
from tracker.admin.forms import Reasoned
from tracker.curation import Done
from tracker.digest import build, mailbox
from tracker.digest.difference import difference
from tracker.digest.transport import Fate, ServerShutError, carrier
from tracker.domain.notable import Content
from tracker.models import Issue, Letter

FIRST = 12  # places that an editor can give


class Edit(Reasoned):
    """The note, and for every item whether it stays out and which place it has. Items without a place follow those with
    one, by their weight."""

    usual = "Read it through"
    note = forms.CharField(
        required=False,
        max_length=4000,
        label="Editor’s note",
        help_text="Stands above everything else. A blank line begins a paragraph.",
        widget=forms.Textarea(attrs={"rows": 5, "cols": 80}),
    )

    def __init__(self, *args: Any, issue: Issue, content: Content, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.content = content
        self.fields["note"].initial = issue.note
        for at, item in enumerate(content.items):
            place = issue.order.index(item.id) + 1 if item.id in issue.order else None
            widget = forms.NumberInput(attrs={"aria-label": f"Place of: {item.title}"})
            self.fields[f"place-{at}"] = forms.IntegerField(
                min_value=1, max_value=FIRST, required=False, initial=place, widget=widget
            )
            tick = forms.CheckboxInput(attrs={"aria-label": f"Leave out: {item.title}"})
            self.fields[f"drop-{at}"] = forms.BooleanField(
                required=False, initial=item.id in issue.dropped, widget=tick
            )

    def rows(self) -> list[dict[str, Any]]:
        """Each item with its two fields."""
        return [
            {"item": item, "place": self[f"place-{at}"], "drop": self[f"drop-{at}"]}
            for at, item in enumerate(self.content.items)
        ]

    def told(self) -> dict[str, Any]:
        """As the decision takes it."""
        said, items = self.cleaned_data, list(enumerate(self.content.items))
        placed = sorted((said[f"place-{at}"], at, item.id) for at, item in items if said[f"place-{at}"])
        return {
            "note": said["note"].replace("\r\n", "\n"),
            "dropped": [item.id for at, item in items if said[f"drop-{at}"]],
            "order": [name for _, _, name in placed],
            "reason": said["reason"],
        }


class Approve(Reasoned):
    """Why the issue goes out as it stands."""

    usual = "Read, and right"


class Withhold(Reasoned):
    """Why the issue is not sent at all."""

    usual = "Not this week"


@admin.register(Issue)
class IssueAdmin(Desk):
    """Issues of the digest, the newest first; a row's page edits, previews, approves, withholds, and sends its curator
    a test."""

    list_display = ("week", "state", "until", "built_at", "approved_at", "approved_by", "letters_by_state")
    list_filter = ("state",)
    list_select_related = ("approved_by",)
    search_fields = ("week",)
    ordering = ("-week",)
    list_per_page = 26

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        by_state = Letter.objects.filter(issue=OuterRef("pk")).order_by().values("state").annotate(many=Count("pk"))
        counted = by_state.order_by("state").values(json=JSONObject(state="state", many="many"))
        return super().get_queryset(request).defer("content").annotate(counted=ArraySubquery(counted))

    @admin.display(description="letters")
    def letters_by_state(self, issue: Any) -> str:
        names = dict(Letter.State.choices)
        return ", ".join(f"{row['many']:,} {names[row['state']]}" for row in issue.counted) or "none"

    def get_urls(self) -> list[URLPattern]:
        def page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return self.admin_site.admin_view(self._looked_at(view))

        begun = "tracker_issue_"
        return [
            path("begin/", self.admin_site.admin_view(self.begin), name=f"{begun}begin"),
            path("<str:week>/preview.html", page(preview.html), name=f"{begun}preview"),
            path("<str:week>/preview.txt", page(preview.text), name=f"{begun}preview_text"),
            path("<str:week>/<slug:name>.png", page(preview.picture), name=f"{begun}picture"),
            *super().get_urls(),
        ]

    def _looked_at(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    def begin(self, request: HttpRequest) -> HttpResponse:
        """Next Monday's issue, opened for editing."""
        if request.method != "POST" or not may_decide(request):
            raise PermissionDenied
        issue = build.draft(preview.next_week(), zone=settings.DIGEST_ZONE, now=timezone.now())
        return HttpResponseRedirect(reverse("admin:tracker_issue_change", args=[issue.pk]))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        told = {
            "week": preview.next_week(),
            "may_decide": may_decide(request),
            "phone": preview.PHONE,
            "kept": mailbox.in_use(),
        }
        return super().changelist_view(request, {**told, **(extra_context or {})})

    def row_page(self, request: HttpRequest, issue: Issue) -> HttpResponse:
        verb = request.POST.get("verb", "") if request.method == "POST" else ""
        if request.method == "POST" and not may_decide(request):
            raise PermissionDenied
        content = build.said(issue, now=timezone.now())
        sent = {name: request.POST if verb == name else None for name in ("edit", "approve", "withhold")}
        edit = Edit(sent["edit"], prefix="edit", issue=issue, content=content)
        approve, withhold = Approve(sent["approve"], prefix="approve"), Withhold(sent["withhold"], prefix="withhold")
        if verb == "test":
            self._test(request, issue)
            return HttpResponseRedirect(request.get_full_path())
        done = None
        if verb == "edit" and edit.is_valid():
            done = self.carry_out(request, curation.edit_digest, issue, **edit.told())
        elif verb == "approve" and approve.is_valid():
            done = self._approve(request, issue, **approve.cleaned_data)
        elif verb == "withhold" and withhold.is_valid():
            done = self.carry_out(request, curation.withhold_digest, issue, **withhold.cleaned_data)
        if done is not None:
            self.message_user(request, f"{done.decisions[0]}.")
            return HttpResponseRedirect(request.get_full_path())
        arranged = build.arranged(issue, content)
        return self.page(
            request,
            "admin/tracker/issue/change_form.html",
            issue,
            content=content,
            arranged=arranged,
            edit=edit,
            approve=approve,
            withhold=withhold,
            editable=issue.state in curation.EDITABLE,
            stoppable=issue.state in (*curation.EDITABLE, Issue.State.APPROVED) and issue.addressed_at is None,
            reader=preview.AsReader(),
            phone=preview.PHONE,
            difference=difference(issue.week, arranged),
            letters=self.letters_by_state(self.get_queryset(request).get(pk=issue.pk)),
            address=request.user.email,  # type: ignore[union-attr]
            hour=f"{settings.DIGEST_HOUR}:00 {settings.DIGEST_ZONE}",
            automatic=settings.DIGEST_AUTOMATIC,
        )

    def _approve(self, request: HttpRequest, issue: Issue, *, reason: str) -> Done | None:
        """What is approved is what was frozen: a draft is built first."""
        try:
            build.freeze(issue, now=timezone.now())
        except build.NotYet as waits:
            self.message_user(request, str(waits), messages.ERROR)
            return None
        return self.carry_out(request, curation.approve_digest, issue, reason=reason)

    def _test(self, request: HttpRequest, issue: Issue) -> None:
        address = request.user.email  # type: ignore[union-attr]
        if not address:
            self.message_user(request, "Your account has no address to send it to.", messages.ERROR)
            return
        van = carrier()
        try:
            van.open()
            answer = van.carry(preview.trial(request.user, issue.week))  # type: ignore[arg-type]
        except ServerShutError as error:
            self.message_user(request, f"The mail server did not take it: {error}", messages.ERROR)
            return
        finally:
            van.close()
        if answer.fate is Fate.ACCEPTED:
            self.message_user(request, f"A test went to {address}.")
        else:
            self.message_user(request, f"The mail server did not take it: {answer.said}", messages.ERROR)
