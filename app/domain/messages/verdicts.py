"""The verdict on a pull request that waits for nothing, or for a person."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.domain.commands import Permission
from app.domain.messages.phrases import at, listed, pull_requests
from app.domain.model import ComponentClass, Evidence, Observation

MERGED = "Merged."
CLOSED = "Closed without a merge."
NOT_RENOVATES = "Not Renovate's: left alone, and counted as a provider where it brings something."
TOOLING = "Nothing to wait for: tooling, changes no cluster."
FLUX_CLI = "Nothing to wait for: this updates the Flux CLI, which upgrades no cluster."
READY = "Ready: nothing to wait for."
NOT_CLASSIFIED = "Unknown: no sign tells what this changes, so a person has to look."


def held_reason(by: str, reason: str, until: datetime | None = None) -> str:
    how_long = f" until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if until else ""
    return f"Held by {by}{how_long}: {reason}" if reason else f"Held by {by}{how_long}."


def major_reason(updates: str) -> str:
    return f"A major update ({updates}) waits for a person: read the release notes, then say `/fluxmig approve`."


def class_reason(component_class: ComponentClass, line: Evidence) -> str:
    return f"Every update of the class `{component_class}` waits for a person ({at(line)}): say `/fluxmig approve`."


def impure_reason(number: int, changes: Sequence[Evidence], *, updates: str = "") -> str:
    """`updates` are those of a major update, which waits for a person anyway."""
    first = changes[0]
    more = " and more" if len(changes) > 1 else ""
    says = f"a major update ({updates})" if updates else "a bump"
    return (
        f"#{number} says it is {says} and also changes `{_code(first.text)}`{more} ({at(first)}): "
        "a person should look, then say `/fluxmig approve`."
    )


_LONGEST_CODE = 80


def _code(line: str) -> str:
    """A line of a file between backticks: unable to leave them, and no longer than one reads."""
    words = " ".join(line.replace("`", "'").split())
    return words if len(words) <= _LONGEST_CODE else words[: _LONGEST_CODE - 1] + "…"


def ready_observed_reason(*, name: str, seen: Observation) -> str:
    return f"Ready: {name} {seen.version.removeprefix('v')} is running ({seen.source}, {seen.at:%H:%M})."


def ready_rolled_out_reason(*, name: str, version: str, source: str) -> str:
    return f"Ready: {name} {version} is rolled out ({source})."


def ready_declared_reason(*, name: str, version: str, declared_at: Evidence) -> str:
    return f"Ready: {name} {version} serves all that this needs ({at(declared_at)})."


def ready_in_use_reason(*, api: str, in_use: Evidence) -> str:
    return f"Ready: the base already uses {api} ({at(in_use)})."


def ready_provider_reason(*, brings: str, waiting: Sequence[int]) -> str:
    if not waiting:
        return f"Ready: nothing to wait for; it brings {brings}."
    verb = "waits" if len(waiting) == 1 else "wait"
    return f"Ready: nothing to wait for; it brings {brings}, for which {pull_requests(waiting)} {verb}."


def approved_reason(by: Sequence[str]) -> str:
    return f"Ready: approved by {listed(by)}."


def approvals_reason(
    *, count: int, permission: Permission, place: Evidence, why: str, counted: Sequence[str], others: Sequence[str]
) -> str:
    """`counted` are those whose approval counts, `others` those who may approve and whose permission is too small."""
    people = "by a person" if count == 1 else f"by {count} people"
    who = f" with {permission} permission" if permission is not Permission.READ else ""
    because = f': "{why}"' if why else ""
    so_far = f" {listed(counted)} said so already." if counted else ""
    besides = f" {listed(others)} approved, without that permission." if others else ""
    return (
        f"Waits for `/fluxmig approve` {people}{who}, by rule of the configuration ({at(place)}{because})."
        f"{so_far}{besides}"
    )


def also_waits(reason: str, others: Sequence[int]) -> str:
    return f"{reason} It also waits for {pull_requests(others)}." if others else reason


def better_after(reason: str, numbers: Sequence[int]) -> str:
    return f"{reason.removesuffix('.')}; better after {pull_requests(numbers)}." if numbers else reason
