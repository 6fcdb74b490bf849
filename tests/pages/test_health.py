"""What a machine asks: alive, and ready."""

import socket

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from tracker.models import Beat

pytestmark = pytest.mark.usefixtures("world")


def test_being_alive_asks_nothing_of_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


def test_with_every_part_there_the_site_is_ready(client):
    Beat.objects.create(name="collect", at=timezone.now())
    response = client.get("/readyz")
    assert response.status_code == 200
    assert all(check["ok"] for check in response.json()["checks"].values())


@pytest.mark.parametrize("scheme", ["redis", "redis+socket", "amqp"])
def test_a_broker_that_is_away_is_named(client, settings, tmp_path, scheme):
    with socket.socket() as door:  # bound and not listening: nobody else takes the port, and nobody answers
        door.bind(("127.0.0.1", 0))
        place = str(tmp_path / "nobody") if scheme == "redis+socket" else f"127.0.0.1:{door.getsockname()[1]}/0"
        settings.CELERY_BROKER_URL = f"{scheme}://{place}"
        response = client.get("/readyz")
    assert response.status_code == 503
    told = response.json()
    assert told["status"] == "not ready"
    assert [name for name, check in told["checks"].items() if not check["ok"]] == ["broker", "worker and beat"]
    assert told["checks"]["broker"]["detail"]


def test_a_silent_worker_is_told_and_does_not_stop_pages(client):
    Beat.objects.create(name="collect", at=timezone.now() - timezone.timedelta(hours=1))
    response = client.get("/readyz")
    assert response.status_code == 200
    assert not response.json()["checks"]["worker and beat"]["ok"]
    assert "s ago" in response.json()["checks"]["worker and beat"]["detail"]


def test_a_database_that_is_away_is_named(client):
    def refuse(execute, sql, params, many, context):
        raise DatabaseError("the server is gone")

    with connection.execute_wrapper(refuse):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["database"] == {"ok": False, "detail": "the server is gone"}


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_a_machine_may_only_ask(client, address):
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200
