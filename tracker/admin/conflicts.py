"""Where sources disagree: both evidences side by side, and which one is believed."""

from collections import defaultdict
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tracker import curation
from tracker.admin.desk import Desk
from tracker.admin.filters import state_filter
from tracker.admin.forms import Reasoned
from tracker.curation import evidence
from tracker.models import Conflict, FieldChoice, ModelState, Price, Release

Open = state_filter(Conflict.State, default=Conflict.State.OPEN)
FIELDS = {
    "access": "open weights or not",
    "released_on": "release date",
    "licence": "licence",
    "price-input": "price of input, $ per million tokens",
    "price-output": "price of output, $ per million tokens",
}


class Prefer(Reasoned):
    """Why one source is believed and not the others."""

    usual = "Checked at the publisher"


class WithValues(ChangeList):
    """A page of conflicts with what the sources say: two queries however long the page is."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        conflicts = list(self.result_list)
        models = {conflict.model_id for conflict in conflicts}
        said: dict[tuple[int, str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        facts: list[Release | Price] = []
        facts += Release.objects.known().filter(model__in=models).select_related("endpoint__source", "licence")
        if any(conflict.host for conflict in conflicts):
            facts += Price.objects.known().filter(model__in=models).select_related("endpoint__source")
        for fact in facts:
            fields = evidence.PRICE_FIELDS if isinstance(fact, Price) else ("access", "released_on", "licence")
            for field in fields:
                value = evidence.value_of(fact, field)
                if value not in (None, ""):
                    host = fact.host if isinstance(fact, Price) else ""
                    said[fact.model_id, field, host][str(value)].add(fact.endpoint.source.slug)
        for conflict in conflicts:
            values = said[conflict.model_id, conflict.field, conflict.host]
            conflict.said = "; ".join(f"{value} ({', '.join(sorted(who))})" for value, who in sorted(values.items()))
        self.result_list = conflicts


@admin.register(Conflict)
class ConflictAdmin(Desk):
    """The list begins with what is open; a row's page has every source's value and takes the one to believe."""

    list_display = ("model", "about", "host", "said", "found_at", "state")
    list_filter = (Open, "field")
    list_select_related = ("model",)
    search_fields = ("model__name",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WithValues

    @admin.display(description="about", ordering="field")
    def about(self, conflict: Conflict) -> str:
        return FIELDS.get(conflict.field, conflict.field)

    @admin.display(description="what sources say")
    def said(self, conflict: Conflict) -> str:
        return getattr(conflict, "said", "")

    def row_page(self, request: HttpRequest, conflict: Conflict) -> HttpResponse:
        model, field = conflict.model, conflict.field
        facts = {fact.pk: fact for fact in evidence.evidence(model, field, conflict.host)}
        form = Prefer(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            fact = facts.get(int(number)) if (number := request.POST.get("fact", "")).isdecimal() else None
            if fact is None:
                form.add_error(None, "Choose one of the rows. If it is not there any more, its source says otherwise.")
            elif done := self.carry_out(request, curation.prefer_evidence, model, field, fact, **form.cleaned_data):
                self.message_user(request, f"{done.decisions[0]}.")
                return self.back_to_list(request)
        chosen = FieldChoice.objects.known().filter(model=model, field=field, host=conflict.host).first()
        prices: dict[int, evidence.WeighedPrice] = {}
        if field in evidence.PRICE_FIELDS:
            weighed = evidence.weighed_prices(model, field, conflict.host, now=timezone.now())
            prices = {price.fact.pk: price for price in weighed}
        believed = next((fact for fact, price in prices.items() if price.believed), None)
        state = ModelState.objects.filter(model=model, run__historic=False).order_by("-run__known_at").first()
        return self.page(
            request,
            "admin/tracker/conflict/change_form.html",
            conflict,
            title=f"{model}: {FIELDS.get(field, field)}" + (f" at {conflict.host}" if conflict.host else ""),
            form=form,
            kind="price" if field in evidence.PRICE_FIELDS else "release",
            rows=[(fact, evidence.value_of(fact, field), prices.get(fact.pk)) for fact in facts.values()],
            believed=believed or (state.evidence.get(field) if state else None),
            chosen=chosen,
        )
