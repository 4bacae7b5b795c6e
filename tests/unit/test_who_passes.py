"""Who may merge past every rule that asks for our check."""

import pytest

from app.domain.doctor import ADMINISTRATORS, who_passes_all

ADMIN, RENOVATE = "RepositoryRole 5 (always)", "Integration 2740 (always)"
RULESET = frozenset((ADMIN, RENOVATE))
NOBODY: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("lists", "who"),
    [
        ([], None),
        ([RULESET], (RENOVATE, ADMIN)),
        ([RULESET, frozenset((RENOVATE,))], (RENOVATE,)),
        ([RULESET, None], None),
        ([RULESET, NOBODY], ()),
        ([None, NOBODY], ()),
        ([ADMINISTRATORS], ("administrators",)),
        ([ADMINISTRATORS, None], None),
        ([RULESET, ADMINISTRATORS], (ADMIN,)),
        ([frozenset((RENOVATE,)), ADMINISTRATORS], ()),
    ],
)
def test_who_passes_all(lists: list[frozenset[str] | None], who: tuple[str, ...] | None) -> None:
    assert who_passes_all(lists) == who
