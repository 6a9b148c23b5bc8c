"""Links of the publisher, one a line: what the link says, then its address."""

from __future__ import annotations

import re
from typing import TypedDict

from django.utils.translation import gettext as _

from newsroom.errors import Invalid

MOST = 10
LABEL_LENGTH, ADDRESS_LENGTH = 60, 300
# A path of our own site, without a second slash that would name a host; or an address of the web with TLS.
_ADDRESS = re.compile(r"/(?:[^/\\\s][^\\\s]*)?|https://[^\s/?#\\@]+(?:[/?#]\S*)?")


class Link(TypedDict):
    label: str
    url: str


def read(text: str) -> list[Link]:
    """The links of a text, in its order; empty lines do not count. Raises Invalid for `footer_links`."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST:
        raise _refusal(_("At most %d links fit in here.") % MOST)
    return [_link(line) for line in lines]


def _link(line: str) -> Link:
    label, _space, url = line.rpartition(" ")
    label = label.strip()
    if not label or not _ADDRESS.fullmatch(url):
        said = _(
            "“%s” is no link. Write what it says, a space, and an address with https:// or a path such as /imprint/."
        )
        raise _refusal(said % line[:100])
    if len(label) > LABEL_LENGTH or len(url) > ADDRESS_LENGTH:
        raise _refusal(_("“%s” is too long.") % line[:100])
    return {"label": label, "url": url}


def _refusal(sentence: str) -> Invalid:
    return Invalid(sentence, {"footer_links": [sentence]})
