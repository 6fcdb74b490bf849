"""Whether a chat template is only a template: what it reaches for, and what becomes of it in an immutable sandbox."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from tracker.evals import isolation, template_trial
from tracker.evals.isolation import Wall
from tracker.evals.troubles import RefusedWeights

LONGEST = 128 * 1024  # characters
OPENING = re.compile(r"\{[{%#]")
WORDS = re.compile(
    r"""\s*(?:(?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?P<name>[^\W\d]\w*)|(?P<sign>\S))""", re.DOTALL
)
# What Jinja gives every template and no chat needs: each leads to Python's own objects, or to other files.
REACHING = frozenset("self lipsum cycler joiner config request url_for get_flashed_messages attr environment".split())
STATEMENTS = frozenset("include import extends from".split())
INTERNAL = re.compile(r"__\w+__|\b(?:func_|gi_|cr_|ag_|f_|tb_|co_)(?:globals|code|frame|builtins)\b")
SECONDS, MEMORY = 30.0, 512 << 20
EMPTY = Wall("warn")  # the best that there is: the trial runs no code but Jinja's


def only_a_template(template: str, name: str, *, wall: Wall = EMPTY) -> None:
    """Raises RefusedWeights where it is more."""
    if len(template) > LONGEST:
        raise RefusedWeights(f"{name}: a chat template of {len(template)} characters")
    for reason in _reaches(template):
        raise RefusedWeights(f"{name}: the chat template {reason}")
    if find_spec("jinja2") is not None and (said := tried(template, wall)):
        raise RefusedWeights(f"{name}: the chat template {said}")


def _reaches(template: str) -> Iterator[str]:
    """Read once from its begin to its end, as Jinja does: where a text or a brace hides a block's end, it is none."""
    place = 0
    while (opening := OPENING.search(template, place)) is not None:
        place = opening.end()
        if opening[0] == "{#":
            end = template.find("#}", place)
            place = len(template) if end < 0 else end + 2
            continue
        before, depth, first = "", 0, True
        while (word := WORDS.match(template, place)) is not None:
            place = word.end()
            if word["sign"] and not depth and template.startswith(("}}", "%}"), word.start("sign")):
                place += 1
                break
            if word["sign"] in ("'", '"'):
                yield "has a text without an end"
                return
            depth += {"{": 1, "}": -1}.get(word["sign"] or "", 0)
            yield from _reaching(word, before, template[place : place + 40].lstrip()[:1])
            if first and opening[0] == "{%" and word["name"] in STATEMENTS:
                yield f"loads another by {word['name']!r}"
            first = first and word["sign"] in ("-", "+")
            before = word[0].strip()


def _reaching(word: "re.Match[str]", before: str, after: str) -> Iterator[str]:
    name = word["name"] or ""
    # As the template's own reader will: an underscore can be written in five ways.
    text = (word["text"] or "")[1:-1].encode("ascii", "backslashreplace").decode("unicode_escape", "replace")
    if INTERNAL.search(text):
        yield f"reaches for Python's inside: {text[:40]!r}"
    if name.startswith("__") or (before == "." and name.startswith("_")) or INTERNAL.search(name):
        yield f"reaches for Python's inside: {name[:40]!r}"
    # A template may give its own variable such a name: only using what Jinja keeps under it is reaching.
    if name in REACHING and before not in (".", "[") and (before == "|" or after in (".", "[", "(", "|", "}", "%")):
        yield f"reaches for {name!r}"


def tried(template: str, wall: Wall) -> str:
    """What is wrong with it when it is rendered, alone in a process with limits; "" where nothing is."""
    argv, _ = isolation.command(
        [sys.executable, "-I", template_trial.__file__],
        wall=wall,
        readable=[Path(template_trial.__file__)],
        memory=MEMORY,
        processes=8,
        seconds=SECONDS,
        environment={},
        sockets=False,
        file_size=0,
    )
    try:
        done = subprocess.run(
            argv, input=template.encode("utf-8", "surrogatepass"), capture_output=True, timeout=SECONDS + 5, check=False
        )
    except subprocess.TimeoutExpired:
        return "does not come to an end"
    if done.returncode == 0 and done.stdout == b"harmless\n":
        return ""
    if done.returncode == 1 and done.stdout.startswith(b"refused: "):
        return done.stdout.decode("utf-8", "replace").removeprefix("refused: ").strip()[:300]
    return f"cannot be rendered in {template_trial.SECONDS} seconds and {MEMORY >> 20} MiB"
