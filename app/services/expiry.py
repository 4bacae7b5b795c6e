"""What people said for a time ends by itself: holds and unblocking."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.audit import record_audit
from app.db.models import PullRequest
from app.db.pull_requests import add_history
from app.domain.model import PullRequestStatus


def end_marks(session: AsyncSession, rows: Iterable[PullRequest], now: datetime) -> datetime | None:
    """Take away what is over, with a word in the history and the audit log. Returns when the next one ends."""
    ends: list[datetime] = []
    for row in rows:
        if row.status != PullRequestStatus.OPEN:
            continue
        if row.hold_by is not None and row.hold_until is not None:
            if row.hold_until <= now:
                _tell(session, row, now, kind="hold-ended", text=f"The hold of {row.hold_by} ended by itself.")
                row.hold_by = row.hold_reason = row.hold_until = None
            else:
                ends.append(row.hold_until)
        if row.unblocked_by is not None and row.unblocked_until is not None:
            if row.unblocked_until <= now:
                text = f"The time for which {row.unblocked_by} unblocked it is over."
                _tell(session, row, now, kind="unblock-ended", text=text)
                row.unblocked_by = row.unblock_reason = row.unblocked_until = None
            else:
                ends.append(row.unblocked_until)
    return min(ends, default=None)


def _tell(session: AsyncSession, row: PullRequest, now: datetime, *, kind: str, text: str) -> None:
    add_history(session, row.repository_id, row.number, at=now, actor="fluxmig", kind=kind, text=text)
    record_audit(
        session, row.repository_id, row.number,
        at=now, actor="fluxmig", kind=kind, place="the clock", said=text, result="done",
    )  # fmt: skip
