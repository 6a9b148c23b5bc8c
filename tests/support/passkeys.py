"""A passkey of a device that is none."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

UP, UV, AT = AuthenticatorData.FLAG.UP, AuthenticatorData.FLAG.UV, AuthenticatorData.FLAG.AT


def made(challenge: str = "ZnJhZ2U", site: str = "testserver", origin: Any = "http://testserver") -> dict[str, Any]:
    """What it says when it is made for a site that has asked with this challenge."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    key = AttestedCredentialData.create(Aaguid(bytes(16)), b"telefon", public)
    proof = AuthenticatorData.create(sha256(site.encode()).digest(), UP | UV | AT, 1, key)
    client = CollectedClientData.create(CollectedClientData.TYPE.CREATE, websafe_decode(challenge), origin)
    response = {
        "clientDataJSON": client.b64,
        "attestationObject": websafe_encode(AttestationObject.create("none", proof, {})),
    }
    return {
        "id": websafe_encode(b"telefon"),
        "rawId": websafe_encode(b"telefon"),
        "type": "public-key",
        "response": response,
    }


def unreadable(whole: dict[str, Any]) -> list[Any]:
    """What is none, and what has one thing that cannot be read."""
    response = whole["response"]
    return [
        *({}, [], "x", 7, {"id": "x"}, {"rawId": 7}, {"id": "x", "rawId": "x", "response": "x"}),
        whole | {"response": {}},
        whole | {"response": None},
        *(
            whole | {"response": response | {name: value}}
            for name in response
            for value in ("", "x", "gg", "AAAA", 7, None, [], websafe_encode(b"[]"), websafe_encode(b"\x9f" * 20))
        ),
        *(
            whole | {"response": response | {"clientDataJSON": websafe_encode(told)}}
            for told in (b"{}", b'{"type":7,"challenge":"x","origin":7}', b"null", b"\xff")
        ),
    ]
