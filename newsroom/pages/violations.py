"""Browsers report here what the Content Security Policy has stopped. Operators find it in the log and the metrics.

Anybody can send anything, so nothing is stored, and of a report only what is on an allow list is logged: the directive,
the origin of what was stopped, and the pattern of the page's address, since addresses may hold keys. What extensions of
browsers cause is left out.

The two forms: https://www.w3.org/TR/CSP3/#deprecated-serialize-violation (application/csp-report, one) and
https://www.w3.org/TR/reporting-1/#media-type (application/reports+json, several).
"""

from __future__ import annotations

import logging
import re
import time
from collections import OrderedDict
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from newsroom import metrics
from newsroom.api.paging import Malformed
from newsroom.api.parsers import TooLarge

logger = logging.getLogger(__name__)

MOST_BYTES = 64_000
MOST_AT_ONCE = 20  # reports of one request that are read
AGAIN_SECONDS = 3600.0  # until the same is logged again
MOST_LINES = 50  # different ones within that time; what comes beyond is only counted
DIRECTIVES = frozenset(
    [
        *settings.SECURE_CSP,
        *("script-src", "script-src-elem", "script-src-attr", "style-src", "style-src-elem", "style-src-attr"),
        *("font-src", "media-src", "frame-src", "worker-src", "manifest-src", "child-src"),
    ]
)
OTHER = "other"
_KEYWORDS = frozenset(["inline", "eval", "wasm-eval", "data", "blob", "self"])
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,100}", re.ASCII)
_NAME, _HELP = "newsroom_csp_reports_total", "Reports of browsers about what the Content Security Policy has stopped."
_COUNTS = {each: metrics.counter(_NAME, _HELP, directive=each) for each in sorted({*DIRECTIVES, OTHER})}


class Violation(msgspec.Struct, rename="camel"):
    """As the Reporting API sends it. Fields that are not named are left out."""

    document_url: str = msgspec.field(default="", name="documentURL")
    effective_directive: str = ""
    blocked_url: str = msgspec.field(default="", name="blockedURL")


class Report(msgspec.Struct):
    type: str = ""
    body: Violation | None = None


class OldViolation(msgspec.Struct, rename="kebab"):
    """As `report-uri` sends it; older browsers name only the violated directive, with its sources."""

    document_uri: str = ""
    effective_directive: str = ""
    violated_directive: str = ""
    blocked_uri: str = ""


class OldReport(msgspec.Struct):
    violation: OldViolation = msgspec.field(name="csp-report")


_told: OrderedDict[tuple[str, str, str], float] = OrderedDict()  # the oldest first


@csrf_exempt  # browsers send it without a page
@require_POST
def violations(request: HttpRequest) -> HttpResponse:
    """204. Raises TooLarge, Malformed."""
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TooLarge(_("The body is larger than %d bytes.") % MOST_BYTES)
    try:
        found = list(_read(request.content_type or "", body))
    except (ValueError, RecursionError) as error:
        raise Malformed(_("The body is not valid JSON.")) from error
    for each in found:
        _tell(each)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _read(content_type: str, body: bytes) -> Iterator[Violation]:
    if content_type == "application/reports+json":
        reports = msgspec.json.decode(body, type=list[Report])
        yield from [each.body for each in reports[:MOST_AT_ONCE] if each.type == "csp-violation" and each.body]
        return
    old = msgspec.json.decode(body, type=OldReport).violation
    directive = old.effective_directive or old.violated_directive.partition(" ")[0]
    yield Violation(old.document_uri, directive, old.blocked_uri)


def _tell(violation: Violation) -> None:
    stopped = _origin(violation.blocked_url)
    if stopped is None:
        return
    directive = violation.effective_directive if violation.effective_directive in DIRECTIVES else OTHER
    _COUNTS[directive].inc()
    what = (directive, stopped, _pattern(violation.document_url))
    now = time.monotonic()
    while _told and now - next(iter(_told.values())) >= AGAIN_SECONDS:
        _told.popitem(last=False)
    if what in _told or len(_told) >= MOST_LINES:
        return
    _told[what] = now
    logger.warning("A browser stopped %s on /%s by %s", stopped, what[2], directive)


def _origin(address: str) -> str | None:
    """The origin or the keyword; None for what an extension has put into the page."""
    if address in _KEYWORDS or not address:
        return address or "something"
    try:
        parts = urlsplit(address)
    except ValueError:
        return OTHER
    if parts.scheme in _KEYWORDS:
        return parts.scheme
    if parts.scheme not in {"http", "https", "ws", "wss"}:
        return None
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" if _HOST.fullmatch(host) else OTHER


def _pattern(address: str) -> str:
    """That of one of our addresses, such as "articles/<slug:slug>/"."""
    try:
        return resolve(urlsplit(address).path or "/").route
    except (Resolver404, ValueError):
        return f"({OTHER})"
