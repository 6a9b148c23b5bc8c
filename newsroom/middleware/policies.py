"""What pages may do in a browser: Content Security Policy and Permissions Policy.

The first is strict for readers, and by path looser for the admin and the API's page, as their libraries need. Browsers
report what it has stopped, see newsroom/pages/violations.py. The second takes away what no page of ours uses, so that a
script which gets in cannot use it either (https://www.w3.org/TR/permissions-policy/).
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
# Browsers know no "all others": each feature has to be named, and one that they do not know is an error there.
UNUSED = (
    *("accelerometer", "browsing-topics", "camera", "display-capture", "encrypted-media", "geolocation"),
    *("gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment"),
    *("picture-in-picture", "screen-wake-lock", "serial", "usb", "window-management", "xr-spatial-tracking"),
)
PERMISSIONS = ", ".join(f"{name}=()" for name in UNUSED)

# Of answers that are no documents and do not pass this middleware: they may load nothing, and no page frames them.
NO_DOCUMENT = "default-src 'none'; frame-ancestors 'none'"


class PolicyMiddleware(ContentSecurityPolicyMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        for path, directives in BELOW.items():
            if request.path_info.startswith(path):
                policy: dict[str, Any] = {**settings.SECURE_CSP, **directives}
                csp_override(policy)(lambda _request: response)(request)
                if "frame-ancestors" in directives:
                    response["X-Frame-Options"] = "SAMEORIGIN"  # for old browsers
        response = super().process_response(request, response)
        if response.get("Content-Type", "").startswith("text/html"):
            response["Permissions-Policy"] = PERMISSIONS
            response["Reporting-Endpoints"] = f'{settings.CSP_GROUP}="{settings.CSP_REPORTS}"'
        return response
