"""How fast we call GitHub: one governor an installation, kept in the database and so shared by all replicas.

At least a second between two writes, a batch of GraphQL being one; no more in an hour than GitHub takes; what is left
goes to checks before labels and comments; and where GitHub wants rest, nobody calls, whatever woke him.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.db.paces import AN_HOUR, find_pause, pause, take_turn
from app.db.session import Database
from app.github.api import Kind
from app.github.errors import HeldBack, RateLimited

RESERVE = 10
"""One part in so many of the hourly limit is kept for checks, and for the reads that they need."""
_ONE_MORE = timedelta(hours=1) / AN_HOUR


@dataclass
class Quota:
    """What GitHub last said of the hourly limit; `resets_at` in seconds since 1970."""

    limit: int = 0
    remaining: int = 0
    resets_at: int = 0


class InstallationPace:
    """The governor's door for the calls of one installation; 0 is the App itself."""

    def __init__(
        self,
        database: Database,
        installation_id: int,
        quota: Quota,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._database, self._id, self._quota = database, installation_id, quota
        self._clock, self._sleep = clock, sleep

    async def ask(self, call: str, kind: Kind) -> None:
        """Wait for the turn of this call. Raises RateLimited while GitHub wants rest, HeldBack for what can wait."""
        now = self._clock()
        if kind is Kind.READ:
            await self._refuse_while_paused(call, now)
            return
        if kind is Kind.OTHER and self._is_low(now):
            raise HeldBack(call, "little is left of the hourly limit, and it is kept for checks")
        turn = await take_turn(self._database, self._id, now=now, gate=kind is Kind.GATE)
        if turn is None:
            await self._refuse_while_paused(call, now)
            if kind is Kind.OTHER:
                raise HeldBack(call, "few writes are left in this hour, and they are kept for checks")
            raise RateLimited(call, "no write is left in this hour", _ONE_MORE)
        if turn > now:
            await self._sleep((turn - now).total_seconds())
            await self._refuse_while_paused(call, self._clock())  # GitHub may have wanted rest meanwhile

    async def _refuse_while_paused(self, call: str, now: datetime) -> None:
        until = await find_pause(self._database, self._id, now=now)
        if until is not None:
            raise RateLimited(call, "GitHub asked for a pause", until - now)

    async def rest(self, pause_for: timedelta) -> None:
        """GitHub wants no call for so long."""
        now = self._clock()
        await pause(self._database, self._id, now=now, until=now + pause_for)

    def note(self, headers: Mapping[str, str]) -> None:
        """Keep what an answer tells of the hourly limit of REST."""
        told = [headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining", "reset")]
        if headers.get("x-ratelimit-resource", "core") == "core" and all(value.isdigit() for value in told):
            self._quota.limit, self._quota.remaining, self._quota.resets_at = (int(value) for value in told)

    def _is_low(self, now: datetime) -> bool:
        return self._quota.remaining * RESERVE < self._quota.limit and now.timestamp() < self._quota.resets_at
