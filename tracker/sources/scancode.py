"""ScanCode LicenseDB: which licences there are, how its makers file them, and the texts of those that models use.

Its category is a lawyer's drawer, not a grade of openness: Kimi's modified MIT lies in "Permissive" beside the MIT
licence, and every Llama and RAIL licence in "Proprietary Free". It is kept as the register's own word.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from tracker.domain.records import LicenceRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.front_matter import front_matter
from tracker.sources.values import field, required, text

HOST = "https://scancode-licensedb.aboutcode.org"
TEXT = ".LICENSE"
# Licences of models, and of the code and data that come with them, by ScanCode's key.
KEYS = (
    "agpl-3.0", "apache-2.0", "bigcode-open-rail-m-v1", "bigscience-open-rail-m2", "bigscience-rail-1.0",
    "bilibili-model-ula-2025-09-09", "bsd-new", "cc-by-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-sa-4.0",
    "cc0-1.0", "cdla-permissive-2.0", "deepseek-la-1.0", "exaone-ai-model-1.1-nc", "fair-ai-public-1.0",
    "falcon-2-11b-1.0", "flux-1-nc", "gemma-pup-2024-02-21", "gemma-tou-2024-04-01", "gemma-tou-2025-03-24", "gpl-3.0",
    "hyperclova-x-seed-2025", "llama-2-license-2023", "llama-3.1-license-2024", "llama-3.2-license-2024",
    "llama-3.3-license-2024", "llama-4-cla-2025", "llama-4-license-2025", "mit", "moonshot-ai-modified-mit-2025",
    "ms-research-license-terms", "nvidia-model-training-2025", "nvidia-open-model-2025-04-28", "odc-by-1.0",
    "open-aleph-1.0", "open-weights-permissive-1.0.0", "openatom-model-1.0", "playground-v2-community", "qwen-2024",
    "responsible-ai-source-1.0", "stability-ai-community-2024", "stability-ai-nc-2023-12-06", "tongyi-qianwen-2023",
    "unlicense",
)  # fmt: skip
# No vintage of the register was without them: a list that is, is not the register.
CORE = frozenset({"mit", "apache-2.0", "gpl-3.0"})
# SPDX ids that ScanCode made up for licences that SPDX does not list.
MADE_UP = "LicenseRef-"


def parse(document: Document) -> Records:
    """Of the index every licence with its category, withdrawn ones and exceptions left out; of a licence's own address
    its text."""
    return _text(document) if urlsplit(document.url).path.endswith(TEXT) else _index(document)


def _index(document: Document) -> Iterator[LicenceRecord]:
    rows = document.json()
    if not isinstance(rows, list):
        raise ParseError(f"{document.url} is not a list of licences")
    listed: set[str] = set()
    for position, row in enumerate(rows, 1):
        where = f"{document.url}, entry {position}"
        key = required(row, "license_key", where)
        listed.add(key)
        if field(row, "is_exception", bool, where) or field(row, "is_deprecated", bool, where):
            continue  # an exception is a clause of another licence; a withdrawn entry is a double of one that stayed
        category = required(row, "category", f"{where} ({key})")
        yield LicenceRecord(key, _name(key, row, where), category=category, url=f"{HOST}/{key}.html")
    if gone := sorted(CORE - listed):
        raise ParseError(f"{document.url} does not list {', '.join(gone)}")


def _text(document: Document) -> Iterator[LicenceRecord]:
    values, words = front_matter(document)
    key = required(values, "key", document.url)
    if key != PurePosixPath(urlsplit(document.url).path).name.removesuffix(TEXT):
        raise ParseError(f"{document.url} is the text of {key!r}")
    if not words.strip():
        raise ParseError(f"{document.url} has no text")
    yield LicenceRecord(
        key,
        _name(key, values, document.url),
        text=words.strip(),
        category=required(values, "category", document.url),
        url=f"{HOST}/{key}.html",
    )


def _name(key: str, row: object, where: str) -> str:
    """The licence's SPDX id, by which others know it; ScanCode's own key where SPDX has none."""
    spdx = text(row, "spdx_license_key", where)
    return key if not spdx or spdx.startswith(MADE_UP) else spdx


SOURCE = Source(
    __name__,
    title="ScanCode LicenseDB",
    publisher="AboutCode",
    homepage="https://scancode-licensedb.aboutcode.org/",
    data_licence="CC-BY-4.0",  # of the metadata; each text is its publisher's
    # The register is CC BY, the licences' texts in it are their publishers'.
    may_hand_on=False,
    attribution="ScanCode LicenseDB, AboutCode.org and others, scancode-licensedb.aboutcode.org (CC BY 4.0).",
    urls=(f"{HOST}/index.json", *(f"{HOST}/{key}{TEXT}" for key in KEYS)),
    parse=parse,
    every=timedelta(days=7),  # it changes with ScanCode's releases
    max_bytes=16 * 2**20,
    stale_after=timedelta(days=400),
)
