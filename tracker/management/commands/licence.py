"""`manage.py licence FILE`: which licence a text is, which version, which terms it carries, and how sure that is."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from tracker.domain.licence_recognition import Recognition, State, recognise
from tracker.domain.licence_terms import LicenceDefinition
from tracker.management.console import SpeakingCommand
from tracker.pipeline.licence_fingerprints import fingerprints, learn, licence_definitions, names, terms

LARGEST = 4 * 2**20


class Command(SpeakingCommand):
    """Needs no database: the catalogue's files know the licences. Only --learn writes, and it writes into the
    catalogue."""

    help = "Says which licence a text is, which version, which terms it carries, and how sure that is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the text; - reads it from stdin")
        self.json_option(parser)
        parser.add_argument(
            "--learn",
            metavar="SLUG",
            help="keep the text's fingerprint, which holds none of its words, in the catalogue under this licence",
        )
        parser.add_argument(
            "--called", metavar="NAME", help="with --learn: what the text is called, and where it stood"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        text = self.read(options["file"])
        if options["learn"]:
            try:
                path, one = learn(options["learn"], options["called"] or Path(options["file"]).name, text)
            except ValueError as error:
                raise CommandError(str(error)) from error
            self.note(f"{path.name} now has {len(one.forms)} form(s) of {one.slug}.")
        licences = licence_definitions()
        found = recognise(text, fingerprints(), names(licences.values()))
        # A text that only names its licence is not the licence: the terms are those of the name, and said to be.
        slug = found.licence or (found.named[0] if len(found.named) == 1 else "")
        licence = licences.get(slug)
        if options["as_json"]:
            self.print_json(answer(found, licence, licences))
            return
        for line in sentences(found, licence, licences):
            self.stdout.write(line)

    def read(self, file: str) -> str:
        """Bytes that are no UTF-8 are kept as marks that show: `recognise` says when a file is no text."""
        try:
            body = sys.stdin.buffer.read(LARGEST + 1) if file == "-" else Path(file).read_bytes()[: LARGEST + 1]
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror or error}") from error
        if len(body) > LARGEST:
            raise CommandError(f"{file} is larger than {LARGEST // 2**20} MiB, which no licence is")
        if body.startswith((b"\xff\xfe", b"\xfe\xff")):
            return body.decode("utf-16", errors="replace")
        return body.decode("utf-8-sig", errors="replace")


def answer(
    found: Recognition, licence: LicenceDefinition | None, licences: dict[str, LicenceDefinition]
) -> dict[str, Any]:
    """The answer for a program, None for what is not known. `terms` are those of the licence that the text is,
    `terms_of_the_name` those of one that it only names."""
    nearest = licences.get(found.nearest)
    return {
        "licence": found.licence or None,
        "version": (licence.version or None) if licence and found.exact else None,
        "name": licence.name if licence and found.exact else None,
        "family": (licence.family or None) if licence and found.exact else None,
        "state": found.state.value,
        "sure": 1.0 if found.exact else found.share,
        "exact": found.exact,
        "nearest": found.nearest or None,
        "nearest_name": nearest.name if nearest else None,
        "share_alike_clauses": found.share,
        "others": list(found.others),
        "named": list(found.named),
        "differing": [
            {"kind": one.kind.value, "clause": one.clause or None, "words": one.words or None}
            for one in found.differing
        ],
        "terms": terms(licence) if licence and found.exact else None,
        "terms_of_the_name": terms(licence) if licence and not found.exact else None,
        "text_sha256": found.text_sha256 or None,
    }


def sentences(
    found: Recognition, licence: LicenceDefinition | None, licences: dict[str, LicenceDefinition]
) -> list[str]:
    """The answer for a person."""

    def called(slug: str) -> str:
        return licences[slug].name if slug in licences else slug

    if found.state is State.UNREADABLE:
        return ["This is no text."]
    if found.state is State.EMPTY:
        return ["There are no words in it."]
    if found.state is State.NAMED:
        lines = [f"Named, not read: it says {', '.join(map(called, found.named))}, and does not hold a licence's text."]
    elif found.exact:
        lines = [f"{called(found.licence)} ({found.licence}): every clause is the same."]
        if found.others:
            lines.append(f"In the same file: {', '.join(map(called, found.others))}.")
    elif not found.nearest:
        lines = ["Unknown, and near to no licence that we know."]
    elif found.state is State.WHOLE:
        lines = [f"Unknown: all of {called(found.nearest)} ({found.nearest}), and other text beside it."]
    else:
        near = f"{called(found.nearest)} ({found.nearest})"
        lines = [f"Unknown, nearest {near}: {found.share:.0%} of the clauses are alike, these differ."]
    for one in found.differing:
        lines.append(f"  {one.kind.value:8}{one.clause}{': ' if one.clause and one.words else ''}{one.words}")
    lines.append(f"sha256 of the normalised text: {found.text_sha256}")
    if licence is not None:
        lines.append("Terms in the catalogue:" if found.exact else "Terms of the licence that it names:")
        lines += [f"  {name}: {said}" for name, said in terms(licence).items() if said not in ("", [], None, 0)]
    return lines
