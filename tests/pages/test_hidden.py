"""What may not be displayed is on no page and in no file."""

import io

import pyarrow.parquet
import pytest

from tests.pages.addresses import FILES, PAGES
from tests.pages.reading import read
from tests.pages.world import HIDDEN_BENCHMARK, HIDDEN_CONTEXT, HIDDEN_HOST, HIDDEN_SCORE
from tracker.models import Price, Score

pytestmark = pytest.mark.usefixtures("world")
VEILED = (HIDDEN_BENCHMARK.lower(), "veiled-exam", HIDDEN_HOST)


def words_of(response):
    if "parquet" in response["Content-Type"]:
        return str(pyarrow.parquet.read_table(io.BytesIO(response.content)).to_pydict())
    return response.content.decode("utf-8", "replace")


@pytest.mark.parametrize("address", [*PAGES, *(file for file in FILES if not file.endswith(("zip", "png")))])
def test_neither_a_veiled_benchmark_nor_a_veiled_sources_rows_are_shown(ask, address):
    text = words_of(ask(address)).lower()
    assert [word for word in VEILED if word in text] == []


def test_the_veiled_rows_are_there_to_be_hidden():
    assert Score.objects.filter(benchmark__slug="veiled-exam").count() > 20
    assert Price.objects.filter(host=HIDDEN_HOST).count() > 20


@pytest.mark.parametrize(
    ("address", "value"),
    [("/models.csv", HIDDEN_CONTEXT), ("/models/gpt-5/", "988k"), ("/benchmarks.csv", HIDDEN_SCORE)],
)
def test_what_only_a_veiled_source_says_is_not_believed_in_public(ask, address, value):
    assert str(value) not in words_of(ask(address))


def test_a_veiled_benchmark_has_no_page_no_file_and_no_chart(client):
    for address in ("/benchmarks/veiled-exam/", "/benchmarks/veiled-exam.csv", "/benchmarks/veiled-exam.parquet"):
        assert client.get(address).status_code == 404
    assert client.get("/charts/benchmark-frontier.json?benchmark=veiled-exam").status_code == 404


def test_a_veiled_fact_has_no_evidence_page(client):
    score = Score.objects.filter(benchmark__slug="veiled-exam").first()
    price = Price.objects.filter(host=HIDDEN_HOST).first()
    assert client.get(f"/facts/score/{score.pk}/").status_code == 404
    assert client.get(f"/facts/price/{price.pk}/").status_code == 404


def test_a_veiled_source_is_not_credited_and_its_names_do_not_wait_in_public(client):
    price = Price.objects.filter(host=HIDDEN_HOST).first()
    source = price.endpoint.source
    assert source.publisher not in read(client.get("/")).text
    price.endpoint.unresolved.create(
        kind="model",
        key="veiled",
        name="Veiled Name",
        first_snapshot=price.first_snapshot,
        last_snapshot=price.first_snapshot,
        rows=9,
    )
    for address in ("/pipeline/", f"/pipeline/{source.slug}/"):
        assert "Veiled Name" not in read(client.get(address)).text
    assert "Nobody Knows 1" in read(client.get("/pipeline/")).text
