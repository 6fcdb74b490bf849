"""The static files: Plotly.js as npm's small bundle or the Python package's own, and when to collect them again."""

import hashlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder, get_finders
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command

BUNDLE = "plotly.min.js"
PREFIX = "vendor"
SMALL = "plotly.js-basic-dist-min"
SMALL_LIMIT = 5_000_000
BANNER = re.compile(rb"plotly\.js (?:\(\w+(?: - minified)?\) )?v(\d+\.\d+\.\d+)")


class BundleError(Exception):
    """The small bundle cannot be had; the package's own does the same work."""


def version_of(file: Path) -> str:
    """What a bundle's own first lines say, or nothing when it is no bundle of Plotly.js."""
    with file.open("rb") as bundle:
        found = BANNER.search(bundle.read(400))
    return found[1].decode() if found else ""


@cache
def packaged_folder() -> Path:
    """Where the package plotly keeps its own bundle; raises BundleError where it is not installed."""
    found = importlib.util.find_spec("plotly")  # found, not imported: the import takes a tenth of a second and more
    if found is None or not found.submodule_search_locations:
        raise BundleError("The package plotly is not installed")
    return Path(next(iter(found.submodule_search_locations))) / "package_data"


def folder(fetched: Path) -> Path:
    """The folder to serve the bundle from: figures are checked against the package's version, so no other will do."""
    wanted = version_of(packaged_folder() / BUNDLE)
    small = fetched / BUNDLE
    return fetched if small.is_file() and version_of(small) == wanted else packaged_folder()


def unpacked(archive: bytes, *, version: str) -> bytes:
    """The bundle inside an npm package, known to be of that version."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            for member in tar:
                if member.isfile() and member.name.endswith(".min.js") and member.size <= SMALL_LIMIT:
                    content = tar.extractfile(member)
                    script = content.read() if content else b""
                    found = BANNER.search(script[:400])
                    if found and found[1].decode() == version:
                        return script
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BundleError(f"npm's package cannot be read: {error}") from error
    raise BundleError(f"npm's package holds no Plotly.js {version}")


def fetch_small(fetched: Path, *, seconds: float = 30) -> Path:
    """Have the small bundle in the folder; raises BundleError where that cannot be."""
    if folder(fetched) == fetched:
        return fetched / BUNDLE
    npm = shutil.which("npm")
    if npm is None:
        raise BundleError("there is no npm on this machine")
    version = version_of(packaged_folder() / BUNDLE)
    with tempfile.TemporaryDirectory() as scratch:
        command = [npm, "pack", f"{SMALL}@{version}", "--ignore-scripts", "--fetch-retries=0", "--loglevel=error"]
        try:
            subprocess.run(command, cwd=scratch, capture_output=True, timeout=seconds, check=True)
        except subprocess.TimeoutExpired:
            raise BundleError(f"npm did not answer within {seconds:.0f} s") from None
        except subprocess.CalledProcessError as error:
            raise BundleError(f"npm pack ended with {error.returncode}") from None
        archive = next(Path(scratch).glob("*.tgz"), None)
        if archive is None:
            raise BundleError("npm pack left no file")
        script = unpacked(archive.read_bytes(), version=version)
    fetched.mkdir(parents=True, exist_ok=True)
    draft = fetched / f"{BUNDLE}.draft"
    draft.write_bytes(script)
    return draft.rename(fetched / BUNDLE)


class PlotlyFinder(BaseFinder):
    """Shows static files at vendor/plotly.min.js whichever bundle there is, without a copy in the repository."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=folder(settings.PLOTLY_DIR))
        self.storage.prefix = PREFIX  # type: ignore[attr-defined]

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != f"{PREFIX}/{BUNDLE}":
            return []
        found = self.storage.path(BUNDLE)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        if not matches_patterns(BUNDLE, list(ignore_patterns or ())):
            yield BUNDLE, self.storage


def state_of(files: Iterable[tuple[str, Path]], *, storage: str) -> str:
    """A digest that changes when any file does, or the way in which they are stored."""
    lines = sorted(f"{name} {file.stat().st_size} {file.stat().st_mtime_ns}" for name, file in files)
    return hashlib.sha256("\n".join([storage, *lines]).encode()).hexdigest()


def source_files() -> Iterator[tuple[str, Path]]:
    """Every static file as the finders show it: where it will be collected to, and where it lies."""
    for finder in get_finders():
        for path, storage in finder.list([]):
            yield f"{getattr(storage, 'prefix', None) or ''}/{path}", Path(storage.path(path))


def collect() -> bool:
    """Collect the static files unless nothing has changed since the last time. Whether it was done."""
    stamp = settings.STATE_DIR / "static.stamp"
    state = state_of(source_files(), storage=settings.STORAGES["staticfiles"]["BACKEND"])
    if settings.STATIC_ROOT.is_dir() and stamp.is_file() and stamp.read_text() == state:
        return False
    stamp.unlink(missing_ok=True)  # an interrupted run must not look like a whole one
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(state)
    return True


def main() -> None:
    """Fetch the small bundle where that can be, and collect. Run as a program before the web server starts."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landscape.settings")
    try:
        fetch_small(settings.PLOTLY_DIR)
    except BundleError as error:
        sys.stdout.write(f"The whole Plotly.js is served instead of its small bundle: {error}\n")
    django.setup()
    sys.stdout.write("Static files collected\n" if collect() else "Static files are as they were\n")


if __name__ == "__main__":
    main()
