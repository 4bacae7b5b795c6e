"""For how long, why, and on which pull request: what people write behind the verb."""

from datetime import timedelta

import pytest

from app.domain.command_arguments import (
    BadArgument,
    DependsOrder,
    HoldOrder,
    UnblockOrder,
    read_depends,
    read_hold,
    read_unblock,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("argument", "span", "reason"),
    [
        ("", None, ""),
        ("until the node is back", None, "until the node is back"),
        ("for 2h", 2 * HOUR, ""),
        ("for 3d: the guests are here", 3 * DAY, "the guests are here"),
        ("FOR 2 hours the oven is on", 2 * HOUR, "the oven is on"),
        ("for 30m", HOUR / 2, ""),
        ("for 1 week, holidays", 7 * DAY, "holidays"),
        ("for the weekend", None, "for the weekend"),
        ("for 2 horses", None, "for 2 horses"),
        ("because it waits for 3d parts", None, "because it waits for 3d parts"),
    ],
)
def test_a_hold(argument: str, span: timedelta | None, reason: str) -> None:
    assert read_hold(argument) == HoldOrder(span, reason)


@pytest.mark.parametrize(
    ("argument", "span", "reason"),
    [
        ('--reason "the cluster is rebuilt" for 1d', DAY, "the cluster is rebuilt"),
        ('for 2h --reason "we know"', 2 * HOUR, "we know"),
        ('--reason "waits for 3d" for 1h', HOUR, "waits for 3d"),
        ('--reason "we know"', DAY, "we know"),
        ("--reason=we know for 3h", 3 * HOUR, "we know"),
        ("—reason “from a phone” for 1h", HOUR, "from a phone"),
        ("--reason 'single' for 1h", HOUR, "single"),
    ],
)
def test_unblocking_needs_a_reason_and_has_an_end(argument: str, span: timedelta, reason: str) -> None:
    assert read_unblock(argument) == UnblockOrder(span, reason)


@pytest.mark.parametrize(
    ("argument", "order"),
    [
        ("on #5", DependsOrder((5,), off=False)),
        ("on 5, #6 #5", DependsOrder((5, 6), off=False)),
        ("OFF #5", DependsOrder((5,), off=True)),
    ],
)
def test_a_dependency(argument: str, order: DependsOrder) -> None:
    assert read_depends(argument) == order


@pytest.mark.parametrize(
    ("read", "argument", "said"),
    [
        (read_hold, "for 0h", "For how long? More than nothing, and 365 days at most."),
        (read_hold, "for 99999d", "For how long? More than nothing, and 365 days at most."),
        (read_unblock, "", "Say why, for those who come after you"),
        (read_unblock, "for 1d", "Say why, for those who come after you"),
        (read_unblock, '--reason "" for 1d', "The reason is empty"),
        (read_unblock, "--reason for 1d", "The reason is empty"),
        (read_unblock, '--reason "x" for 31d', "For how long? More than nothing, and 30 days at most."),
        (read_depends, "", "Which one?"),
        (read_depends, "on", "Which one?"),
        (read_depends, "on the moon", "Which one?"),
        (read_depends, "#5", "Which one?"),
        (read_depends, "on " + "#1 " * 11, "That are too many at once; 10 are allowed."),
    ],
)
def test_what_is_wrong_is_said(read: object, argument: str, said: str) -> None:
    with pytest.raises(BadArgument) as mistake:
        read(argument)  # type: ignore[operator]
    assert str(mistake.value).startswith(said)
