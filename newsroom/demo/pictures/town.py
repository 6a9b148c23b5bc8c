"""Scenes in the town by day: bridge, market, library. A scene is one list of strokes, from the back to the front."""

from __future__ import annotations

from newsroom.demo.pictures.canvas import WIDTH, Canvas


def bridge() -> Canvas:
    c = Canvas(11)
    c.gradient([(0, "#6fa8c9"), (0.4, "#bcd9dd"), (0.62, "#f8e3c4"), (1, "#f8e3c4")])
    c.glow(1180, 330, 520, "#fff3cf", 0.9)
    c.disc(1180, 330, 46, "#fffaf0")
    c.ridge(520, 60, "#a9c3c4")
    c.ridge(552, 40, "#86a9ad", 3)
    _skyline(c, 590, "#6f8f98", "#5f7f8a")
    c.water(590, [(0, "#8fb7bf"), (1, "#2f6476")], 0.45)
    iron, light = "#274b5a", "#3f6b7a"
    for x in (470, 1010):  # towers
        c.box(x, 300, 120, 330, "#b4553e", 4)
        c.box(x, 300, 40, 330, "#9c4534", 4)
        c.polygon([(x - 14, 304), (x + 60, 214), (x + 134, 304)], "#31505b")
        c.box(x + 54, 180, 6, 44, "#31505b")
        for y in (340, 420, 500):
            c.box(x + 48, y, 24, 44, "#ffe2a6", 12)
        c.box(x - 16, 600, 152, 60, "#7d6a5f", 6)
    for left, right in ((0, 470), (1130, WIDTH)):  # the fixed spans
        c.box(left, 560, right - left, 20, iron)
        for x in range(left, right, 60):
            c.line([(x, 560), (x + 30, 510), (x + 60, 560)], light, 6)
        c.box(left, 504, right - left, 9, iron)
        for x in range(left + 90, right, 190):
            c.box(x, 580, 26, 90, "#7d6a5f")
    for foot, tip in (((590, 566), (742, 318)), ((1010, 566), (858, 318))):  # the bascules
        side = 1 if tip[0] > foot[0] else -1
        c.polygon([foot, tip, (tip[0] + 14 * side, tip[1] + 12), (foot[0], foot[1] + 26)], iron)
        for step in range(1, 8):
            along, up = foot[0] + (tip[0] - foot[0]) * step / 8, foot[1] + (tip[1] - foot[1]) * step / 8
            c.line([(along, up), (along - 26 * side, up - 20)], light, 4)
        c.line([(foot[0] - 26 * side, foot[1] - 40), (tip[0] - 26 * side, tip[1] - 8)], light, 5)
    _sailing_boat(c, 800, 672)
    for x, y in ((330, 190), (372, 214), (1370, 232), (250, 238)):
        c.line([(x - 16, y - 7), (x, y), (x + 16, y - 7)], "#4d6f7c", 3)
    return c


def market() -> Canvas:
    c = Canvas(12)
    c.gradient([(0, "#8ec5de"), (0.55, "#f4ead2"), (1, "#f4ead2")])
    c.glow(300, 120, 480, "#fff6d8", 0.8)
    _gables(c, 560, ["#c9774f", "#d9a05f", "#b9c2a6", "#e3cda4", "#a65d4a", "#8fa8a8"], ["#5b6f77", "#42555e"])
    c.gradient([(0, "#d7c4a1"), (1, "#a98f6d")], 560)
    for row in range(9):
        y = 580 + row * row * 4.6
        c.line([(0, y), (WIDTH, y)], (120, 96, 70, 60), 2)
    stripes = [("#d8433b", "#fff4e2"), ("#2f7f79", "#f6f0dc"), ("#e0a32e", "#fff6e0"), ("#35608f", "#eef2ee")]
    for index, x in enumerate((40, 420, 800, 1190)):
        _stall(c, x, 720 + (index % 2) * 40, 350, stripes[index])
    for x, y, high, coat in ((380, 790, 200, "#36506b"), (770, 812, 190, "#8d3f52"), (1150, 800, 205, "#4c6b45")):
        c.veil([(x - 40, y), (x + 70, y), (x + 130, y + 16), (x - 20, y + 16)], "#4a3a2a", 110, 6)
        c.person(x, y, high, coat)
    c.person(832, 818, 130, "#d9963f")
    return c


def library() -> Canvas:
    c = Canvas(15)
    c.gradient([(0, "#5d4030"), (1, "#3a2820")])
    c.box(560, 0, 480, 640, "#6b4a36")
    c.disc(800, 250, 200, "#ffe9b8")
    c.box(600, 250, 400, 390, "#ffe9b8")
    c.disc(800, 250, 186, "#bfe0e6")
    c.box(614, 250, 372, 376, "#d9ecdf")
    c.glow(800, 330, 330, "#fffbe6", 0.75)
    for x in (707, 800, 893):
        c.box(x - 4, 60, 8, 570, "#7a543a")
    for y in (250, 370, 490):
        c.box(600, y - 4, 400, 8, "#7a543a")
    c.tree(690, 640, 190, ["#7ea56f", "#97bb7c", "#b4cf8f"])
    c.box(600, 626, 400, 16, "#7a543a")
    for left in (0, 1040):
        _shelves(c, left, 560)
    c.gradient([(0, "#9a6b45"), (1, "#5b3a26")], 760)
    c.veil([(640, 640), (960, 640), (1240, 900), (360, 900)], "#ffe7b0", 120, 30)
    for x in (130, 146):  # the ladder leans
        c.line([(x, 790), (x + 150, 90)], "#c99a5f", 8)
    for rung in range(12):
        foot, high = 142 + rung * 12.4, 740 - rung * 56
        c.line([(foot - 8, high), (foot + 20, high)], "#c99a5f", 6)
    for x in (520, 800, 1080):
        c.line([(x, 0), (x, 150)], "#2d1e18", 3)
        c.polygon([(x - 46, 190), (x - 22, 148), (x + 22, 148), (x + 46, 190)], "#2f6b5c")
        c.glow(x, 200, 120, "#ffe0a0", 0.7)
    c.box(500, 730, 600, 26, "#7d4f30", 4)
    c.box(540, 756, 24, 110, "#5f3a24")
    c.box(1036, 756, 24, 110, "#5f3a24")
    for x, colour in ((590, "#b8433a"), (600, "#d9a441"), (596, "#3c6f7f")):
        c.box(x, 712 - (x % 7) * 6, 96, 14, colour, 2)
    c.polygon([(820, 728), (880, 716), (880, 730)], "#fff7e4")
    c.polygon([(940, 728), (880, 716), (880, 730)], "#f0e3c6")
    c.person(760, 732, 150, "#45597a")
    c.person(985, 732, 140, "#a3523f", "#9a6a4c")
    return c


def _skyline(c: Canvas, base: float, wall: str, roof: str) -> None:
    x = -10.0
    while x < WIDTH:
        wide, high = c.random.uniform(34, 74), c.random.uniform(24, 78)
        c.gable_house(x, base, wide, high, wall, roof)
        x += wide + c.random.choice([0, 0, 2, 24])
    c.box(250, base - 150, 34, 150, wall)
    c.polygon([(246, base - 148), (267, base - 232), (288, base - 148)], roof)


def _gables(c: Canvas, base: float, walls: list[str], roofs: list[str]) -> None:
    x = -14.0
    while x < WIDTH:
        wide, high = c.random.uniform(110, 170), c.random.uniform(190, 290)
        c.gable_house(x, base, wide, high, c.random.choice(walls), c.random.choice(roofs))
        c.windows(x, base, wide, high - 40, ["#f7efdc", "#4d5f66", "#5c7077"])
        x += wide


def _sailing_boat(c: Canvas, x: float, base: float) -> None:
    c.polygon([(x - 6, base - 20), (x - 6, base - 236), (x + 92, base - 60), (x + 60, base - 24)], "#8c4a2b")
    c.polygon([(x - 14, base - 30), (x - 14, base - 210), (x - 84, base - 46)], "#a65c34")
    c.box(x - 12, base - 244, 6, 240, "#3a2519")
    c.polygon([(x - 110, base - 22), (x + 112, base - 22), (x + 84, base + 16), (x - 84, base + 16)], "#26323a")
    c.box(x - 110, base - 24, 222, 7, "#e4d3b0")


def _stall(c: Canvas, x: float, base: float, wide: float, colours: tuple[str, str]) -> None:
    c.veil([(x, base), (x + wide, base), (x + wide + 60, base + 26), (x + 30, base + 26)], "#5a442c", 120, 8)
    for post in (x + 8, x + wide - 16):
        c.box(post, base - 250, 8, 250, "#6d5138")
    c.box(x, base - 100, wide, 100, "#8a6542", 3)
    for plank in range(1, 4):
        c.line([(x, base - 100 + plank * 25), (x + wide, base - 100 + plank * 25)], "#73522f", 2)
    fruit = ["#d9483b", "#e99a2c", "#7fae3e", "#f0cf4f", "#8e3f6d", "#4f8f3a"]
    for crate in range(5):
        left, colour = x + 12 + crate * (wide - 20) / 5, c.random.choice(fruit)
        c.box(left, base - 122, wide / 5 - 12, 26, "#b98a55", 2)
        for row in range(2):
            for piece in range(6):
                c.disc(left + 8 + piece * 8.6, base - 122 - row * 7, 6.5, colour)
    teeth = 8
    for index in range(teeth):
        left, step = x - 22 + index * (wide + 44) / teeth, (wide + 44) / teeth
        inner = x + 14 + index * (wide - 28) / teeth
        colour = colours[index % 2]
        c.polygon(
            [
                (inner, base - 318),
                (inner + (wide - 28) / teeth, base - 318),
                (left + step, base - 240),
                (left, base - 240),
            ],
            colour,
        )
        c.disc(left + step / 2, base - 240, step / 2, colour)


def _shelves(c: Canvas, left: float, wide: float) -> None:
    c.box(left, 0, wide, 780, "#4a3022")
    spines = ["#8f3b34", "#c27a3a", "#d9b25f", "#4f6f5c", "#3d5a73", "#6a4a6b", "#b9a17c", "#7d2f3f", "#2f5260"]
    for shelf in range(7):
        base = 108 + shelf * 108
        x = left + 14
        while x < left + wide - 22:
            broad, high = c.random.uniform(10, 24), c.random.uniform(58, 88)
            colour = c.random.choice(spines)
            c.box(x, base - high, broad, high, colour, 2)
            if c.random.random() < 0.5:
                c.box(x + 2, base - high + 12, broad - 4, 4, "#ecd9a8")
            x += broad + 1.5
            if c.random.random() < 0.05:
                x += 26
        c.box(left, base, wide, 12, "#6f4a32")
    for edge in (left, left + wide - 12):
        c.box(edge, 0, 12, 780, "#5f3e2a")
