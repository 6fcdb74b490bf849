"""The laws that every page keeps."""

import gzip
from collections import Counter

import pytest

from tests.pages.addresses import FILES, PAGES, suffix_of
from tests.pages.reading import read

pytestmark = pytest.mark.usefixtures("world")
every_page = pytest.mark.parametrize("address", PAGES)
# Where a page is made again for the asking, it stands for its filtered forms.
every_plain_page = pytest.mark.parametrize("address", [address for address in PAGES if "?" not in address])


@pytest.fixture
def response(ask, address):
    return ask(address)


@every_page
def test_a_page_has_one_title_one_heading_one_main_and_a_language(response):
    assert response.status_code == 200
    page = read(response)
    assert page.all("html")[0]["lang"] == "en"
    # Drawings have titles of their own.
    assert page.count("title") - page.count("svg") <= 1
    assert page.raw.index("<title") < page.raw.index("</head>")
    assert (page.count("h1"), page.count("main"), page.count("footer")) == (1, 1, 1)
    idents = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(idents) == len(set(idents))


@every_page
def test_a_page_keeps_the_static_policy_without_inline_anything(response):
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe-" not in policy
    assert "nonce-" not in policy
    page = read(response)
    assert page.count("style") == 0
    assert all(attrs.get("src", "").startswith("/static/") for attrs in page.all("script"))
    inline = [(tag, name) for tag, attrs in page.tags for name in attrs if name == "style" or name.startswith("on")]
    assert inline == []


@every_page
def test_a_page_loads_and_prints_nothing_foreign_or_missing(response):
    page = read(response)
    loaded = [attrs.get("src") or attrs.get("href") for tag, attrs in page.tags if tag in ("script", "link", "img")]
    assert all(url.startswith(("/", "http://testserver/")) for url in loaded)
    for word in ("None", "NaN", "undefined", "{{", "{%"):
        assert word not in page.text.replace("None is printed without its definition", "")


@every_page
def test_every_figure_has_a_named_picture_a_caption_and_its_data(response):
    page = read(response)
    for part in page.raw.split("<figure")[1:]:
        figure = part.partition("</figure>")[0]
        assert figure.count("<svg") == 2
        assert figure.count('role="img"') == figure.count("aria-labelledby=") == 2
        assert "<figcaption" in figure
        assert ".csv" in figure


@pytest.mark.parametrize("address", [*PAGES, *FILES])
def test_an_answer_has_a_tag_and_is_not_sent_twice(client, ask, address):
    first = ask(address)
    assert first.status_code == 200
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert client.get(address, headers={"If-None-Match": f'"other", W/{first["ETag"]}'}).status_code == 304


def test_another_tag_brings_the_page(client):
    response = client.get("/models/", headers={"If-None-Match": '"other"'})
    assert response.status_code == 200
    assert response.content


@every_plain_page
def test_a_page_answers_head_and_refuses_to_be_written_to(client, address):
    head = client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"]
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)(address).status_code == 405


@every_plain_page
def test_a_page_is_the_same_when_asked_again_and_small_on_the_wire(client, response, address):
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(packed.content) == response.content
    assert len(packed.content) < 60_000


def shape(address):
    """Addresses of one kind: a path up to its last part, the ending of a file, whether there is a query."""
    path, _, query = address.partition("?")
    *folders, last = path.strip("/").split("/")
    return (*folders, suffix_of(address), len(last) > 0, bool(query))


def test_no_link_inside_the_site_is_dead(ask):
    seen, queue, asked = set(PAGES), list(PAGES), Counter(map(shape, PAGES))
    while queue:
        at = queue.pop()
        response = ask(at)
        assert response.status_code == 200, at
        if not response["Content-Type"].startswith("text/html"):
            continue
        for link in read(response).links:
            target = link.partition("#")[0]
            if target.startswith("/") and target not in seen and asked[shape(target)] < 3:
                asked[shape(target)] += 1
                seen.add(target)
                queue.append(target)
    assert {"facts", "snapshots", "models", "benchmarks", "pipeline", "charts"} <= {at.split("/")[1] for at in seen}


@pytest.mark.parametrize("address", ["/nowhere/", "/models/nobody/", "/benchmarks/nothing/", "/facts/score/0/"])
def test_an_address_of_nothing_is_a_whole_page_that_says_so(client, address):
    response = client.get(address)
    assert response.status_code == 404
    page = read(response)
    assert page.count("h1") == 1
    assert "/models/" in page.links
    assert "Resolver404" not in page.text
    assert "nothing stored yet" not in page.text
    assert response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "address",
    [
        "/models/?q=%00",
        "/models/?q=%25",
        "/models/?q=%27%22%3Cb%3E%5C",
        "/models/?lab=%00&page=0",
        "/models/?page=-1",
        "/models/?page=999999",
        "/models/?page=abc",
        "/models/?q=" + "x" * 3000,
        "/gap/?unknown=key",
    ],
)
def test_odd_but_harmless_words_in_an_address_are_taken(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert read(response).count("h1") == 1


def test_a_search_takes_its_words_literally(client):
    def found(words):
        return [row[0] for row in read(client.get("/models/", {"q": words})).rows("Model")]

    assert found('"Two"') == ['Acme "Two" & <i>Co</i> frontier']
    assert len(found("acme")) == 12
    for words in ("%", "_cme", "\\"):
        assert "No tracked release matches" in read(client.get("/models/", {"q": words})).text


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/?as_of=yesterday", "as_of=yesterday is not a day"),
        ("/models/gpt-5/?as_of=2026-02-30", "as_of=2026-02-30 is not a day"),
        ("/gap/?scope=everything", "scope=everything is not known"),
        ("/gap/?open=sesame", "open=sesame is not known"),
        ("/gap.csv?size=nan", "size=nan is not known"),
        ("/models/?region=moon", "region=moon is not known"),
        ("/models/?sort=<b>", "sort=<b> is not known"),
        ("/benchmarks/?category=juggling", "category=juggling is not known"),
        ("/charts/frontier/?scope=everything", "scope=everything is not known"),
        ("/charts/model-scores.csv?model=nobody", "model=nobody is not known"),
        ("/charts/benchmark-frontier/?benchmark=%00x", "benchmark=x is not known"),
        ("/facts/score/1/?as_of=soon", "as_of=soon is not a day"),
    ],
)
def test_nonsense_in_an_address_is_told_in_words(client, address, said):
    response = client.get(address)
    assert response.status_code == 404
    assert said in read(response).text
