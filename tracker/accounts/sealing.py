"""Secrets that must be read again, encrypted under the site's key so that a copy of the database does not hold them."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SealBrokenError(Exception):
    """Sealed under a key that this site no longer has."""


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    hashes = (hashlib.sha256(f"tracker.accounts.sealing:{key}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in hashes])


def seal(secret: bytes) -> str:
    """The secret under today's SECRET_KEY; sealed twice it is other words each time."""
    return _fernet().encrypt(secret).decode()


def open_seal(sealed: str) -> bytes:
    """The secret, also one that a key of SECRET_KEY_FALLBACKS sealed. Raises SealBrokenError."""
    try:
        return _fernet().decrypt(sealed.encode())
    except InvalidToken as error:
        raise SealBrokenError("SECRET_KEY is another than the one this was sealed under") from error
