"""What GitHub does on a bad day. All faults are off until switched on.

`match` is a regular expression that is searched in "METHOD /path", after which a call of GraphQL has its document.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Failure:
    """The next `times` matching requests fail; `after_effect` lets the write happen before it "fails"."""

    pattern: re.Pattern[str]
    times: int
    status: int
    after_effect: bool = False
    secondary: bool = False
    retry_after: int | None = None
    unheard: bool = False


@dataclass(slots=True)
class Delay:
    pattern: re.Pattern[str]
    seconds: float


class Faults:
    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """All is well again."""
        self.limited_until: datetime | None = None
        self._failures: list[Failure] = []
        self._delays: list[Delay] = []
        self._lag = 0
        self._unknown_reads = 0
        self._fields: dict[str, int] = {}
        self._served: dict[tuple[int, int], tuple[Any, int]] = {}

    def fail_next(self, status: int = 502, *, match: str = "", times: int = 1, after_effect: bool = False) -> None:
        self._failures.append(Failure(re.compile(match), times, status, after_effect))

    def time_out_next(self, *, match: str = "", times: int = 1, after_effect: bool = False) -> None:
        """The answer never comes; for callers in the same process, whose client raises its own time-out."""
        self._failures.append(Failure(re.compile(match), times, 504, after_effect, unheard=True))

    def fail_field(self, name: str, *, times: int = 1) -> None:
        """The next `times` root fields of this name fail in an answer that is else well, as GraphQL does it."""
        self._fields[name] = self._fields.get(name, 0) + times

    def take_field_failure(self, name: str) -> bool:
        left = self._fields.get(name, 0)
        self._fields[name] = max(left - 1, 0)
        return left > 0

    def rate_limited(self, until: datetime) -> None:
        """The primary limit is used up until then (wall clock, with zone)."""
        self.limited_until = until

    def secondary_rate_limited(self, *, retry_after: int | None = None, match: str = "", times: int = 1) -> None:
        """GitHub sends `retry-after` (seconds) not always."""
        self._failures.append(Failure(re.compile(match), times, 403, secondary=True, retry_after=retry_after))

    def slow(self, seconds: float, *, match: str = "") -> None:
        """Each matching answer waits; the waiting is done by `GitHub.sleep`."""
        self._delays.append(Delay(re.compile(match), seconds))

    def stale_reads(self, reads: int) -> None:
        """After a pull request has changed, its next `reads` reads still show what was read before."""
        self._lag = reads
        self._served.clear()

    def mergeable_unknown(self, reads: int) -> None:
        """The next `reads` reads of single pull requests say `mergeable: null`, as after each push on GitHub."""
        self._unknown_reads = reads

    # --- asked by the server ---

    @property
    def reads_lag(self) -> bool:
        return self._lag > 0

    def take_failure(self, request: str) -> Failure | None:
        for failure in self._failures:
            if failure.pattern.search(request):
                failure.times -= 1
                if not failure.times:
                    self._failures.remove(failure)
                return failure
        return None

    def delay_of(self, request: str) -> float:
        return sum(delay.seconds for delay in self._delays if delay.pattern.search(request))

    def take_mergeable_known(self) -> bool:
        if not self._unknown_reads:
            return True
        self._unknown_reads -= 1
        return False

    def read(self, repository_id: int, number: int, version: Any, build: Callable[[], Any]) -> Any:
        """The pull request as it is shown: fresh, or as last shown while the lag lasts.

        `version` changes whenever the pull request does.
        """
        key = (repository_id, number)
        shown, lagged = self._served.get(key, (None, 0))
        if shown is None or shown[0] == version or lagged >= self._lag:
            fresh = build()
            self._served[key] = ((version, fresh), 0)
            return fresh
        self._served[key] = (shown, lagged + 1)
        return shown[1]
