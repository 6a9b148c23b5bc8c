"""The formats that comments come in from: each has a module that only reads, with one function `read`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comments.importers.formats import (
    artalk,
    comentario,
    commento,
    coral,
    discourse,
    disqus,
    isso,
    remark42,
    waline,
    wordpress,
)
from comments.importers.records import Reader


@dataclass(frozen=True, slots=True)
class Format:
    read: Reader
    has_hosts: bool = True  # whether files name the host of their pages; for one that does not a reader raises Siteless


FORMATS: Mapping[str, Format] = {
    "artalk": Format(artalk.read),
    "comentario": Format(comentario.read),
    "commento": Format(commento.read),
    "coral": Format(coral.read),
    "discourse": Format(discourse.read),
    "disqus": Format(disqus.read),
    "isso": Format(isso.read, has_hosts=False),
    "remark42": Format(remark42.read),
    "waline": Format(waline.read, has_hosts=False),
    "wordpress": Format(wordpress.read),
}
