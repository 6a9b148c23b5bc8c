"""What other sites show of a comment: oEmbed 1.0, https://oembed.com/."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comments.access import find_comment
from comments.models import Comment
from newsroom.api.paging import Malformed
from newsroom.api.responses import tagged
from newsroom.database.keys import key_number
from newsroom.edge.sources import made_from
from newsroom.errors import NotFound
from newsroom.face.present import site_name

WIDTH = 550  # pixels, unless less is asked for
SECONDS = 300  # for which a consumer may keep it: what is taken back goes with that
_PATH = re.compile(r"/comments/([0-9]+)/(?:replies/)?", re.ASCII)
_ANCHOR = re.compile(r"comment-([0-9]+)", re.ASCII)


@require_safe
def oembed(request: HttpRequest) -> HttpResponseBase:
    """A published comment as a quotation, without scripts and pictures. `url`: its permanent address, or that of a page
    with the comment's anchor; `maxwidth`: pixels.

    400 without an address, 404 for any other one and for what is not public, 501 for `format=xml`.
    """
    if request.GET.get("format", "json") != "json":
        sentence = _("Only JSON is offered.")
        return HttpResponse(sentence, status=HTTPStatus.NOT_IMPLEMENTED, content_type="text/plain; charset=utf-8")
    if "url" not in request.GET:
        raise Malformed(_("Name a comment by its address: ?url=…"))
    comment = find_comment(AnonymousUser(), _number_in(request.GET["url"]))
    if comment.state != Comment.State.PUBLISHED:
        raise NotFound(_("There is no such comment."))
    name = comment.author.name if comment.author else comment.author_name
    wanted = request.GET.get("maxwidth", "")
    answer = JsonResponse(
        {
            "version": "1.0",
            "type": "rich",
            "title": comment.discussion.title,
            "author_name": name,
            "provider_name": site_name(),
            "provider_url": f"{settings.SITE_URL}/",
            "cache_age": SECONDS,
            "html": _quotation(comment, name),
            "width": min(WIDTH, int(wanted)) if wanted.isascii() and wanted.isdigit() else WIDTH,
            "height": None,
        }
    )
    answer["Access-Control-Allow-Origin"] = "*"  # the same for everybody, logged in or not
    return tagged(request, answer, made_from())


def discovered(comment: int) -> str:
    """The address at which programs find this about a comment."""
    asked = urlencode({"url": f"{settings.SITE_URL}{reverse('comment', args=[comment])}"})
    return f"{settings.SITE_URL}{reverse('oembed')}?{asked}"


def _number_in(url: str) -> int:
    """The comment that an address of this site names. Raises NotFound."""
    try:
        asked = urlsplit(url)
    except ValueError:
        asked = urlsplit("")
    is_here = asked.scheme in {"http", "https"} and asked.netloc == urlsplit(settings.SITE_URL).netloc
    found = (_PATH.fullmatch(asked.path) or _ANCHOR.fullmatch(asked.fragment)) if is_here else None
    number = key_number(found[1]) if found else None
    if number is None:
        raise NotFound(_("There is no such comment."))
    return number


def _quotation(comment: Comment, name: str) -> str:
    address = f"{settings.SITE_URL}{reverse('comment', args=[comment.pk])}"
    return format_html(
        '<blockquote class="newsroom-comment" cite="{0}">{1}<footer>— {2}, <a href="{0}">{3}</a></footer></blockquote>',
        address,
        mark_safe(comment.html),  # noqa: S308  cleaned when it was stored
        name or _("Without a name"),
        comment.discussion.title,
    )
