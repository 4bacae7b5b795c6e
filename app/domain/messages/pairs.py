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


def pair_waiting_reason(
    *, number: int, what: str, needs: str, merged: int | None, brings: str, scope: str, note: str = ""
) -> str:
    who = f"#{merged} with {brings}" if merged is not None else brings
    stands = f": {note}" if note else ""
    return (
        f"Merged, not yet rolled out: #{number} brings {what}, which needs {needs}; {who} is merged, "
        f"but cluster {scope} is not known to run it{stands}."
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


def lockstep_reason(*, provider: int, names: str, before: str, after: str) -> str:
    return (
        f"Merge together with #{provider}, which comes first: {names} are released as one, "
        f"and go from {before} to {after}."
    )


def partial_group_warning(*, number: int, moved: str, before: str, after: str, left: Sequence[Evidence]) -> str:
    where = listed([f"{line.text} ({at(line)})" for line in left])
    return (
        f"#{number} raises {moved} from {before} to {after} and leaves {where} at {before}, which is released together "
        "with it; no open pull request moves that."
    )


def crds_soft_reason(*, provider: int, crds: str, chart: str, version: str) -> str:
    what = f"{crds} {version} from its manifests" if crds == chart else f"{crds} {version}"
    return f"Better after #{provider}: it brings {what}, with the CRDs that {chart} uses."


def crds_hard_reason(
    *, number: int, provider: int, crds: str, chart: str, version: str, crds_version: str, skipped: Evidence
) -> str:
    what = f"the manifests of {crds} {crds_version}" if crds == chart else f"{crds} {crds_version}"
    return (
        f"#{number} brings {chart} {version}, whose own CRDs are switched off ({at(skipped)}), "
        f"so #{provider}, which brings them with {what}, must be merged first."
    )


def operator_reason(*, provider: int, operator: str, version: str, operand: str) -> str:
    return f"Better after #{provider}: it brings {operator} {version}, which operates {operand}."


def step_reason(*, number: int, what: str, rule: str, provider: int, brings: str) -> str:
    return f"#{number} brings {what}; {rule}, and #{provider} brings {brings}: roll that out first."


def skew_reason(*, number: int, moved: str, rule: str, other: str, provider: int, brings: str) -> str:
    first = f"#{provider}, which brings {brings}, must be merged first"
    return f"#{number} brings {moved} beside {other}, and {rule}: {first}."


def skew_warning(*, number: int, moved: str, rule: str, other: str, where: Evidence) -> str:
    return (
        f"#{number} moves {moved} beside {other} ({at(where)}), and {rule}; no open pull request brings them together."
    )
