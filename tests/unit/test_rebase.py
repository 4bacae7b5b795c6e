"""How often and by which way Renovate is asked to rebase."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.policy_form import RebaseDriver, RebaseForm
from app.domain.rebase import Asked, Driver, not_before, restless_reason, ways_left

NOW = datetime(2025, 6, 11, 18, 28, tzinfo=UTC)
BUDGET, TIMEOUT = 10, timedelta(minutes=15)
CHECKBOX, LABEL, DASHBOARD, UPDATE_BRANCH = Driver.CHECKBOX, Driver.LABEL, Driver.DASHBOARD, Driver.UPDATE_BRANCH


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


# --- by which way ---


@pytest.mark.parametrize(
    ("form", "tried", "expected"),
    [
        (RebaseForm(), [], (CHECKBOX, LABEL)),
        (RebaseForm(), ["checkbox"], (LABEL,)),
        (RebaseForm(), ["label"], (CHECKBOX,)),
        (RebaseForm(), ["checkbox", "label"], ()),
        (RebaseForm(), ["", "a way of an older version"], (CHECKBOX, LABEL)),
        (RebaseForm(drivers=()), [], ()),
        (RebaseForm(drivers=(RebaseDriver.DASHBOARD, RebaseDriver.LABEL)), [], (DASHBOARD, LABEL)),
        (RebaseForm(drivers=(RebaseDriver.LABEL, RebaseDriver.LABEL)), [], (LABEL,)),
        (RebaseForm(drivers=(RebaseDriver.LABEL,), update_branch=True), [], (LABEL, UPDATE_BRANCH)),
        (RebaseForm(drivers=(), update_branch=True), [], (UPDATE_BRANCH,)),
        (RebaseForm(drivers=(), update_branch=True), ["update-branch"], ()),
    ],
)
def test_each_way_is_tried_once_and_in_the_owners_order(
    form: RebaseForm, tried: list[str], expected: tuple[Driver, ...]
) -> None:
    assert ways_left(form, tried) == expected


# --- when ---


def wait(asked: Asked, *, budget: int = BUDGET) -> timedelta | None:
    """How long the request has to wait."""
    found = not_before(asked, NOW, budget=budget, timeout=TIMEOUT)
    return found[0] - NOW if found else None


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("unanswered", "expected"),
    [
        (0, None),
        (1, minutes(30)),
        (2, minutes(60)),
        (3, minutes(120)),
        (6, minutes(960)),
        (7, timedelta(days=1)),
        (1000, timedelta(days=1)),
    ],
)
def test_pauses_double_up_to_a_day(unanswered: int, expected: timedelta | None) -> None:
    assert wait(Asked(unanswered=unanswered, newest=NOW)) == expected


@pytest.mark.parametrize(("since", "expected"), [(29, minutes(1)), (30, None), (31, None)])
def test_a_pause_ends(since: float, expected: timedelta | None) -> None:
    assert wait(Asked(unanswered=1, newest=ago(minutes=since))) == expected


@pytest.mark.parametrize(
    ("silent", "since", "expected"),
    [
        (4, minutes(0), None),
        (5, minutes(0), timedelta(hours=6)),
        (20, minutes(60), timedelta(hours=5)),
        (5, timedelta(hours=6), None),
    ],
)
def test_a_silent_renovate_is_left_alone_by_the_whole_repository(
    silent: int, since: timedelta, expected: timedelta | None
) -> None:
    assert wait(Asked(silent=silent, silent_since=NOW - since)) == expected


@pytest.mark.parametrize(
    ("made", "budget", "expected"),
    [
        ([50, 40, 30], 4, None),
        ([50, 40, 30], 3, minutes(10)),
        ([50, 40, 30], 2, minutes(20)),  # the budget became smaller, and two of the three have to be old first
        ([50], 1, minutes(10)),
        ([], 1, None),
    ],
)
def test_a_budget_refills_when_its_oldest_request_is_an_hour_old(
    made: list[int], budget: int, expected: timedelta | None
) -> None:
    asked = Asked(within_hour=tuple(ago(minutes=each) for each in made))
    assert wait(asked, budget=budget) == expected


def test_the_longest_wait_counts_and_its_reason_is_told() -> None:
    asked = Asked(
        unanswered=1, newest=NOW, silent=5, silent_since=NOW, within_hour=tuple(ago(minutes=30) for _ in range(BUDGET))
    )
    found = not_before(asked, NOW, budget=BUDGET, timeout=TIMEOUT)
    assert found == (NOW + timedelta(hours=6), "Renovate did not react to 5 requests in a row")


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        ([], False),
        ([10, 20, 30], False),
        ([10, 20, 30, 40], True),
        ([10, 20, 30, 69], True),
        ([10, 20, 30, 71], False),
        ([130, 140, 150, 160], True),  # it was restless a while ago, and is left alone for some hours
        ([181, 182, 183, 184], False),
        ([170, 175, 178, 181], False),
        ([10, 70, 130, 179], False),
    ],
)
def test_a_branch_whose_head_changes_all_the_time_is_restless(heads: list[int], expected: bool) -> None:
    asked = Asked(heads=tuple(sorted(ago(minutes=each) for each in heads)))
    assert (restless_reason(asked, NOW) is not None) == expected


# --- a storm ---


@pytest.mark.parametrize("budget", [1, 7, 10, 60, 1000])
def test_sixty_freed_at_once_are_each_asked_once_and_no_hour_sees_more_than_the_budget(budget: int) -> None:
    """The outbox as it is: each that has to wait comes again at the time that it was told."""
    due: dict[int, datetime] = dict.fromkeys(range(60), NOW)
    made: list[tuple[datetime, int]] = []
    now = NOW
    while due:
        now = min(due.values())
        for number in [number for number, at in due.items() if at <= now]:
            asked = Asked(within_hour=tuple(at for at, _ in made if at > now - timedelta(hours=1)))
            later = not_before(asked, now, budget=budget, timeout=TIMEOUT)
            if later is None:
                made.append((now, number))
                del due[number]
            else:
                assert later[0] > now, "it would come again at once, for ever"
                due[number] = later[0]
    assert sorted(number for _, number in made) == list(range(60))
    for at, _ in made:
        assert sum(at <= other < at + timedelta(hours=1) for other, _ in made) <= budget
    assert now - NOW == timedelta(hours=-(-60 // budget) - 1)
