"""What a reader fills in: where letters go, and which."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms

from tracker.digest import readers
from tracker.digest.addresses import BadAddressError, normalised
from tracker.digest.readers import Preferences
from tracker.digest.words import TOPICS

PACES = (("weekly", "Every week"), ("flips", "Only when a verdict, a leader or a licence flips"))
LONGEST_PAUSE = timedelta(days=366)
NO_ADDRESS = "That is no e-mail address that we can write to. It looks like name@example.org"


class WishesForm(forms.Form):
    """Topics, labs and pace. `lab_search` narrows the list of labs without scripts; `searched` is what it was when the
    page was made, so that pressing Enter in it searches and does not send the rest."""

    topics = forms.MultipleChoiceField(required=False, choices=list(TOPICS.items()))
    labs = forms.MultipleChoiceField(required=False)
    pace = forms.ChoiceField(choices=PACES)
    text_only = forms.BooleanField(required=False)
    lab_search = forms.CharField(required=False, max_length=80)
    searched = forms.CharField(required=False, max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._labs = readers.labs()
        cast("forms.MultipleChoiceField", self.fields["labs"]).choices = self._labs

    def searches(self) -> bool:
        """Whether all that is wanted is another list of labs."""
        return self.is_bound and (
            "find" in self.data or self.data.get("lab_search", "").strip() != self.data.get("searched", "").strip()
        )

    def words(self) -> str:
        return str(self.data.get("lab_search", ""))[:80].strip() if self.is_bound else ""

    def _ticked(self, name: str) -> set[str]:
        return set(self[name].value() or ())

    def topic_rows(self) -> list[tuple[str, str, bool]]:
        """(value, label, ticked)"""
        ticked = self._ticked("topics")
        return [(value, label, value in ticked) for value, label in TOPICS.items()]

    def lab_rows(self) -> list[tuple[str, str, bool]]:
        """The labs that were looked for, and always those that are ticked."""
        ticked, words = self._ticked("labs"), self.words().casefold()
        rows = [(slug, name, slug in ticked) for slug, name in self._labs]
        return [row for row in rows if row[2] or words in row[1].casefold() or words in row[0]]

    def pace_rows(self) -> list[tuple[str, str, bool]]:
        chosen = self["pace"].value() or PACES[0][0]
        return [(value, label, value == chosen) for value, label in PACES]

    def preferences(self) -> Preferences:
        told = self.cleaned_data
        return Preferences(
            topics=tuple(told["topics"]),
            labs=tuple(told["labs"]),
            pace=told["pace"],
            text_only=told["text_only"],
            paused_until=told.get("paused_until"),
        )


class AskForm(WishesForm):
    """A new subscription."""

    email = forms.CharField(max_length=500, error_messages={"required": NO_ADDRESS, "max_length": NO_ADDRESS})

    def clean_email(self) -> str:
        try:
            return normalised(self.cleaned_data["email"])
        except BadAddressError as error:
            raise forms.ValidationError(NO_ADDRESS) from error


class PreferencesForm(WishesForm):
    """A subscription as it is to go on."""

    paused_until = forms.DateField(
        required=False, error_messages={"invalid": "That is no day. Write it as 2026-12-24, or leave it blank"}
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_paused_until(self) -> date | None:
        day: date | None = self.cleaned_data["paused_until"]
        if day is not None and day > self.today + LONGEST_PAUSE:
            raise forms.ValidationError("A pause ends within a year; unsubscribe if you want no letters at all")
        return day if day is not None and day > self.today else None
