"""Before anything was stored: every page is there and says so in words."""

import pytest

from tests.pages.addresses import FILES, PAGES
from tests.pages.reading import read
from tests.pages.world import NOW, catalogue
from tracker.pipeline.catalog import load_catalog

pytestmark = pytest.mark.django_db
OF_RUNS = ("evaluation=1", "a=1&b=", *(f"/evaluations/{number}" for number in range(1, 8)))
OF_THINGS = (
    "gpt-5",
    "acme-two",
    "birch-1",
    "gpqa-diamond",
    "/sums/",
    "duels",
    "category=",
    "/mit/",
    "/mit.",
    "=mit",
    "epoch_panel",
    "openrouter",
    "ada-birchwood",
    "/labs/birch",
    "=birch",
    "/labs/acme",
    "/labs/cedar",
    *OF_RUNS,
)
ALWAYS = [address for address in (*PAGES, *FILES) if not any(word in address for word in OF_THINGS)]


@pytest.fixture(params=["nothing at all", "the catalogue only"])
def state(request, tmp_path):
    if request.param == "the catalogue only":
        load_catalog(now=NOW, root=catalogue(tmp_path))
    return request.param


def test_every_page_is_there_and_says_what_is_missing(client, state):
    # No catalogue has runs of our own.
    defined = [address for address in PAGES if not any(word in address for word in OF_RUNS)]
    named = ALWAYS if state == "nothing at all" else defined
    for address in named:
        response = client.get(address)
        assert response.status_code == 200, address
        assert response["ETag"]
        assert client.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 304, address
        if response["Content-Type"].startswith("text/html"):
            page = read(response)
            for word in ("None", "NaN", "undefined"):
                assert word not in page.text.replace("None is printed", ""), address
            assert page.count("h1") == 1


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/", "Nothing has been computed for this day."),
        ("/gap/", "Nothing has been computed for this day."),
        ("/models/", "No release is known for this day."),
        ("/benchmarks/", "No benchmark of this category is known."),
        ("/pipeline/", "No source is known yet."),
        ("/charts/lag/", "stands before"),
    ],
)
def test_an_empty_page_says_so_in_a_sentence(client, address, sentence):
    if address.startswith("/charts/"):
        from tracker.charts import CHARTS

        sentence = CHARTS["lag"].empty
    assert sentence in read(client.get(address)).text


def test_what_is_not_there_yet_is_not_found(client):
    for address in ("/models/gpt-5/", "/benchmarks/gpqa-diamond/", "/pipeline/epoch_panel/", "/facts/score/1/"):
        assert client.get(address).status_code == 404
