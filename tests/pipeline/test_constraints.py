"""What the database itself refuses, whoever writes: by SQL, past every model's clean()."""

from dataclasses import replace

import pytest
from django.db import connection
from django.db.models import ProtectedError

from tests.pipeline.steps import at, endpoint, take_in
from tests.pipeline.vintages import LINES, OFFERS, PANEL, PRICES, panel, prices
from tracker.models import Alias, Benchmark, Blob, Endpoint, Price, Release, Score, Snapshot, Source


@pytest.fixture(autouse=True)
def facts(installed):
    take_in(PRICES, prices(), at(1))
    take_in(PRICES, prices(replace(OFFERS[0], price=4.0), *OFFERS[1:]), at(2))
    take_in(PANEL, panel(), at(1))


def sql(statement: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def test_one_row_of_a_document_has_one_current_fact(refused):
    with refused("one_current_price_per_row"):
        sql(
            "UPDATE tracker_price SET known_to = NULL, last_snapshot_id = NULL, superseded_by_id = NULL"
            " WHERE known_to IS NOT NULL"
        )


def test_a_fact_does_not_end_before_it_begins(refused):
    with refused("price_ends_after_it_begins"):
        sql("UPDATE tracker_price SET known_to = known_from - interval '1 second' WHERE known_to IS NOT NULL")


def test_a_closed_fact_has_its_last_snapshot_and_a_current_one_has_none(refused):
    with refused("price_closed_with_its_last_snapshot"):
        sql("UPDATE tracker_price SET last_snapshot_id = NULL WHERE known_to IS NOT NULL")
    with refused("release_closed_with_its_last_snapshot"):
        sql("UPDATE tracker_release SET last_snapshot_id = first_snapshot_id")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_a_score_is_a_number(refused, value):
    with refused("score_value_is_finite"):
        sql("UPDATE tracker_score SET value = %s::float8", value)


def test_an_error_bar_is_not_negative(refused):
    with refused("score_stderr_not_negative"):
        sql("UPDATE tracker_score SET stderr = -0.1")


def test_a_price_is_not_negative(refused):
    with refused("price_not_negative"):
        sql("UPDATE tracker_price SET output = -1")


def test_a_model_has_more_than_no_parameters(refused):
    with refused("release_parameters_positive"):
        sql("UPDATE tracker_release SET parameters = 0")


def test_access_is_one_of_its_words(refused):
    with refused("release_access"):
        sql("UPDATE tracker_release SET access = 'open source'")


def test_an_alias_names_one_thing(refused):
    lab = Alias.objects.filter(kind="lab").first()
    with refused("alias_names_what_its_kind_says"):
        sql("UPDATE tracker_alias SET lab_id = %s WHERE kind = 'model'", lab.lab_id)
    with refused("alias_names_what_its_kind_says"):
        sql("UPDATE tracker_alias SET kind = 'benchmark' WHERE kind = 'model'")


def test_a_name_means_one_thing(refused):
    with refused("a_name_means_one_thing"):
        sql("UPDATE tracker_alias SET key = 'the same' WHERE kind = 'model'")


def test_a_document_is_stored_under_its_own_hash(refused):
    with refused("blob_sha256_is_hex"):
        Blob.objects.create(sha256="not a hash", size=0, packed=b"")


def test_an_endpoint_gives_one_snapshot_at_a_time(refused):
    snapshot = Snapshot.objects.filter(endpoint=endpoint(PRICES)).first()
    with refused("one_snapshot_per_endpoint_and_time"):
        Snapshot.objects.create(endpoint=snapshot.endpoint, blob=snapshot.blob, fetched_at=snapshot.fetched_at)


def test_what_was_read_has_its_time_and_what_was_not_has_none(refused):
    with refused("snapshot_ingested_at_iff_ingested"):
        sql("UPDATE tracker_snapshot SET state = 'quarantined'")
    with refused("snapshot_ingested_at_iff_ingested"):
        sql("UPDATE tracker_snapshot SET ingested_at = NULL")


def test_there_is_one_data_version(refused):
    with refused("one_data_version"):
        sql("INSERT INTO tracker_dataversion (id, value, changed_at) VALUES (2, 0, now())")


def test_chance_is_below_the_best_score(refused):
    with refused("benchmark_floor_under_ceiling"):
        Benchmark.objects.filter(slug="gpqa-diamond").update(floor=1.0)


@pytest.mark.parametrize("blank", ["data_licence", "publisher"])
def test_data_without_a_licence_or_a_publisher_are_not_shown(refused, blank):
    source = Source.objects.get(slug="epoch_panel")
    assert source.may_display
    with refused("shown_source_has_licence_and_publisher"):
        Source.objects.filter(pk=source.pk).update(**{blank: ""})
    Source.objects.filter(pk=source.pk).update(**{blank: "", "may_display": False})
    with refused("shown_source_has_licence_and_publisher"):
        Source.objects.filter(pk=source.pk).update(may_display=True)


def test_one_setting_is_one_row(refused):
    with refused("one_row_per_setting"):
        sql("UPDATE tracker_setting SET effort = '', budget = 0, mode = '', host = '', scaffold = '', shots = ''")


def test_what_a_fact_stands_on_cannot_be_deleted():
    for rows in (Snapshot.objects.all(), Blob.objects.all(), Endpoint.objects.filter(url=PRICES)):
        with pytest.raises(ProtectedError):
            rows.delete()
    assert Price.objects.count() == 6
    assert Score.objects.count() == len(LINES)
    assert Release.objects.exists()
