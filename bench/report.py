"""What a bench says: a table for people and, as its last line, one JSON object for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

Figure = float | int


@dataclass(frozen=True)
class Target:
    """What a figure is to reach. One that judges a time (`timed`) says nothing of the small sizes of `--quick`."""

    sign: str
    value: Figure
    timed: bool = True

    def is_met_by(self, figure: Figure | None) -> bool:
        if figure is None:
            return False
        return {"≤": figure <= self.value, "≥": figure >= self.value, "=": figure == self.value}[self.sign]

    def __str__(self) -> str:
        return f"{self.sign} {self.value:g}"


def at_most(value: Figure, *, timed: bool = True) -> Target:
    return Target("≤", value, timed)


def at_least(value: Figure, *, timed: bool = True) -> Target:
    return Target("≥", value, timed)


def exactly(value: Figure) -> Target:
    """For what is counted, whatever the size and the hurry of the machine."""
    return Target("=", value, timed=False)


@dataclass
class Report:
    """Collects figures. A target whose figure never came is not met."""

    name: str
    targets: dict[str, Target]
    quick: bool = False
    figures: dict[str, Figure] = field(default_factory=dict)

    def figure(self, name: str, value: Figure) -> None:
        self.figures[name] = round(value, 4) if isinstance(value, float) else value

    def judged(self) -> dict[str, Target]:
        return {name: target for name, target in self.targets.items() if not (self.quick and target.timed)}

    @property
    def met(self) -> bool:
        return all(target.is_met_by(self.figures.get(name)) for name, target in self.judged().items())

    def finish(self) -> dict[str, Any]:
        """Prints the figures beside their targets, then the line for programs, which is also returned."""
        rows = [
            (name, said(self.figures.get(name)), target, "yes" if target.is_met_by(self.figures.get(name)) else "NO")
            for name, target in self.judged().items()
        ]
        table(("figure", "measured", "target", "met"), rows)
        outcome = {
            "name": self.name,
            "figures": self.figures,
            "targets": {name: str(target) for name, target in self.judged().items()},
            "met": self.met,
        }
        say(json.dumps(outcome, ensure_ascii=False))
        return outcome


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Columns as wide as their widest cell, numbers to the right."""
    cells = [[said(cell) for cell in row] for row in rows]
    numeric = [bool(cells) and all(is_number(row[column]) for row in cells) for column in range(len(headings))]
    widths = [max(len(line[column]) for line in [list(headings), *cells]) for column in range(len(headings))]
    say("")
    for line in [list(headings), ["─" * width for width in widths], *cells]:
        padded = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        )
        say("  " + "  ".join(padded).rstrip())
    say("")


def said(cell: Any) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:,.3f}" if abs(cell) < 10 else f"{cell:,.1f}"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


def is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").replace("-", "").isdigit() or cell == "–"


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
