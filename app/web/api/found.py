"""The repository that a path names, or 404 with a sentence."""

from typing import Annotated

from fastapi import Depends, Path

from app.services.queries.items import RepositoryItem
from app.services.queries.repositories import get_repository, is_suspended
from app.web.dependencies import Session
from app.web.problems import ProblemDetail

Owner = Annotated[str, Path(max_length=100, description="account that owns the repository", examples=["octocat"])]
Name = Annotated[str, Path(max_length=200, description="name of the repository", examples=["homelab"])]
PullNumber = Annotated[int, Path(ge=1, lt=2**31, description="number of the pull request", examples=[34])]


async def find_repository(session: Session, owner: Owner, name: Name) -> RepositoryItem:
    # PostgreSQL has no text with a NUL in it, and neither has GitHub a name.
    repository = None if "\0" in owner + name else await get_repository(session, owner, name)
    if repository is None:
        if "\0" not in owner and await is_suspended(session, owner):
            raise ProblemDetail(
                404,
                f"The installation of the App on {owner} is suspended, so fluxmig does not see {owner}/{name}. "
                "Unsuspend it on GitHub: Settings → Applications → Installed GitHub Apps → Configure.",
            )
        raise ProblemDetail(404, f"fluxmig has not seen the repository {owner}/{name}. Is the App installed on it?")
    return repository


Found = Annotated[RepositoryItem, Depends(find_repository, scope="function")]
