"""The primary rate limit of each installation: so many calls an hour, with GitHub's headers.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app.demo.github.tokens import InstallationToken

WINDOW = timedelta(hours=1)


@dataclass(slots=True)
class _Window:
    resets_at: datetime
    used: int = 0


@dataclass(slots=True)
class RateLimits:
    """`per_hour` may be changed at any time; counting goes by the wall clock."""

    per_hour: int = 5000
    _windows: dict[int, _Window] = field(default_factory=dict)

    def _window(self, token: InstallationToken) -> _Window:
        now = datetime.now(UTC)
        window = self._windows.get(token.installation.id)
        if window is None or window.resets_at <= now:
            window = self._windows[token.installation.id] = _Window(now + WINDOW)
        return window

    def is_used_up(self, token: InstallationToken) -> bool:
        return self._window(token).used >= self.per_hour

    def count(self, token: InstallationToken) -> None:
        self._window(token).used += 1

    def spend(self, installation_id: int, calls: int) -> None:
        """Somebody else used the installation as well."""
        self._windows[installation_id] = _Window(datetime.now(UTC) + WINDOW, calls)

    def status(self, token: InstallationToken) -> dict[str, Any]:
        """GitHub's `rate-limit`; `reset` in Unix seconds."""
        window = self._window(token)
        return {
            "limit": self.per_hour,
            "used": window.used,
            "remaining": max(self.per_hour - window.used, 0),
            "reset": int(window.resets_at.timestamp()),
            "resource": "core",
        }

    def headers(self, token: InstallationToken) -> dict[str, str]:
        return {f"x-ratelimit-{name}": str(value) for name, value in self.status(token).items()}
