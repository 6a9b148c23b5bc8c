"""Illustrations that the demo draws itself: no photographs, no licences, the same on every machine."""

from __future__ import annotations

from io import BytesIO

from newsroom.demo.pictures import country, night, river, town
from newsroom.demo.pictures.canvas import Canvas

SCENES = {
    scene.__name__: scene
    for scene in (
        town.bridge,
        town.market,
        town.library,
        river.harbour,
        river.lights,
        river.regatta,
        night.nightbus,
        night.bakery,
        night.cinema,
        night.pitch,
        night.observatory,
        country.windmill,
        country.storks,
        country.avenue,
        country.weather,
    )
}

__all__ = ["SCENES", "Canvas", "png"]


def png(name: str) -> bytes:
    """The scene as a file of 1600 × 900 pixels. Takes about half a second. Raises KeyError."""
    buffer = BytesIO()
    SCENES[name]().finished().save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()
