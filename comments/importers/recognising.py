"""Tells by the beginning of a file which format it has, so that a command for another format can name the right one.

It says something only where the file has a sign of one format and none of the format that was named. Whether the file
is sound, its reader finds out.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from typing import IO

from comments.importers.databases import MAGIC
from comments.importers.records import Unreadable

_HEAD = 65_536  # bytes
_COMMENTS, _ARTICLES = "import_comments", "import_articles"


def _keys(*names: str) -> re.Pattern[str]:
    """Any of these keys in JSON; within a text its quotation marks have a backslash before them."""
    return re.compile(rf'(?<!\\)"(?:{"|".join(names)})"\s*:')


# Command and format, as people name them, with a sign of each. The first that a file has counts.
_JSON = {
    (_COMMENTS, "newsroom"): re.compile(r'"kind"\s*:\s*"newsroom"'),
    (_ARTICLES, "newsroom"): re.compile(r'"kind"\s*:\s*"newsroom-articles"'),
    (_ARTICLES, "jsonfeed"): re.compile(r'"https://jsonfeed\.org/version/'),
    (_COMMENTS, "waline"): re.compile(r'#filetype:JSON-streaming|"type"\s*:\s*"waline"|(?<!\\)"objectId"\s*:'),
    (_COMMENTS, "remark42"): _keys("locator", "voted_ips"),
    (_COMMENTS, "commento"): _keys("comment(?:er)?Hex"),
    (_COMMENTS, "comentario"): _keys("commenters", "userCreated", "pageId"),
    (_COMMENTS, "artalk"): _keys("page_key"),
    (_COMMENTS, "coral"): _keys("storyID", "asset_id", "actionType", "action_type", r"\$oid", r"\$date"),
    (_COMMENTS, "discourse"): re.compile(r'"kind"\s*:\s*"(?:topic|post)"|(?<!\\)"topics"\s*:\s*\['),
    (_ARTICLES, "ninjs"): _keys("body_x?html", "pubstatus", "versioncreated"),
}
_XML = {
    (_COMMENTS, "disqus"): re.compile(r"<disqus\b"),
    (_COMMENTS, "wordpress"): re.compile(r"wordpress\.org/export/|<wp:wxr_version|https?://www\.disqus\.com/?[\"']"),
    (_ARTICLES, "feed"): re.compile(r"<(?:rss|feed)\b"),
}
_DATABASES = {
    (_COMMENTS, "isso"): re.compile(r"(?i)CREATE TABLE\W+threads\b"),
    (_COMMENTS, "discourse"): re.compile(r"(?i)CREATE TABLE\W+topics\b"),
}
_ALIKE = {  # (what a file looks like, what was named): the reader of this one says what is wrong, if anything is
    ((_COMMENTS, "commento"), (_COMMENTS, "comentario")),
    ((_COMMENTS, "wordpress"), (_ARTICLES, "wordpress")),
    ((_ARTICLES, "feed"), (_COMMENTS, "wordpress")),
    ((_ARTICLES, "feed"), (_ARTICLES, "wordpress")),
}


def must_be(file: IO[bytes], format_name: str, command: str = _COMMENTS) -> None:
    """Raises Unreadable, with the command for it, if the file has another format than the one that was named."""
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    named = (command, format_name)
    found = [told for told, sign in _signs(head).items() if sign.search(_text(head))]
    if found and not any(told == named or (told, named) in _ALIKE for told in found):
        place = "Byte 0" if head.startswith(MAGIC) else "Line 1"
        raise Unreadable(f"{place}: this is no file for {format_name}; it looks like one for {' '.join(found[0])}.")


def _signs(head: bytes) -> Mapping[tuple[str, str], re.Pattern[str]]:
    if head.startswith(MAGIC):
        return _DATABASES
    text = _text(head).lstrip()
    if text.startswith("<"):
        return _XML
    return _JSON if text.startswith(("{", "[", "#filetype")) else {}


def _text(head: bytes) -> str:
    encoding = "utf-16" if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    return head.decode(encoding, "replace")
