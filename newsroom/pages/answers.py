"""How a page leaves: for strangers with an ETag from its bytes, for people with an account as theirs alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from newsroom.api.views import Sources, tagged


def show(request: HttpRequest, template: str, context: dict[str, Any], sources: Sources) -> HttpResponseBase:
    """The page, or 304 where a stranger's browser has these very bytes. It is asked for anew each time.

    What a stranger gets may be kept for all of them for as long as its `sources` stand still.
    """
    response = render(request, template, context)
    if request.user.is_authenticated:
        response["Cache-Control"] = "private, no-cache"
        return response
    return tagged(request, response, sources)
