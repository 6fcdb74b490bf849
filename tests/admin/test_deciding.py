"""Decisions taken at the desk, through its forms: what was sent is what was decided, by whoever may."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.admin.reading import act, page, said
from tests.admin.world import STRANGERS
from tests.pipeline.steps import at, endpoint
from tests.pipeline.vintages import HUB, PANEL
from tracker.models import (
    AIModel,
    Alarm,
    Benchmark,
    Conflict,
    Decision,
    FieldChoice,
    Lab,
    NamedSetting,
    Quarantined,
    Release,
    Rereading,
    Score,
    Snapshot,
    Source,
    Unresolved,
)
from tracker.pipeline import rereading

MINI = STRANGERS[0]
LIST = reverse("admin:tracker_unresolved_changelist")
pytestmark = pytest.mark.usefixtures("world")


def name(words: str = MINI) -> Unresolved:
    return Unresolved.objects.get(name=words)


def test_the_list_shows_the_name_its_row_and_the_suggestion(desk):
    shown = desk.get(LIST).content.decode()
    assert MINI in shown
    assert "GPT Example Mini (OpenAI), 71%" in shown
    assert "gpqa_diamond" in shown


def test_accepting_in_bulk_brings_the_rows_in(desk, eager, on_commit):
    with on_commit():
        answer = act(desk, "unresolved", "accept_suggestions", name(), name(STRANGERS[2]), reason="Looked up")
    assert said(answer) == ["2 name(s) accepted. The documents are read again."]
    assert set(Decision.objects.values_list("reason", "by__username")) == {("Looked up", "ann")}
    assert Score.objects.known().filter(name=MINI).exists()
    assert not Rereading.objects.exists()


def test_a_broker_that_is_away_costs_the_decision_nothing(desk, settings, on_commit, monkeypatch, caplog):
    from landscape.celery import app

    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(app, "_pool", None)  # the pools were made for the broker that is there
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    with on_commit():
        answer = act(desk, "unresolved", "accept_suggestions", name())
    assert answer.status_code == 200
    assert rereading.waiting(now=at(28)) == [endpoint(PANEL).pk]


def test_a_name_without_a_suggestion_is_left_alone_and_said_so(desk):
    Unresolved.objects.filter(name=MINI).update(suggestion=None, suggestion_score=None)
    answer = act(desk, "unresolved", "accept_suggestions", name(), name(STRANGERS[2]))
    assert said(answer)[1].startswith("1 left alone")
    assert name().state == "waiting"


def test_a_bulk_decision_without_a_reason_is_refused(desk):
    assert said(act(desk, "unresolved", "ignore_names", name(), reason=" ")) == ["A decision needs a reason."]
    assert name().state == "waiting"


@pytest.mark.parametrize(
    ("verb", "fields", "kind"),
    [
        ("accept", {}, "accept-suggestion"),
        ("explain", {"target": "gpt-example"}, "explain-name"),
        ("create", {"title": "GPT Example Mini 2", "lab": "openai"}, "create-model"),
        ("split", {"base": "gpt-example", "setting": "mini 2", "model": "gpt-example"}, "split-setting"),
        ("ignore", {}, "ignore-name"),
    ],
)
def test_each_form_of_a_names_page_decides_its_own(desk, verb, fields, kind):
    ids = {"gpt-example": AIModel.objects.get(slug="gpt-example").pk, "openai": Lab.objects.get(slug="openai").pk}
    told = {f"{verb}-{field}": value for field, value in fields.items()}
    for field in ("target", "lab", "model"):
        if field in fields:
            told[f"{verb}-{field}"] = ids[fields[field]]
    answer = desk.post(
        page(name()) + "?_changelist_filters=kind%3Dmodel", {"verb": verb, f"{verb}-reason": "Why", **told}
    )
    assert answer.headers["Location"] == LIST + "?kind=model"
    assert Decision.objects.get().kind == kind
    assert name().state != "waiting"
    assert NamedSetting.objects.exists() == (verb == "split")


def test_a_form_that_is_not_filled_in_decides_nothing(desk):
    answer = desk.post(page(name()), {"verb": "explain", "explain-reason": "Why"})
    assert "This field is required" in answer.content.decode()
    assert not Decision.objects.exists()


def test_one_keystroke_decides_and_another_takes_it_back(desk):
    answer = desk.post(
        reverse("admin:tracker_unresolved_decide", args=[name().pk]), {"verb": "accept", "reason": "Why"}
    )
    told = answer.json()
    assert "GPT Example Mini" in told["words"]
    assert name().state == "resolved"
    assert desk.post(told["undo"]).status_code == 200
    assert name().state == "waiting"
    assert desk.post(told["undo"]).json()["refused"] == "It was undone already."


def test_a_keystroke_that_is_refused_says_why(desk):
    address = reverse("admin:tracker_unresolved_decide", args=[name().pk])
    assert desk.post(address, {"verb": "accept", "reason": ""}).json()["refused"] == "A decision needs a reason."
    assert desk.post(address, {"verb": "delete", "reason": "Why"}).status_code == 400
    assert desk.get(address).status_code == 405
    assert not Decision.objects.exists()


def test_who_may_only_look_decides_nothing(client):
    from django.contrib.auth.models import Permission

    reader = User.objects.create_user("reader", password="a long enough secret", is_staff=True)
    reader.user_permissions.add(
        *Permission.objects.filter(codename__startswith="view_", content_type__app_label="tracker")
    )
    client.force_login(reader)
    assert 'name="verb"' not in client.get(page(name())).content.decode()
    conflict, document = Conflict.objects.first(), Quarantined.objects.first()
    fact = Release.objects.known().filter(model=conflict.model).first()
    tries = [
        (page(name()), {"verb": "ignore", "ignore-reason": "Why"}),
        (reverse("admin:tracker_unresolved_decide", args=[name().pk]), {"verb": "ignore", "reason": "Why"}),
        (page(conflict), {"fact": fact.pk, "reason": "Why"}),
        (page(document), {"verb": "reject", "reason": "Why"}),
    ]
    for address, told in tries:
        assert client.post(address, told).status_code == 403
    act(client, "source", "switch_off", Source.objects.first())
    assert not Decision.objects.exists()


def test_a_form_from_elsewhere_is_refused(curator):
    from tests.entering import Entered

    careful = Entered(enforce_csrf_checks=True)
    careful.force_login(curator)
    address = reverse("admin:tracker_unresolved_decide", args=[name().pk])
    assert careful.post(address, {"verb": "ignore", "reason": "Why"}).status_code == 403
    assert name().state == "waiting"


def test_both_evidences_stand_side_by_side_and_one_is_chosen(desk):
    conflict = Conflict.objects.get(model__slug="deepseek-example", field="released_on")
    assert "models_dev)" in desk.get(reverse("admin:tracker_conflict_changelist")).content.decode()
    facts = Release.objects.known().filter(model=conflict.model)
    shown = desk.get(page(conflict)).content.decode()
    for fact in facts:
        assert f"/facts/release/{fact.pk}/" in shown
        assert f"/snapshots/{fact.first_snapshot_id}/" in shown
    chosen = facts.get(endpoint__url=HUB)
    assert "Choose one of the rows" in desk.post(page(conflict), {"reason": "Why"}).content.decode()
    desk.post(page(conflict), {"fact": chosen.pk, "reason": "Read on the card"})
    assert FieldChoice.objects.get().release == chosen
    assert Decision.objects.get().reason == "Read on the card"
    conflict.refresh_from_db()
    assert conflict.state == "decided"


def document(url: str) -> Snapshot:
    return Quarantined.objects.get(endpoint__url=url, state="quarantined")


def test_a_quarantined_document_shows_what_differs_and_is_accepted(desk, eager, on_commit):
    shrunk = document(PANEL)
    shown = desk.get(page(shrunk)).content.decode()
    assert "where the last good document had" in shown
    assert f"{MINI} (gpqa_diamond:{MINI})" in shown
    with on_commit():
        desk.post(page(shrunk), {"verb": "accept", "reason": "Compared"})
    assert Snapshot.objects.get(pk=shrunk.pk).state == "ingested"
    assert Decision.objects.get().kind == "accept-document"


def test_a_document_that_cannot_be_read_has_no_button_to_accept_it(desk):
    from tests.pipeline.vintages import PRICES

    broken = document(PRICES)
    shown = desk.get(page(broken)).content.decode()
    assert 'value="accept"' not in shown
    assert "its parser has to be taught" in shown
    answer = desk.post(page(broken), {"verb": "accept", "reason": "Compared"})
    assert "so there is nothing to accept" in said(answer)[0]
    desk.post(page(broken), {"verb": "reject", "reason": "An error page"})
    assert Snapshot.objects.get(pk=broken.pk).state == "rejected"


def test_a_drifted_document_says_what_it_cannot_be_and_has_both_buttons(desk):
    from dataclasses import replace

    from tests.pipeline.steps import take_in
    from tests.pipeline.vintages import OFFERS, PRICES, prices

    by_token = prices(*(replace(offer, price=(offer.price or 0) / 1e6) for offer in OFFERS))
    assert take_in(PRICES, by_token, at(4)).state == "quarantined"
    drifted = Quarantined.objects.get(endpoint__url=PRICES, fetched_at=at(4))
    shown = desk.get(page(drifted)).content.decode()
    assert "1e-06 times what they were" in shown
    assert "Accept: it says what it should" in shown
    assert 'value="reject"' in shown
    assert "Changed: " in shown


def test_documents_are_rejected_in_bulk(desk):
    act(desk, "quarantined", "reject_documents", *Quarantined.objects.all())
    assert set(Snapshot.objects.filter(fetched_at=at(2)).values_list("state", flat=True)) == {"rejected"}


def test_switches(desk):
    source, exam = Source.objects.get(slug="models_dev"), Benchmark.objects.get(slug="gpqa-diamond")
    act(desk, "source", "switch_off", source)
    act(desk, "benchmark", "hide", exam)
    assert not Source.objects.get(pk=source.pk).enabled
    assert not Benchmark.objects.get(pk=exam.pk).may_display
    assert said(act(desk, "source", "switch_off", source)) == ["models.dev is off already."]
    act(desk, "source", "switch_on", source)
    act(desk, "benchmark", "show", exam)
    assert Source.objects.get(pk=source.pk).enabled
    assert Benchmark.objects.get(pk=exam.pk).may_display


def test_an_alarm_is_acknowledged(desk):
    alarm = Alarm.objects.filter(closed_at=None).first()
    act(desk, "alarm", "acknowledge", alarm, reason="They are moving")
    alarm.refresh_from_db()
    assert (alarm.acknowledged_by.username, alarm.reason) == ("ann", "They are moving")


def test_a_decision_is_undone_on_its_page_and_both_stand_in_the_history(desk):
    act(desk, "unresolved", "ignore_names", name())
    decision = Decision.objects.get()
    assert "decided_by_id" in desk.get(page(decision)).content.decode()
    desk.post(page(decision), {"reason": "Not so"})
    assert name().state == "waiting"
    history = desk.get(reverse("admin:tracker_unresolved_history", args=[name().pk])).content.decode()
    assert "Not so" in history
    assert "(undone)" in history
    assert "Undone by" in desk.get(page(decision)).content.decode()
    assert "Take it back" not in desk.get(page(decision)).content.decode()


def test_a_models_history_tells_of_the_names_it_was_given(desk):
    act(desk, "unresolved", "accept_suggestions", name())
    model = AIModel.objects.get(slug="gpt-example-mini")
    assert MINI in desk.get(reverse("admin:tracker_aimodel_history", args=[model.pk])).content.decode()
