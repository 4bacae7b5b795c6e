"""A stranger can give a fork's branch Renovate's name and its body; the pull request is not Renovate's for that."""

import json
from typing import Any

import msgspec
import pytest

from app.db.models import PullRequest
from app.github.facts import PullRequestFacts
from app.services.facts import _apply

BODY = "Everything as Renovate writes it.\n\n<!--renovate-debug:eyJjcmVhdGVkSW5WZXIiOiI0NC4wLjAifQ==-->\n"


def facts(head_repository: dict[str, Any] | None) -> PullRequestFacts:
    answer = {
        "number": 1,
        "title": "chore(deps): update flux to v2.6.1",
        "state": "open",
        "body": BODY,
        "head": {"ref": "renovate/flux-2.x", "sha": "a" * 40, "repo": head_repository},
        "base": {"ref": "main", "sha": "b" * 40, "repo": {"id": 1}},
        "created_at": "2025-06-11T18:00:00Z",
        "updated_at": "2025-06-11T18:00:00Z",
    }
    return msgspec.json.decode(json.dumps(answer), type=PullRequestFacts)


@pytest.mark.parametrize(
    ("head_repository", "expected"),
    [({"id": 1}, True), ({"id": 2}, False), (None, False)],
    ids=["own branch", "fork", "deleted fork"],
)
def test_only_a_branch_of_the_repository_itself_is_renovates(
    head_repository: dict[str, Any] | None, *, expected: bool
) -> None:
    row = PullRequest(repository_id=1, number=1)
    _apply(row, facts(head_repository), prefix="renovate/")
    assert row.by_renovate is expected
