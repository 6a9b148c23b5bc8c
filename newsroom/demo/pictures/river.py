"""Scenes by the water: harbour, festival of lights, regatta."""

from __future__ import annotations

from math import sin

from newsroom.demo.pictures.canvas import WIDTH, Canvas


def harbour() -> Canvas:
    c = Canvas(21)
    c.gradient([(0, "#2b2f5c"), (0.35, "#a8526b"), (0.58, "#f0955e"), (0.68, "#fbd28a"), (1, "#fbd28a")])
    c.glow(560, 560, 620, "#ffe3a0", 0.85)
    c.disc(560, 540, 66, "#fff1c4")
    for y, start, long in ((210, 900, 420), (250, 1040, 380), (160, 150, 330), (300, 80, 260)):
        c.veil([(start, y), (start + long, y - 8), (start + long, y + 12), (start, y + 16)], "#f7b58a", 130, 9)
    c.ridge(596, 30, "#8a4f63")
    x = 820.0
    while x < WIDTH:  # warehouses
        wide = c.random.uniform(120, 190)
        high = c.random.uniform(90, 160)
        c.box(x, 620 - high, wide, high, "#4f2f49")
        c.polygon([(x - 4, 621 - high), (x + wide / 2, 575 - high), (x + wide + 4, 621 - high)], "#3d2340")
        c.windows(x, 620, wide, high, ["#6b3f55", "#6b3f55", "#ffc777"])
        x += wide + 8
    _crane(c, 980, 620, 380, 1)
    _crane(c, 1290, 620, 440, -1)
    _crane(c, 190, 620, 300, 1)
    c.water(620, [(0, "#d98063"), (0.4, "#7d4a66"), (1, "#26284f")], 0.4, "#ffd9a0")
    c.veil([(500, 620), (620, 620), (720, 900), (400, 900)], "#ffd98f", 120, 26)
    _ferry(c, 660, 690)
    for x in (60, 100, 1500, 1545):
        c.box(x, 760, 18, 140, "#20183a", 6)
    return c


def lights() -> Canvas:
    c = Canvas(22)
    c.gradient([(0, "#0a1033"), (0.4, "#1d2158"), (0.62, "#4a2f66"), (1, "#4a2f66")])
    c.stars(240, 380)
    x = -10.0
    walls = ["#2b2450", "#332a58", "#261f49", "#3a2c55"]
    while x < WIDTH:
        wide, high = c.random.uniform(80, 130), c.random.uniform(130, 230)
        c.gable_house(x, 560, wide, high, c.random.choice(walls), "#1c1740")
        c.windows(x, 560, wide, high, ["#1a153a", "#ffcf7a", "#f7b45f", "#1a153a"])
        x += wide + 3
    c.box(0, 556, WIDTH, 12, "#150f2e")
    for x in range(20, WIDTH, 54):
        c.glow(x, 552, 34, "#ffbf66", 0.9)
        c.disc(x, 552, 5, "#fff0c8")
    c.water(568, [(0, "#40305f"), (0.5, "#1b1a48"), (1, "#0a0d2a")], 0.62, "#ffcf8a")
    for row, (left, high, right, sag) in enumerate(((0, 90, 210, 200), (0, 250, 130, 190), (0, 150, 330, 160))):
        _string_of_lanterns(c, left, high, right, sag, row)
    for _ in range(44):
        y = 610 + c.random.random() ** 1.3 * 270
        size = 4 + (y - 600) / 26
        x = c.random.uniform(20, WIDTH - 20)
        colour = c.random.choice(["#ffb74d", "#ff8f5a", "#ffd27a", "#f76f6f", "#8fd3ff"])
        c.glow(x, y, size * 5, colour, 0.8)
        c.box(x - size * 1.5, y + size * 0.9, size * 3, size * 0.4, "#2a1a2c", 2)
        c.box(x - size, y - size, size * 2, size * 2, colour, size * 0.4)
        c.box(x - size * 0.5, y - size * 0.5, size, size * 1.2, "#fff2cc", size * 0.3)
        c.veil([(x - size, y + size * 2), (x + size, y + size * 2), (x + size, y + size * 7)], colour, 70, 4)
    return c


def regatta() -> Canvas:
    c = Canvas(23)
    c.gradient([(0, "#5ea3cf"), (0.45, "#b9dbe3"), (0.6, "#f3eccf"), (1, "#f3eccf")])
    for x, y, size in ((240, 140, 70), (980, 110, 90), (1400, 210, 60), (620, 220, 46)):
        for shift in (-1.1, -0.4, 0.3, 1.0):
            c.disc(
                x + shift * size, y - (0.3 - abs(shift) * 0.2) * size, size * (0.6 - abs(shift) * 0.14), "#fbfaf3", 0.6
            )
    c.ridge(470, 90, "#9cbfb2")
    c.ridge(505, 56, "#79a58a", 3)
    edge = c.ridge(540, 22, "#4f8562", 1)
    for left, foot in edge[::4]:
        if c.random.random() < 0.55:
            c.tree(left, foot + 8, c.random.uniform(40, 86), ["#3c6f4c", "#4d8558", "#6aa165"])
    c.water(572, [(0, "#9cc9cf"), (0.4, "#4f95ab"), (1, "#1f5877")], 0.42)
    _eight(c, 330, 660, 0.82, "#f3c43f", "#c23b3b")
    _eight(c, 150, 770, 1.1, "#f6f4ea", "#2a4f86")
    for x in range(0, WIDTH, 9):  # reeds in front
        if sin(x / 110) + c.random.random() < 0.55:
            continue
        high = c.random.uniform(50, 150)
        lean = c.random.uniform(-14, 22)
        c.line([(x, 905), (x + lean * 0.4, 905 - high * 0.6), (x + lean, 905 - high)], "#22452f", 3)
        if c.random.random() < 0.3:
            c.box(x + lean - 5, 892 - high, 9, 40, "#5b3a22", 5)
    return c


def _crane(c: Canvas, x: float, base: float, high: float, side: int) -> None:
    iron = "#2c1c38"
    for leg in (-34, 34):
        c.line([(x + leg, base), (x + leg * 0.4, base - high * 0.45)], iron, 9)
    c.box(x - 26, base - high * 0.55, 52, high * 0.14, iron)
    tip = (x + side * high * 0.75, base - high)
    c.line([(x, base - high * 0.5), tip], iron, 9)
    c.line([(x - side * 30, base - high * 0.8), (x, base - high * 0.5)], iron, 7)
    c.line([(x - side * 30, base - high * 0.8), tip], iron, 3)
    for step in range(1, 9):
        share = step / 9
        px, py = x + side * high * 0.75 * share, base - high * (0.5 + 0.5 * share)
        c.line([(px, py), (px - side * 12, py - 22 * (1 - share) - 8)], iron, 3)
    c.line([tip, (tip[0], base - high * 0.55)], iron, 2)
    c.box(tip[0] - 10, base - high * 0.55, 20, 16, iron)


def _ferry(c: Canvas, x: float, base: float) -> None:
    c.polygon(
        [(x, base - 30), (x + 520, base - 30), (x + 560, base - 54), (x + 510, base + 44), (x + 40, base + 44)],
        "#f3ead8",
    )
    c.polygon([(x + 12, base + 8), (x + 532, base + 8), (x + 510, base + 44), (x + 40, base + 44)], "#2f6c74")
    c.box(x + 60, base - 106, 390, 78, "#fbf6ea", 8)
    for index in range(8):
        c.box(x + 80 + index * 45, base - 92, 32, 40, "#ffd27d", 4)
    c.box(x + 300, base - 168, 120, 64, "#f3ead8", 8)
    for index in range(3):
        c.box(x + 312 + index * 34, base - 156, 26, 28, "#3a4f68", 3)
    c.polygon([(x + 70, base - 112), (x + 290, base - 112), (x + 276, base - 126), (x + 84, base - 126)], "#33426b")
    for index in range(1, 6):
        c.line([(x + 84 + index * 34, base - 126), (x + 76 + index * 36, base - 112)], "#8fa3c9", 2)
    c.box(x + 356, base - 214, 5, 48, "#4a3a48")
    c.polygon([(x + 361, base - 214), (x + 400, base - 202), (x + 361, base - 190)], "#d9503f")
    c.veil([(x + 40, base + 46), (x + 510, base + 46), (x + 470, base + 110), (x + 90, base + 110)], "#1f1c40", 120, 12)


def _string_of_lanterns(c: Canvas, left: float, high: float, right: float, sag: float, row: int) -> None:
    colours = ["#ff6f61", "#ffb347", "#ffe08a", "#7fd1c7", "#b98ae0", "#ff8fab"]
    points = []
    for step in range(int(left), WIDTH + 1, 20):
        share = step / WIDTH
        points.append((float(step), high + (right - high) * share + sag * 4 * share * (1 - share) * 0.5))
    c.line(points, "#0b0a22", 3)
    for index, (x, y) in enumerate(points[2 + row :: 6]):
        colour = colours[(index + row * 2) % len(colours)]
        size = 22 + 9 * row
        c.glow(x, y + size * 1.2, size * 3.4, colour, 0.75)
        c.disc(x, y + size * 1.2, size, colour, 1.12)
        c.disc(x, y + size * 1.25, size * 0.55, "#fff3cf", 1.2)
        c.box(x - size * 0.4, y + size * 0.02, size * 0.8, size * 0.18, "#2a1c38", 2)
        c.box(x - size * 0.4, y + size * 2.22, size * 0.8, size * 0.18, "#2a1c38", 2)


def _eight(c: Canvas, x: float, base: float, size: float, hull: str, shirt: str) -> None:
    long = 900 * size
    for index in range(8):
        seat = x + long * 0.14 + index * long * 0.088
        c.line([(seat + 4, base - 22 * size), (seat - 74 * size, base + 34 * size)], "#e9d9b0", 4 * size)
        c.polygon(
            [
                (seat - 66 * size, base + 24 * size),
                (seat - 112 * size, base + 46 * size),
                (seat - 98 * size, base + 56 * size),
                (seat - 60 * size, base + 36 * size),
            ],
            shirt,
        )
        c.disc(seat - 92 * size, base + 60 * size, 30 * size, (255, 255, 255, 70), 0.22)
    for index in range(8):
        seat = x + long * 0.14 + index * long * 0.088
        skin = c.random.choice(["#e8b48c", "#c98d66", "#8d5a3c", "#f0c8a4"])
        c.polygon(
            [
                (seat - 16 * size, base),
                (seat + 14 * size, base),
                (seat + 34 * size, base - 58 * size),
                (seat + 8 * size, base - 64 * size),
            ],
            shirt,
        )
        c.line(
            [
                (seat + 20 * size, base - 50 * size),
                (seat - 12 * size, base - 30 * size),
                (seat - 34 * size, base - 26 * size),
            ],
            skin,
            9 * size,
        )
        c.disc(seat + 28 * size, base - 76 * size, 15 * size, skin)
        c.arc(seat + 28 * size, base - 78 * size, 15 * size, 180, 360, "#33261f", 7 * size)
    cox = x + long * 0.9
    c.box(cox - 12 * size, base - 44 * size, 30 * size, 48 * size, "#333a45", 8)
    c.disc(cox + 2 * size, base - 56 * size, 14 * size, "#e8b48c")
    c.polygon(
        [
            (x - 40 * size, base - 6 * size),
            (x + long + 40 * size, base - 8 * size),
            (x + long * 0.94, base + 16 * size),
            (x + long * 0.05, base + 16 * size),
        ],
        hull,
    )
    c.line([(x - 30 * size, base), (x + long + 26 * size, base - 2 * size)], shirt, 4 * size)
    c.veil([(x, base + 18), (x + long, base + 18), (x + long * 0.9, base + 44), (x + 60, base + 44)], "#143f55", 130, 5)
