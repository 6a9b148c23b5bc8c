"""Photos of articles and the site's logos: the sizes and formats in which an uploaded picture is kept."""

from __future__ import annotations

from hashlib import blake2b
from typing import IO

from PIL import Image

from newsroom.pictures import Encoded, clean, decode, flat, packed

MAX_BYTES = 20 * 1024 * 1024
WIDTHS = (480, 960, 1600)  # pixels; a smaller picture is kept in its own width
LOGO_BYTES, LOGO_SIZE = 2 * 1024 * 1024, (960, 168)  # pixels, at most; shown at a third of it


def encode(upload: IO[bytes]) -> Encoded:
    """A JPEG for all browsers, WebP and AVIF in each width. The name is a hash of the pixels' encoding. Raises
    Invalid.
    """
    picture = flat(decode(upload, MAX_BYTES, WIDTHS[-1]))
    widths = sorted({min(width, picture.width) for width in WIDTHS})
    scaled = {width: _scaled(picture, width) for width in widths}
    largest = scaled[widths[-1]]
    jpeg = packed(largest, "JPEG", quality=85, progressive=True)
    folder = f"photos/{blake2b(jpeg, digest_size=12).hexdigest()}"
    files = {f"{folder}/{largest.width}.jpg": jpeg}
    for width, image in scaled.items():
        files[f"{folder}/{width}.webp"] = packed(image, "WEBP", quality=80, method=4)
        files[f"{folder}/{width}.avif"] = packed(image, "AVIF", quality=62, speed=9)
    return Encoded(f"{folder}/{largest.width}.jpg", largest.width, largest.height, widths, files)


def encode_logo(upload: IO[bytes]) -> Encoded:
    """A PNG that keeps what can be seen through, within LOGO_SIZE. Raises Invalid."""
    picture = clean(decode(upload, LOGO_BYTES, LOGO_SIZE[0]), "RGBA")
    picture.thumbnail(LOGO_SIZE, Image.Resampling.LANCZOS)
    png = packed(picture, "PNG", optimize=True)
    file = f"logos/{blake2b(png, digest_size=12).hexdigest()}.png"
    return Encoded(file, picture.width, picture.height, [picture.width], {file: png})


def names(file: str, widths: list[int]) -> list[str]:
    """All files of a stored picture."""
    folder = file.rpartition("/")[0]
    return [file, *(f"{folder}/{width}.{kind}" for width in widths for kind in ("webp", "avif"))]


def _scaled(image: Image.Image, width: int) -> Image.Image:
    if width == image.width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
