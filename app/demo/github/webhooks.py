"""The queue of webhooks: signed, delivered at least once when all is well, and lossy on demand.

GitHub never redelivers by itself, keeps the GUID on a redelivery and promises no order.
https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
"""

import asyncio
import hashlib
import hmac
import json
import random
import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx

from app.demo.github.events import Event
from app.demo.github.installation import Installation
from app.demo.github.model import AUTOMATIC_EVENTS, UNLISTED_EVENTS
from app.demo.github.payloads.hooks import webhook_payload

if TYPE_CHECKING:
    from app.demo.github.state import GitHub

TIMEOUT_SECONDS = 10.0
HOOK_ID = 547_112_001


@dataclass(frozen=True, slots=True)
class Delivery:
    guid: str
    event: str
    action: str | None
    payload: dict[str, Any] = field(repr=False)
    body: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    installation_id: int | None
    repository_id: int | None
    redelivery: bool = False

    @property
    def name(self) -> str:
        return f"{self.event}.{self.action}" if self.action else self.event


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a delivery. `status_code` is 0 when nothing answered; `duration` in seconds."""

    id: int
    delivery: Delivery
    delivered_at: datetime
    status_code: int
    status: str
    duration: float = 0.0

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status_code < 300


class DeliveryStorm(Exception):
    """Deliveries went on beyond their budget: most likely the receiver answers its own webhooks."""


class WebhookQueue:
    """Deliveries wait in `pending` until someone delivers them to `url`."""

    def __init__(self, github: "GitHub") -> None:
        self.github = github
        self.url = "http://fluxmig.test/webhooks/github"
        self.pending: list[Delivery] = []
        self.attempts: list[Attempt] = []
        self.duplicates = False
        """Deliver everything twice, with the same GUID."""
        self.shuffler: random.Random | None = None
        """Deliver in the order that this draws."""
        self.refusing: int | None = None
        """While set, a proxy before the receiver answers every delivery with this status."""
        self._lose: list[tuple[re.Pattern[str], int | None]] = []
        self._arrived = asyncio.Event()
        self._in_flight = 0

    @property
    def is_quiet(self) -> bool:
        """Nothing waits and nothing is on its way."""
        return not self.pending and not self._in_flight

    # --- what goes wrong ---

    def lose(self, match: str = "", *, times: int | None = 1) -> None:
        """The next `times` deliveries (all, for None) whose `event.action` matches get no answer."""
        self._lose.append((re.compile(match), times))

    def reliable(self) -> None:
        """From now on everything arrives, once and in order."""
        self._lose.clear()
        self.duplicates, self.shuffler, self.refusing = False, None, None

    # --- in ---

    def receive(self, event: Event) -> None:
        for installation in self._installations_for(event):
            self._add(event, installation)

    def _installations_for(self, event: Event) -> list[Installation]:
        app = self.github.app
        if event.name not in (*app.events, *UNLISTED_EVENTS, *AUTOMATIC_EVENTS):
            return []
        if event.repository is None:
            return [event.subject]
        return [
            installation
            for installation in self.github.installations_of(event.repository)
            if installation.app is app and installation.suspended_at is None
        ]

    def _add(self, event: Event, installation: Installation) -> None:
        payload = webhook_payload(event, installation)
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        guid = str(uuid.uuid4())
        repository_id = event.repository.id if event.repository else None
        headers = self._headers(event.name, guid, body)
        delivery = Delivery(
            guid, event.name, event.action, payload, body, headers, installation.id, repository_id, redelivery=False
        )
        self.github.log.webhooks.append({"event": event.name, "payload": payload})
        self._enqueue(delivery)

    def _headers(self, event: str, guid: str, body: bytes) -> dict[str, str]:
        secret = self.github.app.webhook_secret.encode()
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/044aadd",
            "X-GitHub-Delivery": guid,
            "X-GitHub-Event": event,
            "X-GitHub-Hook-ID": str(HOOK_ID),
            "X-GitHub-Hook-Installation-Target-ID": str(self.github.app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature": f"sha1={hmac.new(secret, body, hashlib.sha1).hexdigest()}",
            "X-Hub-Signature-256": f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}",
        }

    def _enqueue(self, delivery: Delivery) -> None:
        self.pending.append(delivery)
        if self.duplicates:
            self.pending.append(delivery)
        self._arrived.set()

    def redeliver(self, attempt_id: int, *, since: datetime) -> bool:
        """Queues the delivery of that attempt once more, with its GUID. False when there is none since then."""
        for attempt in self.attempts:
            if attempt.id == attempt_id and attempt.delivered_at > since:
                old = attempt.delivery
                self._enqueue(
                    Delivery(
                        old.guid,
                        old.event,
                        old.action,
                        old.payload,
                        old.body,
                        old.headers,
                        old.installation_id,
                        old.repository_id,
                        redelivery=True,
                    )
                )
                return True
        return False

    # --- out ---

    async def deliver_next(self, client: httpx.AsyncClient) -> Attempt | None:
        """Delivers one, or loses it; None when nothing waits."""
        if not self.pending:
            return None
        index = self.shuffler.randrange(len(self.pending)) if self.shuffler else 0
        delivery = self.pending.pop(index)
        status_code, status, duration = 0, "failed to connect to host", 0.0
        if not self._is_lost(delivery):
            status_code, status, duration = await self._post(client, delivery)
        attempt = Attempt(self.github.next_id(), delivery, self.github.now(), status_code, status, duration)
        self.attempts.append(attempt)
        return attempt

    async def _post(self, client: httpx.AsyncClient, delivery: Delivery) -> tuple[int, str, float]:
        """Status code, status in GitHub's words, and how long it took."""
        if self.refusing is not None:
            return self.refusing, f"Invalid HTTP Response: {self.refusing}", 0.0
        began = time.monotonic()
        self._in_flight += 1
        try:
            response = await client.post(
                self.url, content=delivery.body, headers=delivery.headers, timeout=TIMEOUT_SECONDS
            )
        except httpx.TimeoutException:
            return 0, "timed out", time.monotonic() - began
        except httpx.TransportError:
            return 0, "failed to connect to host", time.monotonic() - began
        finally:
            self._in_flight -= 1
        status = "OK" if response.is_success else f"Invalid HTTP Response: {response.status_code}"
        return response.status_code, status, time.monotonic() - began

    async def deliver_all(self, client: httpx.AsyncClient, *, budget: int = 1000) -> int:
        """Delivers until nothing waits, also what is queued meanwhile; how many. Raises DeliveryStorm over budget."""
        done = 0
        while await self.deliver_next(client) is not None:
            done += 1
            if done >= budget and self.pending:
                raise DeliveryStorm(f"{budget} deliveries were not enough; next: {self.pending[0].name}")
        return done

    async def deliver_forever(self, client: httpx.AsyncClient) -> None:
        """Delivers as things happen, until cancelled."""
        while True:
            await self.deliver_all(client, budget=1_000_000)
            self._arrived.clear()
            if not self.pending:
                await self._arrived.wait()

    def _is_lost(self, delivery: Delivery) -> bool:
        for index, (pattern, times) in enumerate(self._lose):
            if pattern.search(delivery.name):
                if times is not None:
                    remaining = times - 1
                    self._lose[index : index + 1] = [(pattern, remaining)] if remaining else []
                return True
        return False
