"""What of a model's text is its answer, and when two answers are the same answer."""

import re

# "Answer: 4", "**Final answer:** 4", "The answer is 4".
MARK = re.compile(
    r"(?:^|(?<=[\s.*_#>]))[*_#>\s]*(?:the\s+)?(?:final\s+)?answer[*_]*\s*(?::|\bis\b:?)[*_]*", re.IGNORECASE
)
COLON = re.compile(r"^[*_#>\s]*(?:the\s+)?(?:final\s+)?answer[*_]*\s*:[*_]*", re.IGNORECASE | re.MULTILINE)
THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>.*?</\1>", re.IGNORECASE | re.DOTALL)
THOUGHT_OPENS = re.compile(r"<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
THOUGHT_ENDS = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
FENCE = re.compile(r"^[ \t]*```[^\n`]*\n(.*?)(?:\n[ \t]*```[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
LONGEST = 100_000  # characters looked at, from the end


def without_thoughts(text: str) -> str:
    """What is said aloud. A thought that never ends leaves nothing after it; one whose beginning stood in the prompt
    takes all before its end."""
    text = THOUGHT.sub("", text)
    *_, text = THOUGHT_ENDS.split(text)
    return THOUGHT_OPENS.split(text, maxsplit=1)[0]


def extract(text: str) -> str:
    """The answer in a model's text: what follows the last "Answer:", else the last box, else the last code block, else
    all of it."""
    return found(text)[0]


def found(text: str) -> tuple[str, bool]:
    """The answer, and whether the model said where it begins."""
    text = without_thoughts(text[-LONGEST:].replace("\r\n", "\n"))
    marks = list(COLON.finditer(text)) or list(MARK.finditer(text))
    said = bool(marks)
    if marks:
        text = text[marks[-1].end() :]
    elif (box := _boxed(text)) is not None:
        return box.strip(), True
    if fences := FENCE.findall(text):
        text, said = (fences[0] if marks else fences[-1]), True
    if marks and (box := _boxed(text)) is not None:
        text = box
    return _bare(text), said


def program(text: str) -> str:
    """The Python in a model's text: the last code block that defines something, else all from the first line that
    can begin a program."""
    text = without_thoughts(text[-LONGEST:].replace("\r\n", "\n"))
    blocks = FENCE.findall(text)
    defining = [block for block in blocks if re.search(r"^\s*def\s", block, re.MULTILINE)]
    if blocks:
        return (defining or blocks)[-1].strip("\n")
    start = re.search(r"^(?:def|import|from|@|class)\b", text, re.MULTILINE)
    return text[start.start() :].strip("\n") if start else text.strip()


def one_line(text: str, *, said: bool) -> str:
    """The line with the answer where an answer is one line: the first after the mark, or the last of all."""
    lines = [line for line in text.splitlines() if line.strip()]
    return _bare(lines[0 if said else -1]) if lines else ""


def one_list(text: str) -> str:
    """The list in an answer, which may be written over several lines; all of the answer where there is none."""
    first, last = text.find("["), text.rfind("]")
    return " ".join(text[first : last + 1].split()) if 0 <= first < last else text


def _bare(text: str) -> str:
    """Without blank lines around it and marks of emphasis about it."""
    while True:
        lines = text.rstrip().split("\n")
        while len(lines) > 1 and not lines[0].strip():
            del lines[0]
        # Leading spaces of a board's first line are part of the board.
        bare = "\n".join(lines) if len(lines) > 1 else lines[0].strip()
        for mark in ("**", "__", "`"):
            if len(bare) > 2 * len(mark) and bare.startswith(mark) and bare.endswith(mark):
                bare = bare[len(mark) : -len(mark)]
        if bare.count("**") == 1:
            bare = bare.removesuffix("**").removeprefix("**")  # its other half stood before "Answer"
        if bare == text:
            return bare
        text = bare


def _boxed(text: str) -> str | None:
    """What stands in the last \\boxed{} that is closed."""
    for opening in reversed(list(re.finditer(r"\\(?:boxed|fbox)\s*\{", text))):
        depth = 1
        for place in range(opening.end(), len(text)):
            depth += {"{": 1, "}": -1}.get(text[place], 0)
            if not depth:
                return text[opening.end() : place]
    return None


def normalise(answer: str) -> str:
    """Equal for answers that differ only in how they are written: case, spaces, quotes, LaTeX, a full stop at the end,
    separators of thousands, noughts after the last decimal."""
    said = answer.strip().casefold()
    said = re.sub(r"\\(?:boxed|text|mathrm|mathbf)\s*\{([^{}]*)\}", r"\1", said)
    said = re.sub(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\1/\2", said)
    said = re.sub(r"\\times|\\cdot", "×", said)
    said = re.sub(r"\\[()\[\],;!]|\$|\*\*", "", said)
    said = re.sub("[\"'`“”‘’]", "", said.replace("−", "-"))
    said = "\n".join(line for line in (re.sub(r"[^\S\n]+", " ", line).strip() for line in said.split("\n")) if line)
    said = re.sub(r" ?([,;:()\[\]{}/=×]) ?", r"\1", said)
    said = re.sub(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?![\d,])", lambda number: number[1].replace(",", ""), said)
    said = re.sub(r"(?<![\d.])(\d+)\.(\d*?)0*(?![\d.])", _decimal, said)
    said = said.rstrip(". ")
    return re.sub(r"^(?:[a-z]=)?\+?(?=-?\d+(?:\.\d+)?$)", "", said)


def _decimal(number: re.Match[str]) -> str:
    return f"{number[1]}.{number[2]}" if number[2] else number[1]


def same(answer: str, target: str) -> bool:
    """Whether the answer is the target, however it is written."""
    wanted = normalise(target)
    return normalise(answer) == wanted if wanted else answer.strip() == target.strip() != ""
