"""A picture of how figures grow: panels with logarithmic axes, as plain SVG that needs no library."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 420, 330
LEFT, RIGHT, TOP, BOTTOM = 62, 28, 74, 46
_COLOURS = ("#c2410c", "#1d4ed8", "#15803d", "#7e22ce")


@dataclass(frozen=True, slots=True)
class Line:
    """`points` are (x, y), both above zero."""

    name: str
    points: tuple[tuple[float, float], ...]

    @property
    def exponent(self) -> float:
        """The slope of the straight line that fits best on logarithmic axes: y grows as x to this power."""
        logs = [(math.log(x), math.log(y)) for x, y in self.points]
        mean_x, mean_y = sum(x for x, _ in logs) / len(logs), sum(y for _, y in logs) / len(logs)
        spread = sum((x - mean_x) * (x - mean_x) for x, _ in logs)
        return round(sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread, 2) + 0.0


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    across: str
    up: str
    lines: tuple[Line, ...]


def draw_panels(panels: Sequence[Panel]) -> str:
    """The panels side by side."""
    shown = "".join(
        f'<g transform="translate({index * WIDTH} 0)">{"".join(_panel(panel))}</g>\n'
        for index, panel in enumerate(panels)
    )
    width = WIDTH * len(panels)
    title = "; ".join(panel.title for panel in panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" '
        f'font-family="system-ui, sans-serif" font-size="11" role="img" aria-label="{escape(title)}">\n'
        f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>\n{shown}</svg>\n'
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    """Whole powers of ten from `low` to `high`, laid over `start` to `end` in pixels."""

    low: int
    high: int
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def _axis(values: Sequence[float], start: float, end: float) -> _Axis:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return _Axis(low, max(high, low + 1), start, end)


def _panel(panel: Panel) -> Iterator[str]:
    points = [point for line in panel.lines for point in line.points]
    across = _axis([x for x, _ in points], LEFT, WIDTH - RIGHT)
    up = _axis([y for _, y in points], HEIGHT - BOTTOM, TOP)
    yield f'<text x="{LEFT}" y="18" font-size="13" font-weight="600">{escape(panel.title)}</text>'
    for power in range(across.low, across.high + 1):
        x = across.at(10.0**power)
        yield f'<path d="M{x} {TOP}V{HEIGHT - BOTTOM}" stroke="#e5e7eb"/>'
        yield f'<text x="{x}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle" fill="#4b5563">{_shown(power)}</text>'
    for power in range(up.low, up.high + 1):
        y = up.at(10.0**power)
        yield f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#e5e7eb"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end" fill="#4b5563">{_shown(power)}</text>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle" fill="#111827">{escape(panel.across)}</text>'
    down = (TOP + HEIGHT - BOTTOM) / 2
    yield (
        f'<text x="14" y="{down}" text-anchor="middle" transform="rotate(-90 14 {down})" fill="#111827">'
        f"{escape(panel.up)}</text>"
    )
    for index, line in enumerate(panel.lines):
        yield from _line(line, index, across, up)


def _line(line: Line, index: int, across: _Axis, up: _Axis) -> Iterator[str]:
    colour = _COLOURS[index]
    places = [(across.at(x), up.at(y)) for x, y in line.points]
    path = "L".join(f"{x} {y}" for x, y in places)
    yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.8"/>'
    for x, y in places:
        yield f'<circle cx="{x}" cy="{y}" r="2.6" fill="{colour}"/>'
    y = 34 + 13 * index
    yield f'<path d="M{LEFT} {y - 4}h16" stroke="{colour}" stroke-width="1.8"/>'
    yield f'<text x="{LEFT + 22}" y="{y}" fill="#111827">{escape(line.name)}, grows as n^{line.exponent:.2f}</text>'


def _shown(power: int) -> str:
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"
