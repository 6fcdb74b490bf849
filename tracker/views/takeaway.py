"""How a figure is taken along: cited in three formats, framed on another page, read by three programs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from urllib.parse import urlencode

import orjson

SITE = "AI Landscape"
# What stands above and below the drawing in a frame.
AROUND = 150
# A figure's files, in the order in which they are offered.
FILES = (
    ("csv", "CSV"),
    ("json", "JSON"),
    ("parquet", "Parquet"),
    ("svg", "SVG"),
    ("png", "PNG"),
    ("metadata.json", "Metadata"),
    ("readme.md", "Read me"),
    ("bib", "BibTeX"),
    ("csl.json", "CSL-JSON"),
    ("zip", "ZIP"),
)
SPECIAL = re.compile(r"([&%$#_{}])")


@dataclass(frozen=True, slots=True)
class Citation:
    """One work in the three formats that readers' programs take."""

    plain: str
    bibtex: str
    csl: str


@dataclass(frozen=True, slots=True)
class Snippet:
    """A few lines that fetch the figure's rows in one program."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class TakeAway:
    """What `_takeaway.html` shows. `page` follows the data, `permalink` gives the same bytes later; `oembed` tells
    other sites of the frame."""

    page: str
    permalink: str
    live: str
    frozen: str
    oembed: str
    citation: Citation
    snippets: tuple[Snippet, ...]
    known_on: date | None
    files: tuple[tuple[str, str], ...] = FILES


def address(path: str, keys: Mapping[str, str]) -> str:
    """The path with these keys as its query; without keys the bare path."""
    return f"{path}?{urlencode(keys)}" if keys else path


def cite(*, slug: str, title: str, url: str, on: date | None, run: int | None, method: str, source: str) -> Citation:
    """A figure as known on a day. There is no day of access in it: the address gives the same bytes on every one."""
    version = f"index run {run}, definition {method}" if run else "no index run yet"
    when = f"Data as known on {on:%-d %B %Y}, {version}." if on else f"{version.capitalize()}."
    known = f" Data of {source}." if source else ""
    fields = {
        "title": "{" + _tex(title) + "}",
        "author": "{" + SITE + "}",
        **({"year": str(on.year), "month": str(on.month)} if on else {}),
        "version": _tex(version),
        "note": _tex(f"{when}{known}"),
        "url": url,
    }
    key = "-".join(["ai-landscape", slug, *([str(on)] if on else [])])
    # What has braces of its own stands in quotation marks: two opening braces on a page look like a template's fault.
    lines = [
        f'  {name} = "{value}",' if value[0] == "{" else f"  {name} = {{{value}}}," for name, value in fields.items()
    ]
    bibtex = "\n".join(["@misc{" + key + ",", *lines, "}", ""])
    item = {
        "id": key,
        "type": "dataset",
        "title": title,
        "author": [{"literal": SITE}],
        "publisher": SITE,
        **({"issued": {"date-parts": [[on.year, on.month, on.day]]}} if on else {}),
        "version": version,
        "note": f"{when}{known}",
        "URL": url,
    }
    csl = orjson.dumps([item], option=orjson.OPT_INDENT_2).decode()
    return Citation(f"{SITE}: “{title}” {when}{known} {url}", bibtex, csl)


def frame(url: str, title: str, height: int, width: str = "100%") -> str:
    """The element that another page puts in."""
    return (
        f'<iframe src="{escape(url)}" title="{escape(title)}" width="{width}" height="{height}" loading="lazy" '
        'style="border: 0"></iframe>'
    )


def snippets(slug: str, csv: str, parquet: str) -> tuple[Snippet, ...]:
    """Fetching the rows, by address of the CSV and the Parquet file."""
    name = slug.replace("-", "_")
    return (
        Snippet("curl", f'curl -sSf -o {name}.csv "{csv}"'),
        Snippet("pandas", f'import pandas as pd\n\n{name} = pd.read_csv("{csv}")'),
        Snippet("DuckDB", f'curl -sSf -o {name}.parquet "{parquet}"\nduckdb -c "FROM \'{name}.parquet\' LIMIT 10"'),
    )


def take_away(
    *,
    site: str,
    slug: str,
    title: str,
    params: Mapping[str, str],
    permanent: Mapping[str, str],
    on: date | None,
    run: int | None,
    method: str,
    source: str,
    height: int,
) -> TakeAway:
    """Everything that goes along with a figure. `permanent` are the keys of a permalink, of which a live frame has
    none; `site` is the site's address without a slash."""
    chart, dated = f"{site}/charts/{slug}", {**params, **permanent}
    permalink = address(f"{chart}/", dated)
    page = address(f"{chart}/", params)
    return TakeAway(
        page=page,
        permalink=permalink,
        live=frame(address(f"{site}/embed/{slug}/", params), title, height + AROUND),
        frozen=frame(address(f"{site}/embed/{slug}/", dated), title, height + AROUND),
        oembed=address(f"{site}/oembed", {"url": page, "format": "json"}),
        citation=cite(slug=slug, title=title, url=permalink, on=on, run=run, method=method, source=source),
        snippets=snippets(slug, address(f"{chart}.csv", dated), address(f"{chart}.parquet", dated)),
        known_on=on,
    )


def _tex(text: str) -> str:
    """Text that LaTeX takes as it is."""
    return SPECIAL.sub(r"\\\1", text.replace("\\", "/"))
