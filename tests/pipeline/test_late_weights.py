"""The 30-day rule: a model whose weights came later than that after it could be had without them counts as closed."""

from datetime import date

import pytest

from tests.pipeline.steps import at, take_in
from tests.pipeline.vintages import NOTABLE, records
from tracker.domain.openness import LATE_DAYS, OpenMeans, came_late
from tracker.domain.records import Access, EventRecord, Record, ReleaseRecord, When
from tracker.models import AIModel
from tracker.pipeline.beliefs import beliefs, late_weights
from tracker.sources.record_file import MEDIA_TYPE

MODEL = "deepseek-example"
RELEASED = date(2024, 8, 1)


@pytest.mark.parametrize(
    ("closed_on", "weights_on", "late"),
    [
        (date(2024, 8, 13), date(2025, 8, 23), True),
        (date(2024, 8, 1), date(2024, 8, 31), False),
        (date(2024, 8, 1), date(2024, 9, 1), True),
        (date(2024, 8, 1), date(2024, 7, 1), False),
        (None, date(2025, 8, 23), False),
        (date(2024, 8, 13), None, False),
    ],
)
def test_weights_are_late_after_more_than_thirty_days_and_never_by_an_unknown_day(closed_on, weights_on, late):
    assert came_late(closed_on, weights_on) is late
    assert LATE_DAYS == 30


def tell(*events: tuple[str, str], when: int = 2) -> None:
    """The model's release with weights, and what the lab's history says of it."""
    said: list[Record] = [
        ReleaseRecord(MODEL, MODEL, released=When(RELEASED), access=Access.WEIGHTS_PERMISSIVE, licence="MIT License")
    ]
    for kind, on in events:
        day = When.parse(on)
        assert day is not None
        said.append(EventRecord(f"{kind}:{on}", "DeepSeek", kind, "Something", day, model=MODEL))
    fillers = [ReleaseRecord(f"filler-{number}", "Somebody Else's Model 1") for number in range(20)]
    read = take_in(NOTABLE, records(*said, *fillers, url=NOTABLE), at(when), MEDIA_TYPE)
    assert read.state == "ingested", read.message


def means(known_at=None):
    return beliefs(known_at).models[MODEL].open_means


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("events", "is_open"),
    [
        ([], True),
        ([("open-release", "2025-08-01")], True),  # nobody says that it was closed before
        ([("closed-release", "2024-08-01")], True),  # nor when the weights came
        ([("closed-release", "2024-08-01"), ("open-release", "2024-08-20")], True),
        ([("closed-release", "2024-08-01"), ("open-release", "2024-12-20")], False),
        ([("staged-access", "2024-08-01"), ("restricted-release", "2024-12-20")], False),
        ([("closed-release", "2024-08"), ("open-release", "2024-12-20")], True),  # the day is not known
        # What came first counts, on both sides.
        ([("closed-release", "2024-08-01"), ("closed-release", "2024-12-01"), ("open-release", "2024-12-20")], False),
        ([("open-release", "2024-08-02"), ("closed-release", "2024-08-01"), ("open-release", "2025-12-20")], True),
    ],
)
def test_a_model_counts_as_closed_where_the_labs_history_has_its_weights_come_late(events, is_open):
    tell(*events)
    assert bool(means()) is is_open
    if is_open:
        assert OpenMeans.OSI in means()
    else:
        assert means() == ()
        assert late_weights(None) == {AIModel.objects.get(slug=MODEL).pk}


@pytest.mark.usefixtures("installed")
def test_before_the_late_arrival_was_known_the_rule_did_not_apply():
    tell(("closed-release", "2024-08-01"), when=2)
    tell(("closed-release", "2024-08-01"), ("open-release", "2024-12-20"), when=20)
    assert means(at(3)) != ()
    assert means(at(21)) == ()
