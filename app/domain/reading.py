"""From the facts of a pull request to what it is: our signs, the owner's rules before them, and what else changes."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

from app.domain.classification import PullRequestText, classify
from app.domain.model import ChangeStatus, Classification, FileChange, PullRequest
from app.domain.policy import DEFAULT_POLICY, Policy
from app.domain.purity import find_other_changes
from app.domain.rules import overrule


def classify_text(text: PullRequestText, policy: Policy = DEFAULT_POLICY) -> Classification:
    """Classify by the rules of `policy` and our own signs."""
    told = classify(text, partial(overrule, policy.rules) if policy.rules else None)
    return replace(told, also_changes=find_other_changes(text, told))


def classify_pull_request(pull_request: PullRequest, policy: Policy = DEFAULT_POLICY) -> Classification:
    """The same for a pull request. What people open is no bump, so nothing is held against it."""
    told = classify_text(pull_request_text(pull_request), policy)
    return told if pull_request.by_renovate else replace(told, also_changes=())


@lru_cache(maxsize=256)
def classifier(policy: Policy) -> Callable[[PullRequest], Classification]:
    """`classify_pull_request` under one policy: the same function for the same policy, so that it can be a key."""
    return partial(classify_pull_request, policy=policy)


def pull_request_text(pull_request: PullRequest) -> PullRequestText:
    """The whole diff is put together again from the patches of the files."""
    return PullRequestText(
        title=pull_request.title,
        files=tuple(change.path for change in pull_request.changes),
        patch="".join(_diff(change) for change in pull_request.changes),
        body=pull_request.body or None,
        branch=pull_request.branch or None,
        labels=pull_request.labels,
    )


def _diff(change: FileChange) -> str:
    old = change.previous_path or change.path
    header = f"diff --git a/{old} b/{change.path}\n"
    if change.status is ChangeStatus.ADDED:
        header += "new file mode 100644\n"
    elif change.status is ChangeStatus.REMOVED:
        header += "deleted file mode 100644\n"
    elif change.status is ChangeStatus.RENAMED:
        header += f"rename from {old}\nrename to {change.path}\n"
    if not change.patch:
        return header
    before = "/dev/null" if change.status is ChangeStatus.ADDED else f"a/{old}"
    after = "/dev/null" if change.status is ChangeStatus.REMOVED else f"b/{change.path}"
    return f"{header}--- {before}\n+++ {after}\n{change.patch.rstrip(chr(10))}\n"
