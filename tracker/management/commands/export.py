"""`manage.py export`: the public data set as files that anybody may use, with who is to be named for them."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from tracker.management.console import SpeakingCommand
from tracker.queries import data_package, public


class Command(SpeakingCommand):
    """All tables are of one moment. The description is written last: a folder without datapackage.json is half an
    export."""

    help = (
        "Writes the public data set: a CSV and a Parquet file for each kind of row, and a datapackage.json with types, "
        "licences, attributions and sha256. Equal facts give equal bytes. What may not be displayed is left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", type=Path, help="made if it is not there; files of an earlier export are replaced"
        )
        self.json_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        self.need_database()
        if folder.exists() and not folder.is_dir():
            raise CommandError(f"{folder} is no folder")
        (folder / "datapackage.json").unlink(missing_ok=True)  # until the new one is whole
        written = []
        with public.one_moment(), self.progress() as shown:
            extracts = public.extracts()
            shown.begin("Writing", total=len(extracts))
            for extract in extracts:
                shown.say(f"Writing {extract.table.name}")
                written.append(data_package.write_table(folder, extract.table, extract.rows()))
                shown.advance()
            data_package.describe(folder, written, public.credited(), data_package.ABOUT)
        if options["as_json"]:
            self.print_json(
                {one.table.name: {"rows": one.rows, "files": [f.name for f in one.files]} for one in written}
            )
        else:
            self.print_table(
                ("table", "rows", "bytes"),
                [(one.table.name, f"{one.rows:,}", f"{sum(f.stat().st_size for f in one.files):,}") for one in written],
                right=(1, 2),
            )
