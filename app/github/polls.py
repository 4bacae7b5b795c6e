"""Three small questions about a repository that GitHub answers with 304 while nothing has happened."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.github.api import Api, segment
from app.github.facts import CommentFacts, GitRefFacts, PullRequestFacts

PAGE = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """The ETags of the last answers, empty for none, and since when comments are asked for."""

    pulls_etag: str
    base_etag: str
    comments_etag: str
    comments_since: datetime


@dataclass(frozen=True, slots=True)
class News:
    """What has changed, None for what has not; and what is to be sent the next time."""

    pulls: list[PullRequestFacts] | None
    base_sha: str | None
    comments: list[CommentFacts] | None
    seen: Seen


async def ask_for_news(api: Api, owner: str, name: str, branch: str, seen: Seen) -> News:
    """Three calls. Raises the errors of `app.github.errors`."""
    root = f"/repos/{segment(owner)}/{segment(name)}"
    newest_first: dict[str, str | int] = {"state": "all", "sort": "updated", "direction": "desc", "per_page": PAGE}
    pulls, pulls_etag = await api.get_if_changed(
        f"{root}/pulls", list[PullRequestFacts], etag=seen.pulls_etag, **newest_first
    )
    base, base_etag = await api.get_if_changed(
        f"{root}/git/ref/heads/{segment(branch)}", GitRefFacts, etag=seen.base_etag
    )
    since_then = _timestamp(seen.comments_since)
    oldest_first: dict[str, str | int] = {"sort": "updated", "direction": "asc", "per_page": PAGE, "since": since_then}
    comments, comments_etag = await api.get_if_changed(
        f"{root}/issues/comments", list[CommentFacts], etag=seen.comments_etag, **oldest_first
    )
    since = max((found.updated_at for found in comments or () if found.updated_at), default=seen.comments_since)
    return News(
        pulls=pulls,
        base_sha=base.object.sha if base else None,
        comments=comments,
        seen=Seen(pulls_etag, base_etag, comments_etag if since == seen.comments_since else "", since),
    )


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
