"""The exceptions by which an action refuses."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """An action forbids what a person asked for. `str(error)` may be shown to them.

    `code` is for programs and never changes; `status` is the HTTP status; `extra` are further members of the problem
    document (`retry_after` in seconds also becomes a header). A subclass names a state of the world and sets its own
    `code` and `status`.
    """

    code = "refused"
    status = 422

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class Invalid(Refused):
    """A field is missing, too long or of the wrong kind; `errors` maps field to sentences."""

    code = "invalid"

    def __init__(self, detail: str, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(detail, **({"errors": errors} if errors else {}))


class Forbidden(Refused):
    code = "forbidden"
    status = 403


class NotFound(Refused):
    """It does not exist, or the viewer may not know that it does: both get the same answer."""

    code = "not_found"
    status = 404


class Gone(Refused):
    """It was public and has been taken back; `note` is the reason, if one was given."""

    code = "gone"
    status = 410


class Conflict(Refused):
    """Another person has changed the thing in the meantime."""

    code = "conflict"
    status = 409


class PreconditionFailed(Refused):
    """The thing has another version than the one that was read (`seen`, or If-Match); `version` is the present one."""

    code = "precondition_failed"
    status = 412


class TooManyRequests(Refused):
    """A limit is reached. Another attempt may succeed after `retry_after` seconds."""

    code = "too_many_requests"
    status = 429

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail, retry_after=retry_after)
