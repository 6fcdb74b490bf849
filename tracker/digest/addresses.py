"""A mail address as it is kept, as it is shown to people who need not see it, and as a hash that outlives it."""

import hashlib
import hmac

import idna
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

LONGEST = 254  # RFC 5321: a path of 256 octets, less its brackets
_valid = EmailValidator(allowlist=[])


class BadAddressError(ValueError):
    """These words are no address that a letter can be sent to."""


def normalised(words: str) -> str:
    """The address with its domain as the name service knows it. Raises BadAddressError.

    What stands before the @ is left as typed, because only the domain's own server may read it; two addresses that
    differ in case only are still one reader's. The standard library's rules for names would send to strasse.example
    what was meant for straße.example, so they are those of UTS 46.
    """
    local, at, domain = words.strip().rpartition("@")
    if not at or len(words) > 2 * LONGEST:
        raise BadAddressError("no @")
    try:
        address = f"{local}@{idna.encode(domain, uts46=True, transitional=False).decode().lower()}"
        _valid(address)
    except (UnicodeError, ValidationError) as error:  # IDNAError is a UnicodeError
        raise BadAddressError("not an address") from error
    # Quoted names may hold spaces, @ and worse; addresses of machines without a name are no reader's.
    if '"' in local or "[" in address or len(address) > LONGEST or not address.isascii() or not address.isprintable():
        raise BadAddressError("not an address that we write to")
    return address


def keyed(what: str, value: str) -> list[str]:
    """Hashes that nobody without our key can look an address up by: the newest key's first, then the older ones'."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hmac.new(str(key).encode(), f"{what}:{value.lower()}".encode(), hashlib.sha256).hexdigest() for key in keys]


def suppression_keys(address: str) -> list[str]:
    """The hashes under which the address may be suppressed, that of today's SECRET_KEY first: a new row gets that
    one."""
    return keyed("tracker.digest.suppression", address)


def masked(address: str) -> str:
    """a***@example.org"""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"
