"""Which configuration judges a repository: that of its base branch, or, while that is broken, the last good one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalogue.configured import configuration_in_use
from app.db.plans import get_document
from app.db.repositories import get_base_files, get_blobs
from app.domain.catalogue import Catalogue
from app.domain.model import SourceFile, Tree
from app.domain.modes import Mode
from app.domain.policy import POLICY_FILES, Policy, PolicyInUse, find_policy_file
from app.domain.policy_file import read_policy
from app.domain.rollout_terms import RolloutPolicy
from app.services.context import AppContext
from app.services.facts import Look


async def under_policy(look: Look) -> Look:
    """The look with the policy and the mode that hold for it, from the base branch as it was just read."""
    context = look.context
    async with context.database.transaction() as session:
        files = await get_base_files(session, look.repository.id)
        wanted = {path: files[path] for path in POLICY_FILES if path in files}
        texts = await get_blobs(session, list(wanted.values()))
        tree = {path: SourceFile(path, blob, texts[blob]) for path, blob in wanted.items() if blob in texts}
        before = await get_document(session, look.repository.id)
        in_use = await get_policy_in_use(session, tree, context.catalogue, before)
    return replace(look, policy=in_use.policy, mode=mode_of(context, in_use.policy))


async def get_rollout_policy(session: AsyncSession, repository_id: int) -> RolloutPolicy:
    """`rollout` of the configuration on the base branch, as it was read last; the default while that is broken."""
    files = await get_base_files(session, repository_id)
    wanted = {path: files[path] for path in POLICY_FILES if path in files}
    texts = await get_blobs(session, list(wanted.values()))
    file = find_policy_file(
        {path: SourceFile(path, blob, texts[blob]) for path, blob in wanted.items() if blob in texts}
    )
    policy = read_policy(file).policy if file is not None else None
    return policy.rollout if policy is not None else RolloutPolicy()


def mode_of(context: AppContext, policy: Policy) -> Mode:
    return policy.mode or context.settings.default_mode


async def get_policy_in_use(
    session: AsyncSession, tree: Tree, catalogue: Catalogue, before: Mapping[str, Any] | None
) -> PolicyInUse:
    """`tree` is the base branch, `before` the last plan as it was stored: it names the text that judged then."""
    in_use = configuration_in_use(tree, catalogue)
    if not in_use.problems:
        return in_use
    last_good = await _last_good(session, (before or {}).get("config"))
    return configuration_in_use(tree, catalogue, last_good=last_good)


async def _last_good(session: AsyncSession, config: Mapping[str, Any] | None) -> SourceFile | None:
    blob = (config or {}).get("blob")
    if config is None or not blob:
        return None
    text = (await get_blobs(session, [blob])).get(blob)
    return None if text is None else SourceFile(config["file"], blob, text)
