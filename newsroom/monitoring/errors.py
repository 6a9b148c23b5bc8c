"""Reports of errors to Sentry, or to what speaks its protocol (GlitchTip, Bugsink), if SENTRY_DSN is set.

What is logged as an error is reported: a 500, a failed task, a fault in the live layer; but no outage of the database
or Redis, since that would be a report for each request. A report has the message, the stack without local variables,
the version and the request's id. It has no request, no person, no cookie, no body; all its texts are masked like the
log.
"""

from __future__ import annotations

import logging
from typing import Any

from newsroom import __version__
from newsroom.monitoring.masking import masked
from newsroom.monitoring.requests import current
from newsroom.server.logs import is_of_an_outage

_DROPPED = ("request", "user", "extra", "breadcrumbs", "modules", "server_name")


def start(dsn: str, **options: Any) -> None:
    """Report from now on. `options` are Sentry's own, beside ours."""
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        dsn=dsn,
        release=f"newsroom@{__version__}",
        # Of its integrations only the one that reads the log: the others collect requests.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda _pending, _timeout: None),
        ],
        # `send_default_pii` is off unless it is set, and deprecated.
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        before_send=_cleaned,
        **options,
    )


def _cleaned(event: Any, hint: Any) -> Any:
    if "log_record" in hint and is_of_an_outage(hint["log_record"]):
        return None
    clean = _masked({name: value for name, value in event.items() if name not in _DROPPED})
    if current().id:
        clean["tags"] = {**clean.get("tags", {}), "request_id": current().id}
    return clean


def _masked(value: Any) -> Any:
    match value:
        case str():
            return masked(value)
        case dict():
            return {name: each if name in _OF_CODE else _masked(each) for name, each in value.items()}
        case list() | tuple():
            return [_masked(each) for each in value]
        case _:
            return value


_OF_CODE = ("filename", "abs_path", "context_line", "pre_context", "post_context", "event_id", "release", "sdk")
