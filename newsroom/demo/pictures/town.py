"""Scenes in the streets: bridge, market, night bus, bakery, library, cinema."""

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
            x, y = foot[0] + (tip[0] - foot[0]) * step / 8, foot[1] + (tip[1] - foot[1]) * step / 8
            c.line([(x, y), (x - 26 * side, y - 20)], light, 4)
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


def nightbus() -> Canvas:
    c = Canvas(13)
    c.gradient([(0, "#0d1533"), (0.5, "#2a2f62"), (0.75, "#5b4a7a"), (1, "#1a1c33")])
    c.stars(160, 330)
    c.disc(1290, 150, 44, "#f6efd2")
    c.disc(1308, 140, 40, "#151d43")
    x = -20.0
    while x < WIDTH:
        wide, high = c.random.uniform(90, 170), c.random.uniform(190, 380)
        c.gable_house(x, 660, wide, high, c.random.choice(["#1d2346", "#232a52", "#191e3d"]), "#141832")
        c.windows(x, 660, wide, high, ["#11152c"] * 5 + ["#f2c76b", "#e0a956"])
        x += wide + 4
    c.gradient([(0, "#24263f"), (1, "#0e0f1e")], 660)
    c.box(0, 650, WIDTH, 18, "#34365a")
    for lamp in (170, 1440):
        c.box(lamp, 300, 10, 360, "#0b0d1c")
        c.box(lamp - 50, 296, 60, 8, "#0b0d1c")
        c.veil([(lamp - 60, 306), (lamp - 30, 306), (lamp + 120, 800), (lamp - 260, 800)], "#ffd98a", 80, 20)
        c.glow(lamp - 44, 312, 90, "#ffe3a6", 0.95)
    c.veil([(1240, 690), (1600, 640), (1600, 880), (1240, 740)], "#fff0c0", 120, 14)
    _bus(c, 360, 430)
    for y in range(690, 890, 6):  # wet street
        if c.random.random() < 0.8:
            start = c.random.uniform(380, 1100)
            c.line([(start, y), (start + c.random.uniform(30, 240), y)], (255, 208, 120, 34), 3)
    c.person(232, 742, 180, "#3c2c4f", "#caa07e")
    return c


def bakery() -> Canvas:
    c = Canvas(14)
    c.gradient([(0, "#22345f"), (0.45, "#6d6a92"), (0.7, "#d99c84"), (1, "#d99c84")])
    c.stars(50, 180)
    walls = [(0, 330, "#3d4668"), (330, 300, "#4b4a66"), (1010, 300, "#44506e"), (1310, 290, "#3a4262")]
    for x, wide, colour in walls:
        c.box(x, 190 + (x % 60), wide, 600, colour)
        for row, top in enumerate((250, 370, 490)):
            for column in range(4):
                pane = "#e0b070" if (x // 10 + row * 3 + column) % 9 == 0 else "#262e4c"
                c.box(x + 34 + column * 66, top, 36, 70, pane, 3)
        c.box(x + 118, 640, 64, 150, "#252b47", 4)
        c.polygon([(x - 4, 192 + x % 60), (x + wide / 2, 90 + x % 60), (x + wide + 4, 192 + x % 60)], "#2b3150")
    c.box(620, 130, 400, 660, "#8a5340")
    c.polygon([(604, 132), (820, 6), (1036, 132)], "#3b2b38")
    for x in (680, 800, 920):
        c.box(x, 190, 56, 86, "#2d2b42", 4)
    c.box(914, 190, 56, 86, "#f3c069", 4)
    c.gradient([(0, "#5b5470"), (1, "#2a2940")], 780)
    c.glow(820, 560, 460, "#ffc766", 0.75)
    c.box(640, 300, 360, 70, "#4a2b26", 4)
    c.line(
        [(716, 344), (746, 322), (776, 344), (806, 322), (836, 344), (866, 322), (896, 344), (926, 322)], "#f2cf8d", 6
    )
    for index in range(9):
        c.polygon(
            [(630 + index * 42, 372), (672 + index * 42, 372), (666 + index * 43, 432), (620 + index * 44, 432)],
            "#fff1dc" if index % 2 else "#c94f3d",
        )
    c.box(650, 440, 230, 300, "#ffdf96", 6)
    c.box(900, 440, 90, 346, "#5a3129", 4)
    c.box(914, 456, 62, 180, "#ffd98c", 3)
    for shelf in (520, 600, 680):
        c.box(654, shelf, 222, 8, "#9b6238")
        for x in range(672, 870, 44):
            c.disc(x, shelf - 10, 19, c.random.choice(["#b8723a", "#a5622f", "#c98849"]), 0.62)
            c.line([(x - 8, shelf - 16), (x + 8, shelf - 12)], "#e2b077", 2)
    c.person(770, 742, 190, "#f3efe6", "#c98d66")
    c.veil([(640, 800), (1000, 800), (1150, 900), (500, 900)], "#ffce7a", 120, 16)
    c.box(420, 560, 8, 236, "#1e2036")
    c.glow(424, 548, 80, "#ffe2a0", 0.9)
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
    for step in range(12):
        x, y = 142 + step * 12.4, 740 - step * 56
        c.line([(x - 8, y), (x + 20, y)], "#c99a5f", 6)
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


def cinema() -> Canvas:
    c = Canvas(16)
    c.gradient([(0, "#0b1030"), (0.6, "#28285a"), (1, "#3a2a4f")])
    c.stars(220, 420)
    c.polygon([(0, 700), (0, 200), (140, 140), (280, 200), (280, 700)], "#4a2b35")
    c.box(320, 90, 90, 600, "#56313a")
    c.box(310, 80, 110, 20, "#6a3e45")
    c.polygon([(1240, 700), (1240, 250), (1420, 160), (1600, 250), (1600, 700)], "#4a2b35")
    for x in (40, 110, 180, 1290, 1370, 1450, 1530):
        c.box(x, 320, 44, 120, "#221a30", 22)
    c.box(480, 170, 680, 410, "#0d0d1d", 8)
    film = Canvas(3)
    film.gradient([(0, "#f6b26b"), (0.5, "#f9e0a8"), (1, "#5aa0a6")])
    film.disc(1100, 360, 120, "#fff6dc")
    film.ridge(560, 90, "#3f7f86")
    film.ridge(680, 60, "#24545f")
    star = [(800.0, 330.0), (850, 480), (1000, 480), (880, 570), (925, 720), (800, 630), (675, 720), (720, 570)]
    film.polygon([*star, (600, 480), (750, 480)], "#e0523f")
    film.disc(770, 540, 14, "#2b1a1a")
    film.disc(830, 540, 14, "#2b1a1a")
    film.arc(800, 570, 40, 20, 160, "#2b1a1a", 8)
    c.image.paste(film.image.resize((1328, 788)), (976, 352))
    c.gradient([(0, "#2c2240"), (1, "#120f22")], 690)
    c.veil([(790, 900), (830, 900), (1140, 190), (500, 190)], "#fff3c8", 46, 14)
    for row, (y, size) in enumerate(((700, 0.7), (752, 0.85), (816, 1.0))):
        for index in range(13):
            _deckchair(c, 90 + index * (118 + row * 4) - row * 30, y, size, index + row)
    c.disc(810, 880, 46, "#0a0914")
    c.glow(810, 862, 80, "#fff6d0", 0.9)
    wire = [(x, 60 + (x - 800) ** 2 / 9000) for x in range(0, WIDTH + 1, 40)]
    c.line(wire, "#0a0914", 2)
    for x, y in wire[1::2]:
        c.glow(x, y + 8, 30, "#ffd98a", 0.9)
        c.disc(x, y + 8, 5, "#fff3d0")
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
            [(inner, base - 318), (inner + (wide - 28) / teeth, base - 318), (left + step, base - 240)]
            + [(left, base - 240)],
            colour,
        )
        c.disc(left + step / 2, base - 240, step / 2, colour)


def _bus(c: Canvas, x: float, y: float) -> None:
    c.veil([(x, y + 300), (x + 900, y + 300), (x + 900, y + 330), (x, y + 330)], "#000010", 190, 10)
    c.box(x, y, 880, 290, "#c8433a", 34)
    c.box(x, y + 190, 880, 24, "#f4e6cf")
    c.box(x, y + 214, 880, 76, "#a83430", 20)
    for index in range(6):
        left = x + 34 + index * 122
        c.box(left, y + 40, 108, 120, "#ffdf98", 10)
        if index in {0, 1, 3, 4}:
            c.disc(left + 52, y + 110, 17, "#7a4a3a")
            c.box(left + 28, y + 128, 48, 32, c.random.choice(["#41507c", "#6b3f57", "#3f6a5a"]), 10)
    c.box(x + 770, y + 40, 90, 200, "#ffe9b4", 10)
    c.box(x + 812, y + 40, 5, 200, "#a83430")
    c.box(x + 330, y + 10, 190, 24, "#1a1420", 5)
    for dot in range(14):
        c.disc(x + 346 + dot * 12, y + 22, 3 if dot % 4 else 4, "#ffb13d")
    for wheel in (x + 170, x + 660):
        c.disc(wheel, y + 286, 52, "#12131f")
        c.disc(wheel, y + 286, 24, "#8d8f9c")
    c.glow(x + 874, y + 244, 70, "#fff6cf", 1)
    c.disc(x + 866, y + 244, 15, "#fffbe8")
    c.disc(x + 12, y + 244, 10, "#ff6a52")


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


def _deckchair(c: Canvas, x: float, base: float, size: float, index: int) -> None:
    cloth = ("#d9ad63", "#9a4a52", "#5f7f92", "#cfc3a4")[index * 7 % 4]
    c.polygon(
        [(x, base), (x + 18 * size, base - 62 * size), (x + 74 * size, base - 62 * size)] + [(x + 62 * size, base)],
        cloth,
    )
    c.line([(x - 4 * size, base + 24 * size), (x + 22 * size, base - 70 * size)], "#171222", 4 * size)
    c.line([(x + 60 * size, base + 24 * size), (x + 78 * size, base - 70 * size)], "#171222", 4 * size)
    if index % 3:
        c.disc(x + 44 * size, base - 66 * size, 17 * size, "#120e1d")
