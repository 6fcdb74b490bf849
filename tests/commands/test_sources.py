"""`sources`: every source with its state, the age of its data and what is wrong with it."""

import json

import pytest
from django.core.management.base import CommandError
from django.utils import timezone

from tests.commands.conftest import Call
from tests.pages.world import SECOND
from tracker.models import Endpoint, Source
from tracker.sources import SOURCES


def test_every_source_is_listed_with_what_its_newest_documents_hold(world: None, call: Call) -> None:
    rows = {row["slug"]: row for row in json.loads(call("sources", "--json"))}
    assert rows.keys() == SOURCES.keys()
    panel, models = rows["epoch_panel"], rows["epoch_models"]
    assert (panel["state"], panel["unresolved"], panel["data_licence"]) == ("once", 1, "CC-BY-4.0")
    assert (models["records"], models["last_success"]) == (37, SECOND.isoformat())
    hours = (timezone.now() - SECOND).total_seconds() / 3600
    assert models["age_hours"] == pytest.approx(hours, abs=0.1)
    assert rows["hf_hub"]["age_hours"] is None


def test_what_is_wrong_is_an_alarm_and_what_was_never_asked_is_not(world: None, call: Call) -> None:
    Endpoint.objects.filter(source__slug="models_dev").update(last_error="models.dev answered 500")
    rows = {row["slug"]: row for row in json.loads(call("sources", "--json"))}
    alarms = {slug: row["alarm"] for slug, row in rows.items() if row["alarm"]}
    assert alarms["models_dev"] == "models.dev answered 500"
    assert alarms["epoch_models"] == "Last confirmed on 2026-09-01."  # daily, and the world stopped in September
    assert "hf_hub" not in alarms
    text = call("sources")
    assert "ALARM models_dev (failing): models.dev answered 500" in text
    assert "ALARM epoch_models (stale): Last confirmed on 2026-09-01." in text


def test_a_pipe_gets_one_whole_line_a_source_without_colour(world: None, call: Call) -> None:
    lines = call("sources").splitlines()
    assert "\x1b" not in "".join(lines)
    for slug in SOURCES:
        (line,) = [line for line in lines if line.startswith(f"{slug} ")]
        assert Source.objects.get(slug=slug).data_licence in line


def test_before_the_first_load_it_says_what_to_do(db: None, call: Call) -> None:
    with pytest.raises(CommandError, match=r"run `manage\.py load`"):
        call("sources")
