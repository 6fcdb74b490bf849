"""The SPDX licence list: which licences the Open Source Initiative approved and which the FSF counts as free.

OSI's own list of licences answers that it approved hardly any of them, the MIT licence included; SPDX is asked instead.
It has no ids for the licences of Llama, Gemma or the RAIL family: that it does not list one says nothing about it.
"""

from datetime import timedelta

from tracker.domain.records import LicenceRecord
from tracker.sources.base import Document, ParseError, Records, Source
from tracker.sources.values import field, required, text

# Approved since there is such a list. Flags that deny it are broken, and would close every model under these licences.
APPROVED = frozenset({"Apache-2.0", "BSD-3-Clause", "GPL-3.0-only", "MIT"})


def parse(document: Document) -> Records:
    """Every licence with whether OSI approved it and the FSF calls it free; None where the FSF has not judged. A list
    that denies what was always approved is refused."""
    rows = field(document.json(), "licenses", list, document.url)
    if rows is None:
        raise ParseError(f"{document.url} holds no licenses")
    missing = set(APPROVED)
    for position, row in enumerate(rows, 1):
        identity = required(row, "licenseId", f"{document.url}, entry {position}")
        where = f"{document.url}, {identity}"
        approved = field(row, "isOsiApproved", bool, where)
        if approved is None:
            raise ParseError(f"{where}: nothing says whether OSI approved it")
        if approved:
            missing.discard(identity)
        yield LicenceRecord(
            identity,
            identity,
            osi_approved=approved,
            # Left out where the FSF has not judged: that is no "no".
            fsf_libre=field(row, "isFsfLibre", bool, where),
            url=text(row, "reference", where),
        )
    if missing:
        raise ParseError(f"{document.url} does not say that OSI approved {', '.join(sorted(missing))}")


SOURCE = Source(
    __name__,
    title="SPDX License List",
    publisher="SPDX, The Linux Foundation",
    homepage="https://spdx.org/licenses/",
    data_licence="none stated",  # for the list; its flags are facts that OSI and the FSF publish
    # No licence for the list is stated.
    may_hand_on=False,
    attribution="SPDX License List, spdx.org/licenses.",
    urls=("https://raw.githubusercontent.com/spdx/license-list-data/main/json/licenses.json",),
    parse=parse,
    every=timedelta(days=7),  # released every quarter
    at_least=5,
    may_shrink_to=0.95,  # ids are deprecated, never taken off
    max_bytes=16 * 2**20,
    stale_after=timedelta(days=400),
)
