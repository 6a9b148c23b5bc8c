"""What pages shall cost, beside what they did when the goals were set, and what one run has found."""

from __future__ import annotations

from dataclasses import dataclass, field

CONSTANT = 0.058  # CPU ms of a constant body of 126 KB where the goals were set; milliseconds are told as if there
CONSTANT_BYTES = 126_000


@dataclass(frozen=True, slots=True)
class Goal:
    """`today`: before, SQLite · PostgreSQL. `power`: 1 for what is a time, -1 for what is by time, 0 for a ratio."""

    name: str
    today: str
    limit: float
    unit: str = ""
    power: int = 0
    is_least: bool = False


_MS = {"unit": "ms", "power": 1}
_LEAST = {"power": -1, "is_least": True}
GOALS = {
    each.name: each
    for each in (
        Goal("article / API list of the same rows", "11–14", 3),
        Goal("article / plain Django page", "0.75", 0.15),
        Goal("article, logged in", "20.6 · 27.9", 5, **_MS),
        Goal("article, statements", "14", 9),
        Goal("front, logged in", "19.1 · 23.8", 5, **_MS),
        Goal("ticker, logged in", "16.9 · 22.7", 5, **_MS),
        Goal("chat, logged in", "12.1 · 15.3", 5, **_MS),
        Goal("profile, 200 follows", "341 · 570", 8, **_MS),
        Goal("profile, 200 follows, statements", "306", 12),
        Goal("article, missed", "15.7 · 24–35", 5, **_MS),
        Goal("front, missed", "16.9 · 25.8", 5, **_MS),
        Goal("sitemap, missed", "67 · 97", 10, **_MS),
        Goal("hit / constant", "0.9 · 1.3", 1.3),
        Goal("static file / constant", "5.8", 1.3),
        Goal("304 / constant", "5", 1.3),
        Goal("first visit", "5.9", 1, **_MS),
        Goal("first visit, CSS and JS on the wire", "117", 45, "KB"),
        Goal("first visit, requests beside pictures", "22", 10),
        Goal("reads a CPU second, a fifth logged in", "185 · 178", 1500, **_LEAST),
        Goal("wrong answers, failed posts", "0", 0),
        Goal("L / S, the worst address", "52", 1.5),
        Goal("search, two common words", "65 · 2,900", 100, **_MS),
        Goal("pruning an event", "46 · 22", 10, "µs", 1),
        Goal("pruning nothing", "640 · 1,800", 10, **_MS),
        Goal("bytes an event", "1,081 · 1,117", 700),
        Goal("idle / bare server", "7", 3),
        Goal("import, comments a CPU second, SQLite", "1,210", 4000, **_LEAST),
        Goal("import, comments a CPU second, PostgreSQL", "860", 5000, **_LEAST),
    )
}


@dataclass(slots=True)
class Sheet:
    """Figures of one database; `scale`: by how much a millisecond there is less than one here."""

    database: str
    scale: float = 1.0
    found: dict[str, float] = field(default_factory=dict)

    def note(self, name: str, figure: float) -> None:
        """A figure as measured; `name` is that of a goal."""
        self.found[name] = figure * self.scale ** GOALS[name].power

    def __str__(self) -> str:
        scale = f"milliseconds x {self.scale:.2f}: as where a constant body of 126 KB costs {CONSTANT}"
        head = f"{'':44}{'found':>10}  {'before':14}{'goal':>10}"
        return "\n".join([f"\n{self.database}, {scale}", head, *map(self._line, self.found)])

    def _line(self, name: str) -> str:
        goal, figure = GOALS[name], self.found[name]
        is_kept = figure >= goal.limit if goal.is_least else figure <= goal.limit
        sign = ">=" if goal.is_least else "<="
        limit = f"{sign} {goal.limit:g} {goal.unit}"
        return f"{name:44}{figure:10.4g}  {goal.today:14}{limit:>10}  {'yes' if is_kept else 'NO'}"
