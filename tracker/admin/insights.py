"""Findings: made by the runs, put better or hidden here, and written here where no rule finds them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from tracker import curation
from tracker.admin.desk import Desk, may_decide
from tracker.admin.forms import Reasoned
from tracker.models import Insight


class Words(Reasoned):
    """What a finding says. Tags stand between commas, evidence one a line: the words, a bar, the address."""

    usual = "Says it better"
    title = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"size": 80}))
    summary = forms.CharField(label="TL;DR", widget=forms.Textarea(attrs={"rows": 3, "cols": 80}))
    impact = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2, "cols": 80}))
    horizon = forms.ChoiceField(choices=Insight.Horizon.choices)
    tags = forms.CharField(required=False, widget=forms.TextInput(attrs={"size": 60}))
    evidence = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        help_text="One a line: its words | /an/address/ of this site or https://…",
    )
    listed = forms.BooleanField(required=False, label="Readers see it")

    def clean_tags(self) -> list[str]:
        return [tag.strip() for tag in self.cleaned_data["tags"].split(",") if tag.strip()]

    def clean_evidence(self) -> list[dict[str, str]]:
        pieces = []
        for line in self.cleaned_data["evidence"].splitlines():
            if not line.strip():
                continue
            words, bar, url = (part.strip() for part in line.partition("|"))
            if not bar or not words or not url.startswith(("/", "https://")) or url.startswith("//"):
                raise forms.ValidationError(f"“{line.strip()}” is not words, a bar and an address.")
            pieces.append({"text": words, "url": url})
        return pieces


def _words_of(insight: Insight) -> dict[str, Any]:
    return {
        "title": insight.title,
        "summary": insight.summary,
        "impact": insight.impact,
        "horizon": insight.horizon,
        "tags": ", ".join(insight.tags),
        "evidence": "\n".join(f"{piece['text']} | {piece['url']}" for piece in insight.evidence),
        "listed": insight.listed,
    }


@admin.register(Insight)
class InsightAdmin(Desk):
    """Findings, the newest first. One can be written here; a field that was edited here no later run touches."""

    list_display = ("title", "kind", "found_on", "horizon", "weight", "listed")
    list_filter = ("kind", "listed")
    search_fields = ("title", "summary")
    ordering = ("-found_on", "-weight")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_decide(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not may_decide(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else None
        form = Words(sent, prefix="words", initial={"listed": True})
        if sent is not None and form.is_valid():
            done = self.carry_out(request, curation.write_insight, **form.cleaned_data)
            if done is not None:
                self.message_user(request, f"{done.decisions[0]}.")
                return self.back_to_list(request)
        row = Insight(title="A new insight")
        return self.page(request, "admin/tracker/insight/change_form.html", row, words=form, new=True)

    def row_page(self, request: HttpRequest, insight: Insight) -> HttpResponse:
        sent = request.POST if request.method == "POST" else None
        if sent is not None and not may_decide(request):
            raise PermissionDenied
        form = Words(sent, prefix="words", initial=_words_of(insight))
        if sent is not None and form.is_valid():
            done = self.carry_out(request, curation.edit_insight, insight, **form.cleaned_data)
            if done is not None:
                self.message_user(request, f"{done.decisions[0]}.")
                return self.back_to_list(request)
        return self.page(request, "admin/tracker/insight/change_form.html", insight, words=form, new=False)
