"""What GitHub tried to deliver to the App's webhook. https://docs.github.com/en/rest/apps/webhooks"""

from datetime import datetime

import msgspec

from app.github.api import Api

MOST_PAGES = 10
"""A thousand attempts. Older servers do not know `status`, and list what succeeded as well."""


class HookAttempt(msgspec.Struct, frozen=True):
    """One try of a delivery. A repeated delivery keeps its GUID; `status_code` is 0 where nothing answered."""

    id: int
    guid: str
    delivered_at: datetime
    status_code: int = 0

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status_code < 400


async def list_failed_attempts(api: Api) -> list[HookAttempt]:
    """Attempts without success, the youngest first. Raises the errors of `app.github.errors`."""
    pages = await api.get_by_cursor("/app/hook/deliveries", list[HookAttempt], most_pages=MOST_PAGES, status="failure")
    return [attempt for page in pages for attempt in page if not attempt.succeeded]


async def repeat_attempt(api: Api, attempt_id: int) -> None:
    """Have GitHub deliver it once more; it does so a moment later."""
    await api.write("POST", f"/app/hook/deliveries/{attempt_id}/attempts", None, object)
