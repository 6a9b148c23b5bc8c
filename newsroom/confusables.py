"""Letters of other alphabets that look like Latin ones.

Generated from the Unicode confusables (UTS #39, confusables.txt 15.0, through ICU 72's skeletons): each case-folded
letter of the Latin, Cyrillic, Greek, Armenian, Cherokee, Coptic and Lisu scripts whose small or else capital form
looks like Latin letters. Unicode data: Copyright © Unicode, Inc., https://www.unicode.org/terms_of_use.html
"""

from __future__ import annotations

import unicodedata

LOOKS_LIKE = {
    "a": "ɑαаᎪꓮ",
    "aa": "ꜳ",
    "ae": "æӕ",
    "ao": "ꜵ",
    "au": "ꜷ",
    "av": "ꜹꜻ",
    "ay": "ꜽ",
    "b": "ƅвьᏏᏴꓐ",
    "bl": "ы",
    "c": "сᏟᴄⲥꓚ",
    "d": "ԁᎠᏧꓒꓓ",
    "dz": "ʣ",
    "e": "εеҽᎬꓰꬲ",
    "f": "ϝքẝꓝꞙꬵ",
    "g": "ƍɡԍցᏀᏳᶃꓖ",
    "h": "ηнһհᎻᏂⲏꓧ",
    "j": "ʝϳјᎫꓙ",
    "k": "κкᏦⲕꓗ",
    "i": "ıɩɪιіᎥꙇⲓ",
    "l": "1|ӏǀᏞⳑꓡꓲ",
    "ll": "ǁ",
    "lo": "ю",
    "ls": "ʪ",
    "lz": "ʫ",
    "m": "μϻмᎷⲙꓟ",
    "n": "ոռⲛꓠ",
    "o": "0οσоօᴏᴑⲟꓳꬽ",
    "oe": "œ",
    "oo": "ꚙꝏ",
    "p": "ρрᏢⲣꓑ",
    "q": "ԛգզ",
    "r": "ʀгᎡᏒᴦⲅꓣꭇꭈ",
    "s": "ƽѕտᏕᏚꓢꜱ",
    "ss": "βᏰꞵ",
    "t": "τтᎢⲧꓔ",
    "tf": "ꝷ",
    "ts": "ʦ",
    "u": "ʋυսᴜꓴꞟꭎꭒ",
    "ue": "ᵫ",
    "uo": "ꭣ",
    "v": "νѵᏙᴠꓦ",
    "w": "ɯѡԝաᎳᏔᴡꓪ",
    "x": "χхⲭꓫꭓ",
    "y": "ɣʏγуүᎩᎽᶌỿⲩꓬꭚ",
    "z": "ζᏃᴢꓜ𐋵",
}
LATIN = {sign: latin for latin, signs in LOOKS_LIKE.items() for sign in signs}  # a sign → what it looks like
_TABLE = str.maketrans({sign: latin.replace("i", "l") for sign, latin in LATIN.items()} | {"i": "l"})


def skeleton(text: str) -> str:
    """A form in which texts that look alike are equal.

    Compatibility forms, case and invisible characters do not count (NFKC, case-folded). A capital i, a one and a small
    l are equal, and so are "rn" and "m". Letters keep their accents. Only for comparisons, never to be shown.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(sign for sign in unicodedata.normalize("NFD", folded) if unicodedata.category(sign) != "Cf")
    return " ".join(seen.translate(_TABLE).replace("rn", "m").split())
