"""What Prometheus reads: a strict reader of its text format, and numbers that are those of the database."""

import math
import re
from dataclasses import dataclass, field

import pytest
from django.utils import timezone

from tests.pages.reading import read
from tracker.models import Alarm, Beat, DataVersion, Endpoint, Fetch, GapResult, IndexRun, Snapshot, Source, Unresolved
from tracker.queries.metric import Metric, Sample
from tracker.views.metrics import exposition

pytestmark = pytest.mark.usefixtures("world")

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
LINE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)")
VALUE = re.compile(r"[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf)|NaN")
UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


@dataclass
class Family:
    help: str
    kind: str = ""
    samples: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)


def parsed(text: str) -> dict[str, Family]:
    """Families by name. Fails on whatever the format does not allow: order, names, escapes, values, doubled lines."""
    assert text.endswith("\n")
    families: dict[str, Family] = {}
    current = ""
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            _, _, current, told = line.split(" ", 3)
            assert re.fullmatch(NAME, current)
            assert current not in families, f"{current} comes twice"
            families[current] = Family(told)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current
            assert kind in ("counter", "gauge", "histogram")
            assert not families[name].samples
            families[name].kind = kind
        else:
            found = LINE.fullmatch(line)
            assert found, line
            suffix = found[1].removeprefix(current)
            parts = ("_bucket", "_sum", "_count") if families[current].kind == "histogram" else ("",)
            assert found[1].startswith(current), f"{found[1]} stands among the lines of {current}"
            assert suffix in parts, line
            labels = labels_of(found[2]) if found[2] is not None else ()
            assert ("le" in dict(labels)) == (suffix == "_bucket")
            labels += (("", suffix),) if suffix else ()
            assert VALUE.fullmatch(found[3]), line
            assert labels not in families[current].samples, f"{line} comes twice"
            families[current].samples[labels] = float(found[3])
    assert all(family.kind for family in families.values())
    return families


def labels_of(text: str) -> tuple[tuple[str, str], ...]:
    labels, at = [], 0
    while at < len(text):
        found = LABEL.match(text, at)
        assert found, text
        labels.append((found[1], re.sub(r'\\["\\n]', lambda escape: UNESCAPED[escape[0]], found[2])))
        at = found.end()
    assert not text.endswith(",")
    names = [name for name, _ in labels]
    assert len(names) == len(set(names))
    return tuple(sorted(labels))


def asked(client) -> dict[str, Family]:
    return parsed(client.get("/metrics").content.decode())


@pytest.mark.parametrize(
    "text",
    [
        "x 1",
        "x 1\n",
        "# HELP x a\n# TYPE x gauge\ny 1\n",
        '# HELP x a\n# TYPE x gauge\nx{a="b} 1\n',
        '# HELP x a\n# TYPE x gauge\nx{a="b\\q"} 1\n',
        '# HELP x a\n# TYPE x gauge\nx{a="b"c="d"} 1\n',
        "# HELP x a\n# TYPE x gauge\nx None\n",
        "# HELP x a\n# TYPE x gauge\nx 1\nx 2\n",
        "# HELP x a\nx 1\n",
        "# HELP x a\n# TYPE x gauge\n# HELP x a\n# TYPE x gauge\n",
    ],
)
def test_the_reader_is_strict(text):
    with pytest.raises((AssertionError, KeyError)):
        parsed(text)


def test_labels_survive_whatever_they_hold():
    hostile = 'a "quoted" \\ back\nslash, {brace} # and é'
    metric = Metric("x", "tells \\ of\nlines", "gauge", (Sample((("source", hostile), ("state", "b")), 1.5),))
    (family,) = parsed(exposition([metric])).values()
    assert family.samples == {(("source", hostile), ("state", "b")): 1.5}
    assert family.help == "tells \\\\ of\\nlines"


@pytest.mark.parametrize("value", [0, 3, -2.5, 1e-7, 1.5e300, 1_790_000_000.25, math.inf, -math.inf])
def test_numbers_survive(value):
    (family,) = parsed(exposition([Metric("x", "x", "gauge", (Sample((), value),))])).values()
    assert family.samples == {(): value}


def test_a_number_that_is_none_is_written_as_such():
    (family,) = parsed(exposition([Metric("x", "x", "gauge", (Sample((), math.nan),))])).values()
    assert math.isnan(family.samples[()])


def test_before_anything_was_computed_a_number_is_missing_and_not_made_up(client):
    GapResult.objects.all().delete()
    IndexRun.objects.all().delete()
    DataVersion.objects.all().delete()
    families = asked(client)
    for name in ("data_version", "index_data_version", "index_run_age_seconds", "index_run_seconds"):
        assert families[f"landscape_{name}"].samples == {}
    assert families["landscape_queue_depth"].samples[(("work", "read"),)] == 0


def test_it_is_plain_text_that_nobody_keeps(client):
    response = client.get("/metrics")
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert client.post("/metrics").status_code == 405


def test_the_numbers_are_those_of_the_database(client):
    families = asked(client)

    def value(name, **labels):
        return families[f"landscape_{name}"].samples[tuple(sorted(labels.items()))]

    assert value("data_version") == DataVersion.objects.get().value
    assert value("unresolved_names") == Unresolved.objects.filter(state="waiting").count() > 0
    assert value("snapshots", state="ingested") == Snapshot.objects.filter(state="ingested").count() == 7
    assert value("snapshots", state="quarantined") == 0
    assert value("queue_depth", work="compute") == IndexRun.objects.exclude(state="done").count()
    run = IndexRun.objects.get(historic=False)
    assert value("index_run_seconds") == run.seconds
    assert value("index_run_age_seconds") == pytest.approx((timezone.now() - run.finished_at).total_seconds(), abs=60)
    endpoint = Endpoint.objects.get(url__contains="doi.org")
    last = value("source_last_success_timestamp_seconds", source="epoch_panel")
    assert last == endpoint.confirmed_at.timestamp()
    age = (timezone.now() - endpoint.current.fetched_at).total_seconds()
    assert value("source_age_seconds", source="epoch_panel") == pytest.approx(age, abs=60)


def test_fetches_are_counted_by_source_and_outcome(client):
    endpoint = Endpoint.objects.get(url__contains="doi.org")
    for outcome in ("failed", "failed", "changed"):
        Fetch.objects.create(endpoint=endpoint, started_at=timezone.now(), seconds=1, outcome=outcome)
    family = asked(client)["landscape_fetches_total"]
    assert family.kind == "counter"
    assert family.samples == {
        (("outcome", "changed"), ("source", "epoch_panel")): 1,
        (("outcome", "failed"), ("source", "epoch_panel")): 2,
    }


def test_open_alarms_are_counted_and_a_kind_in_order_is_zero(client):
    def count(kind):
        family = asked(client)["landscape_alarms_open"]
        return {labels: number for labels, number in family.samples.items() if ("kind", kind) in labels}

    plain = (("acknowledged", "no"), ("kind", "rows"), ("severity", "alarm"))
    assert count("rows") == {plain: 0}
    now = timezone.now()
    for subject in ("one", "two"):
        Alarm.objects.create(
            kind="rows", subject=subject, severity="alarm", message="m", opened_at=now, last_seen_at=now
        )
    assert count("rows") == {plain: 2}
    Alarm.objects.update(closed_at=timezone.now())
    assert count("rows") == {plain: 0}


def test_when_every_worker_is_silent_the_clock_alone_tells(client):
    heard = timezone.now() - timezone.timedelta(hours=1)
    Beat.objects.create(name="collect", at=heard)
    families = asked(client)
    assert families["landscape_beat_last_heard_timestamp_seconds"].samples == {
        (("question", "collect"),): heard.timestamp()
    }
    silent = (("acknowledged", "no"), ("kind", "silent"), ("severity", "stopped"))
    assert families["landscape_alarms_open"].samples[silent] == 1
    assert "No worker has taken up the question" in client.get("/pipeline/").content.decode()
    assert Alarm.objects.count() == 0


def test_it_takes_the_same_few_queries_however_much_is_stored(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as few:
        client.get("/metrics")
    before = len(few)
    endpoint = Endpoint.objects.get(url__contains="doi.org")
    Fetch.objects.bulk_create(
        Fetch(endpoint=endpoint, started_at=timezone.now(), seconds=1, outcome="unchanged") for _ in range(200)
    )
    now = timezone.now()
    Alarm.objects.bulk_create(
        Alarm(kind="rows", subject=f"s{n}", severity="alarm", message="m", opened_at=now, last_seen_at=now)
        for n in range(100)
    )
    with django_assert_max_num_queries(before):
        client.get("/metrics")


def raised(slug="epoch_panel", **values):
    source, now = Source.objects.get(slug=slug), timezone.now()
    plain = {"kind": "changed", "subject": f"source:{source.pk}", "severity": "alarm", "message": "41 % <b>changed</b>"}
    plain |= {"source": source, "opened_at": now, "last_seen_at": now}
    return Alarm.objects.create(**plain | values)


def test_without_an_alarm_the_pages_say_so(client):
    assert "No alarm is open." in client.get("/pipeline/").content.decode()
    assert "No alarm is open." in client.get("/pipeline/epoch_panel/").content.decode()


def test_the_worst_alarm_stands_first_and_what_was_acknowledged_last(client, django_user_model):
    who = django_user_model.objects.create_user("someone-private")
    raised()
    raised(kind="unread", severity="stopped", message="nothing is read")
    raised(kind="quarantined", severity="quarantine", message="not believed", acknowledged_by=who,
                acknowledged_at=timezone.now(), reason="a private reason")  # fmt: skip
    page = read(client.get("/pipeline/"))
    rows = page.rows("Alarm", "Severity", "Source")
    assert [row[1] for row in rows] == ["stopped", "alarm", "quarantine acknowledged"]
    assert rows[1][4] == "41 % <b>changed</b>"
    assert "private" not in page.text


def test_a_sources_page_has_its_own_alarms_and_those_that_healed(client):
    raised()
    raised("models_dev", message="of another source")
    Alarm.objects.filter(pk=raised(kind="rows", message="too few rows").pk).update(closed_at=timezone.now())
    page = read(client.get("/pipeline/epoch_panel/"))
    assert [row[0] for row in page.rows("Alarm", "Severity", "Since")] == ["many values changed at once"]
    assert "too few rows" in page.text
    assert "of another source" not in page.text


def test_what_a_source_may_not_show_no_alarm_shows(client):
    raised("openrouter", message="veiled-host went away")
    for address in ("/pipeline/", "/pipeline/openrouter/"):
        text = client.get(address).content.decode()
        assert "veiled-host" not in text
        assert "do not let its content be shown" in text
