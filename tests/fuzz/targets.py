"""What reads bytes from strangers: each reader with small documents to begin from, and the errors that it declares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from protego import Protego

from tests.sources.conftest import DOCUMENTS, FETCHED_AT, files, tarred, zipped
from tests.sources.test_every_source_damaged import IN_ITS_PLACE, WHOLE
from tracker.addresses import not_public, public_url
from tracker.domain import licence_diff, licence_text, names
from tracker.domain.licence_markup import spdx_tag, undressed
from tracker.sources import SOURCES, feeds, record_file
from tracker.sources.base import Document, ParseError
from tracker.sources.front_matter import front_matter
from tracker.sources.yaml_text import read_yaml

URL = "https://example.org/document"
# Whatever comes in from the open internet most often, or by anybody's hand: the test runs these.
MOST_EXPOSED = ("lab_feeds", "lab_pages", "mail-report", "url", "licence-text")


@dataclass(frozen=True, slots=True)
class Target:
    """`read` may raise one of `declared` and nothing else, on whatever bytes."""

    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    declared: tuple[type[Exception], ...] = (ParseError,)

    def __call__(self, data: bytes) -> None:
        try:
            self.read(data)
        except self.declared as error:
            str(error).encode()  # the words are stored beside the document


def _document(data: bytes) -> Document:
    return Document(URL, data, FETCHED_AT)


def _source(slug: str) -> Target:
    url, body = WHOLE[slug]
    return Target(lambda data: SOURCES[slug].records(Document(url, data, FETCHED_AT)), (body, *IN_ITS_PLACE.values()))


def _inside(slug: str, members: Mapping[str, bytes], pack: Callable[[dict[str, bytes]], bytes]) -> Target:
    """An archive in which one file says something else: bytes changed from outside seldom unpack at all."""
    order, url = sorted(members), WHOLE[slug][0]

    def read(data: bytes) -> object:
        changed = dict(members)
        changed[order[data[0] % len(order) if data else 0]] = data[1:]
        return SOURCES[slug].records(Document(url, pack(changed), FETCHED_AT))

    return Target(read, tuple(bytes([at]) + members[name] for at, name in enumerate(order[:255])))


def _licence_text(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    half = len(text) // 2
    spdx_tag(text)
    undressed(text)
    licence_text.clauses(text)
    licence_diff.text_diff(text[:half], text[half:])


def _name(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    names.normalise(text)
    names.split(text)
    names.suggest(text, {"gpt5": names.Known("gpt-5")})


def _robots(data: bytes) -> None:
    rules = Protego.parse(data.decode("utf-8-sig", "replace"))
    rules.can_fetch(URL, "AI-Landscape")
    rules.crawl_delay("AI-Landscape")


def _mail_report(data: bytes) -> object:
    from tracker.digest import reports

    return reports.told(data, now=datetime(2026, 11, 22, tzinfo=UTC))


def _url(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    not_public(text)
    url = public_url(text)
    # What is let through is what it looks like: a name with a dot, or an address that is public.
    assert "." in url.host or ":" in url.host
    assert url.scheme in ("http", "https")
    assert not url.userinfo
    assert ":" not in url.host or not_public(url.host) == ""


def _targets() -> dict[str, Target]:
    from tracker.digest.reports import NotAReportError

    report = (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
        b"gone\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: "
        b"rfc822; ann@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user\n--b--\n"
    )
    qmail = (
        b"From: x@example.org\n\nHi. This is the program.\n\n<ann@example.org>:\nSorry, no mailbox (#5.1.1)\n\n---\n"
    )
    return {
        **{slug: _source(slug) for slug in WHOLE},
        "epoch_benchmarks-inside": _inside("epoch_benchmarks", files(DOCUMENTS / "epoch_benchmarks" / "new"), zipped),
        "mot-inside": _inside("mot", files(DOCUMENTS / "mot" / "repository"), lambda all_: tarred(all_, "top/")),
        "osai-inside": _inside("osai", files(DOCUMENTS / "osai" / "twelve"), lambda all_: tarred(all_, "top/")),
        "feed": Target(lambda data: list(feeds.items(_document(data))), (WHOLE["lab_feeds"][1], WHOLE["arxiv"][1])),
        "csv": Target(lambda data: list(_document(data).csv("a")), (b"a,b\n1,2\n", b'a\n"x\ny"\n')),
        "json": Target(lambda data: _document(data).json(), (b'{"a": [1, 2.5, "x", null]}', b"[" * 40 + b"]" * 40)),
        "yaml": Target(lambda data: read_yaml(_document(data)), (b"a: [1, {b: c}]\n", b"- &x [1]\n- *x\n")),
        "front-matter": Target(lambda data: front_matter(_document(data)), (b"---\nlicense: mit\n---\ntext\n",)),
        "record-file": Target(
            lambda data: list(record_file.read_batches(data.split(b"\n"), URL)), (_record_file(),)
        ),
        "licence-text": Target(_licence_text, (WHOLE["licence_texts"][1], b"1. Grant. You may.\n2. Nothing.\n"), ()),
        "name": Target(_name, (b"GPT-5 (high)", b"openai/gpt-5-2025-08-07_16k"), ()),
        "robots": Target(_robots, (b"User-agent: *\nDisallow: /x\nCrawl-delay: 3\n",), ()),
        "mail-report": Target(_mail_report, (report, qmail), (NotAReportError,)),
        "url": Target(
            _url,
            (b"https://example.org/a?b#c", b"http://[64:ff9b::7f00:1]/", b"http://0x7f.1/", b"http://[fe80::1%25e]/"),
            (ValueError,),
        ),
    }  # fmt: skip


def _record_file() -> bytes:
    from tracker.domain.records import NewsRecord, ScoreRecord

    rows = [ScoreRecord("k", "m", "b", 0.5), NewsRecord("n", "lab", "A title")]
    return record_file.write(rows, source="epoch_panel", url=URL, retrieved_on=FETCHED_AT.date())


TARGETS = _targets()
