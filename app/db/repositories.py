"""Installations and the repositories that they see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Blob, Installation, Repository, RepositoryTree


@dataclass(frozen=True, slots=True)
class SeenRepository:
    """A repository as the list of an installation shows it."""

    id: int
    owner: str
    name: str
    default_branch: str
    archived: bool = False


def key_of(repository_id: int) -> str:
    """The key of a repository's work."""
    return f"repository:{repository_id}"


async def save_installation(
    session: AsyncSession, installation_id: int, account: str, *, suspended_at: datetime | None
) -> None:
    values = {"account": account, "suspended_at": suspended_at}
    statement = insert(Installation).values(id=installation_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def find_repository_named(
    session: AsyncSession, installation_id: int, owner: str, name: str
) -> Repository | None:
    """A repository that an installation sees, by its name."""
    return await session.scalar(
        select(Repository).where(
            Repository.installation_id == installation_id,
            func.lower(Repository.owner) == owner.lower(),
            func.lower(Repository.name) == name.lower(),
            Repository.removed_at.is_(None),
        )
    )


async def list_repositories_beside(session: AsyncSession, repository: Repository) -> list[int]:
    """The other repositories of the same owner in the same installation."""
    rows = await session.scalars(
        select(Repository.id).where(
            Repository.installation_id == repository.installation_id,
            Repository.owner == repository.owner,
            Repository.id != repository.id,
            Repository.removed_at.is_(None),
        )
    )
    return list(rows)


async def list_installations(session: AsyncSession) -> set[int]:
    return set(await session.scalars(select(Installation.id)))


async def remove_installation(session: AsyncSession, installation_id: int) -> None:
    """Forget the installation and all that was known of its repositories."""
    await session.execute(delete(Installation).where(Installation.id == installation_id))


async def save_repositories(
    session: AsyncSession, installation_id: int, seen: Iterable[SeenRepository], *, now: datetime
) -> tuple[list[int], list[int]]:
    """Make the installation's repositories those in `seen`.

    Returns the ids of those that are new or came back, and of those that we see no more.
    """
    known = {
        repository.id: repository
        for repository in await session.scalars(select(Repository).where(Repository.installation_id == installation_id))
    }
    fresh: list[int] = []
    present: set[int] = set()
    for repository in seen:
        if repository.archived:
            continue
        present.add(repository.id)
        old = known.get(repository.id) or await session.get(Repository, repository.id)
        if old is None or old.removed_at is not None:
            fresh.append(repository.id)
        if old is None:
            old = Repository(id=repository.id)
            session.add(old)
        old.installation_id, old.removed_at = installation_id, None
        old.owner, old.name, old.default_branch = repository.owner, repository.name, repository.default_branch
    lost = [gone for gone in known.keys() - present if known[gone].removed_at is None]
    for gone in lost:
        known[gone].removed_at = now
    return fresh, lost


async def get_repository(session: AsyncSession, repository_id: int) -> Repository | None:
    return await session.get(Repository, repository_id)


async def find_repository(session: AsyncSession, owner: str, name: str) -> Repository | None:
    """By name, as GitHub compares names: without regard to case."""
    return await session.scalar(
        select(Repository).where(
            func.lower(Repository.owner) == owner.lower(),
            func.lower(Repository.name) == name.lower(),
            Repository.removed_at.is_(None),
        )
    )


async def mark_stale(
    session: AsyncSession,
    repository_id: int,
    *,
    base: bool = False,
    pull_requests: bool = False,
    hint: str | None = None,
) -> None:
    """Ask for the base branch or the list of pull requests to be read anew; `hint` is the base commit we heard of."""
    values: dict[str, bool | str | None] = {}
    if base:
        values |= {"base_stale": True, "base_hint": hint}
    if pull_requests:
        values |= {"list_stale": True}
    await session.execute(update(Repository).where(Repository.id == repository_id).values(**values))


async def mark_base_read(session: AsyncSession, repository_id: int) -> None:
    """The base branch was read and had not moved."""
    await session.execute(
        update(Repository).where(Repository.id == repository_id).values(base_stale=False, base_hint=None)
    )


async def get_base_files(session: AsyncSession, repository_id: int) -> Mapping[str, str]:
    """Path -> blob id of the readable files of the base commit."""
    tree = await session.get(RepositoryTree, repository_id)
    return {} if tree is None else dict(tree.files)


async def save_base(session: AsyncSession, repository_id: int, sha: str, files: Mapping[str, str]) -> None:
    values = {"sha": sha, "files": dict(files)}
    statement = insert(RepositoryTree).values(repository_id=repository_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["repository_id"], set_=values))
    await session.execute(
        update(Repository).where(Repository.id == repository_id).values(base_sha=sha, base_stale=False, base_hint=None)
    )


async def get_blobs(session: AsyncSession, shas: Iterable[str]) -> dict[str, str]:
    """Blob id -> text, for those that are stored."""
    wanted = bindparam("wanted", list(set(shas)), type_=ARRAY(Text))
    rows = await session.execute(select(Blob.sha, Blob.content).where(Blob.sha == func.any(wanted)))
    return {sha: content for sha, content in rows}  # noqa: C416 (dict() of rows is untyped)


async def save_blobs(session: AsyncSession, blobs: Mapping[str, str]) -> None:
    rows = [{"sha": sha, "content": content} for sha, content in blobs.items()]
    if rows:
        await session.execute(insert(Blob).on_conflict_do_nothing(), rows)
