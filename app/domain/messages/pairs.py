"""Why versions of two things have to fit each other, and what is left behind."""

from collections.abc import Sequence

from app.domain.messages.phrases import at, listed
from app.domain.model import Evidence


def pair_hard_reason(*, number: int, what: str, needs: str, standing: str, provider: int | None, brings: str) -> str:
    if provider is None:
        return f"Blocked: #{number} brings {what}, which needs {needs}; {standing}, and no open pull request raises it."
    return (
        f"#{number} brings {what}, which needs {needs}; {standing}, and #{provider} brings {brings}: roll it out first."
    )


def pair_waiting_reason(*, number: int, what: str, needs: str, merged: int | None, brings: str, scope: str) -> str:
    who = f"#{merged} with {brings}" if merged is not None else brings
    return (
        f"Merged, not yet rolled out: #{number} brings {what}, which needs {needs}; {who} is merged, "
        f"but cluster {scope} is not known to run it."
    )


def pair_soft_reason(*, number: int, what: str, standing: str, provider: int, brings: str) -> str:
    return (
        f"Better after #{provider}: {standing}, a release that does not carry {what} itself, and #{provider} brings "
        f"{brings}, which does; #{number} works without it, since the manifests come from an artifact."
    )


def minimum_soft_reason(*, what: str, needs: str, standing: str, provider: int, brings: str) -> str:
    return f"Better after #{provider}: {what} asks for {needs}; {standing}, and #{provider} brings {brings}."


def pair_unknown_reason(*, other: str, what: str) -> str:
    return f"Unknown: it is not known whether {other} goes with {what}."


def pair_contradiction_reason(*, standing: str, other: str) -> str:
    return (
        f"Unknown: {standing}, and {other}; these do not go together, so one of the two is not what runs. "
        "Correct the line that is stale."
    )


def lockstep_reason(*, provider: int, moved: str, other: str, before: str, after: str) -> str:
    return (
        f"Merge together with #{provider}, which comes first: {other} and {moved} are released as one and "
        f"both go from {before} to {after}."
    )


def partial_group_warning(*, number: int, moved: str, before: str, after: str, left: Sequence[Evidence]) -> str:
    where = listed([f"{line.text} ({at(line)})" for line in left])
    return (
        f"#{number} raises {moved} from {before} to {after} and leaves {where} at {before}, which is released together "
        "with it; no open pull request moves that."
    )


def crds_soft_reason(*, provider: int, crds: str, chart: str, version: str) -> str:
    return f"Better after #{provider}: it brings the CRDs {crds} {version} of {chart}."


def crds_hard_reason(*, number: int, provider: int, crds: str, chart: str, version: str, skipped: Evidence) -> str:
    return (
        f"#{number} brings {chart} {version}, whose own CRDs are switched off ({at(skipped)}), "
        f"so #{provider}, which brings {crds} {version}, must be merged first."
    )
