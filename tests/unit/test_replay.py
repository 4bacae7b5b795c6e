"""A change laid upon another version of its file."""

import pytest

from app.domain.replay import replay, replay_change
from tests.support.story_repository import change, tree_of

BEFORE = "talosVersion: v1.7.6\nkubernetesVersion: v1.30.5\nend: 1\n"


@pytest.mark.parametrize(
    ("stands", "before", "after", "expected"),
    [
        pytest.param("a\nb\n", "a\nb\n", "a\nc\n", "a\nc\n", id="the same file"),
        pytest.param("x\na\nb\n", "a\nb\n", "a\nc\n", "x\na\nc\n", id="moved down"),
        pytest.param(
            "talosVersion: v1.7.6\nkubernetesVersion: v1.30.3\nend: 1\n",
            BEFORE,
            BEFORE.replace("v1.7.6", "v1.8.0"),
            "talosVersion: v1.8.0\nkubernetesVersion: v1.30.3\nend: 1\n",
            id="what was raised in between is not taken along",
        ),
        pytest.param(
            BEFORE.replace("v1.7.6", "v1.7.4"),
            BEFORE,
            BEFORE.replace("v1.7.6", "v1.8.0"),
            BEFORE.replace("v1.7.6", "v1.8.0"),
            id="raised in between itself: the change is right",
        ),
        pytest.param("a\nc\n", "a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n", id="the line is not there yet"),
        pytest.param("x\na\nb\n", "a\nb\n", "a\nnew\nb\n", "x\na\nnew\nb\n", id="an insertion"),
        pytest.param("x\na\n", "a\n", "new\na\n", "new\nx\na\n", id="an insertion at the top"),
        pytest.param("a\nb\nx\n", "a\nb\n", "a\n", "a\nx\n", id="a removal"),
        pytest.param("", "a\n", "b\n", "b\n", id="an empty file"),
        pytest.param("a\nb", "a\nb", "a\nc", "a\nc", id="no newline at the end"),
    ],
)
def test_a_change_is_laid_upon_what_stands(stands: str, before: str, after: str, expected: str) -> None:
    assert replay(stands, before, after) == expected


def test_both_sides_of_the_change_are_those_of_the_tree() -> None:
    moved = replay_change(change("a.yaml", "a\nb\n", "a\nc\n"), tree_of({"a.yaml": "x\na\nb\n"}))
    assert moved.before is not None
    assert moved.after is not None
    assert (moved.before.text, moved.after.text) == ("x\na\nb\n", "x\na\nc\n")


@pytest.mark.parametrize(
    "made",
    [change("new.yaml", None, "a\n"), change("elsewhere.yaml", "a\n", "b\n"), change("same.yaml", "a\n", "b\n")],
)
def test_there_is_nothing_to_lay_it_upon(made: object) -> None:
    tree = tree_of({"new.yaml": "other\n", "same.yaml": "a\n"})
    assert replay_change(made, tree) is made  # type: ignore[arg-type]


def test_a_file_that_goes_is_gone_as_it_stands() -> None:
    gone = replay_change(change("a.yaml", "a\n", None), tree_of({"a.yaml": "b\n"}))
    assert gone.before is not None
    assert (gone.before.text, gone.after) == ("b\n", None)
