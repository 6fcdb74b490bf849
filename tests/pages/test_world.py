"""The world is worth testing on: every estimator has an answer, and two vintages differ."""

import pytest

from tracker.models import GapResult, IndexRun, Release

pytestmark = pytest.mark.usefixtures("world")


def test_every_estimator_has_an_answer():
    report = GapResult.objects.get(run__historic=False, scope="all", open_means="weights", region="", max_parameters=0)
    assert len(report.report["estimates"]) == 8
    assert all(row["value"] is not None for row in report.report["estimates"].values())


def test_there_is_a_run_of_today_and_runs_of_the_past():
    states = dict(IndexRun.objects.values_list("known_at__month", "state").filter(historic=True))
    assert states == {4: "ready", 9: "ready"}
    assert IndexRun.objects.get(historic=False).state == "done"


def test_september_corrected_a_release_of_april():
    old, new = Release.objects.filter(key="birch-1").order_by("known_from")
    assert (old.parameters, new.parameters, old.superseded_by) == (32e9, 33e9, new)
