"""Scenes under an open sky: mill, storks, avenue, weather station."""

from __future__ import annotations

from math import cos, pi, radians, sin

from newsroom.demo.pictures.canvas import WIDTH, Canvas


def windmill() -> Canvas:
    c = Canvas(31)
    c.gradient([(0, "#4f9acb"), (0.5, "#a9d3e2"), (0.72, "#f6ecc9"), (1, "#f6ecc9")])
    _clouds(c, ((260, 170, 100), (700, 120, 70), (1300, 230, 120), (1020, 330, 60)))
    c.ridge(610, 60, "#9dbf8e")
    c.ridge(655, 50, "#c9b858", 1.4)
    c.ridge(700, 66, "#e3bd4c", 1.2)
    for row in range(16):
        y = 712 + row * row * 1.1
        c.line([(x, y + sin(x / 260 + 1) * 20) for x in range(0, WIDTH + 40, 40)], (176, 132, 40, 70), 3)
    c.ridge(800, 40, "#6f9a4b", 1)
    c.polygon([(1000, 900), (1120, 900), (1064, 700), (1052, 700)], "#e9d8ae")
    _mill(c, 1060, 730)
    for x, base, size in ((260, 700, 120), (330, 706, 90), (180, 708, 80), (1420, 730, 140), (1500, 742, 100)):
        c.tree(x, base, size, ["#3f6d3f", "#548a49", "#79a857"])
    for _ in range(130):
        left, high = c.random.uniform(0, WIDTH), c.random.uniform(815, 895)
        c.disc(left, high, c.random.uniform(2.5, 5.5), c.random.choice(["#d8433b", "#f4f1e6", "#4f6fb5", "#e8c33c"]))
    return c


def storks() -> Canvas:
    c = Canvas(33)
    c.gradient([(0, "#39508a"), (0.4, "#c77d86"), (0.66, "#f6b778"), (1, "#fbdf9f")])
    c.glow(1130, 620, 640, "#fff0b8", 0.9)
    c.disc(1130, 600, 92, "#fff3cc")
    for y, start, long in ((200, 60, 520), (280, 900, 500), (420, 1180, 400), (360, 20, 260)):
        c.veil([(start, y), (start + long, y - 10), (start + long, y + 14), (start, y + 18)], "#f9cfa4", 110, 10)
    c.ridge(770, 50, "#a86a6d")
    c.ridge(810, 30, "#7d4d5d", 2)
    x = 0.0
    while x < WIDTH:
        wide = c.random.uniform(60, 110)
        c.gable_house(x, 900, wide, c.random.uniform(40, 96), "#4d3048", "#3f2740")
        x += wide
    brick, shade = "#8a4038", "#6d3130"
    c.polygon([(400, 900), (430, 540), (650, 540), (680, 900)], brick)
    c.polygon([(400, 900), (430, 540), (500, 540), (490, 900)], shade)
    c.box(376, 390, 328, 160, "#a04d40", 10)
    c.box(376, 390, 90, 160, shade, 10)
    c.box(364, 378, 352, 20, "#5a2a2c", 6)
    c.box(364, 544, 352, 18, "#5a2a2c", 6)
    c.polygon([(380, 380), (540, 286), (700, 380)], "#463048")
    for left in (420, 500, 580, 650):
        c.box(left, 440, 26, 60, "#ffd591", 13)
    for y in (620, 720, 820):
        c.box(524, y, 34, 60, "#4a2327", 16)
    _nest(c, 540, 292)
    _stork_standing(c, 566, 250)
    _stork_flying(c, 1030, 290)
    return c


def avenue() -> Canvas:
    c = Canvas(34)
    c.gradient([(0, "#a9cf9a"), (0.45, "#f4ecb2"), (0.6, "#fff3c4"), (1, "#fff3c4")])
    c.glow(800, 430, 620, "#fffbe0", 1)
    c.gradient([(0, "#b9b266"), (1, "#5f8a3f")], 520)
    c.polygon([(770, 520), (830, 520), (1340, 900), (260, 900)], "#e6cfa0")
    c.polygon([(786, 520), (814, 520), (960, 900), (640, 900)], "#f2dfb6")
    for step in range(7, -1, -1):
        near = (1 - step / 8) ** 2.1
        base, size = 524 + near * 330, 90 + near * 640
        mist = int(step * 13)
        leaves = [_misty(colour, mist) for colour in ("#2f5a34", "#3f7440", "#5f9448", "#8fb85a")]
        for side in (-1, 1):
            x = 800 + side * (62 + near * 660)
            c.tree(x, base, size, leaves, _misty("#4a3526", mist))
            c.veil([(x - 20, base), (x + 20, base), (x - side * near * 500, base + 40 + near * 60)], "#4f5a2a", 90, 8)
    for left, right in ((700, 560), (800, 800), (900, 1080)):
        c.veil([(left, 300), (left + 40, 300), (right + 160, 900), (right - 60, 900)], "#fffbe0", 70, 20)
    for _ in range(90):
        c.disc(
            c.random.uniform(200, 1400), c.random.uniform(600, 890), c.random.uniform(2, 5), (255, 226, 130, 150), 0.6
        )
    c.person(720, 700, 130, "#b8463c")
    c.box(744, 668, 22, 26, "#3f7a8a", 3)
    c.line([(766, 674), (784, 662)], "#3f7a8a", 4)
    c.person(860, 650, 90, "#3f5f8a", "#8d5a3c")
    return c


def weather() -> Canvas:
    c = Canvas(36)
    c.gradient([(0, "#41628c"), (0.4, "#86aac0"), (0.7, "#e9ead0"), (1, "#e9ead0")])
    for index, colour in enumerate(("#d9534f", "#f0923b", "#f4d94f", "#6fbf5f", "#4f8fd0", "#7a5fb5")):
        red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
        c.arc(640, 900, 620 - index * 16, 180, 360, (red, green, blue, 105), 16)
    _clouds(c, ((300, 190, 150), (90, 250, 110), (560, 150, 100)), "#5f6f86")
    _clouds(c, ((1260, 230, 150), (1480, 300, 110), (1020, 170, 80)), "#f7f6ee")
    for _ in range(110):
        x, y = c.random.uniform(0, 640), c.random.uniform(260, 620)
        c.line([(x, y), (x - 9, y + 34)], (225, 236, 245, 90), 2)
    c.ridge(640, 70, "#7f9f80")
    c.ridge(700, 60, "#6a994f", 1.3)
    _school(c, 150, 690)
    c.ridge(780, 40, "#5b8a3c", 1)
    c.box(1052, 330, 12, 480, "#e9e9e4")
    for turn in (-34, 34):
        c.line([(1058, 560), (1058 + turn * 4, 800)], (240, 240, 235, 160), 2)
    c.box(960, 352, 196, 8, "#d9d9d2")
    for angle in (20, 140, 260):
        x, y = 1146 + cos(radians(angle)) * 42, 326 + sin(radians(angle)) * 14
        c.line([(1146, 326), (x, y)], "#50555c", 4)
        c.disc(x, y, 13, "#d9503f")
    c.box(1143, 326, 6, 28, "#50555c")
    c.polygon([(930, 326), (1000, 318), (1000, 334)], "#50555c")
    c.polygon([(1000, 322), (1036, 304), (1036, 348), (1000, 330)], "#d9503f")
    c.box(975, 330, 6, 26, "#50555c")
    for leg in (1262, 1356):
        c.box(leg, 690, 10, 130, "#cfcfc6")
    c.polygon([(1236, 560), (1310, 520), (1390, 560)], "#c9c9c0")
    c.box(1246, 558, 134, 140, "#f7f7f2", 4)
    for slat in range(9):
        c.box(1254, 570 + slat * 14, 118, 6, "#cfd2cf", 2)
    c.box(1160, 730, 34, 84, (200, 225, 235, 200), 6)
    c.box(1163, 778, 28, 34, "#5f9fd0", 4)
    for x, high, coat in ((820, 128, "#d9a43b"), (890, 116, "#4f7fb5"), (760, 122, "#b8463c")):
        c.person(x, 834, high, coat, c.random.choice(["#e8b48c", "#c98d66", "#8d5a3c"]))
    for _ in range(900):
        x, y = c.random.uniform(0, WIDTH), c.random.uniform(800, 900)
        c.line([(x, y), (x + c.random.uniform(-5, 6), y - c.random.uniform(8, 24))], (40, 90, 30, 110), 2)
    for _ in range(50):
        c.disc(c.random.uniform(0, WIDTH), c.random.uniform(815, 895), 4, c.random.choice(["#fffbe9", "#f4d94f"]))
    return c


def _clouds(c: Canvas, places: tuple[tuple[float, float, float], ...], colour: str = "#fbfaf2") -> None:
    for x, y, size in places:
        for shift, lift, part in (
            (-1.2, 0, 0.5),
            (-0.6, 0.3, 0.7),
            (0.1, 0.42, 0.8),
            (0.75, 0.2, 0.6),
            (1.25, 0, 0.42),
        ):
            c.disc(x + shift * size, y - lift * size, size * part, colour, 0.8)
        c.box(x - size * 1.6, y + size * 0.06, size * 3.2, size * 0.36, colour, size * 0.18)


def _mill(c: Canvas, x: float, base: float) -> None:
    c.polygon([(x - 92, base), (x - 52, base - 320), (x + 52, base - 320), (x + 92, base)], "#efe4cc")
    c.polygon([(x - 92, base), (x - 52, base - 320), (x - 14, base - 320), (x - 30, base)], "#d6c7a8")
    c.box(x - 110, base - 130, 220, 12, "#6d4a32")
    for post in range(-100, 101, 25):
        c.box(x + post, base - 160, 4, 32, "#6d4a32")
    c.box(x - 106, base - 164, 212, 5, "#6d4a32")
    c.polygon([(x - 64, base - 318), (x - 44, base - 384), (x + 30, base - 396), (x + 64, base - 318)], "#7d3f34")
    for y in (70, 210, 270):
        c.box(x - 14, base - y - 30, 28, 40, "#4d5f66", 4)
    c.box(x - 22, base - 74, 44, 74, "#5b3a28", 4)
    hub = (x, base - 350)
    for quarter in range(4):
        turn = radians(24) + quarter * pi / 2
        along, across = (cos(turn), sin(turn)), (-sin(turn), cos(turn))

        def at(
            far: float, aside: float, along: tuple[float, float] = along, across: tuple[float, float] = across
        ) -> tuple[float, float]:
            return hub[0] + along[0] * far + across[0] * aside, hub[1] + along[1] * far + across[1] * aside

        c.polygon([at(60, 4), at(280, 4), at(280, 52), at(60, 52)], (250, 244, 226, 220))
        c.line([at(0, 0), at(290, 0)], "#4a3020", 9)
        for rung in range(60, 281, 22):
            c.line([at(rung, 0), at(rung, 54)], "#6d4a32", 3)
        c.line([at(60, 52), at(280, 52)], "#6d4a32", 4)
    c.disc(*hub, 14, "#3a2519")


def _nest(c: Canvas, x: float, y: float) -> None:
    c.disc(x, y, 92, "#3a251f", 0.34)
    for _ in range(90):
        px, py = x + c.random.uniform(-92, 92), y + c.random.uniform(-22, 26)
        tilt = c.random.uniform(-14, 14)
        c.line([(px - 26, py - tilt), (px + 26, py + tilt)], c.random.choice(["#5a3a2a", "#7a5238", "#4a2f25"]), 3)
    for chick in (-52, -22, 12):
        c.disc(x + chick, y - 30, 13, "#efe9e2")
        c.polygon([(x + chick + 6, y - 36), (x + chick + 34, y - 46), (x + chick + 8, y - 26)], "#4f4650")


def _stork_standing(c: Canvas, x: float, base: float) -> None:
    for leg in (0, 16):
        c.line([(x + leg, base + 30), (x + leg + 2, base - 44)], "#d1432f", 5)
    c.polygon([(x - 52, base - 40), (x + 6, base - 100), (x + 52, base - 84), (x + 34, base - 42)], "#fbf8f0")
    c.polygon([(x - 84, base - 32), (x - 6, base - 78), (x + 20, base - 48), (x - 30, base - 34)], "#22202c")
    c.line([(x + 38, base - 84), (x + 56, base - 130), (x + 52, base - 158)], "#fbf8f0", 17)
    c.disc(x + 54, base - 166, 15, "#fbf8f0")
    c.polygon([(x + 64, base - 174), (x + 134, base - 150), (x + 64, base - 158)], "#d1432f")
    c.disc(x + 59, base - 169, 3, "#1a1a22")


def _stork_flying(c: Canvas, x: float, y: float) -> None:
    for tip, lift in ((-150, -120), (120, -150)):
        c.polygon([(x - 20, y), (x + tip * 0.55, y + lift * 0.75), (x + tip, y + lift), (x + 50, y + 8)], "#fbf8f0")
        for feather in range(6):
            px, py = x + tip * (0.62 + feather * 0.07), y + lift * (0.78 + feather * 0.05)
            c.line([(px, py), (px + 24 - feather * 9, py + 62 - feather * 5)], "#22202c", 11)
    c.polygon([(x - 70, y + 4), (x + 10, y - 18), (x + 88, y - 4), (x + 20, y + 22)], "#fbf8f0")
    c.line([(x + 78, y - 2), (x + 134, y - 8)], "#fbf8f0", 13)
    c.disc(x + 140, y - 9, 12, "#fbf8f0")
    c.polygon([(x + 148, y - 15), (x + 204, y - 4), (x + 148, y - 2)], "#d1432f")
    c.line([(x - 60, y + 8), (x - 142, y + 20)], "#d1432f", 5)


def _school(c: Canvas, x: float, base: float) -> None:
    c.box(x, base - 110, 330, 120, "#c9764f")
    c.polygon([(x - 16, base - 108), (x + 40, base - 160), (x + 290, base - 160), (x + 346, base - 108)], "#5b4250")
    for index in range(6):
        c.box(x + 22 + index * 52, base - 84, 32, 44, "#f4e7c3", 3)
    c.box(x + 140, base - 190, 50, 36, "#c9764f")
    c.polygon([(x + 132, base - 188), (x + 165, base - 222), (x + 198, base - 188)], "#5b4250")


def _misty(colour: str, amount: int) -> str:
    """The colour seen through `amount` (0 to 100) per cent of bright air."""
    mist = (246, 238, 190)
    channels = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    mixed = [round(own + (far - own) * amount / 120) for own, far in zip(channels, mist, strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)
