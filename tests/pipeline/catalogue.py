"""A small catalogue on disk: three labs, a handful of models and benchmarks, two licences."""

from pathlib import Path

LABS = {
    "anthropic": """
name = "Anthropic"
region = "us"
aliases = ["Example Lab"]
[[family]]
slug = "claude-example"
name = "Claude Example"
[[model]]
slug = "claude-example-3"
name = "Claude Example 3"
family = "claude-example"
released = "2025-02-01"
[[model]]
slug = "claude-example-4"
name = "Claude Example 4"
family = "claude-example"
released = "2026-01-15"
aliases = ["claude-example-four"]
""",
    "openai": """
name = "OpenAI"
region = "us"
[[model]]
slug = "gpt-example"
name = "GPT Example"
released = "2025-08-07"
[[model]]
slug = "gpt-example-mini"
name = "GPT Example Mini"
""",
    "deepseek": """
name = "DeepSeek"
region = "china"
[[model]]
slug = "deepseek-example"
name = "DeepSeek Example"
released = "2026-03-01"
[[model]]
slug = "deepseek-example-lite"
name = "DeepSeek Example Lite"
released = "2025-05-01"
""",
}
BENCHMARKS = {
    name: f"""
name = "{title}"
aliases = ["{name.replace("-", "_")}"]
category = "{category}"
unit = "proportion"
floor = {floor}
ceiling = 1.0
access = "public"
in_index = true
"""
    for name, title, category, floor in (
        ("gpqa-diamond", "GPQA Diamond", "knowledge", 0.25),
        ("math-level-5", "MATH Level 5", "mathematics", 0.0),
        ("frontiermath", "FrontierMath", "mathematics", 0.0),
        ("chess-puzzles", "Chess Puzzles", "reasoning", 0.0),
        ("simpleqa-verified", "SimpleQA Verified", "knowledge", 0.0),
    )
}
BENCHMARKS["hidden-exam"] = """
name = "Hidden Exam"
category = "reasoning"
unit = "proportion"
floor = 0.0
ceiling = 1.0
access = "private"
in_index = false
may_display = false
"""
LICENCES = {
    "mit": """
name = "MIT License"
spdx = "MIT"
aliases = ["mit-license"]
osi_approved = "yes"
commercial = "yes"
evidence = "https://opensource.org/license/mit"
read_on = "2026-09-01"
""",
    "example-community": """
name = "Example Community License"
commercial = "threshold"
mau_threshold = 1000
threshold_effect = "need-licence"
evidence = "https://example.org/licence"
read_on = "2026-09-01"
geo_exclusions = [{ region = "Atlantis", scope = "all use" }]
""",
}


def write_catalogue(root: Path) -> Path:
    for folder, files in {"labs": LABS, "benchmarks": BENCHMARKS, "licences": LICENCES}.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        for slug, text in files.items():
            (root / folder / f"{slug}.toml").write_text(text, "utf-8")
    return root


def contents(root: Path) -> tuple[tuple[str, str], ...]:
    """Every file's place and text."""
    files = sorted(file for file in root.rglob("*") if file.is_file())
    return tuple((str(file.relative_to(root)), file.read_text("utf-8")) for file in files)


def change(root: Path, path: str, old: str, new: str) -> None:
    """One edit of a catalogue file; what is to be replaced must be there once."""
    text = (root / path).read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    (root / path).write_text(text.replace(old, new), "utf-8")
