"""Figures on other people's pages, and what is taken along: frames, oEmbed, permalinks, citations, lines of code."""

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from html import unescape
from importlib.util import find_spec
from urllib.parse import parse_qs, urlsplit

import pyarrow.parquet
import pytest
from django.test import Client

from tests.pages.addresses import QUERY
from tests.pages.reading import read
from tests.pages.test_as_of import october
from tracker.charts import CHARTS
from tracker.models import IndexRun

pytestmark = pytest.mark.usefixtures("world")
every_chart = pytest.mark.parametrize("slug", sorted(CHARTS))
HERE = "http://testserver"


def local(url):
    """An address of the site as the test's browser asks for it."""
    assert url.startswith(HERE)
    return url.removeprefix(HERE)


def taken(ask, slug, query=""):
    """The block beside a chart: its permalink, its code by what stands before it, the whole page."""
    page = read(ask(f"/charts/{slug}/{query or QUERY.get(slug, '')}"))
    block = page.raw.partition('<details class="take">')[2].partition("</details>")[0]
    code = [unescape(text) for text in re.findall(r"<code data-text>(.*?)</code>", block, re.DOTALL)]
    permalink = unescape(re.search(r'data-text href="([^"]+)"', block)[1])
    return permalink, dict(zip(("live", "frozen", "bibtex", "curl", "pandas", "DuckDB"), code, strict=True)), block


def src(frame):
    return unescape(re.search(r'src="([^"]+)"', frame)[1])


@every_chart
def test_a_frame_shows_the_chart_on_any_page_and_its_own_page_does_not(ask, slug):
    framed, own = ask(f"/embed/{slug}/{QUERY.get(slug, '')}"), ask(f"/charts/{slug}/{QUERY.get(slug, '')}")
    assert framed.status_code == 200
    assert "frame-ancestors *" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert "frame-ancestors 'none'" in own["Content-Security-Policy"]
    assert own["X-Frame-Options"] == "DENY"
    page = read(framed)
    assert (page.count("h1"), page.count("main"), page.count("script"), page.count("style")) == (1, 1, 0, 0)
    assert page.count("svg") == 2
    assert f"/charts/{slug}/" in "".join(page.links)


@pytest.mark.parametrize("address", ["/", "/gap/", "/models/", "/oembed", "/embed", "/charts/lag.svg", "/embedded/"])
def test_nothing_but_a_frame_may_be_framed(client, address):
    response = client.get(address)
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"


def test_a_frame_that_has_not_changed_may_still_be_framed(client):
    first = client.get("/embed/lag/")
    again = client.get("/embed/lag/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert "frame-ancestors *" in again["Content-Security-Policy"]
    assert "X-Frame-Options" not in again


def test_a_frame_of_nothing_says_so(client):
    assert client.get("/embed/nothing/").status_code == 404
    assert client.get("/embed/lag/?scope=everything").status_code == 404
    assert client.get("/embed/lag/?theme=pink").status_code == 404


def test_a_frame_can_be_told_its_theme(client):
    assert read(client.get("/embed/lag/?theme=dark")).all("html")[0]["data-theme"] == "dark"
    assert "data-theme" not in read(client.get("/embed/lag/")).all("html")[0]


@every_chart
def test_the_element_for_other_pages_is_lazy_named_and_leads_to_the_frame(ask, slug):
    _, code, _ = taken(ask, slug)
    for kind in ("live", "frozen"):
        assert 'loading="lazy"' in code[kind]
        assert re.search(r' title="[^"]+" width="100%" height="[1-9]\d\d+"', code[kind])
        assert ask(local(src(code[kind]))).status_code == 200
    assert "as_of" not in src(code["live"])
    assert {"as_of", "run", "v"} <= parse_qs(urlsplit(src(code["frozen"])).query).keys()


# oEmbed


def told(client, url, **more):
    return client.get("/oembed", {"url": url, "format": "json", **more})


@pytest.mark.parametrize(
    ("page", "frame"),
    [
        ("/charts/lag/?scope=coding", "/embed/lag/?scope=coding"),
        ("/embed/lag/?as_of=2026-04-15", "/embed/lag/?as_of=2026-04-15"),
        ("/gap/?open=osi&utm_source=mail", "/embed/frontier/?open=osi"),
        ("/", "/embed/frontier/"),
        ("/models/gpt-5/", "/embed/model-scores/?model=gpt-5"),
        ("/benchmarks/gpqa-diamond/", "/embed/benchmark-frontier/?benchmark=gpqa-diamond"),
        ("/labs/birch/", "/embed/strategies/?lab=birch"),
        ("/timeline/?lab=birch", "/embed/events/?lab=birch"),
        ("/compare/?m=gpt-5&m=birch-1&show=common", "/embed/compared/?show=common&models=gpt-5%2Cbirch-1"),
        ("/regions/", "/embed/region-lags/"),
    ],
)
def test_oembed_answers_with_the_frame_of_a_page(client, page, frame):
    response = told(client, HERE + page)
    found = json.loads(response.content)
    assert (found["version"], found["type"], response["Content-Type"]) == ("1.0", "rich", "application/json")
    assert local(src(found["html"])) == frame
    assert f'width="{found["width"]}" height="{found["height"]}"' in found["html"]
    assert client.get(local(src(found["html"]))).status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"


def test_oembed_stays_within_the_room_there_is(client):
    found = json.loads(told(client, f"{HERE}/charts/lag/", maxwidth="400", maxheight="300").content)
    assert (found["width"], found["height"]) == (400, 300)


@pytest.mark.parametrize(
    "url", ["", "https://example.org/charts/lag/", f"{HERE}/methods/", f"{HERE}/charts/none/", "javascript:alert(1)"]
)
def test_oembed_knows_nothing_of_other_addresses(client, url):
    assert told(client, url).status_code == 404


def test_oembed_writes_no_xml_and_says_so(client):
    assert client.get("/oembed", {"url": f"{HERE}/charts/lag/", "format": "xml"}).status_code == 501


@pytest.mark.parametrize("address", ["/", "/gap/", "/models/gpt-5/", "/charts/lag/?scope=coding", "/openness/"])
def test_a_page_with_a_figure_can_be_discovered(ask, client, address):
    (link,) = [one for one in read(ask(address)).all("link") if one.get("type") == "application/json+oembed"]
    assert link["title"]
    assert json.loads(client.get(local(link["href"])).content)["type"] == "rich"


# Permalinks


@every_chart
def test_a_permalink_names_day_run_and_definition_and_shows_the_same(ask, slug):
    permalink, _, _ = taken(ask, slug)
    keys = parse_qs(urlsplit(permalink).query)
    run = IndexRun.objects.get(historic=False)
    assert (keys["run"], keys["v"], keys["as_of"]) == ([str(run.pk)], [run.method], [str(run.known_at.date())])
    shown, live = read(ask(local(permalink))), read(ask(f"/charts/{slug}/{QUERY.get(slug, '')}"))
    assert shown.tables == live.tables


def test_a_permalink_gives_the_same_bytes_and_tag_after_later_readings(client, ask):
    addresses = []
    for slug in CHARTS:
        permalink, code, _ = taken(ask, slug)
        path, _, query = local(permalink).partition("?")
        addresses += [local(permalink), f"{path.rstrip('/')}.csv?{query}"]
        if slug in ("frontier", "model-scores", "specification"):
            files = [f"{path.rstrip('/')}.{suffix}?{query}" for suffix in ("json", "svg", "bib", "readme.md")]
            addresses += [local(src(code["frozen"])), *files]
    before = {address: client.get(address) for address in addresses}
    live = client.get("/charts/frontier/")
    october()
    for address, first in before.items():
        now = Client().get(address)
        assert (now.content, now["ETag"]) == (first.content, first["ETag"]), address
        assert Client().get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.get("/charts/frontier/")["ETag"] != live["ETag"]


def test_a_named_run_is_shown_though_a_later_one_stands_for_its_day(client):
    old, new = IndexRun.objects.get(historic=True, known_at__month=4), IndexRun.objects.get(historic=False)
    day = new.known_at.date()
    assert f"index run {old.pk}," in read(client.get(f"/embed/lag/?as_of={day}&run={old.pk}")).text
    assert f"index run {new.pk}," in read(client.get(f"/embed/lag/?as_of={day}")).text


def test_a_run_that_is_not_kept_is_told_on_a_page_and_refused_to_a_file(client):
    page = client.get("/charts/lag/?run=999999")
    assert page.status_code == 200
    assert "Index run 999999 is not kept any more." in read(page).text
    refused = client.get("/charts/lag.csv?run=999999")
    assert refused.status_code == 410
    assert "Index run 999999 is not kept any more." in read(refused).text


def test_another_definition_than_the_address_names_is_told(client):
    assert "The address names definition eci-0." in read(client.get("/charts/lag/?v=eci-0")).text
    assert client.get("/charts/lag.csv?v=eci-0").status_code == 404


@pytest.mark.parametrize("run", ["newest", "-1", "1.5", "99999999999", "%C2%B2"])
def test_a_run_has_a_number(client, run):
    response = client.get(f"/charts/lag/?run={run}")
    assert response.status_code == 404
    assert "is not the number of an index run" in read(response).text


def test_the_past_keeps_its_tag_while_the_present_changes_it(client):
    past, present = client.get("/gap/?as_of=2026-04-15"), client.get("/gap/")
    october()
    again = client.get("/gap/?as_of=2026-04-15", headers={"If-None-Match": past["ETag"]})
    assert (again.status_code, again["ETag"]) == (304, past["ETag"])
    assert client.get("/gap/")["ETag"] != present["ETag"]


# Citations


@every_chart
def test_a_citation_stands_in_three_formats_with_its_day_and_permalink(ask, slug):
    permalink, code, block = taken(ask, slug)
    query = QUERY.get(slug, "")
    bib = ask(f"/charts/{slug}.bib{query}").content.decode()
    (item,) = json.loads(ask(f"/charts/{slug}.csl.json{query}").content)
    day = datetime.fromisoformat(parse_qs(urlsplit(permalink).query)["as_of"][0]).replace(tzinfo=UTC)
    assert code["bibtex"] == bib
    entry = re.fullmatch(r'@misc\{([\w-]+),\n((?:  \w+ = (?:\{.*\}|"\{.*\}"),\n)+)\}\n', bib)
    fields = dict(re.findall(r'  (\w+) = "?\{(.*)\}"?,\n', entry[2]))
    assert all(value.count("{") == value.count("}") for value in fields.values())
    assert (item["id"], item["URL"], fields["url"]) == (entry[1], permalink, permalink)
    assert item["issued"] == {"date-parts": [[day.year, day.month, day.day]]}
    assert (fields["year"], fields["month"]) == (str(day.year), str(day.month))
    words = unescape(block)
    assert f"Data as known on {day.day} {day:%B %Y}, index run " in words
    assert "Epoch AI" in item["note"]
    assert "Epoch AI" in words


def test_a_readme_says_what_the_rows_are_and_how_to_cite_them(ask):
    words = ask("/charts/lag.readme.md?scope=coding").content.decode()
    for part in ("# The lag, day by day", "`scope=coding`", "`value`: Months behind (number)", "Epoch AI", "@misc{"):
        assert part in words
    rows = len(ask("/charts/lag.csv?scope=coding").content.decode().splitlines()) - 1
    assert f"- Rows: {rows}" in words


# Code


@pytest.fixture
def lines(in_world, django_db_blocker):
    """The lines for each program, with the address of a server that can be reached from outside this process."""
    from pytest_django.live_server_helper import LiveServer

    with django_db_blocker.unblock():
        server = LiveServer("127.0.0.1")
        page = Client().get("/charts/lag/", headers={"Host": urlsplit(server.url).netloc})
        code = re.findall(r"<code data-text>(.*?)</code>", page.content.decode(), re.DOTALL)
        yield dict(zip(("curl", "pandas", "DuckDB"), map(unescape, code[3:]), strict=True))
        server.stop()


@pytest.fixture
def rows(client):
    return len(client.get("/charts/lag.csv").content.splitlines()) - 1


def shell(line, folder):
    return subprocess.run(
        [shutil.which("sh"), "-c", line], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_line_for_curl_brings_the_rows(lines, rows, tmp_path):
    shell(lines["curl"], tmp_path)
    assert len((tmp_path / "lag.csv").read_text().splitlines()) == rows + 1 > 5


@pytest.mark.skipif(find_spec("pandas") is None, reason="pandas is not installed")
def test_the_lines_for_pandas_bring_the_rows(lines, rows, tmp_path):
    code = f"{lines['pandas']}\nprint(len(lag), lag['value'].dtype)"
    told = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert told.stdout.split() == [str(rows), "float64"]


@pytest.mark.skipif(None in (shutil.which("curl"), shutil.which("duckdb")), reason="no duckdb on this machine")
def test_the_lines_for_duckdb_show_the_rows(lines, rows, tmp_path):
    assert f"{min(rows, 10)} rows" in shell(lines["DuckDB"], tmp_path)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_what_duckdb_is_given_is_a_parquet_file_with_the_rows(lines, rows, tmp_path):
    fetch, _, query = lines["DuckDB"].partition("\n")
    shell(fetch, tmp_path)
    (name,) = re.findall(r"'(.+?)'", query)
    assert pyarrow.parquet.read_table(tmp_path / name).num_rows == rows
