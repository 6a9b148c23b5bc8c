"""People's pictures: square WebP files of two sizes, below a name that is drawn anew for each picture. So an address
never shows another picture, and nobody finds one that was taken down by what it showed.
"""

from __future__ import annotations

import secrets
from typing import IO

from PIL import Image, ImageOps

from newsroom import pictures

MAX_BYTES = 10 * 1024 * 1024
SMALL, LARGE = 96, 320  # pixels of a side: beside a line, and on the person's page; both for screens with fine dots
NAME_LENGTH = 24  # characters


def encode(upload: IO[bytes]) -> tuple[str, dict[str, bytes]]:
    """The picture's name, and its files by their names under MEDIA_ROOT: of its middle, without what can be seen
    through. A quarter of a second. Raises Invalid.
    """
    picture = pictures.flat(pictures.decode(upload, MAX_BYTES, 2 * LARGE))
    name = secrets.token_hex(NAME_LENGTH // 2)
    square = ImageOps.fit(picture, (LARGE, LARGE), Image.Resampling.LANCZOS)
    small = square.resize((SMALL, SMALL), Image.Resampling.LANCZOS)
    packed = {side: pictures.packed(image, "WEBP", quality=82) for side, image in ((LARGE, square), (SMALL, small))}
    return name, {_file(name, side): data for side, data in packed.items()}


def files_of(name: str) -> list[str]:
    """All files of a stored picture; none if there is no picture ("")."""
    return [_file(name, side) for side in (SMALL, LARGE)] if name else []


def address_of(name: str, side: int = SMALL) -> str | None:
    """The path of the picture; None if there is none ("")."""
    return f"/media/{_file(name, side)}" if name else None


def _file(name: str, side: int) -> str:
    return f"avatars/{name}/{side}.webp"
