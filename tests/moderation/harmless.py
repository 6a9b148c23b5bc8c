"""Two thousand sentences that nobody should hold, though many look like something that is on a list.

Each is a pattern with words put in. The words are ordinary ones of the three languages, and near misses: places and
names with a bad word inside, words that begin or end like one, other words that differ in one letter, initials, spaced
headings, numbers, roads, codes, addresses of pages and mails, foreign names, quoted Markdown, and German forms with a
star. A generator with a fixed seed chooses, so each run sees the same sentences.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

NUMBER = 2000
_PATTERNS = (
    *("Gestern war ich in {a} und habe {b} getroffen.", "Das Thema {a} ist wichtiger als {b}, finde ich."),
    *("{a}? Nein, {b}!", "Wer {a} sagt, muss auch {b} sagen.", "Für {a} zahlt man {b}.", "„{a}“ steht auf Seite {b}"),
    *("I read about {a} in {b} yesterday.", "Nobody mentions {a}; everybody talks of {b}.", "Is {a} near {b}?"),
    *("Вчера я читал про {a} и {b}.", "Почему никто не говорит: {a}?", "{a} — это не {b}, а жаль."),
    *("{a}/{b}", "* {a}\n* {b}", "**{a}** und _{b}_", "({a}; {b})", "{a}…{b}", "{a}, {b} usw."),
)
_NEAR = """
    Scunthorpe Penistone Essex Sussex Clitheroe Lightwater Cockermouth Arsenal Assisi Massachusetts Titisee Wank
    Fucking-im-Innviertel Kissing Petting Pissen Kotzen-Land Arsch-heim Wichsenstein Hurenberg Hintern-Tux
    assassin assistant classic passage grass embassy bass brass assess cassock cockpit cocktail peacock Hancock
    Dickens Dickinson moronic-acid Moroni morose oxymoron document circumstance Mishit shiitake Matsushita
    analysis analog Kanal banal Analphabet Assistent Klasse Kasse Passau Assel Trasse Masse blass nass Terrasse
    Arschin Marsch Harsch barsch Barsche Hure-Fest Hurra Hurrikan Uhren Uhrensohle Huhn wichtig wichtiger Wichtel
    Wischer Wichse Missgeschick Misswahl Missgunst Geburt Miss-Germany Flick Ficke Fichte Fidel Schwüle
    мудрый мудрец мудрость Мудьюг сукно скука ссуда паскудный посуда подсудный сукцессия волочь приволочь
    сволокли оскорблять употреблять рубля корабля хлебать страхуй застрахуй требовать стебель дебют дебилитация
    художник психушка мусака сума суша рука мука мак дурак-фильм барсука посука
    """
_CODES = (
    *(
        "J. F. K.",
        "A. S. S.",
        "C. U. N. T.-Formel"[:8],
        "H. U. D.",
        "B. A. S. F.",
        "u. a.",
        "z. B.",
        "d. h.",
        "i. d. R.",
    ),
    *("A55", "A 44", "B455", "455 Euro", "1.455,50", "S04", "0815", "4711", "2+2=5", "5$", "50 %", "3D", "4K", "1:0"),
    *("A S 5 5", "M O 1", "12.05.1998", "14:30 Uhr", "+49 40 1234567", "ISBN 978-3-16-148410-0", "R2D2", "C3PO"),
    *("https://www.scunthorpe.example/assets/a55.html", "www.expertsexchange.example", "post@penistone.example"),
    *("https://example.org/?q=arsch%2Bheim&id=4r5", "#Assessment", "@cockburn", "Leser*innen", "Bürger:innen"),
    *("Variante A, B, C oder D", "s. o. u. m.", "A-B-C", "x + y = z", "a.b.c.d", "I I I", "H 2 O", "W i c h t i g !"),
    *("Fukuyama", "Dikshit", "Kuntz", "Cummings", "Phuc Nguyen", "Yoshito", "Suk-Lee", "Sukarno", "Sukhoi", "Mudassar"),
    *("Müdag", "Morten", "Morona", "Cunard", "Cuntz", "Arslan", "Arsić", "Hurley", "Wick"),
)
_PLAIN = """
    Wetter Fähre Bürgermeisterin Haushalt Straßenbahn Kindergarten Radweg Brücke Verein Schule Rathaus Nachbarn Miete
    weather ferry council budget tram cycling bridge school neighbours rent opinion harbour festival library
    погода паром мэрия бюджет трамвай велосипед мост школа соседи аренда мнение гавань праздник библиотека
    """


def sentences() -> Iterator[str]:
    chance = random.Random(17)
    odd = [*_NEAR.split(), *_CODES]
    plain = _PLAIN.split()
    for _ in range(NUMBER):
        words = {"a": chance.choice(odd), "b": chance.choice(odd if chance.random() < 0.5 else plain)}
        sentence = chance.choice(_PATTERNS).format(**words)
        yield sentence.upper() if chance.random() < 0.1 else sentence
