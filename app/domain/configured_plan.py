"""The plan of a repository under its own configuration."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from app.domain.catalogue import Catalogue
from app.domain.freeze import freeze_at
from app.domain.frozen_plan import freeze_plan
from app.domain.incident_holds import hold_by_incidents
from app.domain.messages.config import config_warning
from app.domain.model import ConfigInUse, Plan, PullRequest, Snapshot
from app.domain.plan import Classify, plan_repository
from app.domain.policy import Policy, PolicyInUse, is_ignored
from app.domain.reading import classifier
from app.domain.ruling import Ruling

Make = Callable[[Snapshot, Catalogue, Classify, Ruling], Plan]


def plan_configured(snapshot: Snapshot, in_use: PolicyInUse, make: Make = plan_repository) -> Plan:
    """Plan with the owner's rules, providers and ignored paths; a broken configuration is a warning of the plan.

    `make` gets the same catalogue and, where no paths are ignored, the same function for each plan under one policy.
    """
    policy = in_use.policy
    classify: Classify = classifier(policy)
    if policy.ignored:
        # What a pull request is, is told by all that it changes; what it needs, by what clusters read.
        classify = _of_the_whole(classify, {one.number: one for one in snapshot.pull_requests})
        snapshot = without_ignored(snapshot, policy)
    plan = make(snapshot, in_use.catalogue, classify, policy.ruling)
    plan = hold_by_incidents(plan, snapshot, in_use.catalogue)
    if frozen := freeze_at(policy.freezes, snapshot.now):
        plan = freeze_plan(plan, snapshot, frozen)
    warning = (config_warning(in_use.problems, last_good=in_use.last_good),) if in_use.problems else ()
    return replace(plan, warnings=(*warning, *plan.warnings), config=_config(in_use), mode=policy.mode)


def _of_the_whole(classify: Classify, whole: Mapping[int, PullRequest]) -> Classify:
    return lambda part: classify(whole[part.number])


def without_ignored(snapshot: Snapshot, policy: Policy) -> Snapshot:
    """As clusters read it: without the paths that the owner says none of them reads."""
    tree = {path: file for path, file in snapshot.tree.items() if not is_ignored(policy, path)}
    pull_requests = tuple(_live_part(pull_request, policy) for pull_request in snapshot.pull_requests)
    return replace(snapshot, tree=tree, pull_requests=pull_requests)


def _live_part(pull_request: PullRequest, policy: Policy) -> PullRequest:
    live = tuple(change for change in pull_request.changes if not is_ignored(policy, change.path))
    return pull_request if len(live) == len(pull_request.changes) else replace(pull_request, changes=live)


def _config(in_use: PolicyInUse) -> ConfigInUse | None:
    if not in_use.policy.file and not in_use.problems:
        return None
    file = in_use.problems[0].file if in_use.problems else in_use.policy.file
    return ConfigInUse(file, in_use.policy.blob_id or None, in_use.problems)
