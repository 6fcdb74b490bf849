"""Which Plotly.js is served, and when static files are collected again."""

import importlib.util
import io
import os
import re
import tarfile
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from landscape.local.assets import (
    BUNDLE,
    SMALL,
    BundleError,
    fetch_small,
    folder,
    packaged_folder,
    state_of,
    unpacked,
    version_of,
)


def npm_package(script: bytes) -> bytes:
    """An archive in the shape in which npm hands out packages."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in {"package/package.json": b"{}", "package/plotly-basic.min.js": script}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def banner(version: str) -> bytes:
    return f"/**\n* plotly.js (basic - minified) v{version}\n*/\n!function(){{}}();".encode()


def packaged_version() -> str:
    """What the Python package says of itself, read from its source rather than from the bundle."""
    origin = importlib.util.find_spec("plotly").submodule_search_locations[0]
    source = (Path(origin) / "offline" / "_plotlyjs_version.py").read_text()
    return re.search(r'"([\d.]+)"', source)[1]


def test_the_served_bundle_is_of_the_version_that_the_python_package_checks_figures_against() -> None:
    served = finders.find(f"vendor/{BUNDLE}")
    assert served is not None
    assert version_of(Path(served)) == packaged_version()


def test_the_bundle_has_a_place_among_the_static_files() -> None:
    listed = [
        f"{getattr(storage, 'prefix', '')}/{path}"
        for finder in finders.get_finders()
        for path, storage in finder.list([])
    ]
    assert listed.count(f"vendor/{BUNDLE}") == 1


def test_without_a_fetched_bundle_the_packages_own_is_served(tmp_path: Path) -> None:
    assert folder(tmp_path) == packaged_folder()


def test_a_fetched_bundle_of_the_same_version_is_served(tmp_path: Path) -> None:
    (tmp_path / BUNDLE).write_bytes(banner(packaged_version()))
    assert folder(tmp_path) == tmp_path


def test_a_fetched_bundle_of_another_version_is_not(tmp_path: Path) -> None:
    (tmp_path / BUNDLE).write_bytes(banner("1.2.3"))
    assert folder(tmp_path) == packaged_folder()


def test_the_script_is_taken_out_of_npms_package() -> None:
    assert unpacked(npm_package(banner("4.1.1")), version="4.1.1") == banner("4.1.1")


@pytest.mark.parametrize("archive", [npm_package(banner("4.1.0")), npm_package(b"// nothing"), b"<html>", b""])
def test_anything_else_is_refused(archive: bytes) -> None:
    with pytest.raises(BundleError):
        unpacked(archive, version="4.1.1")


def test_a_machine_without_npm_does_without_the_small_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BundleError, match="no npm"):
        fetch_small(tmp_path / "vendor")
    assert folder(tmp_path / "vendor") == packaged_folder()


@pytest.mark.parametrize(
    ("script", "said"), [("exit 1", "ended with 1"), ("exec sleep 60", "did not answer"), (":", "no file")]
)
def test_an_npm_that_fails_or_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(BundleError, match=said):
        fetch_small(tmp_path / "vendor", seconds=0.5)


def test_npm_is_asked_for_the_packages_version_and_its_answer_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "answer").write_bytes(npm_package(banner(packaged_version())))
    npm = tmp_path / "npm"
    npm.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/asked"\ncp "{tmp_path}/answer" ./x.tgz\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert version_of(fetch_small(tmp_path / "vendor")) == packaged_version()
    assert f"pack {SMALL}@{packaged_version()}" in (tmp_path / "asked").read_text()
    npm.write_text("#!/bin/sh\nexit 1\n")
    assert fetch_small(tmp_path / "vendor").is_file()  # what is there is not asked for again


def test_a_changed_file_or_another_storage_calls_for_collecting_again(tmp_path: Path) -> None:
    file = tmp_path / "site.css"
    file.write_text("a")
    first = state_of([("site.css", file)], storage="hashed")
    assert state_of([("site.css", file)], storage="hashed") == first
    assert state_of([("site.css", file)], storage="plain") != first
    file.write_text("ab")
    assert state_of([("site.css", file)], storage="hashed") != first


def test_tests_serve_files_under_their_own_names() -> None:
    assert settings.STORAGES["staticfiles"]["BACKEND"].endswith(".StaticFilesStorage")
