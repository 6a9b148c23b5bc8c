"""The pages of the API's documentation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from newsroom.api.strict import extend_schema


class DocsView(SpectacularSwaggerSplitView):
    """Sets no CSRF cookie for a visitor who is not logged in, since that visitor needs none."""

    http_method_names = ("get", "head")

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        if not request.user.is_authenticated:
            response.data["csrf_token"] = ""
        return response
