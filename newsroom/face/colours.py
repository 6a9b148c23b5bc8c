"""Colours of the publisher: which can be chosen, whether they can be read, and the style sheet made from them.

A colour is `#rrggbb` in small letters, or "" for the usual one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.errors import Refused

LEAST = 4.5  # contrast of text and its ground: WCAG 2.2, 1.4.3, level AA
SCHEMES = ("light", "dark")
# Grounds and inks of base.css, by scheme.
GROUNDS = {
    "light": {"paper": "#fcfbf8", "surface": "#ffffff", "sunken": "#f2efe8"},
    "dark": {"paper": "#141413", "surface": "#1d1c1a", "sunken": "#232220"},
}
INK = {"light": "#1a1a19", "dark": "#ecebe6"}
WASH = 0.1  # how much of the accent is in the ground of a badge
STRONG = 0.22  # how much ink is in the accent below the pointer
ROLES = {
    "accent": gettext_lazy("links and accents"),
    "masthead": gettext_lazy("ground of the masthead"),
    "masthead_text": gettext_lazy("text of the masthead"),
}
FIELDS = {f"{role}_{scheme}": (role, scheme) for role in ROLES for scheme in SCHEMES}
_SHAPE = re.compile(r"#[0-9a-f]{6}")
_NAMES = {
    "paper": gettext_lazy("the ground of pages"),
    "surface": gettext_lazy("the ground of boxes"),
    "sunken": gettext_lazy("the ground of the footer"),
    "wash": gettext_lazy("the ground of badges"),
    "masthead": gettext_lazy("the ground of the masthead"),
}


class LowContrast(Refused):
    """A text in one of the colours could not be read on its ground."""

    code = "low_contrast"
    status = 422


class BadColour(Refused):
    """A value that is no colour."""

    code = "invalid"
    status = 422


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21. Source: WCAG 2.2, definition of "contrast ratio"."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def check(colours: Mapping[str, str]) -> None:
    """Colours by their fields ("accent_light"). Raises BadColour; LowContrast, which names each pair and its ratio."""
    wrong = {field: [_("A colour looks like #9d1b2b.")] for field, each in colours.items() if each and not _is(each)}
    if wrong:
        raise BadColour(_("Some fields need another look."), errors=wrong)
    errors: dict[str, list[str]] = {}
    for field, ink, ground, name in _pairs(colours):
        ratio = contrast(ink, ground)
        if ratio < LEAST:
            role, scheme = FIELDS[field]
            words = {
                "role": capfirst(str(ROLES[role])),
                "scheme": _("in the dark scheme") if scheme == "dark" else _("in the light scheme"),
                "ink": ink,
                "ground": f"{_NAMES[name]} {ground}",
                "ratio": f"{int(ratio * 100) / 100:.2f}",  # cut: 4.499 is not said to be 4.5
                "least": LEAST,
            }
            sentence = _(
                "%(role)s %(scheme)s: %(ink)s on %(ground)s has a contrast of %(ratio)s : 1, and needs %(least)s : 1."
            )
            errors.setdefault(field, []).append(sentence % words)
    if errors:
        raise LowContrast(_("Some colours could not be read."), errors=errors)


def sheet(colours: Mapping[str, str]) -> str:
    """The style sheet with these colours; "" without any. On paper the usual black and white hold."""
    parts = [(scheme, rules) for scheme in SCHEMES if (rules := _rules(colours, scheme))]
    return "".join(f"@media screen and (prefers-color-scheme: {scheme}) {{\n{rules}}}\n" for scheme, rules in parts)


def name_of(sheet: str) -> str:
    """The hash in the address of a style sheet; "" for none."""
    return blake2b(sheet.encode(), digest_size=8).hexdigest() if sheet else ""


def _pairs(colours: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """(field, ink, ground, the ground's name) of all texts in a chosen colour, or on one."""
    for scheme in SCHEMES:
        accent, ground, text = (colours.get(f"{role}_{scheme}", "") for role in ROLES)
        if accent:
            for name, each in GROUNDS[scheme].items():
                yield f"accent_{scheme}", accent, each, name
            yield f"accent_{scheme}", accent, _mixed(GROUNDS[scheme]["paper"], accent, WASH), "wash"
        if ground or text:
            field = f"masthead_text_{scheme}" if text else f"masthead_{scheme}"
            yield field, text or INK[scheme], ground or GROUNDS[scheme]["paper"], "masthead"


def _rules(colours: Mapping[str, str], scheme: str) -> str:
    accent, ground, text = (colours.get(f"{role}_{scheme}", "") for role in ROLES)
    rules = ""
    if accent:
        rules += _rule(
            ":root",
            {
                "accent": accent,
                "accent-strong": _mixed(accent, INK[scheme], STRONG),
                "accent-wash": _mixed(GROUNDS[scheme]["paper"], accent, WASH),
                "on-accent": max("#ffffff", "#000000", key=lambda ink: contrast(ink, accent)),
            },
        )
    if ground or text:
        paper, ink = ground or GROUNDS[scheme]["paper"], text or INK[scheme]
        line = _mixed(paper, ink, 0.3)
        inks = dict.fromkeys(("ink", "ink-soft", "accent", "accent-strong", "line-strong", "field-line", "focus"), ink)
        grounds = dict.fromkeys(("paper", "surface", "sunken", "accent-wash", "on-accent"), paper)
        rules += _rule(".masthead", {**grounds, **inks, "line": line}, "color: var(--ink);")
    return rules


def _rule(selector: str, properties: Mapping[str, str], more: str = "") -> str:
    inside = "".join(f"  --{name}: {value};\n" for name, value in properties.items())
    return f"{selector} {{\n{inside}{f'  {more}' + chr(10) if more else ''}}}\n"


def _is(colour: str) -> bool:
    return _SHAPE.fullmatch(colour) is not None


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _mixed(ground: str, colour: str, share: float) -> str:
    """`colour` laid over `ground`, with this share of it."""
    mixed = (round(g + (c - g) * share) for g, c in zip(_parts(ground), _parts(colour), strict=True))
    return "#" + "".join(f"{each:02x}" for each in mixed)


def _luminance(colour: str) -> float:
    """Relative luminance, 0 to 1. Source: WCAG 2.2, definition of "relative luminance"."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (p / 255 for p in _parts(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
