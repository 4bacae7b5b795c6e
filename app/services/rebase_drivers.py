"""The ways to have a branch rebased: which can be used now, and doing it.

Each write is recorded before it is made and read back where its outcome is in doubt, see `services/rebase.py`.
"""

import re
from collections.abc import Sequence

from app.db.models import PullRequest, RebaseRequest
from app.domain.rebase import Driver
from app.domain.renovate import RebaseBox, read_body, tick_rebase_box
from app.github.errors import Forbidden, NotFound, Refused
from app.github.facts import IssueFacts, PullRequestFacts
from app.services.facts import Look
from app.services.renovate_facts import RenovateFacts

WORDS = {
    Driver.CHECKBOX: "by ticking its checkbox",
    Driver.LABEL: "by its label",
    Driver.DASHBOARD: "by ticking a box of its dashboard",
    Driver.UPDATE_BRANCH: "no more: GitHub was asked to rebase the branch",
}


async def find_usable(
    look: Look, row: PullRequest, facts: PullRequestFacts, order: Sequence[Driver]
) -> tuple[Driver | None, str]:
    """The first of `order` that can be used now, and what stood in the way of those before it, in words."""
    hurdles: list[str] = []
    for driver in order:
        hurdle = await _hurdle(look, row, facts, driver)
        if hurdle is None:
            return driver, "; ".join(hurdles)
        hurdles.append(hurdle)
    return None, "; ".join(hurdles)


async def _hurdle(look: Look, row: PullRequest, facts: PullRequestFacts, driver: Driver) -> str | None:
    match driver:
        case Driver.CHECKBOX:
            return _box_hurdle(read_body(facts.body or "").rebase_box)
        case Driver.LABEL:
            return None
        case Driver.DASHBOARD:
            found = await find_dashboard(look, row)
            return None if found is not None else "Renovate has no dashboard issue with a box for this branch"
        case Driver.UPDATE_BRANCH:
            if await look.gateway.requires_signatures(row.base_branch):
                return "the base branch wants signed commits, and GitHub's own rebase does not sign"
            return None


def _box_hurdle(box: RebaseBox) -> str | None:
    match box:
        case RebaseBox.UNTICKED | RebaseBox.TICKED:
            return None
        case RebaseBox.ABSENT:
            return "the body has no box of Renovate's"
        case RebaseBox.AMBIGUOUS:
            return "the body has more than one box, and one of them may be a stranger's"


async def make(look: Look, request: RebaseRequest, row: PullRequest, facts: PullRequestFacts, by: RenovateFacts) -> str:
    """Do it. Returns the body of the pull request as it is afterwards. Raises the errors of GitHub."""
    body = facts.body or ""
    match Driver(request.driver):
        case Driver.CHECKBOX:
            ticked = tick_rebase_box(body)
            if ticked is not None:
                await look.gateway.edit_body(row.number, ticked)
            return ticked or body
        case Driver.LABEL:
            await look.gateway.add_labels(row.number, [by.rebase_label])
        case Driver.DASHBOARD:
            issue = await find_dashboard(look, row)
            if issue is not None and _box(row.branch, " ") in (issue.body or ""):
                now = (issue.body or "").replace(_box(row.branch, " "), _box(row.branch, "x"))
                await look.gateway.edit_issue(issue.number, now)
        case Driver.UPDATE_BRANCH:
            await _update_branch(look, row)
    return body


async def _update_branch(look: Look, row: PullRequest) -> None:
    app_id = look.context.settings.github_app_id
    target = (await look.gateway.read_targets([row.number], app_id=app_id, labels=())).pull_requests.get(row.number)
    if target is None or target.head_sha != row.head_sha:
        return  # somebody was faster; the new head is judged anew
    done = await look.gateway.update_branch(target)
    if done.fault is not None:
        raise done.fault


async def find_dashboard(look: Look, row: PullRequest) -> IssueFacts | None:
    """Renovate's own dashboard issue: opened by who opened the pull request, with exactly one box for its branch."""
    try:
        # GitHub counts pull requests among the issues, and Renovate opens many: the dashboard is one of the oldest.
        issues = await look.gateway.list_open_issues_of(row.author)
    except (NotFound, Forbidden, Refused):
        return None
    pattern = re.compile(re.escape("<!-- rebase-branch=" + row.branch + " -->"))
    for issue in issues:
        ours = issue.pull_request is None and issue.user is not None and issue.user.login == row.author
        if ours and len(pattern.findall(issue.body or "")) == 1:
            return issue
    return None


def _box(branch: str, mark: str) -> str:
    return f" - [{mark}] <!-- rebase-branch={branch} -->"
