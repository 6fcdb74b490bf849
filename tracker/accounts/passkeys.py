"""Passkeys (WebAuthn): what a browser is asked for, and whether a key that the account knows signed its answer."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from django.contrib.auth.base_user import AbstractBaseUser
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tracker.digest.addresses import keyed

SITE = "AI Landscape"


class NotProvedError(Exception):
    """The answer proves nothing: another challenge, another site, another key, or no such thing at all."""


@dataclass(frozen=True, slots=True)
class Place:
    """The site as the browser sees it: its origin, and the name of its host alone."""

    origin: str

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""

    @property
    def works(self) -> bool:
        """Browsers keep passkeys for names, not for numbers, and only over https or on this very machine."""
        named = not self.host.replace(".", "").isdigit() and ":" not in self.host
        local = self.host == "localhost" or self.host.endswith(".localhost")
        return named and (urlsplit(self.origin).scheme == "https" or local)


def _server(place: Place) -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(id=place.host, name=SITE)
    return Fido2Server(entity, verify_origin=lambda origin: origin == place.origin)


def ask_for_new(place: Place, user: AbstractBaseUser, known: list[bytes]) -> tuple[dict[str, Any], Any]:
    """What the browser is asked for, and what must be remembered until it answers."""
    entity = PublicKeyCredentialUserEntity(
        # Devices show the name; the number is told to every one of them and says nothing.
        id=keyed("tracker.accounts.handle", str(user.pk))[0][:32].encode(),
        name=user.get_username(),
        display_name=user.get_username(),
    )
    options, state = _server(place).register_begin(
        entity,
        [AttestedCredentialData(one) for one in known],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return dict(options), state


def read_new(place: Place, state: Any, answer: Mapping[str, Any]) -> tuple[bytes, int]:
    """The new key and how often it was used. Raises NotProvedError."""
    try:
        data = _server(place).register_complete(state, answer)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotProvedError(str(error)) from error
    if data.credential_data is None:
        raise NotProvedError("the answer holds no key")
    return bytes(data.credential_data), data.counter


def ask_for_proof(place: Place, known: list[bytes]) -> tuple[dict[str, Any], Any]:
    """What the browser is asked to sign with one of the known keys, and what must be remembered until it answers."""
    options, state = _server(place).authenticate_begin(
        [AttestedCredentialData(one) for one in known], UserVerificationRequirement.PREFERRED
    )
    return dict(options), state


def read_proof(place: Place, state: Any, known: list[bytes], answer: Mapping[str, Any]) -> tuple[bytes, int]:
    """The key that signed and its count. Raises NotProvedError."""
    try:
        credentials = [AttestedCredentialData(one) for one in known]
        found = _server(place).authenticate_complete(state, credentials, answer)
        counter = AuthenticationResponse.from_dict(answer).response.authenticator_data.counter
    except (ValueError, TypeError, KeyError, AttributeError, InvalidSignature) as error:
        raise NotProvedError(str(error)) from error
    return bytes(found), counter


def handle(credential: bytes) -> str:
    """By which a key is found again."""
    return hashlib.sha256(AttestedCredentialData(credential).credential_id).hexdigest()
