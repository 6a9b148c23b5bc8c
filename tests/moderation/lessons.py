"""Texts in three languages, made by patterns: abuse and advertising that moderators reject, and what they approve.

Both kinds stand in the same sentences, so that only the words and not the patterns tell them apart. New texts have
forms of words that no other has.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

_FRAMES = {
    "de": (
        "Die im Rathaus sind {x}.",
        "Mein Nachbar ist auch {x}, aber der Radweg kommt trotzdem.",
        "Für mich seid ihr {x}!",
    ),
    "en": (
        "Those in the town hall are {x}.",
        "My neighbour is {x}, too, but the ferry runs.",
        "To me you all are {x}!",
    ),
    "ru": ("Все в мэрии {x}.", "Мой сосед тоже {x}, а паром всё равно ходит.", "По-моему, вы все {x}!"),
}
_BAD = {
    "de": "Vollidioten Dummköpfe Schwachköpfe Volltrottel Hohlköpfe Drecksäcke Mistkerle Blödmänner Arschlöcher",
    "en": "morons idiots imbeciles scumbags dumbasses cretins bastards jackasses assholes dimwits",
    "ru": "идиоты придурки дебилы кретины подонки мерзавцы дураки ублюдки скоты тупицы",
}
_NEW_BAD = {
    "de": "Idiotenpack Trottelverein Dreckspack Hohlkopf Schwachkopf Blödmannsgehilfen Dummkopf Arschlochbande",
    "en": "idiotic moronic scumbaggery imbecile cretinous asshole jackass dumbass",
    "ru": "идиот придурок дебильные кретин подонок мерзавец ублюдок дурачьё",
}
_GOOD = {
    "de": "freundlich müde Rentner Radfahrer zufrieden dagegen Lehrer Segler ratlos enttäuscht Handwerker klug",
    "en": "friendly tired pensioners cyclists content against-it teachers sailors disappointed builders clever",
    "ru": "дружелюбны устали пенсионеры велосипедисты довольны против учителя моряки строители умны заняты",
}
_ADVERTISING = {
    "de": ("Verdiene {n} Euro am Tag von zu Hause, klick auf {u}", "Kredit ohne Schufa, {n} Euro sofort: {u}"),
    "en": ("Earn {n} dollars a day from home, click {u}", "Cheap loans, {n} dollars at once: {u}"),
    "ru": ("Заработай {n} рублей в день на дому, жми {u}", "Кредит без проверок, {n} рублей сразу: {u}"),
}
_LINKED = {
    "de": ("Die {n} Euro stehen im Haushalt: {u}", "Von zu Hause sehe ich {n} Schiffe am Tag, siehe {u}"),
    "en": ("The {n} dollars are in the budget: {u}", "From home I see {n} ships a day, see {u}"),
    "ru": ("Эти {n} рублей есть в бюджете: {u}", "Из дома я вижу {n} кораблей в день: {u}"),
}
_ENDINGS = {
    "de": ("", " Schönen Tag noch.", " Das sage ich seit Jahren.", " Und das am Sonntag!"),
    "en": ("", " Have a nice day.", " I have said so for years.", " And on a Sunday!"),
    "ru": ("", " Хорошего дня.", " Я говорю это уже много лет.", " И это в воскресенье!"),
}
SLIPS = 0.03  # the share of decisions that are a slip


def lessons(language: str, number: int, *, seed: int = 1, is_new: bool = False) -> Iterator[tuple[str, bool]]:
    """(text, whether a moderator takes it for bad); of ten three are bad."""
    chance = random.Random(f"{language} {seed} {is_new}")
    for count in range(number):
        is_bad, is_linked = count % 10 < 3, count % 5 == 2
        if is_linked:
            site = f"https://{chance.choice('abcdefgh')}{chance.randrange(999)}.example/{chance.randrange(99)}"
            frames = (_ADVERTISING if is_bad else _LINKED)[language]
            text = chance.choice(frames).format(n=chance.randrange(100, 9999), u=site)
        else:
            words = (_NEW_BAD if is_new else _BAD) if is_bad else _GOOD
            text = chance.choice(_FRAMES[language]).format(x=chance.choice(words[language].split()))
        text = f"{text}{chance.choice(_ENDINGS[language])} {chance.choice('#§')}{chance.randrange(5000)}"
        yield text, is_bad if is_new else is_bad is not (chance.random() < SLIPS)
