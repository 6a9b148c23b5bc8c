"""Query parameters that other sites add to links, such as utm_source. They are allowed everywhere and ignored."""

from __future__ import annotations

import re

_ANALYTICS = re.compile(r"utm_\w{1,40}|[a-z]{0,6}clid|li_fat_id|mc_[ce]id|_g[al]|pk_\w{1,40}|mtm_\w{1,40}", re.ASCII)


def asks_for_nothing(name: str) -> bool:
    return _ANALYTICS.fullmatch(name) is not None
