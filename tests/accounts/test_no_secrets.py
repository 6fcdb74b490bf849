"""No file of the repository holds a key: those that services give out have shapes that are known."""

import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SHAPES = {
    "private key": rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "Amazon": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "Google": rb"\bAIza[0-9A-Za-z_-]{35}\b",
    "GitHub": rb"\b(?:gh[pousr]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{40,})",
    "GitLab": rb"\bglpat-[0-9A-Za-z_-]{20}",
    "Slack": rb"\bxox[abeprs]-[0-9A-Za-z-]{20,}",
    "Stripe": rb"\b[rs]k_live_[0-9A-Za-z]{20,}",
    "SendGrid": rb"\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}",
    "Mailgun": rb"\bkey-[0-9a-f]{32}\b",
    "Postmark": rb"(?i)(?:key|token)['\"]?\s*[=:]\s*['\"][0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
    "a model's interface": rb"\bsk-(?:ant-|proj-)?[0-9A-Za-z_-]{32,}",
    "a hub": rb"\bhf_[0-9A-Za-z]{34}\b",
    "a signed token": rb"\beyJ[0-9A-Za-z_-]{16,}\.eyJ[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}",
}  # fmt: skip
KNOWN = {name: re.compile(shape) for name, shape in SHAPES.items()}
# Something random that is given a telling name; what people write has less in it than what machines draw.
NAMED = re.compile(rb"(?i)(?:secret|token|passw(?:or)?d|api_?key)\w*['\"]?\s*[=:]\s*['\"]([0-9A-Za-z+/_=-]{20,})['\"]")
LEAST_BITS = 4.0  # in each sign


def bits(text: bytes) -> float:
    """How much each sign tells that the others do not."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())


def found(body: bytes) -> Iterator[str]:
    for name, shape in KNOWN.items():
        yield from (f"{name}: {match.group()[:12]!r}…" for match in shape.finditer(body))
    for match in NAMED.finditer(body):
        word = match.group(1)
        if bits(word) >= LEAST_BITS and re.search(rb"\d", word) and re.search(rb"[A-Za-z]", word):
            yield f"something random: {match.group()[:24]!r}…"


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=False)  # noqa: S607
    if done.returncode:
        pytest.skip("these files are not in a repository")
    return [PROJECT / name for name in done.stdout.decode().split("\0") if name and (PROJECT / name).is_file()]


def test_no_file_holds_a_key():
    files = tracked()
    assert len(files) > 500
    assert [f"{file.relative_to(PROJECT)}: {words}" for file in files for words in found(file.read_bytes())] == []


@pytest.mark.parametrize(
    "key",
    [
        "-----BEGIN OPENSSH " + "PRIVATE KEY-----", "-----BEGIN " + "PRIVATE KEY-----", "AKIA" + "ABCDEFGH12345678",
        "AIza" + "Sy" * 17 + "x", "ghp_" + "a1B2" * 9, "glpat-" + "a1B2c" * 4, "xoxb-" + "1234567890-" * 3,
        "sk_live_" + "a1B2" * 6, "SG." + "a" * 22 + "." + "b" * 43, "key-" + "0a" * 16, "sk-ant-" + "a1B2" * 9,
        "sk-" + "a1B2" * 10, "hf_" + "aB" * 17, "eyJ" + "hbGciOi" * 3 + ".eyJ" + "zdWIiOi" * 3 + "." + "c2lnbmF0" * 3,
        'API_KEY = "' + "q7Zp2LmX9vRt4KsW8yBn3" + '"', "'password': '" + "kD93jfLq02mXzPwQ71vB" + "'",
    ],
)  # fmt: skip
def test_a_key_is_seen_wherever_it_stands(key):
    assert len(list(found(f"some words {key} and more".encode()))) >= 1


@pytest.mark.parametrize(
    "words",
    ['SECRET_KEY = environment.text("SECRET_KEY")', 'PASSWORD = "a long enough secret"', "sk-learn", "task-" + "a" * 40,
     'secret="another-key-that-is-long-enough"', "token = 'x' * 40"],
)  # fmt: skip
def test_what_only_speaks_of_keys_is_none(words):
    assert list(found(words.encode())) == []
