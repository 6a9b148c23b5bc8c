"""Puts a style sheet and its imports together: each component has its own sheet, a page loads one.

The imports are plain CSS, which a browser could load as well. A url() in an imported sheet must lead out of its folder
(`../comments/signs.svg`), since it is resolved against the importing sheet.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

_IMPORT = re.compile(r'^@import url\("([^"]+)"\) layer\((\w+)\);$', re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/\n*", re.DOTALL)
_INDENT = re.compile(r"^ +", re.MULTILINE)


def whole(name: str, read: Callable[[str], str]) -> str:
    """The sheet of this name ("newsroom/site.css") with each import replaced by the imported sheet, without comments
    and indentation.

    `read` gives the text of a sheet by its name.
    """
    folder = posixpath.dirname(name)

    def put(found: re.Match[str]) -> str:
        return f"@layer {found[2]} {{\n{read(posixpath.normpath(posixpath.join(folder, found[1])))}}}"

    return _INDENT.sub("", _COMMENT.sub("", _IMPORT.sub(put, read(name))))
