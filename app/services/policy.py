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
from app.domain.model import SourceFile
from app.domain.modes import Mode
from app.domain.policy import POLICY_FILES, Policy, PolicyFiles, PolicyInUse, UnreadFile, find_policy_file
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
    return await get_policy_in_use(session, repository, context.catalogue, await get_document(session, repository.id))


async def get_policy_files(session: AsyncSession, repository_id: int) -> PolicyFiles:
    """Those of the base branch as it was read last, with or without a text."""
    files = await get_base_files(session, repository_id)
    found = {path: files[path] for path in POLICY_FILES if path in files}
    texts = await get_blobs(session, list(found.values())) if found else {}
    return {
        path: SourceFile(path, blob, texts[blob]) if blob in texts else UnreadFile(path, blob)
        for path, blob in found.items()
    }


async def get_rollout_policy(session: AsyncSession, repository: Repository) -> RolloutPolicy:
    """`rollout` of the configuration that holds, as it was read last; the default while that is broken."""
    file = find_policy_file(await get_policy_files(session, repository.id)) or await _of_the_owner(session, repository)
    policy = read_policy(file).policy if isinstance(file, SourceFile) else None
    return policy.rollout if policy is not None else RolloutPolicy()


def mode_of(context: AppContext, policy: Policy) -> Mode:
    return policy.mode or context.settings.default_mode


async def get_policy_in_use(
    session: AsyncSession, repository: Repository, catalogue: Catalogue, before: Mapping[str, Any] | None
) -> PolicyInUse:
    """By the base branch as it was read last. `before` is the last plan as it was stored: it names the text that judged
    then."""
    files = await get_policy_files(session, repository.id)
    fallback = None if files else await _of_the_owner(session, repository)
    in_use = configuration_in_use(files, catalogue, fallback=fallback)
    if not in_use.problems:
        return in_use
    last_good = await _last_good(session, (before or {}).get("config"))
    return configuration_in_use(files, catalogue, last_good=last_good, fallback=fallback)


async def _of_the_owner(session: AsyncSession, repository: Repository) -> SourceFile | UnreadFile | None:
    """The file of OWNER/.github, which is one of our repositories like any other."""
    if repository.name.lower() == OWNERS_REPOSITORY:
        return None
    shared = await find_repository_named(session, repository.installation_id, repository.owner, OWNERS_REPOSITORY)
    file = find_policy_file(await get_policy_files(session, shared.id)) if shared is not None else None
    if shared is None or file is None:
        return None
    return replace(file, path=shared_name(f"{shared.owner}/{shared.name}", file.path))


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
