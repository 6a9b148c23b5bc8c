"""A small kit for layered illustrations in Pillow: skies, hills, water, glows, houses, trees, grain."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from math import cos, pi, sin
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

type Colour = str | tuple[int, int, int] | tuple[int, int, int, int]
type Point = tuple[float, float]

WIDTH, HEIGHT = 1600, 900  # units of every coordinate, pixels of the finished picture
SCALE = 2  # drawn larger, then reduced: smooth edges


class Canvas:
    """One picture in the making. Coordinates are finished pixels; `alpha` is 0 to 255. Deterministic by `seed`."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - strokes, not secrets
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE))
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def finished(self, grain: int = 9) -> Image.Image:
        """The picture in its final size, with darkened corners and a little grain."""
        picture = self.image.reduce(SCALE)
        corners = Image.radial_gradient("L").resize(picture.size).point(lambda value: max(0, value - 120) * 0.55)
        picture.paste((8, 10, 24), (0, 0), corners)
        rows = self.random.randbytes(400 * 225)
        noise = Image.frombytes("L", (400, 225), rows).point(lambda value: 128 + (value - 128) * grain / 128)
        tiled = Image.new("L", picture.size)
        for x in range(0, WIDTH, 400):
            for y in range(0, HEIGHT, 225):
                tiled.paste(noise if (x // 400 + y // 225) % 2 else noise.rotate(180), (x, y))
        return ImageChops.overlay(picture, Image.merge("RGB", [tiled] * 3))

    # --- shapes ------------------------------------------------------------------------------------------------
    def polygon(self, points: Iterable[Point], fill: Colour) -> None:
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def box(self, x: float, y: float, width: float, height: float, fill: Colour, radius: float = 0) -> None:
        corners = (x * SCALE, y * SCALE, (x + width) * SCALE - 1, (y + height) * SCALE - 1)
        self.draw.rounded_rectangle(corners, radius * SCALE, fill=fill)

    def disc(self, x: float, y: float, radius: float, fill: Colour, squeeze: float = 1) -> None:
        """A filled circle, or with `squeeze` an ellipse of that height to width."""
        high = radius * squeeze
        self.draw.ellipse(
            ((x - radius) * SCALE, (y - high) * SCALE, (x + radius) * SCALE, (y + high) * SCALE), fill=fill
        )

    def line(self, points: Sequence[Point], fill: Colour, width: float = 2) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.draw.line(scaled, fill=fill, width=max(1, round(width * SCALE)), joint="curve")

    def arc(self, x: float, y: float, radius: float, start: float, end: float, fill: Colour, width: float = 2) -> None:
        """A piece of a circle from `start` to `end`, degrees clockwise from three o'clock."""
        corners = ((x - radius) * SCALE, (y - radius) * SCALE, (x + radius) * SCALE, (y + radius) * SCALE)
        self.draw.arc(corners, start, end, fill=fill, width=round(width * SCALE))

    # --- light -------------------------------------------------------------------------------------------------
    def gradient(self, stops: Sequence[tuple[float, str]], top: float = 0, bottom: float = HEIGHT) -> None:
        """Fill a band with colours running downwards; `stops` are (place from 0 to 1, "#rrggbb")."""
        high = round((bottom - top) * SCALE)
        column = Image.new("RGB", (1, high))
        column.putdata([_between(stops, row / max(1, high - 1)) for row in range(high)])
        self.image.paste(column.resize((WIDTH * SCALE, high)), (0, round(top * SCALE)))

    def glow(self, x: float, y: float, radius: float, colour: str, strength: float = 1.0) -> None:
        """Soft light around a point; adds to what is there."""
        side = round(radius * 2 * SCALE)
        light = Image.radial_gradient("L").resize((side, side), Image.Resampling.BILINEAR)
        light = light.point(lambda value: round(max(0.0, 1 - value / 181) ** 2 * 255 * strength))
        corner = (round((x - radius) * SCALE), round((y - radius) * SCALE))
        self.image.paste(Image.new("RGB", light.size, colour), corner, light)

    def veil(self, points: Iterable[Point], colour: str, alpha: int, blur: float = 12) -> None:
        """A shape with soft edges: mist, a beam of light, a shadow."""
        points = list(points)
        far = blur * 3
        left, top = min(x for x, _ in points) - far, min(y for _, y in points) - far
        right, bottom = max(x for x, _ in points) + far, max(y for _, y in points) + far
        small = 4  # blurred shapes need no detail: a quarter of the finished size
        size = (max(1, round((right - left) / small)), max(1, round((bottom - top) / small)))
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon([((x - left) / small, (y - top) / small) for x, y in points], fill=alpha)
        mask = mask.filter(ImageFilter.GaussianBlur(blur / small))
        mask = mask.resize((size[0] * small * SCALE, size[1] * small * SCALE), Image.Resampling.BILINEAR)
        corner = (round(left * SCALE), round(top * SCALE))
        self.image.paste(Image.new("RGB", mask.size, colour), corner, mask)

    def stars(self, count: int, below: float, colour: tuple[int, int, int] = (255, 250, 230)) -> None:
        for _ in range(count):
            x, y = self.random.uniform(0, WIDTH), self.random.uniform(0, below)
            bright = self.random.random() ** 3
            self.disc(x, y, 0.7 + 1.6 * bright, (*colour, int(90 + 165 * bright)))

    # --- land and water ----------------------------------------------------------------------------------------
    def ridge(self, y: float, swing: float, colour: Colour, waves: float = 2.0) -> list[Point]:
        """A rolling line of hills from edge to edge, filled down to the bottom; returns its upper edge."""
        shifts = [self.random.uniform(0, 2 * pi) for _ in range(4)]
        edge: list[Point] = []
        for x in range(0, WIDTH + 20, 10):
            turn = x / WIDTH * 2 * pi * waves
            high = sum(sin(turn * (n + 1) * 0.8 + shift) / (n + 1) for n, shift in enumerate(shifts))
            edge.append((x, y - high * swing / 2))
        self.polygon([*edge, (WIDTH, HEIGHT), (0, HEIGHT)], colour)
        return edge

    def water(
        self, top: float, stops: Sequence[tuple[float, str]], mirror: float = 0.4, glint: str = "#ffffff"
    ) -> None:
        """Water from `top` to the bottom that mirrors what is above it."""
        high = round((HEIGHT - top) * SCALE)
        line = round(top * SCALE)
        above = self.image.crop((0, max(0, line - high), WIDTH * SCALE, line)).transpose(
            Image.Transpose.FLIP_TOP_BOTTOM
        )
        above = above.resize((WIDTH * SCALE // 16, high // 3)).resize((WIDTH * SCALE, high))
        self.gradient(stops, top, HEIGHT)
        own = self.image.crop((0, line, WIDTH * SCALE, line + high))
        self.image.paste(Image.blend(own, above, mirror), (0, line))
        self._ripples(top, glint)

    def _ripples(self, top: float, glint: str) -> None:
        red, green, blue = _rgb(glint)
        for _ in range(260):
            depth = self.random.random() ** 1.6
            y = top + 4 + depth * (HEIGHT - top)
            length = 14 + depth * 130 * self.random.random()
            x = self.random.uniform(-60, WIDTH)
            self.line([(x, y), (x + length, y)], (red, green, blue, self.random.randint(10, 46)), 1 + 1.8 * depth)

    # --- things ------------------------------------------------------------------------------------------------
    def gable_house(self, x: float, base: float, width: float, high: float, wall: Colour, roof: Colour) -> None:
        """A narrow house with a stepped or pointed gable, its foot at `base`."""
        top = base - high
        self.box(x, top, width, high, wall)
        if self.random.random() < 0.45:
            steps = 4
            for step in range(steps):
                inset = width / 2 * step / steps
                self.box(x + inset, top - (step + 1) * width * 0.13, width - 2 * inset, width * 0.14, wall)
        else:
            self.polygon([(x - 3, top + 1), (x + width / 2, top - width * 0.62), (x + width + 3, top + 1)], roof)

    def windows(self, x: float, base: float, width: float, high: float, colours: Sequence[Colour]) -> None:
        """Rows of windows on a wall, each in one of `colours`."""
        columns = max(2, round(width / 30))
        step = width / columns
        for row in range(max(1, int(high // 46))):
            for column in range(columns):
                left = x + step * column + step * 0.26
                top = base - high + 14 + row * 46
                self.box(left, top, step * 0.48, 24, self.random.choice(colours), 2)

    def tree(self, x: float, base: float, size: float, leaves: Sequence[str], trunk: str = "#3a2a22") -> None:
        """A leafy tree: `size` is the height of its crown."""
        self.polygon(
            [
                (x - size * 0.05, base),
                (x - size * 0.025, base - size),
                (x + size * 0.025, base - size),
                (x + size * 0.05, base),
            ],
            trunk,
        )
        for index in range(26):
            turn, far = self.random.uniform(0, 2 * pi), self.random.random() ** 0.5
            middle = (x + cos(turn) * far * size * 0.36, base - size * 0.98 + sin(turn) * far * size * 0.4)
            leaf = leaves[min(len(leaves) - 1, index * len(leaves) // 26)]
            self.disc(*middle, size * self.random.uniform(0.11, 0.19), leaf)

    def person(self, x: float, base: float, high: float, coat: Colour, skin: Colour = "#e8b48c") -> None:
        """A standing figure in a few strokes, `high` from shoes to hair."""
        hair = self.random.choice(["#2e2119", "#5a3a22", "#8a5a2e", "#c9a063", "#9a9a9a"])
        for side in (-1, 1):
            self.box(x + side * high * 0.055 - high * 0.04, base - high * 0.4, high * 0.08, high * 0.4, "#2b3040", 4)
            self.line(
                [(x + side * high * 0.1, base - high * 0.7), (x + side * high * 0.16, base - high * 0.42)],
                coat,
                high * 0.065,
            )
            self.disc(x + side * high * 0.163, base - high * 0.4, high * 0.034, skin)
        self.box(x - high * 0.125, base - high * 0.76, high * 0.25, high * 0.44, coat, high * 0.07)
        self.box(x - high * 0.03, base - high * 0.82, high * 0.06, high * 0.09, skin)
        self.disc(x, base - high * 0.9, high * 0.085, hair)
        self.disc(x + high * 0.012, base - high * 0.88, high * 0.074, skin)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _between(stops: Sequence[tuple[float, str]], place: float) -> tuple[int, int, int]:
    """The colour at `place` between the stops on either side."""
    for (start, first), (end, second) in itertools.pairwise(stops):
        if place <= end:
            share = (place - start) / max(1e-9, end - start)
            a, b = _rgb(first), _rgb(second)
            return (
                round(a[0] + (b[0] - a[0]) * share),
                round(a[1] + (b[1] - a[1]) * share),
                round(a[2] + (b[2] - a[2]) * share),
            )
    return _rgb(stops[-1][1])
