"""`manage.py capture`: a source's live documents, saved outside the repository for somebody to look at."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.fetch import Fetched, FetchError, FetchRefused
from tracker.management.console import SpeakingCommand
from tracker.sources import SOURCES
from tracker.sources.base import Source
from tracker.tasks import fetching


class Command(SpeakingCommand):
    """Asks each address once, in the workers' own queue at its host. It ends with 1 where one could not be had, and has
    saved the others by then."""

    help = (
        "Saves the live documents of a source outside the repository, each with its headers beside it, to look at "
        "before writing a parser or a test. Nothing is stored in the database; publishers' bytes are never committed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", help=f"one of {', '.join(SOURCES)}")
        parser.add_argument(
            "--out", type=Path, metavar="DIR", help="folder to save in (default: captured/SOURCE in the state folder)"
        )
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        source = SOURCES.get(options["source"])
        if source is None:
            raise CommandError(f"{options['source']} is no source; there are {', '.join(SOURCES)}")
        folder = (options["out"] or settings.STATE_DIR / "captured" / source.slug).expanduser().resolve()
        if folder.is_relative_to(Path(settings.BASE_DIR).resolve()):
            raise CommandError(
                f"{folder} lies in the repository, where publishers' bytes could be committed: name another in --out"
            )
        urls = [url for url in source.urls if url.startswith(("https:", "http:"))]
        if not urls:
            raise CommandError(
                f"{source.title} has no address on the web: its documents are the files {', '.join(source.urls)}"
            )
        if not settings.COLLECT_LIVE and not settings.SOURCE_MIRROR:
            raise CommandError(
                "COLLECT_LIVE is 0: no source is contacted. Set it to 1, or name a mirror in SOURCE_MIRROR."
            )
        self.need_database()  # where workers keep their turns at a host: this command waits in the same line
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"{folder} cannot be made: {error.strerror}") from error
        saved, failed = self.save(source, urls, folder)
        if options["as_json"]:
            self.print_json({"source": source.slug, "saved": saved, "failed": failed})
        else:
            for file in saved:
                self.stdout.write(f"{file['file']}: {file['size']} bytes, {file['media_type']}")
        if failed:
            raise CommandError("\n".join(f"{row['url']}: {row['message']}" for row in failed))

    def save(self, source: Source, urls: list[str], folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
        saved: list[dict[str, Any]] = []
        failed: list[dict[str, str]] = []
        with self.progress() as shown:
            shown.begin("", total=len(urls))
            for url in urls:
                shown.say(url)
                try:
                    answer = fetching().fetch(url, max_bytes=source.max_bytes)
                except (FetchError, FetchRefused) as error:
                    failed.append({"url": url, "message": str(error)})
                else:
                    if isinstance(answer, Fetched):
                        saved.append(_save(answer, url, folder, at=timezone.now()))
                    else:
                        failed.append({"url": url, "message": "answered 304 to a request without conditions"})
                shown.advance()
        return saved, failed


def _save(answer: Fetched, url: str, folder: Path, *, at: datetime) -> dict[str, Any]:
    """The bytes in a file named for the time and the address, and what came with them in another beside it."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", url.partition("?")[0].partition("://")[2])[-120:]
    if "?" in url:  # many documents of one address differ in their queries only
        name = f"{hashlib.sha256(url.encode()).hexdigest()[:8]}-{name}"
    file = folder / f"{at:%Y-%m-%dT%H%M%SZ}-{name}"
    file.write_bytes(answer.body)
    headers: Mapping[str, Any] = {
        "url": url,
        "answered_by": answer.url,
        "fetched_at": at.isoformat(),
        "status": answer.status,
        "media_type": answer.media_type,
        "etag": answer.etag,
        "last_modified": answer.last_modified,
        "size": len(answer.body),
        "sha256": hashlib.sha256(answer.body).hexdigest(),
    }
    file.with_name(f"{file.name}.headers.json").write_text(f"{json.dumps(headers, indent=1)}\n", "utf-8")
    return {**headers, "file": str(file)}
