"""What a curator fills in to decide; the deciding itself is curation's."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect

from tracker.curation import would_add
from tracker.domain.names import Setting, normalise, split
from tracker.domain.records import Access, When
from tracker.models import AIModel, Alias, Benchmark, Family, Lab, Licence, Person, ProposedRelease, Release, Unresolved
from tracker.models.entities import Kind

BREAKS = " _-:()"  # between a model's name and the words of its setting
MOST_BREAKS = 40
TARGETS = {Kind.MODEL: AIModel, Kind.LAB: Lab, Kind.BENCHMARK: Benchmark, Kind.LICENCE: Licence, Kind.PERSON: Person}


class Reasoned(forms.Form):
    """A decision's form: its prefix is the verb, so that several stand on one page."""

    reason = forms.CharField(max_length=500, widget=forms.TextInput(attrs={"size": 60, "autocomplete": "off"}))
    usual = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].initial = self.usual
        self.order_fields([name for name in self.fields if name != "reason"])


def search(model: type[Any], field: str, target: type[Any]) -> forms.ModelChoiceField:
    """A field that is searched on the server: a select of all models would be a page of its own."""
    widget = AutocompleteSelect(model._meta.get_field(field), admin.site)
    return forms.ModelChoiceField(target._default_manager.all(), widget=widget, label=field.capitalize())


class Accept(Reasoned):
    """Why the suggested model is the one."""

    usual = "The same model under another name"


class Ignore(Reasoned):
    """Why the rows under a name are not wanted."""

    usual = "Not a model that we follow"


class Explain(Reasoned):
    """What a name means: a target of its kind, and of a model's name how a setting or a date in it is to be taken."""

    usual = "The same thing under another name"
    whole = forms.BooleanField(required=False, label="The whole name is the model’s own: nothing in it is a setting")
    released = forms.DateField(
        required=False,
        label="Only where the source states this release date",
        help_text="For names that move from one model to the next. YYYY-MM-DD",
    )

    def __init__(self, *args: Any, name: Unresolved, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = Kind(name.kind)
        self.fields["target"] = search(Alias, kind.value, TARGETS[kind])
        if kind != Kind.MODEL:
            del self.fields["released"]
        if kind != Kind.MODEL or would_add(name) == name.name:
            del self.fields["whole"]
        self.order_fields(["target", "whole", "released", "reason"])


class CreateModel(Reasoned):
    """A new model for a name, filled in with what the name's row and its suggestion tell."""

    usual = "A model that the catalogue does not have yet"
    title = forms.CharField(max_length=160, label="The model’s name", widget=forms.TextInput(attrs={"size": 40}))
    released = forms.DateField(
        required=False, label="Released on", help_text="Tells dated names apart; what pages show is what sources state."
    )

    def __init__(self, *args: Any, name: Unresolved, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].initial = would_add(name)
        self.fields["lab"] = search(AIModel, "lab", Lab)
        self.fields["lab"].initial = _lab_of(name)
        self.fields["family"] = search(AIModel, "family", Family)
        self.fields["family"].required = False
        self.fields["released"].initial = name.example.get("released")
        self.order_fields(["title", "lab", "family", "released", "reason"])


def _lab_of(name: Unresolved) -> int | None:
    """The lab that the row names, or of the model that the name is like: filled in, for the curator to check."""
    said = name.example.get("lab") or (name.name.partition("/")[0] if "/" in name.name else "")
    alias = Alias.objects.filter(kind=Kind.LAB, key=normalise(said)).first() if said else None
    if alias is not None:
        return alias.lab_id
    return name.suggestion.lab_id if name.suggestion else None


def _parts(name: Unresolved) -> tuple[str, str, int | None]:
    """The model's part, the setting's words and the model, as far as the name tells: by the rules that every name is
    read with, else by the longest beginning that is a name already."""
    barest = [reading for reading in split(name.name) if not reading.date][-1]
    if barest.setting != Setting():
        return barest.base, name.name.removeprefix(barest.base).strip(BREAKS), name.suggestion_id
    breaks = [found.start() for found in re.finditer(f"[{re.escape(BREAKS)}]+", name.name)]
    keys = {normalise(name.name[:at]): at for at in breaks[:MOST_BREAKS]}
    known = {alias.key: alias for alias in Alias.objects.filter(kind=Kind.MODEL, key__in=keys)}
    if not known:
        return name.name, "", name.suggestion_id
    longest = max(known, key=lambda key: keys[key])
    return name.name[: keys[longest]], name.name[keys[longest] :].strip(BREAKS), known[longest].model_id


class SplitSetting(Reasoned):
    """A name in two: the part that means the model, and the words that say how it was run."""

    usual = "The rest says how the model was run"
    base = forms.CharField(label="The model’s part of the name", widget=forms.TextInput(attrs={"size": 40}))
    setting = forms.CharField(label="The words of the setting", widget=forms.TextInput(attrs={"size": 40}))

    def __init__(self, *args: Any, name: Unresolved, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model"] = search(Alias, "model", AIModel)
        base, setting, model = _parts(name)
        self.fields["base"].initial, self.fields["setting"].initial, self.fields["model"].initial = base, setting, model
        self.order_fields(["base", "setting", "model", "reason"])


class WhenField(forms.Field):
    """A date as exactly as it is known: a day, a month or a year."""

    def to_python(self, value: Any) -> When | None:
        try:
            return When.parse(value or "")
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class AdoptRelease(Reasoned):
    """A proposed model with what the announcing page says of it. The page's address becomes the fact's source."""

    usual = "Announced by its lab"
    title = forms.CharField(max_length=160, label="The model’s name", widget=forms.TextInput(attrs={"size": 40}))
    released = WhenField(
        required=False,
        label="Released on",
        help_text="As exactly as the page says: 2026-11-22, 2026-11 or 2026.",
        widget=forms.TextInput(attrs={"size": 12}),
    )
    access = forms.TypedChoiceField(
        choices=[("", "not stated"), *((access.value, access.value) for access in Access)],
        coerce=Access,
        empty_value=None,
        required=False,
    )
    url = forms.URLField(
        max_length=400,
        assume_scheme="https",
        label="The page that says so",
        widget=forms.URLInput(attrs={"size": 60}),
    )

    def __init__(self, *args: Any, proposal: ProposedRelease, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].initial = proposal.name
        self.fields["lab"] = search(AIModel, "lab", Lab)
        self.fields["lab"].initial = proposal.lab_id
        self.fields["family"] = search(AIModel, "family", Family)
        self.fields["licence"] = search(Release, "licence", Licence)
        self.fields["family"].required = self.fields["licence"].required = False
        first: dict[str, str] = next((seen for seen in proposal.seen_in if seen.get("url")), {})
        self.fields["url"].initial = first.get("url")
        # The day of a notice is most often the model's own, that of a listing is when we first saw it.
        self.fields["released"].initial = first.get("on", "") if first.get("kind") == "news" else ""
        self.order_fields(["title", "lab", "family", "released", "access", "licence", "url", "reason"])


class Dismiss(Reasoned):
    """Why a proposal is no model that is followed."""

    usual = "Not a model that we follow"
