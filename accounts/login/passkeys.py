"""Refuses a malformed passkey answer like a wrong one.

allauth catches only some of the errors that fido2 raises for malformed bytes; each of the others became a 500.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.internal import auth

_FAILURES = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError),
    struct.error,
)


def install() -> None:
    """Replace allauth's readers by these."""
    for name in (
        "parse_registration_response",
        "parse_authentication_response",
        "extract_user_from_response",
        "complete_registration",
        "complete_authentication",
    ):
        setattr(auth, name, _refusing(getattr(auth, name)))


def _refusing(read: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(read)
    def refusing(*given: Any) -> Any:
        try:
            return read(*given)
        except _FAILURES as error:
            raise get_adapter().validation_error("incorrect_code") from error

    return refusing
