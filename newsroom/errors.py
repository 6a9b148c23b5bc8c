"""The one kind of exception by which an action says no."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A person asked for something that our rules forbid. Safe to show: `str(error)`.

    `code` is for programs and never changes; `status` is the HTTP answer; `extra` travels as
    further members of the problem document (`retry_after` in seconds also as a header).
    Subclasses name a state of the world and set their own `code` and `status`.
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
    """It does not exist, or this viewer may not know that it does: answered alike."""

    code = "not_found"
    status = 404


class Gone(Refused):
    """It was public and has been taken back; `note` says why, where that was said."""

    code = "gone"
    status = 410


class Conflict(Refused):
    """Somebody else changed the thing in between."""

    code = "conflict"
    status = 409


class PreconditionFailed(Refused):
    """The thing is no longer in the version that If-Match names; `version` is the present one."""

    code = "precondition_failed"
    status = 412


class TooManyRequests(Refused):
    """A limit is reached; `retry_after` seconds from now it may be tried again."""

    code = "too_many_requests"
    status = 429

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail, retry_after=retry_after)
