"""What makes the site a program of its own on a device: its manifest, its service worker, and the page that says that
there is no network.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from newsroom.api.responses import tagged
from newsroom.edge.sources import made_from
from newsroom.face.present import present

ICONS = {
    "icon-192.png": ("192x192", "any"),
    "icon-512.png": ("512x512", "any"),
    "icon-full.png": ("512x512", "maskable"),
}


@require_safe
def manifest(request: HttpRequest) -> HttpResponseBase:
    """https://www.w3.org/TR/appmanifest/"""
    front, face = reverse("front"), present()
    told = {
        "id": front,
        "name": face.name,
        "short_name": face.name,
        "lang": settings.LANGUAGE_CODE,
        "start_url": front,
        "scope": front,
        "display": "standalone",
        "theme_color": face.grounds["light"],
        "background_color": face.grounds["light"],
        "icons": [
            {"src": static(f"newsroom/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, (sizes, purpose) in ICONS.items()
        ],
    }
    return tagged(request, JsonResponse(told, content_type="application/manifest+json"), made_from())


@require_safe
def worker(request: HttpRequest) -> HttpResponseBase:
    """Browsers compare its bytes with those that they have, at the latest after a day."""
    script = render(request, "pages/worker.js", content_type="text/javascript; charset=utf-8")
    return tagged(request, script, made_from())


@require_safe
def offline(request: HttpRequest) -> HttpResponseBase:
    """The same for everybody in a language, also for those who are logged in: browsers keep it."""
    page = render(request, "pages/offline.html", {"user": AnonymousUser(), "messages": []})
    return tagged(request, page, made_from())
