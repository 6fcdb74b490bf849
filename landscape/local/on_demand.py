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
# The same command answers from a file, or only explains itself.
OFFLINE_WITH = frozenset({"--help", "-h", "--version", "--scores", "--mof"})


def needs_database(argv: Sequence[str]) -> bool:
    command, *arguments = [*argv[1:], ""]
    if not command or command.startswith("-") or command in OFFLINE:
        return False
    return not any(argument.partition("=")[0] in OFFLINE_WITH for argument in arguments)


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
