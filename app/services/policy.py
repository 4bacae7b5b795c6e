"""Which configuration judges a repository: that of its base branch, or, while that is broken, the last good one."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalogue.configured import configuration_in_use
from app.db.repositories import get_blobs
from app.domain.catalogue import Catalogue
from app.domain.model import SourceFile, Tree
from app.domain.policy import PolicyInUse


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
