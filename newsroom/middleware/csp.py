"""Content Security Policy by path: strict for readers; looser for the admin and the API's page, as their libraries
need.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csp import ContentSecurityPolicyMiddleware
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override

# By the beginning of a path: directives that replace those of SECURE_CSP. The admin's components evaluate expressions
# in attributes, and both pages set styles inline.
BELOW = {
    "/admin/": {
        "script-src": [CSP.SELF, CSP.UNSAFE_EVAL],
        "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
        "frame-ancestors": [CSP.SELF],  # its pop-ups are frames
    },
    "/api/docs/": {"style-src": [CSP.SELF, CSP.UNSAFE_INLINE]},
}


class PolicyMiddleware(ContentSecurityPolicyMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        for path, directives in BELOW.items():
            if request.path_info.startswith(path):
                policy: dict[str, Any] = {**settings.SECURE_CSP, **directives}
                csp_override(policy)(lambda _request: response)(request)
                if "frame-ancestors" in directives:
                    response["X-Frame-Options"] = "SAMEORIGIN"  # for old browsers
        return super().process_response(request, response)
