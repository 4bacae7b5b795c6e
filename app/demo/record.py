"""What happened, for the terminal and for `--json`: each change of a verdict, once, with its reason."""

import json
import time
from collections.abc import Callable
from typing import IO

from rich.console import Console
from sqlalchemy import select

from app.db.models import PullRequest, RebaseRequest
from app.demo.stage import Stage
from app.domain.model import State

_STYLES = {
    State.READY: ("✔", "green"),
    State.BLOCKED: ("⛔", "red"),
    State.WAITING_ROLLOUT: ("⏳", "yellow"),
    State.HELD: ("✋", "yellow"),
    State.NEEDS_REVIEW: ("👀", "magenta"),
    State.UNKNOWN: ("❔", "white"),
    State.MERGED: ("●", "blue"),
    State.CLOSED: ("○", "white"),
}
_EVENTS = {"requested": "rebase-requested", "confirmed": "rebased", "stale": "rebase-stale"}


class Record:
    """`t` is in seconds since the demo began, `writes` counts the service's writes to GitHub so far."""

    def __init__(self, stage: Stage, console: Console, out: IO[str] | None) -> None:
        self._stage, self._console, self._out = stage, console, out
        self._began = time.monotonic()
        self._verdicts: dict[int, tuple[str, str]] = {}
        self._rebases: dict[int, str] = {}

    def note(self, event: str, *, pr: int | None = None, state: str | None = None, reason: str = "") -> None:
        if self._out is None:
            return
        line = {
            "t": round(time.monotonic() - self._began, 3),
            "event": event,
            "pr": pr,
            "state": state,
            "reason": reason,
            "writes": self._stage.github.log.writes,
        }
        self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._out.flush()

    def say(self, text: str) -> None:
        """A line of the narrator."""
        self._console.print(text, highlight=False, soft_wrap=True)

    async def changes(self, *, show: Callable[[int], bool] = lambda _: True) -> None:
        """Note every verdict and rebase that is new since the last call; print those that `show` picks."""
        async with self._stage.context.database.transaction() as session:
            pulls = list(
                await session.scalars(
                    select(PullRequest)
                    .where(PullRequest.repository_id == self._stage.repository.id)
                    .order_by(PullRequest.number)
                )
            )
            rebases = list(
                await session.execute(
                    select(RebaseRequest, PullRequest.number)
                    .join(PullRequest, PullRequest.id == RebaseRequest.pull_request_id)
                    .order_by(RebaseRequest.id)
                )
            )
        for row in pulls:
            self._verdict(row, show(row.number))
        for request, number in rebases:
            self._rebase(request, number)

    def _verdict(self, row: PullRequest, shown: bool) -> None:
        verdict = (row.state, row.reason)
        if self._verdicts.get(row.number) == verdict:
            return
        first = row.number not in self._verdicts
        self._verdicts[row.number] = verdict
        self.note("classified" if first else "state", pr=row.number, state=row.state, reason=row.reason)
        if shown:
            self._print_verdict(row)

    def _print_verdict(self, row: PullRequest) -> None:
        mark, style = _STYLES[State(row.state)]
        told = (row.classification or {}).get("component_class", "")
        self._console.print(f"  {mark} ", f"#{row.number}", f" {row.state}", style=style, end="", sep="", markup=False)
        self._console.print(f"  {told}  ", style="dim", end="", markup=False)
        self._console.print(row.reason, highlight=False, markup=False, soft_wrap=True)

    def _rebase(self, request: RebaseRequest, number: int) -> None:
        if self._rebases.get(request.id) == request.state:
            return
        self._rebases[request.id] = request.state
        state = self._verdicts.get(number, ("", ""))[0] or None
        self.note(_EVENTS.get(request.state, request.state), pr=number, state=state, reason=request.note)
        words = {
            "requested": "fluxmig ticked Renovate's rebase box",
            "confirmed": "Renovate rebased it: new head, not behind its base, Renovate's own commit",
            "stale": request.note,
        }
        self._console.print(
            f"  ↻ #{number} {words.get(request.state, request.state)}", style="cyan", markup=False, soft_wrap=True
        )
