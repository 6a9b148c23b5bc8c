"""The reader's pages. Everybody gets the same bytes unless logged in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/front.html")


@require_safe
def section(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404


@require_safe
def ticker(request: HttpRequest, slug: str = "newsticker") -> HttpResponse:
    raise Http404


@require_safe
def chats(request: HttpRequest) -> HttpResponse:
    raise Http404


@require_safe
def chat(request: HttpRequest, pk: int) -> HttpResponse:
    raise Http404
