"""Examine a repository: gather what GitHub, Renovate's file and our own rows say, and let `app.domain.doctor` judge.

Each fact is asked for by itself, so that one refused answer leaves one finding unknown, and no other. All of them share
one span of time, because somebody waits for the answer.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import func, select

from app.db import models
from app.db.repositories import get_repository
from app.db.words import get_dashboard
from app.domain.app_needs import START_WORKFLOW, UPDATE_BRANCH, Permission
from app.domain.doctor import (
    ADMINISTRATORS,
    Finding,
    Gate,
    RequiredCheck,
    Unread,
    examine_clock,
    examine_clusters,
    examine_configuration,
    examine_dashboard,
    examine_deliveries,
    examine_events,
    examine_gate,
    examine_permissions,
    examine_renovate_author,
    examine_renovate_config,
    is_held,
    who_passes_all,
)
from app.domain.json5 import Json5Error
from app.domain.messages.config import config_warning
from app.domain.policy import Policy
from app.domain.renovate_config import RenovateConfig, find_config_file, read_config
from app.github.api import Api
from app.github.errors import GitHubError
from app.github.facts import AppFacts, InstallationFacts
from app.github.gateway import CHECK_NAME, RepositoryGateway
from app.github.rules import find_protection, get_ruleset, list_rules
from app.services.context import AppContext
from app.services.policy import mode_of, read_policy_of

T = TypeVar("T")

SHOWN_FOR = timedelta(minutes=5)
"""How long a page shows the last examination: who can see pages must not be able to spend our calls."""

PATIENCE_SECONDS = 20
"""How long GitHub may take for all that is asked. `app.cli.show` waits longer, and hears what came until then."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found, and when."""

    examined_at: datetime
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Own:
    """What our own rows say."""

    authors: tuple[str, ...]
    registered: tuple[str, ...]
    heard: tuple[str, ...]
    newest_delivery: datetime | None


async def get_diagnosis(context: AppContext, repository_id: int) -> Diagnosis:
    """The last examination where it is young enough, else a new one."""
    last = context.diagnoses.get(repository_id)
    if last is not None and last.examined_at > context.clock() - SHOWN_FOR:
        return last
    return await examine(context, repository_id)


async def examine(context: AppContext, repository_id: int) -> Diagnosis:
    """Examine now: some nine calls to GitHub, and no write."""
    settings = context.settings
    async with context.database.transaction() as session:
        repository = await get_repository(session, repository_id)
    if repository is None:
        raise LookupError(f"there is no repository {repository_id}")
    api, installation_id = context.installation_api(repository.installation_id), repository.installation_id
    until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    app = await _tried(context.app_api().get("/app", AppFacts), until)
    installed = await _tried(context.app_api().get(f"/app/installations/{installation_id}", InstallationFacts), until)
    granted = installed if isinstance(installed, Unread) else installed.permissions
    events = app if isinstance(app, Unread) else app.events
    asked = app if isinstance(app, Unread) else app.permissions
    gate = await _tried(_read_gate(api, repository, administration=_may_administrate(granted)), until)
    gateway = context.gateway(installation_id, repository.owner, repository.name)
    read = await _tried(_read_renovate(gateway, repository), until)
    path, config = (read, read) if isinstance(read, Unread) else read
    own = await _read_own(context, repository_id)
    async with context.database.transaction() as session:
        in_use = await read_policy_of(context, session, repository)
    app_id, prefix = settings.github_app_id, settings.renovate_branch_prefix
    polling = settings.poll_seconds is not None
    findings = [
        *examine_gate(gate, app_id=app_id, events=events),
        *examine_permissions(granted, asked, _needed_besides(in_use.policy)),
        *examine_events(events, polling=polling),
        *examine_deliveries(
            f"{own.newest_delivery:%Y-%m-%d %H:%M} UTC" if own.newest_delivery else None,
            address=f"{settings.public_url}/webhooks/github",
            polling=polling,
        ),
        *await _examine_dashboard(context, repository, in_use.policy, gateway, until),
        examine_clock(await _tried(_read_clock(context, api), until)),
        examine_clusters(own.registered, own.heard),
        *examine_configuration(
            in_use.policy.file or None,
            config_warning(in_use.problems, last_good=in_use.last_good) if in_use.problems else "",
            mode=mode_of(context, in_use.policy),
        ),
        examine_renovate_author(own.authors, prefix=prefix),
        *examine_renovate_config(path, config, prefix=prefix, held=is_held(gate, app_id=app_id)),
    ]
    diagnosis = context.diagnoses[repository_id] = Diagnosis(context.clock(), tuple(findings))
    return diagnosis


def _needed_besides(policy: Policy) -> list[Permission]:
    """By what the repository's configuration switches on."""
    rebase = policy.rebase
    return [*([UPDATE_BRANCH] if rebase.update_branch else []), *([START_WORKFLOW] if rebase.workflow else [])]


async def _examine_dashboard(
    context: AppContext, repository: models.Repository, policy: Policy, gateway: RepositoryGateway, until: float
) -> list[Finding]:
    """One call, where the configuration asks for a dashboard."""
    if not policy.dashboard:
        return []
    async with context.database.transaction() as session:
        known = await get_dashboard(session, repository.id)
    facts = await _tried(gateway.get_repository(), until)
    has_issues = facts if isinstance(facts, Unread) else facts.has_issues
    number, is_closed = (known.number, known.closed) if known else (None, False)
    mode = mode_of(context, policy)
    return [examine_dashboard(mode, has_issues=has_issues, number=number, is_closed=is_closed)]


async def _tried(asked: Awaitable[T], until: float) -> T | Unread:
    """`until` is a time of the event loop."""
    try:
        async with asyncio.timeout_at(until):
            return await asked
    except TimeoutError:
        return Unread(f"all that is asked must be answered within {PATIENCE_SECONDS} s, and was not.")
    except GitHubError as fault:
        return Unread(str(fault))


def _may_administrate(granted: dict[str, str] | Unread) -> bool:
    return not isinstance(granted, Unread) and granted.get("administration", "") in ("read", "write")


async def _read_gate(api: Api, repository: models.Repository, *, administration: bool) -> Gate:
    owner, name, branch = repository.owner, repository.name, repository.default_branch
    rules = await list_rules(api, owner, name, branch)
    classic = await find_protection(api, owner, name, branch) if administration else None
    ours = [rule for rule in rules if any(check.context == CHECK_NAME for check in rule.checks)]
    required = [
        RequiredCheck(check.app, f"a ruleset of {rule.ruleset_source}")
        for rule in ours
        for check in rule.checks
        if check.context == CHECK_NAME
    ]
    protected = classic.required_status_checks if classic else None
    classics = [check for check in (protected.checks if protected else ()) if check.context == CHECK_NAME]
    required += [RequiredCheck(check.app, "branch protection") for check in classics]
    lists = [await _read_bypass(api, owner, name, ruleset) for ruleset in {rule.ruleset_id for rule in ours}]
    if classic and classics:
        lists.append(frozenset() if classic.enforce_admins.enabled else ADMINISTRATORS)
    return Gate(
        branch=branch,
        required=tuple(required),
        strict=any(rule.strict for rule in rules) or (protected is not None and protected.strict),
        merge_queue=any(rule.type == "merge_queue" for rule in rules),
        classic_known=administration,
        bypass=who_passes_all(lists),
    )


async def _read_bypass(api: Api, owner: str, name: str, ruleset: int | None) -> frozenset[str] | None:
    """Who may bypass a ruleset; None where that is not shown."""
    try:
        found = await get_ruleset(api, owner, name, ruleset) if ruleset else None
    except GitHubError:
        return None
    if found is None or found.bypass_actors is None:
        return None
    return frozenset(
        f"{actor.actor_type}{f' {actor.actor_id}' if actor.actor_id else ''} ({actor.bypass_mode})"
        for actor in found.bypass_actors
    )


async def _read_renovate(
    gateway: RepositoryGateway, repository: models.Repository
) -> tuple[str | None, RenovateConfig | Unread]:
    """The path of Renovate's configuration on the base branch, and what it says."""
    nothing = Unread("there is none")
    branch = await gateway.get_branch(repository.default_branch)
    entries = await gateway.get_tree(branch.commit.commit.tree.sha)
    blobs = {entry.path: entry.sha for entry in entries if entry.type == "blob"}
    path = find_config_file(blobs)
    if path is None:
        return None, nothing
    text = (await gateway.get_blob(blobs[path])).decode("utf-8", "replace")
    try:
        config = read_config(path, text)
    except Json5Error as fault:
        return path, Unread(str(fault))
    return (path, config) if config is not None else (None, nothing)


async def _read_clock(context: AppContext, api: Api) -> float | Unread:
    """By how many seconds our clock is ahead of GitHub's."""
    there = await api.get_date()
    if there is None:
        return Unread("its answer has no date")
    return (context.clock() - there).total_seconds()


async def _read_own(context: AppContext, repository_id: int) -> _Own:
    async with context.database.transaction() as session:
        authors = await session.scalars(
            select(models.PullRequest.author)
            .where(models.PullRequest.repository_id == repository_id, models.PullRequest.by_renovate)
            .distinct()
        )
        registered = await session.scalars(
            select(models.Cluster.name).where(models.Cluster.repository_id == repository_id)
        )
        heard = await session.scalars(select(models.ClusterObservation.cluster).distinct())
        return _Own(
            authors=tuple(sorted(authors)),
            registered=tuple(sorted(registered)),
            heard=tuple(heard),
            newest_delivery=await session.scalar(select(func.max(models.Delivery.received_at))),
        )
