"""What each Flux version is known not to tell, so that its silence is not read as health.

Read in the sources of notification-controller; a version that is not listed is taken to tell all.
"""

from dataclasses import dataclass

from app.domain.versions import Version


@dataclass(frozen=True, slots=True)
class Reliability:
    """From Flux `first` to `last`, both included. The three say what arrives by which channel."""

    first: str
    last: str
    status_successes: bool
    status_failures: bool
    event_successes: bool
    source: str


RELIABILITY = (
    Reliability(
        "2.8.0", "2.8.0", status_successes=False, status_failures=False, event_successes=False,
        source="https://github.com/fluxcd/notification-controller/releases/tag/v1.8.0",
    ),
    Reliability(
        "2.8.1", "2.8.5", status_successes=True, status_failures=False, event_successes=False,
        source="https://github.com/fluxcd/notification-controller/releases/tag/v1.8.1",
    ),
    Reliability(
        "2.8.6", "2.8.999", status_successes=True, status_failures=False, event_successes=True,
        source="https://github.com/fluxcd/notification-controller/pull/1317",
    ),
)  # fmt: skip


def reliability_of(version: str | None) -> Reliability | None:
    """None where that version tells all, or is not known."""
    parsed = Version.parse(version or "")
    if parsed is None:
        return None
    for row in RELIABILITY:
        first, last = Version.parse(row.first), Version.parse(row.last)
        if first is not None and last is not None and first <= parsed <= last:
            return row
    return None


def limits_phrase(version: str | None, *, by_status: bool, by_event: bool) -> str:
    """What is known not to arrive by the channels in use: "Flux 2.8.1 does not report failures by commit status"."""
    row = reliability_of(version)
    if row is None:
        return ""
    missing = []
    if by_status and not row.status_failures:
        what = "failures" if row.status_successes else "anything"
        missing.append(f"{what} by commit status")
    if by_event and not row.event_successes:
        missing.append("successes without a change by webhook")
    return f"Flux {str(version).removeprefix('v')} does not report {' and '.join(missing)}" if missing else ""
