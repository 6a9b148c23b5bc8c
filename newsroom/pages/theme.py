"""`/theme-<hash>.css`: the publisher's colours, as a sheet of their own. Its address changes with its content."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from newsroom.api.responses import tagged
from newsroom.edge.sources import Sources
from newsroom.face.present import present
from newsroom.files.middleware import FOR_EVER


@require_safe
def sheet(request: HttpRequest, name: str) -> HttpResponseBase:
    """The sheet, to be cached for ever under its own name. A page that was made before the last change asks for another
    name, and gets the present sheet, which must not be cached under it. 404 if there are no colours.
    """
    face = present()
    if not face.sheet:
        raise Http404
    response = HttpResponse(face.sheet, content_type="text/css; charset=utf-8")
    if name != face.sheet_name:
        response["Cache-Control"] = "no-store"
        return response
    answer = tagged(request, response, Sources())
    answer["Cache-Control"] = FOR_EVER
    return answer
