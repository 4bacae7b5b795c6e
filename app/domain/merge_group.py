"""May this merge group land? Its members are merged in order, one right after the other.

So a member may wait for one that lands before it, where being merged is all that it waits for. Where the cluster has to
roll something out in between, the group would merge both at once, and the later one must leave the queue.
https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.checks import SUMMARY_LIMIT, TITLE_LIMIT, sentence_markdown, shorten
from app.domain.messages import merge_group as messages
from app.domain.model import Condition, Edge, Plan, PlannedPullRequest, State, Strength

_HEAD_REF = re.compile(r"refs/heads/gh-readonly-queue/.+/pr-(\d+)-[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """A group as GitHub announces it: commits on top of `base_sha`, which may be the head of the group before it."""

    head_sha: str
    head_ref: str
    base_sha: str
    base_ref: str


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A place in the merge queue. `head_sha` is the pull request's own, `group_sha` that of its group, once built."""

    number: int
    position: int
    head_sha: str
    group_sha: str | None


@dataclass(frozen=True, slots=True)
class Members:
    """Numbers in the order in which they land. `before` are in earlier groups, which land first or end this one."""

    of_group: tuple[int, ...]
    before: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupText:
    conclusion: str
    title: str
    summary: str


def members_of(group: MergeGroup, queue: Sequence[QueueEntry]) -> Members:
    """Who lands with the group. GitHub names its last member in the branch, and the queue has the order.

    Where the queue does not show the group, the last member is all that is known."""
    ordered = sorted(queue, key=lambda entry: entry.position)
    match = _HEAD_REF.fullmatch(group.head_ref)
    named = int(match[1]) if match else None
    last = next((entry for entry in ordered if entry.group_sha == group.head_sha), None)
    last = last or next((entry for entry in ordered if entry.number == named), None)
    if last is None:
        return Members((named,) if named is not None else ())
    base = next((entry.position for entry in ordered if entry.group_sha == group.base_sha), None)
    landed = [entry for entry in ordered if base is not None and entry.position <= base]
    own = [entry for entry in ordered[len(landed) :] if entry.position <= last.position]
    return Members(tuple(entry.number for entry in own), tuple(entry.number for entry in landed))


def group_text(plan: Plan, members: Members) -> GroupText:
    """What the check on the group's head says: that all may land in this order, or which one may not, and why."""
    planned = {found.number: found for found in plan.pull_requests}
    lines, stopped, unknown = [], [], not members.of_group
    for index, number in enumerate(members.of_group):
        before = (*members.before, *members.of_group[:index])
        cause = _cause(plan, planned.get(number), before)
        if cause:
            stopped.append(cause)
        unknown |= number not in planned or planned[number].state is State.UNKNOWN
        lines.append(f"- {'✗' if cause else '✓'} #{number}: {sentence_markdown(cause or _why(planned.get(number)))}")
    if stopped:
        conclusion, title = "action_required", stopped[0]
    else:
        conclusion = "neutral" if unknown else "success"
        title = messages.group_title(members.of_group)
    parts = [messages.group_intro(members.of_group, members.before), "\n".join(lines)]
    parts += [messages.GROUP_REMEDY] if stopped else []
    return GroupText(conclusion, shorten(title, TITLE_LIMIT), shorten("\n\n".join(filter(None, parts)), SUMMARY_LIMIT))


def _cause(plan: Plan, planned: PlannedPullRequest | None, before: Sequence[int]) -> str:
    """Why a member must not land with this group; empty where it may."""
    if planned is None or not planned.by_renovate:
        return ""
    if planned.state in (State.HELD, State.NEEDS_REVIEW):
        return messages.member_reason(planned.number, planned.reason)
    if planned.state not in (State.BLOCKED, State.WAITING_ROLLOUT):
        return ""
    hard = [edge for edge in plan.edges_of(planned.number) if edge.strength is Strength.HARD]
    open_ = [edge for edge in hard if not _is_met(edge, before)]
    if hard and not open_:
        return ""
    for edge in open_:
        if edge.to in before and edge.to is not None and not edge.merged:
            return messages.rollout_between_reason(planned.number, edge.to, edge.reason)
    return messages.member_reason(planned.number, planned.reason)


def _is_met(edge: Edge, before: Sequence[int]) -> bool:
    """Whether what lands before is all that the edge waits for."""
    lands = not edge.merged and any(number in before for number in (edge.to, *edge.alternatives))
    return lands and edge.condition is Condition.MERGED


def _why(planned: PlannedPullRequest | None) -> str:
    if planned is None:
        return messages.NOT_JUDGED
    if planned.state in (State.BLOCKED, State.WAITING_ROLLOUT):
        return messages.FREED_BY_ORDER
    return planned.reason
