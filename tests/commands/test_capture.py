"""`capture`: live documents with their headers, outside the repository."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management.base import CommandError

from tests.commands.conftest import Call
from tests.pipeline.local_publisher import Publisher
from tracker.models import Fetch, Snapshot
from tracker.sources import SOURCES

API, REPOSITORY = SOURCES["models_dev"].urls


def test_each_document_is_saved_byte_for_byte_with_its_headers_beside_it(
    db: None, call: Call, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.put(API, b'{"x": 1}')
    publisher.put(REPOSITORY, b"\x1f\x8b archive", media_type="application/gzip", validators=False)
    said = json.loads(call("capture", "models_dev", "--out", str(tmp_path / "new"), "--json"))
    assert len(said["saved"]) == 2
    assert len(list((tmp_path / "new").iterdir())) == 4
    for row, url, body in zip(said["saved"], (API, REPOSITORY), (b'{"x": 1}', b"\x1f\x8b archive"), strict=True):
        file = Path(row["file"])
        assert file.read_bytes() == body
        headers = json.loads(file.with_name(f"{file.name}.headers.json").read_text())
        assert (headers["url"], headers["status"]) == (url, 200)
        assert headers["sha256"] == hashlib.sha256(body).hexdigest()
        assert bool(headers["etag"]) == (url == API)
    assert not Fetch.objects.exists()
    assert not Snapshot.objects.exists()


def test_what_could_be_had_is_saved_and_the_rest_makes_it_fail(
    db: None, call: Call, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.put(API, b'{"x": 1}')
    with pytest.raises(CommandError, match=rf"{REPOSITORY}: .*answered 404"):
        call("capture", "models_dev", "--out", str(tmp_path / "new"))
    assert len(list((tmp_path / "new").iterdir())) == 2


def test_documents_of_one_address_with_other_queries_do_not_replace_each_other(
    db: None, call: Call, publisher: Publisher, tmp_path: Path
) -> None:
    urls = SOURCES["hf_hub"].urls
    for url in urls:
        publisher.put(url, json.dumps([url]).encode())
    call("capture", "hf_hub", "--out", str(tmp_path / "new"))
    saved = [file for file in (tmp_path / "new").iterdir() if not file.name.endswith(".headers.json")]
    assert {json.loads(file.read_text())[0] for file in saved} == set(urls)


@pytest.mark.parametrize("inside", [".", "tests/documents/new", "tests/../captured"])
def test_a_folder_inside_the_repository_is_refused(inside: str, call: Call) -> None:
    folder = Path(configured.BASE_DIR) / inside
    before = folder.exists()
    with pytest.raises(CommandError, match="lies in the repository"):
        call("capture", "models_dev", "--out", str(folder))
    assert folder.exists() == before


def test_a_link_into_the_repository_is_refused(call: Call, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(configured.BASE_DIR)
    with pytest.raises(CommandError, match="lies in the repository"):
        call("capture", "models_dev", "--out", str(tmp_path / "link" / "new"))


def test_what_cannot_be_captured_is_refused_in_words(call: Call, settings: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere is no source; there are"):
        call("capture", "nowhere")
    with pytest.raises(CommandError, match="no address on the web"):
        call("capture", "curated_releases", "--out", str(tmp_path))
    settings.COLLECT_LIVE, settings.SOURCE_MIRROR = False, ""
    with pytest.raises(CommandError, match="COLLECT_LIVE is 0"):
        call("capture", "models_dev", "--out", str(tmp_path))
