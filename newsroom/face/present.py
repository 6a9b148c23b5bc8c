"""The face as it is now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from newsroom.face import colours, links
from newsroom.live.kept import Kept
from newsroom.models import Appearance


@dataclass(frozen=True, slots=True)
class Logo:
    url: str
    width: int  # pixels
    height: int


@dataclass(frozen=True, slots=True)
class Face:
    """What pages, mails and feeds show of the publisher. `colours` are those that were chosen, by their fields, and
    `sheet` is the style sheet made from them.
    """

    version: int
    name: str
    logo: Logo | None
    logo_dark: Logo | None
    colours: Mapping[str, str]
    sheet: str
    sheet_name: str  # a hash; "" without a sheet
    footer_links: list[links.Link]
    welcome: str  # safe HTML

    @property
    def grounds(self) -> dict[str, str]:
        """The colour of a browser's own frame, by scheme."""
        return {each: self.colours[f"masthead_{each}"] or colours.GROUNDS[each]["paper"] for each in colours.SCHEMES}

    @property
    def needs_plate(self) -> bool:
        """Whether the logo might not be seen on the masthead's dark ground."""
        return self.logo is not None and self.logo_dark is None and not self.colours["masthead_dark"]


def _read() -> Face:
    return _of(Appearance.objects.filter(pk=Appearance.ONLY).first() or Appearance())


keeper = Kept(_read)
_of_request: ContextVar[list[Face] | None] = ContextVar("face_of_request", default=None)


def present() -> Face:
    """The face as it is now; within a request the same all the time."""
    found = _of_request.get()
    if found is None:
        return keeper.value()
    if not found:
        found.append(keeper.value())
    return found[0]


def last_known() -> Face:
    """The last one that was read, without the database."""
    kept = keeper.known()
    return kept[0] if kept else _of(Appearance())


def site_name() -> str:
    return present().name


class FaceMiddleware:
    """Has each request see one face, and ask for it once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with _once():
            return self.get_response(request)


@contextmanager
def _once() -> Iterator[None]:
    token = _of_request.set([])
    try:
        yield
    finally:
        _of_request.reset(token)


def _of(row: Appearance) -> Face:
    chosen = {field: getattr(row, field) for field in colours.FIELDS}
    sheet = colours.sheet(chosen)
    return Face(
        version=row.version,
        name=row.name or settings.SITE_NAME,
        logo=_logo(row.logo, row.logo_width, row.logo_height),
        logo_dark=_logo(row.logo_dark, row.logo_dark_width, row.logo_dark_height),
        colours=chosen,
        sheet=sheet,
        sheet_name=colours.name_of(sheet),
        footer_links=links.read(row.footer_links),
        welcome=row.welcome_html,
    )


def _logo(file: str, width: int, height: int) -> Logo | None:
    return Logo(f"{settings.MEDIA_URL}{file}", width, height) if file else None
