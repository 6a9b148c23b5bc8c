"""Reads the imports of the project and says which of them the architecture forbids (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("newsroom", "accounts", "articles", "comments")
APPS = ("accounts", "articles", "comments")
MAY_IMPORT = {"accounts": (), "articles": ("accounts",), "comments": ("accounts", "articles")}
KERNEL = (
    "errors",
    "text",
    "markdown",
    "marks",
    "fields",
    "client",
    "limits",
    "logs",
    "times",
    "prepared",
    "written",
    "kept",
    "transactions",
    "postgresql",
    "sqlite3",
    "live",
    "api",
    "language",
    "static",
    "encodings",
    "modules",
    "models",
    "apps",
    "checks",
    "batches",
    "links",
    "rewriting",
    "metrics",
    "database",
    "desk",
    "words",
    "index",
)
LAYERS = ("models", "access", "serializers", "events", "actions")  # inside an app, from the inside out
OUTER = ("api", "finding", "foreign", "writing", "admin", "queue", "importers", "handlers", "consumer")
OUTER += ("management", "views", "urls", "feeds", "apps")
ALONE = "moderation"
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
    """One line for each forbidden import or deed, sorted; empty if the architecture holds."""
    trees = {name: ast.parse(text) for name, text in modules.items()}
    graph = {name: set(_imports(name, tree, trees)) for name, tree in trees.items()}
    found = [
        f"{name} imports {target}: {reason}"
        for name, targets in graph.items()
        for target in targets
        if (reason := _arrow(name, target))
    ]
    found += [line for app in APPS for line in _order(app, graph)]
    found += [line for name, tree in trees.items() for line in _deeds(name, tree)]
    return sorted(found)


def _imports(name: str, tree: ast.Module, known: Mapping[str, object]) -> Iterator[str]:
    """Everything that a module imports, late imports and those for types too, as full dotted names."""
    package = name if any(other.startswith(f"{name}.") for other in known) else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                submodule = f"{source}.{alias.name}"
                yield submodule if submodule in known else source


def _area(name: str) -> tuple[str, str]:
    """("kernel" | "composition" | an app | "", the module's place within it)."""
    top, _, rest = name.partition(".")
    place = rest.partition(".")[0]
    if top == "newsroom":
        return ("kernel" if place in KERNEL else "composition" if place else "", place)
    return (top if top in APPS else "", place)


def _arrow(name: str, target: str) -> str:
    """Why the first area must not know the second; "" if it may."""
    (here, place), (there, other) = _area(name), _area(target)
    if place == "live" and here == "kernel" and _draws(target):
        return "the bus knows no template and no serializer"
    if place == "edge" and here == "composition" and there in APPS:
        return "the read cache knows addresses and streams, no app"
    if not there or here == "composition" or place == "apps":
        return ""
    if there == "composition":
        return "nobody imports the composition root"
    if here == "kernel":
        return "the kernel knows no app" if there in APPS else ""
    if there in APPS and there != here and there not in MAY_IMPORT[here]:
        return f"{here} knows {', '.join(('the kernel', *MAY_IMPORT[here]))} only"
    if place == ALONE and (there != here or other != ALONE):
        return f"{ALONE} stands alone"
    return ""


def _draws(target: str) -> bool:
    return target.startswith(("django.template", "django.shortcuts")) or (
        target.startswith(PACKAGES) and "serializers" in target.split(".")
    )


def _order(app: str, graph: Mapping[str, set[str]]) -> Iterator[str]:
    """An inner layer must not reach an outer one, directly or through modules without a layer."""
    own = {name: {t for t in targets if t.startswith(f"{app}.")} for name, targets in graph.items() if _in(app, name)}
    for name in own:
        rank = _rank(name)
        if rank is None:
            continue
        for target, path in _reach(name, own):
            other = _rank(target)
            if other is not None and other > rank:
                yield f"{' → '.join(path)}: {_layer(name)} come before {_layer(target)}"


def _reach(start: str, graph: Mapping[str, set[str]]) -> Iterator[tuple[str, list[str]]]:
    """(module, way there) of all that is imported, looking through modules that have no layer of their own."""
    seen, ways = {start}, [[start]]
    while ways:
        way = ways.pop()
        for target in sorted(graph.get(way[-1], ()) - seen):
            seen.add(target)
            yield target, [*way, target]
            if _rank(target) is None:
                ways.append([*way, target])


def _in(app: str, name: str) -> bool:
    return name == app or name.startswith(f"{app}.")


def _layer(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def _rank(name: str) -> int | None:
    layer = _layer(name)
    if layer == "apps":
        return len(LAYERS) + 1  # it wires, and nobody imports it
    if layer in OUTER:
        return len(LAYERS)
    return LAYERS.index(layer) if layer in LAYERS else None


def _deeds(name: str, tree: ast.Module) -> Iterator[str]:
    here, place = _area(name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and here in {*APPS, "composition"}:
            if place != "events" and _called(node) == "publish" and _published_by_outbox(tree, node):
                yield f"{name}:{node.lineno} calls publish: only events.py does"
            if place in {"api", "admin", "queue", "handlers", "consumer"} and _stores(node):
                yield f"{name}:{node.lineno} writes rows: only actions do"
        if isinstance(node, ast.Assign | ast.AugAssign) and place in {"api", "admin", "queue", "handlers", "consumer"}:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if here in APPS and any(isinstance(each, ast.Attribute) and each.attr == "state" for each in targets):
                yield f"{name}:{node.lineno} sets a state: only actions do"


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def _published_by_outbox(tree: ast.Module, node: ast.Call) -> bool:
    """Whether this `publish` is the bus's: imported by name, or called on `outbox`."""
    if isinstance(node.func, ast.Attribute):
        return getattr(node.func.value, "id", getattr(node.func.value, "attr", "")) == "outbox"
    named = [each for each in ast.walk(tree) if isinstance(each, ast.ImportFrom) and each.module]
    return any(alias.name == "publish" for each in named if "live" in str(each.module) for alias in each.names)


def _stores(node: ast.Call) -> bool:
    """`thing.save()`, `Thing.objects.….update(…)` and their like: a write that no action knows of."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in {"save", "asave"}:
        return True
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in STORES:
        return False
    return any(isinstance(each, ast.Attribute) and each.attr == "objects" for each in ast.walk(node.func))
