"""The sentences of a plan. One decision is one sentence, and every surface shows that sentence."""

from collections.abc import Iterable, Sequence

from app.domain.model import Evidence, Gvk, Observation


def at(evidence: Evidence) -> str:
    return f"{evidence.file}:{evidence.line}" if evidence.line else evidence.file


def listed(words: Sequence[str], *, limit: int = 3) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c and 4 more`."""
    shown = list(words[:limit])
    if len(words) > limit:
        shown.append(f"{len(words) - limit} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def pull_requests(numbers: Iterable[int]) -> str:
    return listed([f"#{number}" for number in numbers], limit=5)


def apis(gvks: Sequence[Gvk]) -> str:
    """`OCIRepository` with its API version; several kinds of one version are named together."""
    kinds: dict[str, list[str]] = {}
    for gvk in gvks:
        kinds.setdefault(gvk.api_version, []).append(gvk.kind)
    return listed([f"{listed(names)} `{api_version}`" for api_version, names in kinds.items()])


def cluster_phrase(scopes: Sequence[str], *, only_one: bool) -> str:
    """` for cluster staging`, and nothing where there is but one cluster."""
    return "" if only_one else f" for {'cluster' if len(scopes) == 1 else 'clusters'} {listed(scopes)}"


def standing_phrase(*, name: str, version: str, declared_at: Evidence | None, seen: Observation | None) -> str:
    """What runs now, and how we know."""
    if seen is not None:
        return f"cluster {seen.scope} runs {name} {version} ({seen.source})"
    return (
        f"the base declares {name} {version} in {at(declared_at)}" if declared_at else f"it is not known to run {name}"
    )


# --- needs ----------------------------------------------------------------------------------------


def needs_provider_reason(
    *,
    number: int,
    api: str,
    since: str,
    name: str,
    standing: str,
    provider: int,
    brings: str,
    shared: str,
    clusters: str,
) -> str:
    together = (
        f"both change the Flux Kustomization {shared}, so #{provider} must be rolled out first, not only merged"
        if shared
        else f"#{provider} must be rolled out first"
    )
    return (
        f"#{number} needs {api}{clusters}, which {name} serves from {since}; {standing}, "
        f"#{provider} brings {brings}, and {together}."
    )


def needs_nobody_reason(*, number: int, api: str, since: str, name: str, standing: str, clusters: str) -> str:
    return (
        f"Blocked: no open pull request raises {name} to >= {since}{clusters}, "
        f"which #{number} needs for {api}; {standing}."
    )


def api_removed_reason(*, number: int, api: str, removed: str, name: str, standing: str, clusters: str) -> str:
    return (
        f"Blocked: #{number} uses {api}{clusters}, which {name} no longer serves from {removed}; {standing}, "
        "so its manifests must move to a newer API."
    )


def api_never_served_reason(*, number: int, api: str, name: str, standing: str, clusters: str) -> str:
    return f"Blocked: #{number} uses {api}{clusters}, which no known release of {name} serves; {standing}."


def waiting_rollout_reason(
    *, number: int, api: str, name: str, version: str, merged: int | None, scope: str, seen: Observation | None
) -> str:
    who = f"#{merged} with {name} {version}" if merged is not None else f"{name} {version}"
    heard = (
        f"it last said {seen.version} ({seen.source}, {seen.at:%H:%M})"
        if seen is not None
        else "it has not said so yet"
    )
    return (
        f"Merged, not yet rolled out: #{number} needs {api}, {who} is merged, "
        f"but cluster {scope} is not known to run it: {heard}."
    )


def served_unknown_reason(*, number: int, api: str, why: str, scope: str) -> str:
    return f"Unknown: #{number} needs {api}, and it is not known whether cluster {scope} serves it: {why}."


def unread_reason(paths: Sequence[str]) -> str:
    return f"Unknown: {listed(paths)} could not be read, so what it needs is not known."


def self_contained_reason(*, number: int, api: str, name: str, version: str, shared: str) -> str:
    return (
        f"Blocked: #{number} brings {name} {version} and uses {api}, which only that version serves, in one Flux "
        f"Kustomization ({shared}), which Flux applies as a whole or not at all; split it."
    )


# --- pairs, removals, files -----------------------------------------------------------------------


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


def removal_reason(
    *, number: int, name: str, version: str, api: str, count: int, files: Sequence[str], remover: int | None
) -> str:
    noun, use = ("manifest", "uses") if count == 1 else ("manifests", "use")
    where = f"{count} {noun} of the base ({listed(files)})"
    if remover is None:
        return (
            f"Blocked: {name} {version} does not serve {api}, which {where} still {use}, "
            "and no open pull request moves them."
        )
    return (
        f"#{number} brings {name} {version}, which does not serve {api}; {where} still {use} it, "
        f"so #{remover}, which moves them, must be merged first."
    )


def file_reason(*, earlier: int, path: str, adjacent: bool) -> str:
    where = f"neighbouring lines of {path}" if adjacent else path
    return f"Merge #{earlier} first and rebase: both change {where}."


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


def environment_reason(*, provider: int, what: str, before: str, after: str) -> str:
    return f"Better after #{provider}: it brings the same {what} to {before}, which goes before {after}."


def cycle_reason(cycle: Sequence[int]) -> str:
    way = " → ".join(f"#{number}" for number in (*cycle, cycle[0]))
    return f"Blocked: these pull requests wait for each other ({way}); merge a version in between first, or split one."


def pair_unknown_reason(*, other: str, what: str) -> str:
    return f"Unknown: it is not known whether {other} goes with {what}."


def downgrade_warning(*, number: int, name: str, before: str, after: str) -> str:
    return (
        f"#{number} lowers {name} from {before} to {after}: Flux Operator refuses to go back a minor, "
        "so this is no way back; revert what needs the newer version instead."
    )


def talos_step_warning(*, number: int, before: str, after: str, least: str) -> str:
    return f"#{number} raises Talos from {before} to {after}, which can only be reached from {least} or newer."


def kubernetes_step_warning(*, number: int, before: str, after: str) -> str:
    return (
        f"#{number} raises Kubernetes from {before} to {after}: control planes go up one minor at a time, "
        "so merge the minors in between first."
    )


# --- verdicts -------------------------------------------------------------------------------------

MERGED = "Merged."
CLOSED = "Closed without a merge."
NOT_RENOVATES = "Not Renovate's: left alone, and counted as a provider where it brings something."
TOOLING = "Nothing to wait for: tooling, changes no cluster."
FLUX_CLI = "Nothing to wait for: this updates the Flux CLI, which upgrades no cluster."
READY = "Ready: nothing to wait for."
NOT_CLASSIFIED = "Unknown: no sign tells what this changes, so a person has to look."


def held_reason(by: str, reason: str) -> str:
    return f"Held by {by}: {reason}" if reason else f"Held by {by}."


def major_reason(updates: str) -> str:
    return f"A major update ({updates}) waits for a person: read the release notes, then say `/fluxmig approve`."


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


def approved_reason(by: str) -> str:
    return f"Ready: approved by {by}."


def also_waits(reason: str, others: Sequence[int]) -> str:
    return f"{reason} It also waits for {pull_requests(others)}." if others else reason


def better_after(reason: str, numbers: Sequence[int]) -> str:
    return f"{reason.removesuffix('.')}; better after {pull_requests(numbers)}." if numbers else reason
