"""Which configuration judges a repository: that of its base branch, or, while that is broken, the last good one.

A repository without a file of its own is judged by that of its owner's repository `.github`, where the App sees one.
The two are never mixed.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalogue.configured import configuration_in_use
from app.db.models import Repository
from app.db.plans import get_document
from app.db.repositories import (
    find_repository_named,
    get_base_files,
    get_blobs,
    key_of,
    list_repositories_beside,
)
from app.db.work import want
from app.domain.catalogue import Catalogue
from app.domain.model import SourceFile, Tree
from app.domain.modes import Mode
from app.domain.policy import POLICY_FILES, Policy, PolicyInUse, find_policy_file
from app.domain.policy_file import read_policy
from app.domain.rollout_terms import RolloutPolicy
from app.domain.shared_file import shared_name
from app.services.context import AppContext
from app.services.facts import Look

OWNERS_REPOSITORY = ".github"
"""Where an organisation keeps what holds for all of its repositories, as for GitHub's own community files."""


async def under_policy(look: Look) -> Look:
    """The look with the policy and the mode that hold for it, from the base branch as it was just read."""
    context = look.context
    async with context.database.transaction() as session:
        in_use = await read_policy_of(context, session, look.repository)
    return replace(look, policy=in_use.policy, mode=mode_of(context, in_use.policy))


async def read_policy_of(context: AppContext, session: AsyncSession, repository: Repository) -> PolicyInUse:
    """What judges a repository, by the base branch as it was read last."""
    files = await get_base_files(session, repository.id)
    wanted = {path: files[path] for path in POLICY_FILES if path in files}
    texts = await get_blobs(session, list(wanted.values()))
    tree = {path: SourceFile(path, blob, texts[blob]) for path, blob in wanted.items() if blob in texts}
    before = await get_document(session, repository.id)
    return await get_policy_in_use(session, repository, tree, context.catalogue, before)


async def get_rollout_policy(session: AsyncSession, repository: Repository) -> RolloutPolicy:
    """`rollout` of the configuration that holds, as it was read last; the default while that is broken."""
    files = await get_base_files(session, repository.id)
    path = next((path for path in POLICY_FILES if path in files), None)
    texts = await get_blobs(session, [files[path]]) if path else {}
    own = SourceFile(path, files[path], texts[files[path]]) if path and files[path] in texts else None
    file = own or (await _of_the_owner(session, repository) if path is None else None)
    policy = read_policy(file).policy if file is not None else None
    return policy.rollout if policy is not None else RolloutPolicy()


def mode_of(context: AppContext, policy: Policy) -> Mode:
    return policy.mode or context.settings.default_mode


async def get_policy_in_use(
    session: AsyncSession,
    repository: Repository,
    tree: Tree,
    catalogue: Catalogue,
    before: Mapping[str, Any] | None,
) -> PolicyInUse:
    """`tree` is the base branch, `before` the last plan as it was stored: it names the text that judged then."""
    fallback = None if find_policy_file(tree) else await _of_the_owner(session, repository)
    in_use = configuration_in_use(tree, catalogue, fallback=fallback)
    if not in_use.problems:
        return in_use
    last_good = await _last_good(session, (before or {}).get("config"))
    return configuration_in_use(tree, catalogue, last_good=last_good, fallback=fallback)


async def _of_the_owner(session: AsyncSession, repository: Repository) -> SourceFile | None:
    """The file of OWNER/.github, which is one of our repositories like any other."""
    if repository.name.lower() == OWNERS_REPOSITORY:
        return None
    shared = await find_repository_named(session, repository.installation_id, repository.owner, OWNERS_REPOSITORY)
    if shared is None:
        return None
    files = await get_base_files(session, shared.id)
    path = next((path for path in POLICY_FILES if path in files), None)
    texts = await get_blobs(session, [files[path]]) if path else {}
    if path is None or files[path] not in texts:
        return None
    return SourceFile(shared_name(f"{shared.owner}/{shared.name}", path), files[path], texts[files[path]])


async def wake_those_judged_by(context: AppContext, session: AsyncSession, shared: Repository) -> None:
    """The file of OWNER/.github may have changed: have the owner's repositories looked at."""
    for repository_id in await list_repositories_beside(session, shared):
        key = key_of(repository_id)
        await want(session, key)
        context.wake(key)


async def _last_good(session: AsyncSession, config: Mapping[str, Any] | None) -> SourceFile | None:
    blob = (config or {}).get("blob")
    if config is None or not blob:
        return None
    text = (await get_blobs(session, [blob])).get(blob)
    return None if text is None else SourceFile(config["file"], blob, text)
