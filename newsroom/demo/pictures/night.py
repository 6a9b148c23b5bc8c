"""Scenes after dark: night bus, bakery, cinema, sports field, observatory."""

from __future__ import annotations

from newsroom.demo.pictures.canvas import HEIGHT, WIDTH, Canvas


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
    for bulb, low in wire[1::2]:
        c.glow(bulb, low + 8, 30, "#ffd98a", 0.9)
        c.disc(bulb, low + 8, 5, "#fff3d0")
    return c


def pitch() -> Canvas:
    c = Canvas(32)
    c.gradient([(0, "#0e1a3f"), (0.4, "#33407a"), (0.56, "#b66d7d"), (0.64, "#e8a878"), (1, "#e8a878")])
    c.stars(90, 240)
    c.ridge(560, 36, "#262a4a", 3)
    for x in range(-10, WIDTH, 46):
        c.tree(x, 590, c.random.uniform(54, 110), ["#1b2440", "#202b49", "#27324f"], "#141a30")
    c.gradient([(0, "#2f6b43"), (1, "#3f9456")], 585)
    for index in range(10):  # mown stripes run towards the horizon
        if index % 2:
            left, right = index / 10, (index + 1) / 10
            c.polygon(
                [
                    (300 + 1000 * left, 585),
                    (300 + 1000 * right, 585),
                    (-700 + 3000 * right, HEIGHT),
                    (-700 + 3000 * left, HEIGHT),
                ],
                (255, 255, 255, 22),
            )
    white = "#eef3ea"
    c.line([(150, 620), (1450, 620)], white, 3)
    c.line([(150, 620), (-330, 900)], white, 6)
    c.line([(1450, 620), (1930, 900)], white, 6)
    c.line([(470, 620), (396, 690), (1204, 690), (1130, 620)], white, 4)
    c.disc(800, 800, 8, white, 0.5)
    c.arc(800, 690, 90, 0, 180, white, 4)
    for x in (700, 896):
        c.box(x, 540, 5, 82, "#f7f7f2")
    c.box(700, 538, 201, 5, "#f7f7f2")
    for step in range(1, 14):
        c.line([(702 + step * 14, 543), (702 + step * 14, 620)], (255, 255, 255, 60), 1)
    for step in range(1, 6):
        c.line([(704, 543 + step * 13), (897, 543 + step * 13)], (255, 255, 255, 60), 1)
    for x, base, high, side in ((110, 610, 460, 1), (1490, 610, 460, -1), (330, 592, 330, 1), (1270, 592, 330, -1)):
        _floodlight(c, x, base, high, side)
    team = ["#e9b93b", "#d5483f"]
    players = ((520, 760, 150), (690, 700, 104), (930, 720, 116), (1080, 800, 176), (800, 640, 74), (330, 680, 100))
    for index, (x, base, high) in enumerate(players):
        for side in (-1, 1):
            c.veil(
                [(x, base), (x + 12, base), (x + side * high, base + 14), (x + side * high, base + 22)],
                "#0c2a18",
                90,
                5,
            )
        c.person(x, base, high, team[index % 2], ("#e8b48c", "#8d5a3c", "#c98d66")[index % 3])
    c.disc(600, 772, 13, "#f7f4ea")
    c.disc(602, 770, 4, "#333333")
    return c


def observatory() -> Canvas:
    c = Canvas(35)
    c.gradient([(0, "#070b26"), (0.55, "#152258"), (0.8, "#3d3f7d"), (1, "#6a5a86")])
    for index in range(70):  # the Milky Way, in puffs along a diagonal
        x = 300 + index * 17 + c.random.uniform(-60, 60)
        y = 760 - index * 12 + c.random.uniform(-60, 60)
        c.glow(x, y, c.random.uniform(60, 150), c.random.choice(["#8f8fd0", "#a58fc9", "#c9a9c9"]), 0.14)
    c.stars(760, 760)
    for _ in range(260):
        step = c.random.random()
        x, y = 300 + step * 1200 + c.random.gauss(0, 60), 760 - step * 840 + c.random.gauss(0, 60)
        c.disc(x, y, c.random.uniform(0.5, 1.4), (255, 250, 240, 200))
    c.line([(250, 130), (390, 190)], (255, 255, 255, 150), 2)
    c.glow(390, 190, 26, "#ffffff", 1)
    c.ridge(770, 40, "#141738", 2)
    c.box(420, 640, 1200, 300, "#20264f")
    c.box(400, 628, 1220, 18, "#2c3363")
    for index in range(11):
        lit = index in {2, 3, 7}
        c.box(470 + index * 104, 700, 62, 84, "#f7ce84" if lit else "#171c3e", 4)
    c.glow(1040, 560, 260, "#ff9a6b", 0.3)
    c.box(860, 540, 360, 96, "#c8cbdc")
    c.box(860, 540, 120, 96, "#9ea3bd")
    c.draw.pieslice((860 * 2, 360 * 2, 1220 * 2, 720 * 2), 180, 360, fill="#e6e8f2")
    c.draw.pieslice((860 * 2, 360 * 2, 1220 * 2, 720 * 2), 180, 232, fill="#b9bdd2")
    c.polygon([(1010, 540), (1096, 540), (1120, 372), (1070, 358), (1030, 364)], "#171a3a")
    c.glow(1058, 500, 90, "#ff8a5c", 0.6)
    c.line([(1040, 524), (1092, 386)], "#3a3f66", 34)
    c.line([(1082, 412), (1096, 376)], "#8d93bd", 40)
    c.box(852, 534, 376, 12, "#7d82a3", 4)
    for x, high in ((560, 96), (622, 110), (684, 84), (742, 104)):
        c.person(x, 632, high, c.random.choice(["#3a2f5c", "#2f4566", "#5a3350"]), "#b98a70")
    for x in range(430, 850, 26):
        c.box(x, 592, 3, 40, "#3b4278")
    c.box(426, 590, 424, 4, "#3b4278")
    return c


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


def _deckchair(c: Canvas, x: float, base: float, size: float, index: int) -> None:
    cloth = ("#d9ad63", "#9a4a52", "#5f7f92", "#cfc3a4")[index * 7 % 4]
    c.polygon(
        [(x, base), (x + 18 * size, base - 62 * size), (x + 74 * size, base - 62 * size), (x + 62 * size, base)],
        cloth,
    )
    c.line([(x - 4 * size, base + 24 * size), (x + 22 * size, base - 70 * size)], "#171222", 4 * size)
    c.line([(x + 60 * size, base + 24 * size), (x + 78 * size, base - 70 * size)], "#171222", 4 * size)
    if index % 3:
        c.disc(x + 44 * size, base - 66 * size, 17 * size, "#120e1d")


def _floodlight(c: Canvas, x: float, base: float, high: float, side: int) -> None:
    c.box(x - 4, base - high, 8, high, "#11162c")
    c.veil(
        [(x - 30, base - high), (x + 30, base - high), (800 + side * 240, 900), (800 - side * 700, 900)],
        "#fff6cf",
        34,
        24,
    )
    c.box(x - 50, base - high - 26, 100, 44, "#11162c", 4)
    for row in range(2):
        for column in range(4):
            c.disc(x - 36 + column * 24, base - high - 14 + row * 20, 8, "#fffbe2")
    c.glow(x, base - high - 4, 150, "#fff3c4", 0.9)
