"""JSON input: limited in size, strict UTF-8, no surrogates; any depth of nesting is refused properly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from newsroom.api.paging import Malformed
from newsroom.errors import Refused


class TooLarge(Refused):
    code = "too_large"
    status = 413


class JSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The decoded body. Raises TooLarge above JSON_BYTES bytes, else Malformed."""
        body = stream.read(settings.JSON_BYTES + 1)
        if len(body) > settings.JSON_BYTES:
            raise TooLarge(_("The body is larger than %d bytes.") % settings.JSON_BYTES)
        try:
            return msgspec.json.decode(body)
        except (ValueError, RecursionError) as error:
            raise Malformed(_("The body is not valid JSON.")) from error
