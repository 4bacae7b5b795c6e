"""What happened, for the terminal and for `--json`: each change of a verdict, once, with its reason."""

import json
import time
from typing import IO

from rich.console import Console
from sqlalchemy import select

from app.db.models import PullRequest, RebaseRequest
from app.demo.stage import Stage
from app.domain.model import State
from app.github.gateway import CHECK_NAME

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
_REBASES = {
    "requested": ("rebase-requested", "fluxmig ticked Renovate's rebase box"),
    "confirmed": ("rebased", "Renovate rebased it: a new head, not behind its base, Renovate's own commit"),
}


class Record:
    """`t` is in seconds since the demo began, `writes` counts the service's writes to GitHub so far."""

    def __init__(self, stage: Stage, console: Console, out: IO[str] | None) -> None:
        self._stage, self._console, self._out = stage, console, out
        self._began = time.monotonic()
        self._verdicts: dict[int, tuple[str, str]] = {}
        self._rebases: dict[int, str] = {}
        self._checks: dict[int, tuple[str, str | None]] = {}

    def note(self, event: str, pr: int, reason: str = "") -> None:
        """One line of the JSON: `event` happened to `pr`, whose verdict and its reason stand there too."""
        if self._out is None:
            return
        state, why = self._verdicts[pr]
        line = {
            "t": round(time.monotonic() - self._began, 3),
            "event": event,
            "pr": pr,
            "state": state,
            "reason": reason or why,
            "writes": self._stage.github.log.writes,
        }
        self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._out.flush()

    def say(self, text: str) -> None:
        """A line of the narrator."""
        self._console.print(text, highlight=False, soft_wrap=True)

    async def changes(self) -> None:
        """Tell every verdict, rebase and check that is new since the last call."""
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
            self._verdict(row)
        for request, number in rebases:
            self._rebase(request, number)
        for row in pulls:
            self._check(row)

    def _verdict(self, row: PullRequest) -> None:
        verdict = (row.state, row.reason)
        if self._verdicts.get(row.number) == verdict:
            return
        first = row.number not in self._verdicts
        self._verdicts[row.number] = verdict
        self.note("classified" if first else "state", row.number)
        self._print_verdict(row)

    def _check(self, row: PullRequest) -> None:
        """Our check run on the present head; a new head has a new one."""
        runs = self._stage.repository.latest_check_runs(row.head_sha)
        run = next((run for run in runs if run.name == CHECK_NAME), None)
        if run is None or self._checks.get(row.number) == (row.head_sha, run.conclusion):
            return
        known = self._checks.get(row.number)
        self._checks[row.number] = (row.head_sha, run.conclusion)
        self.note("check", row.number, f"{run.conclusion}: {run.output.title}")
        if known is not None:
            head = "new head" if known[0] != row.head_sha else "same head"
            text = f"  ☑ #{row.number} check on the {head}: {run.conclusion}"
            self._console.print(text, style="cyan", markup=False, soft_wrap=True)

    def _print_verdict(self, row: PullRequest) -> None:
        mark, style = _STYLES[State(row.state)]
        told = (row.classification or {}).get("component_class", "")
        self._console.print(f"  {mark} ", f"#{row.number}", f" {row.state}", style=style, end="", sep="", markup=False)
        self._console.print(f"  {told}  ", style="dim", end="", markup=False)
        self._console.print(row.reason, highlight=False, markup=False, soft_wrap=True)

    def _rebase(self, request: RebaseRequest, number: int) -> None:
        if self._rebases.get(request.id) == request.state or request.state not in _REBASES:
            return
        self._rebases[request.id] = request.state
        event, words = _REBASES[request.state]
        self.note(event, number, words)
        self._console.print(f"  ↻ #{number} {words}", style="cyan", markup=False, soft_wrap=True)
