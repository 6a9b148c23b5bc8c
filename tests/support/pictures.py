"""A picture that costs nothing, for tests that are not about pictures."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from articles import photos
from newsroom.pictures import Encoded


def small(names: list[str]) -> dict[str, Encoded]:
    """The demo's pictures, all the same small one: drawing the real ones takes half a minute of a processor."""
    picture = BytesIO()
    Image.new("RGB", (160, 90), "teal").save(picture, "PNG")
    return dict.fromkeys(names, photos.encode(BytesIO(picture.getvalue())))
