"""A security key made of numbers: it answers what a browser would answer, with real signatures."""

import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestedCredentialData


@dataclass
class Device:
    """One key pair for one site."""

    origin: str = "https://testserver"
    count: int = 0
    number: bytes = field(default_factory=lambda: os.urandom(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, host: str, *, attested: bytes = b"") -> bytes:
        flags = 0x01 | 0x04 | (0x40 if attested else 0)
        return hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, self.count) + attested

    def _told(self, response: dict[str, bytes]) -> dict[str, Any]:
        number = websafe_encode(self.number)
        said = {name: websafe_encode(value) for name, value in response.items()}
        return {"id": number, "rawId": number, "type": "public-key", "response": said, "clientExtensionResults": {}}

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        asked = options["publicKey"]
        public = ES256.from_cryptography_key(self.key.public_key())
        attested = bytes(AttestedCredentialData.create(b"\0" * 16, self.number, public))
        data = self._data(asked["rp"]["id"], attested=attested)
        statement = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._told(
            {"clientDataJSON": self._client("webauthn.create", asked["challenge"]), "attestationObject": statement}
        )

    def get(self, options: dict[str, Any], *, counts: bool = True) -> dict[str, Any]:
        asked = options["publicKey"]
        self.count += counts
        client, data = self._client("webauthn.get", asked["challenge"]), self._data(asked["rpId"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._told({"clientDataJSON": client, "authenticatorData": data, "signature": signature})
