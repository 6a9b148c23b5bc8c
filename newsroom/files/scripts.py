"""Puts a script and the modules that it imports together: each element has its own module, a page loads one file.

A browser learns a module's imports only after loading it, so every level of imports would cost a round trip. The
modules are plain ES modules, which a browser could load as well. In the whole each is a function that returns what the
module exports. So it runs once, after what it imports, and its other names are its own:

    const newsroom_keys=(()=>{function isComposing(event){…}
    return{isComposing};})();

Comments and needless space are taken out by rjsmin. Names stay, so that an error tells where to look.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from rjsmin import jsmin

_IMPORT = re.compile(r'^import (?:\{([\w\s,]+)\} from )?"(\.{1,2}/[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_OTHER = re.compile(r"""^\s*(?:import|export)\b|\bimport\s*(?:\.|\(\s*["'`])""")
_COMMENT = re.compile(r"^ *(?:/\*.*?\*/|//[^\n]*)?\n", re.DOTALL | re.MULTILINE)  # or an empty line


def whole(name: str, read: Callable[[str], str]) -> str:
    """The script of this name ("newsroom/site.js") with its modules.

    `read` gives the text of a module by its name. Raises ValueError for a circle of imports, a name that is not
    exported, forms of `import` and `export` that are not understood here (`as`, `default`, `*`, `let`, `import("…")`,
    which names a module from a place that is another in the whole), and a string over several lines, which might hold
    what looks like a comment. `import(address)` stays: what it fetches has copies of its own of what both import.
    """
    done: dict[str, str] = {}
    exports: dict[str, list[str]] = {}

    def add(module: str, above: tuple[str, ...]) -> None:
        if module in above:
            raise ValueError(f"{module} imports itself by way of {above[-1]}.")
        text = _COMMENT.sub("", read(module))
        wanted = [(each[1] or "", _beside(module, each[2])) for each in _IMPORT.finditer(text)]
        for _taken, other in wanted:
            if other not in done:
                add(other, (*above, module))
        for taken, other in wanted:
            if not {each.strip() for each in taken.split(",")} <= {*exports[other], ""}:
                raise ValueError(f"{module} imports what {other} does not export: {taken.strip()}")
        exports[module] = _EXPORT.findall(text)
        done[module] = _as_function(module, _EXPORT.sub("", _IMPORT.sub("", text)), wanted, exports[module])

    add(name, ())
    given = f"export const {{ {', '.join(exports[name])} }} = {_variable(name)};\n" if exports[name] else ""
    return str(jsmin("".join(done.values()) + given))


def _beside(module: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(module), path))


def _as_function(module: str, body: str, wanted: list[tuple[str, str]], exported: list[str]) -> str:
    for line in body.splitlines():
        if _OTHER.search(line) or line.count("`") % 2:
            raise ValueError(f"{module} cannot be put into a whole because of this line: {line.strip()}")
    if not body:
        return ""
    taken = "".join(f"const {{ {names.strip(' ,')} }} = {_variable(other)};\n" for names, other in wanted if names)
    given = f"return {{ {', '.join(exported)} }};\n" if exported else ""
    kept = f"const {_variable(module)} = " if exported else ""
    return f"{kept}(() => {{\n{taken}{body}{given}}})();\n"


def _variable(module: str) -> str:
    return re.sub(r"\W", "_", module.removesuffix(".js"))
