"""What the week's rows say reaches the issue: reports of two runs, and texts, events and corrections in between."""

import copy
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.pages.world import HAPPENINGS, HIDDEN_BENCHMARK
from tests.pipeline.vintages import PANEL
from tracker.digest import build
from tracker.domain.forecasts import Method
from tracker.models import (
    Claim,
    ClaimVerdict,
    Endpoint,
    Event,
    Forecast,
    Lab,
    Licence,
    LicenceChange,
    LicenceText,
    ModelState,
    OpennessState,
    RunReport,
    Score,
)
from tracker.queries import runs

pytestmark = pytest.mark.usefixtures("world")
WEEK, MONDAY = "2026-W36", datetime(2026, 9, 7, 7, tzinfo=UTC)
THURSDAY = datetime(2026, 9, 3, 10, tzinfo=UTC)


def items():
    return {item.id: item for item in build.content(WEEK, zone=ZoneInfo("UTC"), now=MONDAY).items}


def now():
    return runs.run_for(date(2026, 9, 6)).id


def before():
    return runs.run_for(date(2026, 8, 30)).id


def earlier(name, change):
    """April's report as the September run made its own, but for one change."""
    told = copy.deepcopy(RunReport.objects.get(run_id=now(), name=name).report)
    change(told)
    RunReport.objects.update_or_create(run_id=before(), name=name, defaults={"report": told})


def test_a_price_that_fell_moves_the_frontier():
    told = RunReport.objects.get(run_id=now(), name="prices").report
    cheap = told["pareto"]["all"][0]

    def dearer(report):
        report["models"][cheap]["blend"] *= 2

    earlier("prices", dearer)
    found = items()["prices:frontier"]
    assert told["models"][cheap]["name"] in found.title
    assert f"${told['models'][cheap]['blend']:.2f} per million tokens" in found.title
    assert "a week ago" in found.text


def test_the_same_prices_are_no_news():
    earlier("prices", lambda report: None)
    assert "prices:frontier" not in items()


def test_a_better_score_is_a_record_and_a_worse_one_a_revision():
    told = RunReport.objects.get(run_id=now(), name="specialists").report["benchmarks"]
    assert HIDDEN_BENCHMARK not in {bench["name"] for bench in told.values()}
    slug, bench = next((slug, bench) for slug, bench in told.items() if bench["unit"] == "proportion")

    def scored(report, score):
        report["benchmarks"][slug]["best"] |= {"score": score, "name": "Somebody Else", "slug": "somebody-else"}

    earlier("specialists", lambda report: scored(report, bench["best"]["score"] - 0.1))
    found = items()[f"record:{slug}"]
    assert found.title.startswith(f"{bench['best']['name']} leads {bench['name']}")
    assert "by Somebody Else" in found.text
    earlier("specialists", lambda report: scored(report, bench["best"]["score"] + 0.01))
    assert f"record:{slug}" not in items()
    assert bench["name"] in items()["specialists:lower"].title


def test_a_phase_that_settled_since_is_told_and_a_provisional_one_is_not():
    def phases(stances, *, provisional):
        return {
            "labs": {
                "birch": {
                    "phases": [
                        {"stance": stance, "since": since, "until": "", "provisional": last and provisional}
                        for (stance, since), last in zip(stances, (False, True)[-len(stances) :], strict=True)
                    ]
                }
            }
        }

    own = RunReport.objects.get(run_id=now(), name="strategies")
    old, new = ("open", "2023-08-07"), ("closed", "2026-07-01")
    earlier("strategies", lambda report: report.clear())
    RunReport.objects.filter(run_id=before(), name="strategies").update(report=phases([old], provisional=False))
    RunReport.objects.filter(pk=own.pk).update(report=phases([old, new], provisional=True))
    assert "phase:birch" not in items()
    RunReport.objects.filter(pk=own.pk).update(report=phases([old, new], provisional=False))
    assert items()["phase:birch"].title == "Birch is in a new phase: closed"


def test_a_sign_that_turned_between_the_runs_is_told():
    def met(report):
        report["open-leads"][0]["met"] = not report["open-leads"][0]["met"]

    earlier("scenarios", met)
    assert items()["sign:open-leads:no-gap"].title.startswith("A sign of “Open <i>leads</i>” went away: No gap is left")


def test_a_verdict_that_flipped_is_told_unless_the_claim_was_made_since():
    claim = Claim.objects.create(
        slug="far-behind", title="Open models are far behind", author="Ann", said_on=date(2026, 1, 5),
        publication="A paper", topic="gap", test={},
    )  # fmt: skip
    for run, verdict, figure in ((before(), "holds", "9.5 months"), (now(), "fails", "9.7 months")):
        figures = [{"choice": "", "figure": figure, "value": None}]
        ClaimVerdict.objects.create(run_id=run, claim=claim, verdict=verdict, reading={"figures": figures})
    found = items()["claim:far-behind"]
    assert found.title == "“Open models are far behind” now fails"
    assert "9.7 months (9.5 months a week ago)" in found.text
    Claim.objects.filter(pk=claim.pk).update(said_on=date(2026, 9, 1))
    assert "claim:far-behind" not in items()


@pytest.mark.parametrize(
    ("kind", "at_most", "told"),
    [("lag", 10, True), ("lag", 30, False), ("licence-term", 10, False)],
)
def test_a_claim_is_watched_where_its_figure_can_move_and_is_near_its_threshold(kind, at_most, told):
    test = {
        "lag": {"kind": "lag", "estimator": "L1", "at_most": at_most, "vary": []},
        "licence-term": {"kind": "licence-term", "licences": ["mit"], "term": "mau_threshold", "at_most": at_most},
    }[kind]
    claim = Claim.objects.create(
        slug="near", title="Under ten", author="Ann", said_on=date(2026, 1, 5), publication="A paper", topic="gap",
        test={"test": test},
    )  # fmt: skip
    figure = {"choice": "", "figure": "9.7 months", "value": 9.7, "unit": "months", "stated": False}
    ClaimVerdict.objects.create(run_id=now(), claim=claim, verdict="holds", reading={"figures": [figure]})
    found = items().get("ahead:claims")
    assert (found is not None) is told
    assert found is None or "“Under ten” (holds): 9.7 months, and it asks for at most 10.0 months." in found.text


def test_a_model_that_moved_on_the_ladder_is_told_and_one_first_heard_of_is_not():
    rung = OpennessState.objects.get(run_id=now(), model__slug="birch-1").rung
    told = {"ladder": {"label": "weights, under terms of some kind", "certain": True}}
    was = OpennessState.objects.filter(run_id=before(), model__slug="birch-1")
    was.update(rung=rung - 1, verdicts=told)
    found = items()["openness:birch-1"]
    assert f"up the ladder of openness, from rung {rung - 1} to {rung} of 8" in found.title
    assert found.text.startswith("It was “weights, under terms of some kind” and is now “")
    ModelState.objects.filter(run_id=before(), model__slug="birch-1").update(access="")
    assert "openness:birch-1" not in items()


def test_a_rung_that_was_uncertain_a_week_ago_is_told_as_better_known():
    rung = OpennessState.objects.get(run_id=now(), model__slug="birch-1").rung
    told = {"ladder": {"label": "weights, under terms that nobody has told", "certain": False}}
    OpennessState.objects.filter(run_id=before(), model__slug="birch-1").update(rung=rung - 1, verdicts=told)
    assert "as is known now" in items()["openness:birch-1"].title


def test_what_a_lab_did_this_week_is_told_and_what_became_known_late_is_not():
    event = Event.objects.get(key="acme-funding")
    values = {field.attname: getattr(event, field.attname) for field in event._meta.concrete_fields}
    del values["id"]
    told = {**values, "known_from": THURSDAY, "kind": "promise-broken", "lab_id": Lab.objects.get(slug="cedar").pk}
    fresh = Event.objects.create(**{**told, "key": "new", "title": "No data after all", "occurred_on": "2026-09-02"})
    late = Event.objects.create(**{**told, "key": "old", "title": "Long ago", "occurred_on": "2024-09-02"})
    Event.objects.create(**{**told, "key": "ahead", "title": "To come", "occurred_on": "2026-10-02"})
    found = items()
    assert found[f"event:{fresh.pk}"].title == "Cedar: No data after all"
    assert found[f"event:{fresh.pk}"].text.startswith("A promise broken, 2 September 2026.")
    assert f"event:{late.pk}" not in found
    assert not any("To come" in item.title for item in found.values())


@pytest.fixture
def reworded():
    place = Endpoint.objects.get(url=HAPPENINGS)
    licence = Licence.objects.get(slug="example-community")
    texts = [
        LicenceText.objects.create(
            endpoint=place, key=key, digest=key, name="example", licence=licence, text=key,
            first_snapshot=place.current, known_from=THURSDAY,
        )
        for key in ("one", "two")
    ]  # fmt: skip
    clause = {"clause": "2", "before": "any use", "after": "use by small firms", "topics": ["commercial use"]}
    return LicenceChange.objects.create(
        before=texts[0],
        after=texts[1],
        licence=licence,
        found_at=THURSDAY,
        report={
            "terms": "read",
            "changed": [{"clause": "1", "before": "a", "after": "b"}, clause],
            "forbidden_now": [{"field": "commercial", "before": "yes", "after": "threshold"}],
            "allowed_now": [],
            "topics": ["commercial use"],
        },
    )


def test_a_licence_that_changed_is_told_with_the_clause_that_speaks_of_it(reworded):
    found = items()["licence:example-community"]
    assert found.title.endswith("forbids more than before: commercial use (yes before, threshold now)")
    assert "Clause 2 said “any use” and says “use by small firms”." in found.text
    assert found.url.startswith("/licences/example-community/")


def test_a_text_of_a_source_that_may_not_be_shown_is_not_told(reworded):
    source = reworded.after.endpoint.source
    source.may_display = False
    source.save()
    assert "licence:example-community" not in items()


def test_a_forecast_that_falls_due_is_told_once_for_each_method():
    for made_on, median in ((date(2026, 8, 2), 5.0), (date(2026, 9, 2), 9.0)):
        said = {"quantiles": {"0.05": 7.0, "0.5": median, "0.95": 11.0}}
        Forecast.objects.create(
            method=Method.PERSISTENCE, question="L1", made_on=made_on, due=date(2026, 9, 15), prediction=said
        )
    found = items()["ahead:forecasts"]
    assert found.title == "1 forecast falls due on 15 September 2026"
    assert found.text == "Backward lag (L1): 9.0 months (90 % interval 7.0 to 11.0), if it moves as it has moved."


def test_scores_of_a_hidden_benchmark_are_not_counted_among_the_corrections():
    counted = items()["data:corrections"].title
    hidden = Score.objects.filter(benchmark__name=HIDDEN_BENCHMARK, endpoint__url=PANEL)
    assert hidden.update(known_to=THURSDAY, last_snapshot=Endpoint.objects.get(url=PANEL).current)
    assert items()["data:corrections"].title == counted
