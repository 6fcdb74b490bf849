"""What the interface says of itself in OpenAPI holds for questions that nobody would ask."""

import json
import os

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.pages.fixtures import in_world, world_database

__all__ = ["in_world", "world_database"]

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
# `python -m tests.fuzz.api` asks for more of them and another seed.
CASES = int(os.environ.get("FUZZ_API_CASES", "100"))
SEED = int(os.environ.get("FUZZ_API_SEED", "1"))


@pytest.fixture
def world(in_world: None, db: None) -> None:
    """A test with the world in its database."""


def answered(client, case):
    """What our application answers to a case, as the checks take it."""
    import requests
    from schemathesis.core.transport import Response

    told = case.as_transport_kwargs(base_url="http://testserver")
    asked = requests.Request(told["method"], told["url"], params=told.get("params"), headers=told.get("headers"))
    request = asked.prepare()
    path, _, query = request.path_url.partition("?")
    headers = {name: value for name, value in request.headers.items() if name.lower() != "accept-encoding"}
    got = client.generic(request.method, path, QUERY_STRING=query, headers=headers)
    return Response(
        status_code=got.status_code, headers={name.lower(): [value] for name, value in got.headers.items()},
        content=got.content, request=request, elapsed=0.0, verify=False,
    )  # fmt: skip


def test_no_question_gets_an_answer_that_the_description_does_not_foresee(world):
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    client = Client(raise_request_exception=False)
    schema = schemathesis.openapi.from_dict(json.loads(client.get("/api/v1/openapi.json").content))
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 10
    statuses = set()

    @seed(SEED)
    @settings(
        max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    @given(data=st.data())
    def ask(data):
        operation = data.draw(st.sampled_from(operations))
        modes = schemathesis.GenerationMode
        mode = modes.NEGATIVE if data.draw(st.booleans()) else modes.POSITIVE
        case = data.draw(operation.as_strategy(generation_mode=mode))
        response = answered(client, case)
        statuses.add(response.status_code)
        # The description says in words, which a schema cannot, that the two do not go together.
        both = {"as_of", "history"} <= set(case.query or ())
        case.validate_response(response, excluded_checks=[positive_data_acceptance] if both else None)

    ask()
    assert {200, 400} <= statuses


@pytest.mark.parametrize(
    ("moment", "status"),
    [("1224-02-08T00:26:37+18:22", 200), ("0001-01-01T00:00:00+05:00", 400), ("9999-12-31T23:59:59-05:00", 400)],
)
def test_a_moment_far_from_utc_is_read_or_refused(world, client, moment, status):
    assert client.get("/api/v1/scores", {"known_from_min": moment}).status_code == status
