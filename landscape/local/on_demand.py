"""Which command lines need the embedded database running, and where they say it is kept."""

from collections.abc import Sequence

# These either need no database or look after it themselves.
OFFLINE = frozenset(
    {
        "audit",
        "check",
        "collectstatic",
        "compilemessages",
        "diagram",
        "diffsettings",
        "findstatic",
        "help",
        "licence",
        "makemessages",
        "sbom",
        "sendtestemail",
        "startapp",
        "startproject",
        "test",
        "up",
        "version",
    }
)
# Any command then only explains itself.
EXPLAINED_BY = frozenset({"--help", "-h", "--version"})
# These then answer from a file.
FROM_A_FILE = {"gap": "--scores", "openness": "--mof"}


def needs_database(argv: Sequence[str]) -> bool:
    """Whether that command line, which begins with the program's own name, has any work for the database."""
    command, *arguments = [*argv[1:], ""]
    if not command or command.startswith("-") or command in OFFLINE:
        return False
    without = EXPLAINED_BY | {FROM_A_FILE.get(command, "--help")}
    return not any(argument.partition("=")[0] in without for argument in arguments)


def state_option(argv: Sequence[str]) -> str:
    """The DIR of `up --state DIR`: it decides where settings look, so it must be known before they are read."""
    if argv[1:2] != ["up"]:
        return ""
    for argument, following in zip(argv[2:], [*argv[3:], ""], strict=True):
        if argument == "--state":
            return following
        if argument.startswith("--state="):
            return argument.removeprefix("--state=")
    return ""
