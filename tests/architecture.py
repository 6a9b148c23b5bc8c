"""Reads the imports of the project and says which of them the architecture forbids (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("newsroom", "accounts", "articles", "comments")
APPS = ("accounts", "articles", "comments")
MAY_IMPORT = {"accounts": (), "articles": ("accounts",), "comments": ("accounts", "articles")}
ROOF = ("pages", "demo", "embed", "management", "urls", "asgi", "settings")  # of newsroom; all else in it is kernel
LAYERS = ("models", "access", "representations", "events", "actions")  # inside an app, from the inside out
# A module that imports one of these answers requests: it is a door, the outermost layer of its app.
OF_DOORS = (
    "django.contrib.admin",
    "django.http",
    "django.shortcuts",
    "django.views",
    "newsroom.api.responses",
    "rest_framework.views",
)
WIRING = ("apps", "urls", "api_urls")  # they name the doors, and nobody imports them but the roof
ALONE, PURE = "moderation", "newsroom.confusables"  # it knows that table alone
# Who may store rows and set states. In an app: actions; what fills tables in bulk or from the log; what keeps a record.
WRITERS = ("models", "actions", "importers", "folds", "events", "audit")
KERNEL_WRITERS = ("models", "limits", "live", "database.rewriting", "server.worker")
STORES = {"create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}

type Sources = Mapping[str, str]


def sources() -> dict[str, str]:
    """Dotted name → text of every module of the product; a package is named without `__init__`."""
    found = {}
    for path in sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text()
    return {name: text for name, text in found.items() if ".migrations" not in name}


def violations(modules: Sources) -> list[str]:
    """One line for each forbidden import, deed or circle, sorted; empty if the architecture holds."""
    graph = {
        name: {_known(each, modules) for each in _imports(*_parts(name, modules), text)}
        for name, text in modules.items()
    }
    doors = _doors(graph)
    found = [
        f"{name} imports {target}: {reason}"
        for name, targets in graph.items()
        for target in targets
        if (reason := _arrow(name, target, doors))
    ]
    found += [line for app in APPS for line in _order(app, graph, doors)]
    found += [f"{name}: a circle of imports" for name in _in_circles(graph)]
    found += [line for name, text in modules.items() for line in _deeds(name, text)]
    return sorted(found)


def _parts(name: str, modules: Sources) -> tuple[str, str]:
    """A module's package and its name."""
    is_package = any(other.startswith(f"{name}.") for other in modules)
    return (name if is_package else name.rpartition(".")[0], name)


def _known(imported: tuple[str, str], modules: Sources) -> str:
    """`from a import b` means the module a.b, if there is one."""
    source, name = imported
    whole = f"{source}.{name}" if name else source
    return whole if not name or whole in modules else source


@lru_cache(4096)
def _imports(package: str, _name: str, text: str) -> tuple[tuple[str, str], ...]:
    """Everything that a module imports, late imports and those for types too: (full dotted name, what of it)."""
    found: list[tuple[str, str]] = []
    for node in ast.walk(_tree(text)):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            found += [(source, alias.name) for alias in node.names]
    return tuple(found)


@lru_cache(4096)
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


def _area(name: str) -> tuple[str, str]:
    """("kernel" | "roof" | an app | "", the module's place within it: its folder, or its own name)."""
    top, _, rest = name.partition(".")
    place = rest.partition(".")[0]
    if top == "newsroom":
        return ("roof" if place in ROOF else "kernel", place)
    return (top if top in APPS else "", place)


def _arrow(name: str, target: str, doors: AbstractSet[str]) -> str:
    """Why the first module must not know the second; "" if it may."""
    (here, place), (there, other) = _area(name), _area(target)
    if place == "live" and here == "kernel" and _draws(target):
        return "the bus knows no template and no representation"
    if not there or here == "roof":
        return ""
    if there == "roof":
        return "nobody imports the roof"
    if here == "kernel":
        return "the kernel knows no app" if there in APPS else ""
    if there in APPS and there != here and there not in MAY_IMPORT[here]:
        return f"{here} knows {', '.join(('the kernel', *MAY_IMPORT[here]))} only"
    if place == ALONE and (there != here or other != ALONE) and target != PURE:
        return f"{ALONE} stands alone"
    if there in APPS and other in WIRING and place not in WIRING:
        return "nobody imports what wires an app"
    if there not in APPS or target not in doors or name in doors or place in WIRING:
        return ""
    if here == there and (place in LAYERS or target.startswith(f"{name}.")):
        return ""  # inside an app the order of the layers says more
    is_beside = name.count(".") > 1 and name.rpartition(".")[0] == target.rpartition(".")[0]
    return "" if is_beside else "only doors, and what names them, know a door"


def _draws(target: str) -> bool:
    return target.startswith(("django.template", "django.shortcuts")) or (
        target.startswith(PACKAGES) and "representations" in target.split(".")
    )


def _order(app: str, graph: Mapping[str, AbstractSet[str]], doors: AbstractSet[str]) -> Iterator[str]:
    """An inner layer must not reach an outer one, directly or through modules without a layer."""
    own = {name: {t for t in targets if t.startswith(f"{app}.")} for name, targets in graph.items() if _in(app, name)}
    ranks = {name: _rank(name, doors) for name in own}
    for name, rank in ranks.items():
        if rank is None:
            continue
        for target, path in _reach(name, own, ranks):
            other = ranks.get(target, _rank(target, doors))
            if other is not None and other > rank:
                yield f"{' → '.join(path)}: {_layer(name)} come before {_layer(target)}"


def _reach(
    start: str, graph: Mapping[str, AbstractSet[str]], ranks: Mapping[str, int | None]
) -> Iterator[tuple[str, list[str]]]:
    """(module, way there) of all that is imported, looking through modules that have no layer of their own."""
    seen, ways = {start}, [[start]]
    while ways:
        way = ways.pop()
        for target in sorted(graph.get(way[-1], set()) - seen):
            seen.add(target)
            yield target, [*way, target]
            if ranks.get(target) is None:
                ways.append([*way, target])


def _in(app: str, name: str) -> bool:
    return name == app or name.startswith(f"{app}.")


def _layer(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def _rank(name: str, doors: AbstractSet[str]) -> int | None:
    """The place among the layers, from the inside out; None: a module that has none, and is looked through."""
    layer = _layer(name)
    if layer in LAYERS:
        return LAYERS.index(layer)
    if layer in WIRING:
        return len(LAYERS) + 1
    return len(LAYERS) if name in doors else None


def _doors(graph: Mapping[str, AbstractSet[str]]) -> set[str]:
    """Modules that answer requests, found by what they import; inner layers are none, whatever they import."""
    return {
        name
        for name, targets in graph.items()
        if _area(name)[0] in APPS and _layer(name) not in (*LAYERS, *WIRING)
        if any(target.startswith(OF_DOORS) for target in targets)
    }


def _in_circles(graph: Mapping[str, AbstractSet[str]]) -> set[str]:
    """Modules that import themselves, by way of others: what is left once all that stands at an end is taken away."""
    left = {name: set(targets & graph.keys()) - {name} for name, targets in graph.items()}
    while ends := {name for name, targets in left.items() if not targets}:
        left = {name: targets - ends for name, targets in left.items() if name not in ends}
    while ends := left.keys() - set().union(*left.values()):
        left = {name: targets for name, targets in left.items() if name not in ends}
    return set(left)


@lru_cache(4096)
def _deeds(name: str, text: str) -> tuple[str, ...]:
    return tuple(_forbidden_deeds(name, _tree(text)))


def _forbidden_deeds(name: str, tree: ast.Module) -> Iterator[str]:
    here, place = _area(name)
    may_write = place in WRITERS if here in APPS else _writes_in_kernel(name) if here == "kernel" else place != "pages"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if (
                here != "kernel"
                and place != "events"
                and _called(node) == "publish"
                and _published_by_outbox(tree, node)
            ):
                yield f"{name}:{node.lineno} calls publish: only events.py does"
            if not may_write and _stores(node):
                yield f"{name}:{node.lineno} writes rows: only actions do"
        if isinstance(node, ast.Assign | ast.AugAssign) and not may_write:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(each, ast.Attribute) and each.attr == "state" for each in targets):
                yield f"{name}:{node.lineno} sets a state: only actions do"


def _writes_in_kernel(name: str) -> bool:
    return any(name == f"newsroom.{each}" or name.startswith(f"newsroom.{each}.") for each in KERNEL_WRITERS)


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def _published_by_outbox(tree: ast.Module, node: ast.Call) -> bool:
    """Whether this `publish` is the bus's: imported by name, or called on `outbox`."""
    if isinstance(node.func, ast.Attribute):
        return getattr(node.func.value, "id", getattr(node.func.value, "attr", "")) == "outbox"
    named = [each for each in ast.walk(tree) if isinstance(each, ast.ImportFrom) and each.module]
    return any(alias.name == "publish" for each in named if "live" in str(each.module) for alias in each.names)


def _stores(node: ast.Call) -> bool:
    """`thing.save()`, `Thing.objects.….update(…)` and their like; a picture is saved to somewhere, a form is no row."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in {"save", "asave"}:
        return not node.args and getattr(node.func.value, "id", "") != "form"
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in STORES:
        return False
    return any(isinstance(each, ast.Attribute) and each.attr == "objects" for each in ast.walk(node.func))
