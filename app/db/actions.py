"""The outbox: writes to GitHub that were decided, with what became of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, cast, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Action, CheckRun, PullRequest


@dataclass(frozen=True, slots=True)
class NewAction:
    """`effect_key` names the effect, so that the same effect is planned once at a time."""

    kind: str
    number: int | None
    effect_key: str
    payload: dict[str, Any]


async def plan_actions(session: AsyncSession, repository_id: int, actions: Iterable[NewAction]) -> None:
    """Add what is not planned yet. A planned action with the same key gets the newer payload."""
    for action in actions:
        statement = insert(Action).values(
            repository_id=repository_id,
            number=action.number,
            kind=action.kind,
            effect_key=action.effect_key,
            payload=action.payload,
        )
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["effect_key"],
                index_where=text("state = 'planned'"),
                set_={"payload": action.payload},
            )
        )


async def list_planned(session: AsyncSession, repository_id: int) -> list[Action]:
    """Every action that is still to be done, due or not, oldest first."""
    rows = await session.scalars(
        select(Action).where(Action.repository_id == repository_id, Action.state == "planned").order_by(Action.id)
    )
    return list(rows)


async def list_due(session: AsyncSession, repository_id: int, now: datetime) -> list[Action]:
    rows = await session.scalars(
        select(Action)
        .where(
            Action.repository_id == repository_id,
            Action.state == "planned",
            or_(Action.run_after.is_(None), Action.run_after <= now),
        )
        .order_by(Action.id)
    )
    return list(rows)


async def list_given_up(
    session: AsyncSession, repository_id: int, effect_keys: Iterable[str], *, since: datetime
) -> set[str]:
    """Those of the effects that failed for good after `since`."""
    keys = await session.scalars(
        select(Action.effect_key).where(
            Action.repository_id == repository_id,
            Action.state == "failed",
            Action.effect_key.in_(list(effect_keys)),
            Action.finished_at > since,
        )
    )
    return set(keys)


async def drop_planned(session: AsyncSession, repository_id: int, effect_key: str) -> None:
    """The effect is not wanted any more."""
    await session.execute(
        update(Action)
        .where(Action.repository_id == repository_id, Action.effect_key == effect_key, Action.state == "planned")
        .values(state="dropped", finished_at=func.now())
    )


async def find_latest(session: AsyncSession, repository_id: int, effect_key: str) -> Action | None:
    """The youngest action with that effect, whatever became of it."""
    return await session.scalar(
        select(Action)
        .where(Action.repository_id == repository_id, Action.effect_key == effect_key)
        .order_by(Action.id.desc())
        .limit(1)
    )


async def settle_action(session: AsyncSession, action_id: int, *, state: str, error: str = "", at: datetime) -> None:
    """`state` is done, dropped (no longer wanted) or failed (given up)."""
    await session.execute(
        update(Action).where(Action.id == action_id).values(state=state, error=error[:2000], finished_at=at)
    )


async def begin_action(session: AsyncSession, action_id: int) -> None:
    """Count the attempt before it is made: after a crash in its midst the next one knows that it is not the first."""
    await session.execute(update(Action).where(Action.id == action_id).values(attempts=Action.attempts + 1))


async def postpone_action(session: AsyncSession, action_id: int, *, until: datetime, error: str) -> None:
    await session.execute(update(Action).where(Action.id == action_id).values(run_after=until, error=error[:2000]))


async def record_effect(session: AsyncSession, action_id: int, effect_id: int) -> None:
    """Keep GitHub's id of what an action made."""
    made = func.jsonb_build_object("made", effect_id)
    await session.execute(update(Action).where(Action.id == action_id).values(payload=Action.payload.op("||")(made)))


async def list_effects(session: AsyncSession, repository_id: int, kind: str) -> set[int]:
    """GitHub's ids of what the actions of a kind made in a repository."""
    made = cast(Action.payload["made"].astext, BigInteger)
    ids = await session.scalars(
        select(made).where(Action.repository_id == repository_id, Action.kind == kind, made.is_not(None))
    )
    return set(ids)


async def get_check_runs(session: AsyncSession, pull_request_ids: Iterable[int]) -> dict[tuple[int, str], CheckRun]:
    """(pull request id, head) -> what we last wrote there."""
    rows = await session.scalars(select(CheckRun).where(CheckRun.pull_request_id.in_(list(pull_request_ids))))
    return {(row.pull_request_id, row.head_sha): row for row in rows}


async def find_checked(session: AsyncSession, repository_id: int, head_sha: str, check_run_id: int) -> int | None:
    """The number of the pull request that our check run stands on; GitHub itself names none where the head is a
    fork's."""
    found = await session.execute(
        select(PullRequest.number)
        .join(CheckRun, CheckRun.pull_request_id == PullRequest.id)
        .where(PullRequest.repository_id == repository_id, CheckRun.head_sha == head_sha)
        .order_by(CheckRun.check_run_id != check_run_id, PullRequest.number)
        .limit(1)
    )
    return found.scalar()


async def list_checked(session: AsyncSession, repository_id: int, head_sha: str) -> list[PullRequest]:
    """The pull requests for which we wrote a check on that commit, whether it is their head or was."""
    found = await session.scalars(
        select(PullRequest)
        .join(CheckRun, CheckRun.pull_request_id == PullRequest.id)
        .where(PullRequest.repository_id == repository_id, CheckRun.head_sha == head_sha)
        .order_by(PullRequest.number)
    )
    return list(found)


async def save_check_run(
    session: AsyncSession, pull_request_id: int, head_sha: str, *, check_run_id: int, conclusion: str, digest: str
) -> None:
    values = {"check_run_id": check_run_id, "conclusion": conclusion, "digest": digest}
    statement = insert(CheckRun).values(pull_request_id=pull_request_id, head_sha=head_sha, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["pull_request_id", "head_sha"], set_=values))


async def forget_check_text(session: AsyncSession, repository_pull_requests: Iterable[int], head_sha: str) -> None:
    """Somebody asked for the check again: what it says is written once more, even if it did not change."""
    await session.execute(
        update(CheckRun)
        .where(CheckRun.pull_request_id.in_(list(repository_pull_requests)), CheckRun.head_sha == head_sha)
        .values(digest="")
    )
