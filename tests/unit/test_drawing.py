"""The picture of the graph: who stands left of whom, and which lines are left out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.web.drawing import BOX_HEIGHT, BOX_WIDTH, Arrow, Drawing, draw


def hard(first: int, then: int) -> Arrow:
    return Arrow(first, then, hard=True)


def soft(first: int, then: int) -> Arrow:
    return Arrow(first, then, hard=False)


def drawn(*arrows: Arrow) -> Drawing:
    drawing = draw(arrows)
    assert drawing is not None
    return drawing


def columns(drawing: Drawing) -> dict[int, float]:
    return {box.number: box.x for box in drawing.boxes}


def test_without_arrows_there_is_no_picture() -> None:
    assert draw([]) is None
    assert draw([hard(1, 1)]) is None


def test_what_comes_first_stands_left() -> None:
    left = columns(drawn(hard(30, 34), hard(34, 36), soft(22, 30)))
    assert left[22] < left[30] < left[34] < left[36]


def test_a_line_that_others_imply_is_left_out() -> None:
    assert len(drawn(hard(1, 2), hard(2, 3), hard(1, 3)).curves) == 2


def test_a_hard_line_is_not_hidden_behind_soft_ones() -> None:
    assert len(drawn(soft(1, 2), soft(2, 3), hard(1, 3)).curves) == 3


def test_a_soft_line_hides_behind_hard_ones() -> None:
    assert [curve.hard for curve in drawn(hard(1, 2), hard(2, 3), soft(1, 3)).curves] == [True, True]


def test_two_reasons_for_one_pair_are_one_line_and_the_hard_one_wins() -> None:
    assert [curve.hard for curve in drawn(soft(1, 2), hard(1, 2)).curves] == [True]


def test_a_cycle_is_drawn_whole() -> None:
    drawing = drawn(hard(1, 2), hard(2, 3), hard(3, 1))
    assert len(drawing.boxes) == 3
    assert len(drawing.curves) == 3


arrows = st.lists(st.builds(Arrow, st.integers(1, 12), st.integers(1, 12), st.booleans()), max_size=40)


@settings(deadline=None)  # a busy machine is no fault of the drawing
@given(arrows)
def test_every_number_has_one_place_inside_the_picture_and_no_two_overlap(found: list[Arrow]) -> None:
    drawing = draw(found)
    named = {number for arrow in found if arrow.first != arrow.then for number in (arrow.first, arrow.then)}
    if drawing is None:
        assert not named
        return
    assert sorted(box.number for box in drawing.boxes) == sorted(named)
    assert len({(box.x, box.y) for box in drawing.boxes}) == len(drawing.boxes)
    assert all(box.x >= 0 and box.x + BOX_WIDTH <= drawing.width for box in drawing.boxes)
    assert all(box.y >= 0 and box.y + BOX_HEIGHT <= drawing.height for box in drawing.boxes)


@settings(deadline=None)  # a busy machine is no fault of the drawing
@given(arrows)
def test_leaving_lines_out_loses_nothing_that_can_be_reached(found: list[Arrow]) -> None:
    drawing = draw(found)
    if drawing is None:
        return
    by_place = {(box.x + BOX_WIDTH, box.y + BOX_HEIGHT / 2): box.number for box in drawing.boxes}
    starts = {curve.path.removeprefix("M").split("C")[0] for curve in drawing.curves}
    begun = {number for (x, y), number in by_place.items() if f"{x:g} {y:g}" in starts}
    assert begun == {arrow.first for arrow in found if arrow.first != arrow.then}


def test_a_thousand_in_a_chain_are_drawn() -> None:
    assert len(drawn(*(hard(number, number + 1) for number in range(1000))).boxes) == 1001
