"""Re-encodes uploaded pictures: no uploaded byte is ever served.

Formats are limited by an allow-list, and the number of pixels is checked before decoding. The result is only pixels,
upright, in sRGB, without EXIF, profiles or comments.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from newsroom.errors import Invalid

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")  # SVG is a program, not a picture
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000
MIN_SIDE, MAX_SIDE = 16, 20_000  # pixels
WIDTHS = (480, 960, 1600)  # pixels; a smaller picture is kept in its own width
LOGO_BYTES, LOGO_SIZE = 2 * 1024 * 1024, (960, 168)  # pixels, at most; shown at a third of it


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as files by their names under MEDIA_ROOT; `width` and `height` are those of `file`."""

    file: str
    width: int
    height: int
    widths: list[int]
    files: dict[str, bytes]


def encode(upload: IO[bytes]) -> Encoded:
    """A JPEG for all browsers, WebP and AVIF in each width. The name is a hash of the pixels' encoding. Raises
    Invalid.
    """
    picture = _flat(_decode(upload, MAX_BYTES))
    widths = sorted({min(width, picture.width) for width in WIDTHS})
    scaled = {width: _scaled(picture, width) for width in widths}
    largest = scaled[widths[-1]]
    jpeg = _bytes(largest, "JPEG", quality=85, progressive=True)
    folder = f"photos/{blake2b(jpeg, digest_size=12).hexdigest()}"
    files = {f"{folder}/{largest.width}.jpg": jpeg}
    for width, image in scaled.items():
        files[f"{folder}/{width}.webp"] = _bytes(image, "WEBP", quality=80, method=4)
        files[f"{folder}/{width}.avif"] = _bytes(image, "AVIF", quality=62, speed=9)
    return Encoded(f"{folder}/{largest.width}.jpg", largest.width, largest.height, widths, files)


def encode_logo(upload: IO[bytes]) -> Encoded:
    """A PNG that keeps what can be seen through, within LOGO_SIZE. Raises Invalid."""
    picture = _clean(_decode(upload, LOGO_BYTES), "RGBA")
    picture.thumbnail(LOGO_SIZE, Image.Resampling.LANCZOS)
    png = _bytes(picture, "PNG", optimize=True)
    file = f"logos/{blake2b(png, digest_size=12).hexdigest()}.png"
    return Encoded(file, picture.width, picture.height, [picture.width], {file: png})


def names(file: str, widths: list[int]) -> list[str]:
    """All files of a stored picture."""
    folder = file.rpartition("/")[0]
    return [file, *(f"{folder}/{width}.{kind}" for width in widths for kind in ("webp", "avif"))]


def _decode(upload: IO[bytes], most: int) -> Image.Image:
    """The picture, upright and in sRGB."""
    data = upload.read(most + 1)
    if len(data) > most:
        raise _refusal(_("The file is larger than %d MB.") % (most // 1024 // 1024))
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            _must_be_bounded(image)
            image.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))  # decodes a large JPEG at a fraction of its size
            image.load()
            return _in_srgb(ImageOps.exif_transpose(image))
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except Exception as error:
        raise _refusal(_("This is not a picture that we can read: JPEG, PNG, WebP, AVIF or GIF.")) from error


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


def _flat(image: Image.Image) -> Image.Image:
    """RGB on white, in a new image without metadata."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    return _clean(image, "RGB")


def _clean(image: Image.Image, mode: str) -> Image.Image:
    """The pixels alone, in a new image without metadata."""
    image = image.convert(mode)
    clean = Image.new(mode, image.size)
    clean.paste(image)
    return clean


def _scaled(image: Image.Image, width: int) -> Image.Image:
    if width == image.width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _bytes(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _too_large() -> Invalid:
    return _refusal(_("The picture has more than %d million pixels.") % (MAX_PIXELS // 1_000_000))


def _refusal(sentence: str) -> Invalid:
    return Invalid(sentence, {"file": [sentence]})
