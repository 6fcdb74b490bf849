"""What a curator fills in to decide; the deciding itself is curation's."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect

from tracker.curation import would_add
from tracker.domain.names import Setting, split
from tracker.models import AIModel, Alias, Benchmark, Family, Lab, Licence, Unresolved
from tracker.models.entities import Kind

TARGETS = {Kind.MODEL: AIModel, Kind.LAB: Lab, Kind.BENCHMARK: Benchmark, Kind.LICENCE: Licence}


class Reasoned(forms.Form):
    """A decision's form: its prefix is the verb, so that several stand on one page."""

    reason = forms.CharField(max_length=500, widget=forms.TextInput(attrs={"size": 60, "autocomplete": "off"}))
    usual = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].initial = self.usual
        self.order_fields([name for name in self.fields if name != "reason"])


def _search(model: type[Any], field: str, target: type[Any]) -> forms.ModelChoiceField:
    """A field that is searched on the server: a select of all models would be a page of its own."""
    widget = AutocompleteSelect(model._meta.get_field(field), admin.site)
    return forms.ModelChoiceField(target._default_manager.all(), widget=widget, label=field.capitalize())


class Accept(Reasoned):
    usual = "The same model under another name"


class Ignore(Reasoned):
    usual = "Not a model that we follow"


class Explain(Reasoned):
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
        self.fields["target"] = _search(Alias, kind.value, TARGETS[kind])
        if kind != Kind.MODEL:
            del self.fields["released"]
        if kind != Kind.MODEL or would_add(name) == name.name:
            del self.fields["whole"]
        self.order_fields(["target", "whole", "released", "reason"])


class CreateModel(Reasoned):
    usual = "A model that the catalogue does not have yet"
    title = forms.CharField(max_length=160, label="The model’s name", widget=forms.TextInput(attrs={"size": 40}))
    released = forms.DateField(
        required=False, label="Released on", help_text="Tells dated names apart; what pages show is what sources state."
    )

    def __init__(self, *args: Any, name: Unresolved, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].initial = would_add(name)
        self.fields["lab"] = _search(AIModel, "lab", Lab)
        self.fields["family"] = _search(AIModel, "family", Family)
        self.fields["family"].required = False
        self.fields["released"].initial = name.example.get("released")
        self.order_fields(["title", "lab", "family", "released", "reason"])


class SplitSetting(Reasoned):
    usual = "The rest says how the model was run"
    base = forms.CharField(label="The model’s part of the name", widget=forms.TextInput(attrs={"size": 40}))
    setting = forms.CharField(label="The words of the setting", widget=forms.TextInput(attrs={"size": 40}))

    def __init__(self, *args: Any, name: Unresolved, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model"] = _search(Alias, "model", AIModel)
        barest = [reading for reading in split(name.name) if not reading.date][-1]
        if barest.setting != Setting():
            self.fields["base"].initial = barest.base
            self.fields["setting"].initial = name.name.removeprefix(barest.base).strip(" _-:()")
        else:
            self.fields["base"].initial = name.name
        self.order_fields(["base", "setting", "model", "reason"])
