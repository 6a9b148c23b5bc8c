"""Content security by place: strict for readers, as loose as their libraries need for the admin and the API's page."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csp import ContentSecurityPolicyMiddleware
from django.utils.csp import CSP

# By the beginning of a path: directives that replace those of SECURE_CSP. The admin's components evaluate
# expressions in attributes, and both set styles inline.
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
        if not hasattr(response, "_csp_config"):
            for path, directives in BELOW.items():
                if request.path_info.startswith(path):
                    setattr(response, "_csp_config", {**settings.SECURE_CSP, **directives})  # noqa: B010
                    if "frame-ancestors" in directives:
                        response["X-Frame-Options"] = "SAMEORIGIN"  # the same for browsers of old
        return super().process_response(request, response)
