"""The made part of docs/explanation/speed.md: the figures of the last `make bench`, and the machine they are from."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.measuring import machine
from benchmarks.plot import Line, Panel
from benchmarks.report import Figure

PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "speed.md"
_MADE = re.compile(r"(<!-- made: figures -->\n).*?(<!-- end -->)", re.DOTALL)


def write_page(figures: Iterable[Figure], panels: Sequence[Panel]) -> None:
    """Put the figures between the two comments of the page; its own text stays."""
    text = PAGE.read_text(encoding="utf-8")
    made = _MADE.sub(lambda match: f"{match[1]}\n{_made(figures, panels)}\n\n{match[2]}", text)
    PAGE.write_text(made, encoding="utf-8")


def _made(figures: Iterable[Figure], panels: Sequence[Panel]) -> str:
    rows = [f"| {figure.what} | {figure.value} | {figure.ratio} |" for figure in figures]
    growth = [
        f"| {panel.title} | {line.name} | {_ends(line)} | n^{line.exponent:.2f} |"
        for panel in panels
        for line in panel.lines
    ]
    return "\n".join(
        [
            f"`make bench` on {machine()}; medians of CPU time.",
            "",
            "| what | figure | beside |",
            "|---|---|---|",
            *rows,
            "",
            "| growth | line | from | to | law |",
            "|---|---|---|---|---|",
            *growth,
        ]
    )


def _ends(line: Line) -> str:
    return f"{_shown(line.points[0])} | {_shown(line.points[-1])}"


def _shown(point: tuple[float, float]) -> str:
    x, y = point
    return f"{x:,.0f}: {y:,.1f}"
