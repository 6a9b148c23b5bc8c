"""The OpenAPI document, made once in each process, because its library is not thread-safe while it loads."""

from __future__ import annotations

from threading import Lock
from typing import Any

from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from newsroom.api.strict import APIView, extend_schema

_made: dict[str | None, Any] = {}
_alone = Lock()


class Generator(SchemaGenerator):
    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        """The same document for everybody, in the language of the request."""
        language = get_language()
        with _alone:
            if language not in _made:
                _made[language] = super().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
            return _made[language]


class SchemaView(APIView, SpectacularAPIView):
    generator_class = Generator

    @extend_schema(exclude=True, parameters=[OpenApiParameter("lang"), OpenApiParameter("version")])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return answer
