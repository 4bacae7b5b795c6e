"""The graph as a picture: layers from left to right, what comes first on the left.

A layered drawing in the manner of Sugiyama: longest-path layers, a few sweeps by the mean place of the neighbours.
Edges that others imply are left out (transitive reduction), except that a hard edge is never hidden behind soft ones.
Edges that close a cycle are drawn backwards, not followed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

BOX_WIDTH = 210
BOX_HEIGHT = 54
GAP_X = 64
GAP_Y = 18
MARGIN = 8
_SWEEPS = 6


@dataclass(frozen=True, slots=True)
class Arrow:
    """`first` comes before `then`."""

    first: int
    then: int
    hard: bool


@dataclass(frozen=True, slots=True)
class Box:
    number: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Curve:
    """`path` is the `d` of an SVG path."""

    path: str
    hard: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    width: float
    height: float
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]


def draw(arrows: Iterable[Arrow]) -> Drawing | None:
    """Place every number that an arrow touches. None when there is no arrow."""
    shown = _one_each(arrows)
    if not shown:
        return None
    numbers = sorted({number for arrow in shown for number in (arrow.first, arrow.then)})
    forward = _forward(numbers, shown)
    shown = _reduced(numbers, shown, forward)
    layers = _ordered(_layers(numbers, forward), shown)
    return _placed(layers, shown)


def _one_each(arrows: Iterable[Arrow]) -> list[Arrow]:
    """One arrow for each pair; hard beats soft. Nothing comes before itself."""
    hard: dict[tuple[int, int], bool] = {}
    for arrow in arrows:
        if arrow.first != arrow.then:
            pair = (arrow.first, arrow.then)
            hard[pair] = hard.get(pair, False) or arrow.hard
    return [Arrow(first, then, is_hard) for (first, then), is_hard in sorted(hard.items())]


def _forward(numbers: Sequence[int], arrows: Sequence[Arrow]) -> Mapping[int, list[int]]:
    """What follows each number, without the arrows that close a cycle."""
    after: dict[int, list[int]] = {number: [] for number in numbers}
    for arrow in arrows:
        after[arrow.first].append(arrow.then)
    forward: dict[int, list[int]] = {number: [] for number in numbers}
    on_path: set[int] = set()
    seen: set[int] = set()
    for start in numbers:
        if start in seen:
            continue
        seen.add(start)
        on_path.add(start)
        stack = [(start, iter(after[start]))]
        while stack:
            number, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                on_path.discard(number)
                stack.pop()
            elif following not in on_path:
                forward[number].append(following)
                if following not in seen:
                    seen.add(following)
                    on_path.add(following)
                    stack.append((following, iter(after[following])))
    return forward


def _reachable(forward: Mapping[int, list[int]], bit: Mapping[int, int]) -> Mapping[int, int]:
    """For each number the set of those that come after it, as the bits of an integer: a thousand sets are small."""
    reach: dict[int, int] = {}
    for number in reversed(_sorted(forward)):
        found = 0
        for following in forward[number]:
            found |= bit[following] | reach[following]
        reach[number] = found
    return reach


def _sorted(forward: Mapping[int, list[int]]) -> list[int]:
    """Numbers in an order in which every arrow goes ahead."""
    before = dict.fromkeys(forward, 0)
    for targets in forward.values():
        for number in targets:
            before[number] += 1
    ready = [number for number, waiting in before.items() if waiting == 0]
    for number in ready:
        for following in forward[number]:
            before[following] -= 1
            if before[following] == 0:
                ready.append(following)
    return ready


def _reduced(numbers: Sequence[int], arrows: Sequence[Arrow], forward: Mapping[int, list[int]]) -> list[Arrow]:
    hard_only: dict[int, list[int]] = {number: [] for number in numbers}
    for arrow in arrows:
        if arrow.hard and arrow.then in forward[arrow.first]:
            hard_only[arrow.first].append(arrow.then)
    bit = {number: 1 << position for position, number in enumerate(numbers)}
    by_any, by_hard = _reachable(forward, bit), _reachable(hard_only, bit)

    def implied(arrow: Arrow) -> bool:
        after, reach = (hard_only, by_hard) if arrow.hard else (forward, by_any)
        return any(bit[arrow.then] & reach[other] for other in after[arrow.first] if other != arrow.then)

    return [arrow for arrow in arrows if not implied(arrow)]


def _layers(numbers: Sequence[int], forward: Mapping[int, list[int]]) -> list[list[int]]:
    layer = dict.fromkeys(numbers, 0)
    for number in _sorted(forward):
        for following in forward[number]:
            layer[following] = max(layer[following], layer[number] + 1)
    layers: list[list[int]] = [[] for _ in range(max(layer.values()) + 1)]
    for number in numbers:
        layers[layer[number]].append(number)
    return layers


def _ordered(layers: list[list[int]], arrows: Sequence[Arrow]) -> list[list[int]]:
    neighbours: dict[int, list[int]] = {number: [] for layer in layers for number in layer}
    for arrow in arrows:
        neighbours[arrow.first].append(arrow.then)
        neighbours[arrow.then].append(arrow.first)
    place = {number: position / len(layer) for layer in layers for position, number in enumerate(layer)}

    def mean(number: int) -> float:
        near = neighbours[number]
        return sum(place[other] for other in near) / len(near) if near else place[number]

    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            layer.sort(key=mean)
            for position, number in enumerate(layer):
                place[number] = (position + 0.5) / len(layer)
    return layers


def _placed(layers: Sequence[Sequence[int]], arrows: Sequence[Arrow]) -> Drawing:
    tallest = max(len(layer) for layer in layers)
    height = MARGIN * 2 + tallest * BOX_HEIGHT + (tallest - 1) * GAP_Y
    width = MARGIN * 2 + len(layers) * BOX_WIDTH + (len(layers) - 1) * GAP_X
    boxes: dict[int, Box] = {}
    for column, layer in enumerate(layers):
        top = (height - len(layer) * BOX_HEIGHT - (len(layer) - 1) * GAP_Y) / 2
        for row, number in enumerate(layer):
            boxes[number] = Box(
                number, MARGIN + column * (BOX_WIDTH + GAP_X), round(top + row * (BOX_HEIGHT + GAP_Y), 1)
            )
    curves = tuple(Curve(_curve(boxes[arrow.first], boxes[arrow.then]), arrow.hard) for arrow in arrows)
    return Drawing(width, height, tuple(boxes.values()), curves)


def _curve(first: Box, then: Box) -> str:
    x1, y1 = first.x + BOX_WIDTH, first.y + BOX_HEIGHT / 2
    x2, y2 = then.x - 2, then.y + BOX_HEIGHT / 2
    bend = GAP_X / 2 if x2 > x1 else -GAP_X / 2
    return f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
