"""Re-encodes uploaded pictures: no uploaded byte is ever served.

Formats are limited by an allow-list, and the number of pixels is checked before decoding. The result is only pixels,
upright, in sRGB, without EXIF, profiles or comments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from newsroom.errors import Invalid

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")  # SVG is a program, not a picture
ACCEPTED = "image/jpeg,image/png,image/webp,image/avif,image/gif"  # the same, for a form
MAX_PIXELS = 50_000_000
MIN_SIDE, MAX_SIDE = 16, 20_000  # pixels


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as files by their names under MEDIA_ROOT; `width` and `height` are those of `file`."""

    file: str
    width: int
    height: int
    widths: list[int]
    files: dict[str, bytes]


def decode(upload: IO[bytes], most: int, width: int) -> Image.Image:
    """The picture, upright and in sRGB; of one that moves, its first frame. `most`: bytes. `width`: of what is kept of
    it, in pixels. Raises Invalid, with the field `file`.
    """
    data = upload.read(most + 1)
    if len(data) > most:
        raise _refusal(_("The file is larger than %d MB.") % (most // 1024 // 1024))
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            _must_be_bounded(image)
            image.draft("RGB", (width, width))  # decodes a large JPEG at a fraction of its size
            image.load()
            return _in_srgb(ImageOps.exif_transpose(image))
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except Exception as error:
        raise _refusal(_("This is not a picture that we can read: JPEG, PNG, WebP, AVIF or GIF.")) from error


def keep(files: Mapping[str, bytes]) -> None:
    """Store these files, whose names belong to their content: one that is there already is the same, unless it was
    not written to its end. Raises OSError where the disk is full.
    """
    for name, data in files.items():
        if default_storage.exists(name):
            if default_storage.size(name) == len(data):
                continue
            default_storage.delete(name)
        default_storage.save(name, ContentFile(data))


def delete(names: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _must_be_bounded(image: Image.Image) -> None:
    """Reads only the header, before any pixel is decoded. Raises Invalid."""
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
        raise _too_large()
    if min(image.size) < MIN_SIDE:
        raise _refusal(_("The picture is smaller than %d pixels.") % MIN_SIDE)


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # a broken profile counts as none
    return converted or image


def flat(image: Image.Image) -> Image.Image:
    """RGB on white, in a new image without metadata."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    return clean(image, "RGB")


def clean(image: Image.Image, mode: str) -> Image.Image:
    """The pixels alone, in a new image without metadata."""
    image = image.convert(mode)
    clean = Image.new(mode, image.size)
    clean.paste(image)
    return clean


def packed(image: Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of a file of this kind."""
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _too_large() -> Invalid:
    return _refusal(_("The picture has more than %d million pixels.") % (MAX_PIXELS // 1_000_000))


def _refusal(sentence: str) -> Invalid:
    return Invalid(sentence, {"file": [sentence]})
