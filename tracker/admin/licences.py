"""Licence texts: read at the desk beside the nearest known one, and what every curator read in them."""

from collections.abc import Iterator
from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse

from tracker import curation
from tracker.admin.desk import Desk
from tracker.admin.facts import FactAdmin
from tracker.admin.filters import Current, Source
from tracker.admin.forms import Reasoned, search
from tracker.curation.licences import disputed, nearest, standing
from tracker.domain.licence_terms import TERMS, Document, GeoExclusion, LicenceDefinition
from tracker.models import Licence, LicenceReading, LicenceText

NONE = "none"  # of a list: it was read, and holds nothing; a blank one is unread
UNREAD = "unread"
HINTS = get_type_hints(LicenceDefinition)


class Withdraw(Reasoned):
    """Why a reading no longer stands."""

    usual = "Read again, and otherwise"


class ReadLicence(Reasoned):
    """One field a term, as the type of `LicenceDefinition` has it, and the words that the term rests on."""

    usual = "Read clause by clause"
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2, "cols": 60}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["licence"] = search(LicenceText, "licence", Licence)
        self.fields["licence"].required = False
        for term in TERMS:
            self.fields[f"term-{term}"] = _field(term, HINTS[term])
            self.fields[f"quote-{term}"] = forms.CharField(required=False, max_length=300, label="its words, under 25")
            self.fields[f"where-{term}"] = forms.CharField(required=False, max_length=80, label="where they stand")
        # The fields of a term have their place in the table of terms.
        self.order_fields(["licence", *(name for name in self.fields if "-" in name), "note", "reason"])

    def of_terms(self, nearest: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The rows of the table, each with what the nearest known licence says."""
        for term in TERMS:
            yield {
                "name": term.replace("_", " "),
                "value": self[f"term-{term}"],
                "quote": self[f"quote-{term}"],
                "where": self[f"where-{term}"],
                "nearest": said(nearest.get(term)),
            }

    @property
    def others(self) -> list[forms.BoundField]:
        return [field for field in self if "-" not in field.name]

    def told(self) -> dict[str, Any]:
        """What was filled in, as `curation.read_licence` takes it."""
        given = self.cleaned_data
        terms, clauses = {}, []
        for term in TERMS:
            value = _value(HINTS[term], given[f"term-{term}"])
            if value is not None:
                terms[term] = value
            if quote := given[f"quote-{term}"].strip():
                where = given[f"where-{term}"].strip() or "not numbered"
                clauses.append({"fact": term, "quote": quote, "where": where, "document": Document.LICENCE.value})
        return {"terms": terms, "clauses": clauses, **{name: given[name] for name in ("licence", "note", "reason")}}


def _field(term: str, kind: Any) -> forms.Field:
    label = term.replace("_", " ")
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        first = UNREAD if UNREAD in list(kind) else next(iter(kind)).value
        return forms.ChoiceField(choices=[(one.value, one.value) for one in kind], initial=first, label=label)
    if kind is int:
        return forms.IntegerField(min_value=0, required=False, label=label)
    if get_origin(kind) in (Union, UnionType):
        (item,) = (one for one in get_args(get_args(kind)[0]) if one is not Ellipsis)
        words = "One a line"
        if item is GeoExclusion:
            words = "One a line, as “place: what for”"
        elif issubclass(item, StrEnum):
            words = f"One a line, of {', '.join(item)}"
        help_text = f"{words}; “{NONE}” where the text was read and has none; blank is unread."
        return forms.CharField(
            required=False, label=label, help_text=help_text, widget=forms.Textarea(attrs={"rows": 2, "cols": 28})
        )
    return forms.CharField(required=False, max_length=200, label=label)


def _value(kind: Any, given: Any) -> Any:
    """As a licence's file would have it; None where it was left unread."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        first = UNREAD if UNREAD in list(kind) else next(iter(kind)).value
        return None if given == first else given
    if kind is int:
        return given or None
    if get_origin(kind) not in (Union, UnionType):
        return given.strip() or None
    lines = [line.strip() for line in given.splitlines() if line.strip()]
    if not lines:
        return None
    if lines == [NONE]:
        return []
    (item,) = (one for one in get_args(get_args(kind)[0]) if one is not Ellipsis)
    if item is not GeoExclusion:
        return lines
    parts = (line.partition(":") for line in lines)
    return [{"region": place.strip(), "scope": scope.strip()} for place, _, scope in parts]


def _terms(licence: Licence | None) -> dict[str, Any]:
    return {**licence.terms, "commercial": licence.commercial} if licence else {}


def said(value: Any) -> str:
    """A term as a licence's row keeps it, in words."""
    if value in (None, "", 0):
        return "–"
    if isinstance(value, list):
        return "; ".join(said(one) for one in value) or NONE
    if isinstance(value, dict):  # a place and what for; the database keeps no order of its own
        return ": ".join(str(part) for _, part in sorted(value.items()) if part)
    return str(value)


class Reading(admin.SimpleListFilter):
    """Texts that nobody has read: neither the catalogue's files nor a curator."""

    title = "reading"
    parameter_name = "reading"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waits", "Text without a known licence"), ("read", "Read by a curator")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "waits":
            return queryset.filter(licence=None, known_to=None, readings=None).exclude(text="")
        if self.value() == "read":
            return queryset.filter(readings__withdrawn_at=None, readings__isnull=False).distinct()
        return queryset


@admin.register(LicenceText)
class LicenceTextAdmin(FactAdmin):
    """Licence texts; the page of one that has words takes a curator's reading, beside the nearest known text."""

    list_display = ("name", "licence", "model", "category", "source", "known_from", "known_to")
    list_filter = (Reading, Current, Source)
    list_select_related = ("licence", "model", "endpoint__source")

    class Media:
        js = (Script("js/admin.js", defer=True),)

    def row_page(self, request: HttpRequest, text: LicenceText) -> HttpResponse | None:
        if not text.text.strip():
            return None
        sent = request.POST if request.method == "POST" else None
        form = ReadLicence(sent, prefix="read")
        if sent is not None:
            if sent.get("verb") != "read":
                raise PermissionDenied
            if form.is_valid() and (done := self.carry_out(request, curation.read_licence, text, **form.told())):
                self.message_user(request, f"{done.decisions[0]}.")
                return self.back_to_list(request)
        found, readings = nearest(text), standing(text)
        disputes = disputed(readings)
        return self.page(
            request,
            "admin/tracker/licencetext/change_form.html",
            text,
            form=form,
            terms=list(form.of_terms(_terms(found.known.licence if found else None))),
            found=found,
            readings=[
                (reading, [(term, said(value), term in disputes) for term, value in sorted(reading.terms.items())])
                for reading in readings
            ],
            disputes=[term.replace("_", " ") for term in disputes],
            media=form.media + self.media,
        )


@admin.register(LicenceReading)
class LicenceReadingAdmin(Desk):
    """What every curator read in a text, the newest first. Only a reading's own curator can withdraw it."""

    list_display = ("what", "licence", "by", "at", "withdrawn_at")
    list_filter = (("withdrawn_at", admin.EmptyFieldListFilter), ("by", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("text", "licence", "by")
    search_fields = ("text__name", "licence__name")
    ordering = ("-at", "-pk")

    @admin.display(description="text")
    def what(self, reading: LicenceReading) -> str:
        return reading.text.name if reading.text else "–"

    def row_page(self, request: HttpRequest, reading: LicenceReading) -> HttpResponse:
        form = Withdraw(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            done = self.carry_out(request, curation.withdraw_reading, reading, **form.cleaned_data)
            if done is not None:
                self.message_user(request, f"{done.decisions[0]}.")
                return self.back_to_list(request)
        quotes = {clause["fact"]: clause for clause in reading.clauses}
        return self.page(
            request,
            "admin/tracker/licencereading/change_form.html",
            reading,
            form=form,
            terms=[(term, said(value), quotes.get(term)) for term, value in sorted(reading.terms.items())],
            may_withdraw=reading.withdrawn_at is None and reading.by_id == request.user.pk,
        )
