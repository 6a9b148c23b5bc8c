"""A message to a browser by its push service: sealed for the browser (RFC 8291) and signed by us (RFC 8292, VAPID).

Functions without rows or settings. Keys are written as base64url without padding, as browsers do.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import struct
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
POINT = 65  # bytes of a public key
SECRET = 16  # bytes of what a browser adds to its key
RECORD = 4096  # bytes of a sealed message at most
MOST = RECORD - 16 - 1 - (16 + 5 + POINT)  # bytes of a message: what RFC 8291 leaves of a body of 4,096
TOKEN_LIVES = 12 * 3600  # seconds; services take a day at most


def sealed(
    message: bytes,
    browser: bytes,
    secret: bytes,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The message as the browser with this public key and this secret can open it, in the coding `aes128gcm`. `key` and
    `salt` are new for each message. Raises ValueError for what is no key.
    """
    if len(message) > MOST:
        raise ValueError(f"a message has at most {MOST} bytes")
    key, salt = key or ec.generate_private_key(CURVE), salt or os.urandom(16)
    own = _point(key.public_key())
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, browser))
    both = _derived(shared, secret, b"WebPush: info\0" + browser + own, 32)
    cipher = AESGCM(_derived(both, salt, b"Content-Encoding: aes128gcm\0", 16))
    nonce = _derived(both, salt, b"Content-Encoding: nonce\0", 12)
    return salt + struct.pack("!IB", RECORD, POINT) + own + cipher.encrypt(nonce, message + b"\x02", None)


def authorization(endpoint: str, private: str, subject: str, *, now: int) -> str:
    """The header that tells the push service of `endpoint` who sends. `subject`: how its operator reaches us."""
    key = private_key(private)
    service = urlsplit(endpoint)
    claims = {"aud": f"{service.scheme}://{service.netloc}", "exp": now + TOKEN_LIVES, "sub": subject}
    signed = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"vapid t={signed}.{written(r.to_bytes(32) + s.to_bytes(32))}, k={public_key(private)}"


def new_key() -> str:
    """A private key for the site."""
    return written(ec.generate_private_key(CURVE).private_numbers().private_value.to_bytes(32))


def private_key(private: str) -> ec.EllipticCurvePrivateKey:
    """Raises ValueError."""
    number = read(private)
    if len(number) != 32:  # bytes of a private key of this curve
        raise ValueError("no private key")
    return ec.derive_private_key(int.from_bytes(number), CURVE)


def public_key(private: str) -> str:
    """What browsers have to know of the site's key."""
    return written(_point(private_key(private).public_key()))


def must_be_keys(browser: str, secret: str) -> None:
    """Raises ValueError unless these are a browser's public key and its secret."""
    ec.EllipticCurvePublicKey.from_encoded_point(CURVE, read(browser))
    if len(read(browser)) != POINT or len(read(secret)) != SECRET:
        raise ValueError("no keys of a browser")


def read(text: str) -> bytes:
    """base64url, with or without padding. Raises ValueError."""
    text = text.rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error


def written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _json(value: object) -> str:
    return written(json.dumps(value, separators=(",", ":")).encode())


def _derived(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(key)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
