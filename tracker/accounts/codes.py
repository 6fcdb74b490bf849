"""Codes that people type: six digits of an app (RFC 6238, SHA-1, half minutes) and the ten words for a lost device."""

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

STEP = 30
DIGITS = 6
# One step either way: clocks differ, and people type slowly.
DRIFT = 1
SECRET_BYTES = 20
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
RECOVERY_LENGTH = 24  # of 31 letters: 118 bits, so that a plain hash cannot be searched through


def new_secret() -> bytes:
    """What an app makes its codes of: 160 random bits, as RFC 4226 recommends."""
    return secrets.token_bytes(SECRET_BYTES)


def as_text(secret: bytes) -> str:
    """As apps take it where no picture can be read."""
    return base64.b32encode(secret).decode().rstrip("=")


def address(secret: bytes, *, issuer: str, name: str) -> str:
    """What stands in the picture: the key's address that every such app reads."""
    told = urlencode({"secret": as_text(secret), "issuer": issuer, "digits": DIGITS, "period": STEP})
    return f"otpauth://totp/{quote(issuer)}:{quote(name)}?{told}"


def step_of(now: datetime) -> int:
    """The number of the half minute since 1970 in which a moment lies: app and site count the same ones."""
    return int(now.timestamp()) // STEP


def code(secret: bytes, step: int) -> str:
    """RFC 4226: four bytes of the hash, at the place that its last half byte names."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: bytes, typed: str, *, now: datetime) -> int | None:
    """The half minute whose code was typed. Every candidate is compared, in constant time each."""
    here = step_of(now)
    steps = range(here - DRIFT, here + DRIFT + 1)
    found = [step for step in steps if hmac.compare_digest(code(secret, step).encode(), typed.encode())]
    return found[-1] if found else None


def new_recovery_codes() -> list[str]:
    """Ten at random, bare, as they are hashed; `spaced` is how a person gets to see each."""
    return ["".join(secrets.choice(LETTERS) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]


def spaced(recovery_code: str) -> str:
    """In groups of four, as one reads and types it."""
    return "-".join(recovery_code[at : at + 4] for at in range(0, len(recovery_code), 4))


def bare(typed: str) -> str:
    """What was meant, however it was spaced."""
    return "".join(letter for letter in typed.casefold() if letter.isalnum())


def digest(recovery_code: str) -> str:
    """What the database keeps of a bare recovery code, in hex. It needs no salt: see RECOVERY_LENGTH."""
    return hashlib.sha256(f"tracker.accounts.recovery:{recovery_code}".encode()).hexdigest()
