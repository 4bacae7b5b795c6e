"""Why one pull request comes before another: removed APIs, shared lines, environments, cycles, steps."""

from collections.abc import Sequence

from app.domain.messages.phrases import listed


def removal_reason(
    *,
    number: int,
    name: str,
    version: str,
    api: str,
    count: int,
    files: Sequence[str],
    remover: int | None,
    clusters: str = "",
    way: str = "",
) -> str:
    noun, use = ("manifest", "uses") if count == 1 else ("manifests", "use")
    where = f"{count} {noun} of the base ({listed(files)})"
    then = f" {way}" if way else ""
    if remover is None:
        return (
            f"Blocked: {name} {version}{clusters} does not serve {api}, which {where} still {use}, "
            f"and no open pull request moves them.{then}"
        )
    return (
        f"#{number} brings {name} {version}{clusters}, which does not serve {api}; {where} still {use} it, "
        f"so #{remover}, which moves them, must be merged first.{then}"
    )


def bridge_phrase(*, name: str, version: str, old: str, new: str) -> str:
    """The version in between, where no single step is safe."""
    order = "roll that out first, then move the manifests, then take the rest"
    return f"{name} {version} serves both {old} and {new}: {order}."


def crossed_phrase(*, name: str, version: str, api: str) -> str:
    return f"{name} {version} already serves {api}, so what uses the old one can be moved now."


def bridge_reason(*, number: int, provider: int, what: str, old: str, new: str) -> str:
    return (
        f"#{provider} brings {what}, which serves both {old} and {new}: roll it out and move the manifests before "
        f"#{number} takes the old one away."
    )


def removal_mentions_warning(*, number: int, what: str, api: str, files: Sequence[str]) -> str:
    places, name = ("place", "names") if len(files) == 1 else ("places", "name")
    return (
        f"#{number} brings {what}, which does not serve {api}; {len(files)} {places} that Flux does not apply as such "
        f"(values, references, templates) still {name} it: {listed(files)}."
    )


def removal_floats_warning(*, number: int, what: str, release: str, api: str, count: int, files: Sequence[str]) -> str:
    noun, use = ("manifest", "uses") if count == 1 else ("manifests", "use")
    return (
        f"#{number} brings {what}, which may come to mean {release}; that does not serve {api}, which "
        f"{count} {noun} of the base ({listed(files)}) still {use}."
    )


def file_reason(*, earlier: int, path: str, adjacent: bool) -> str:
    where = f"neighbouring lines of {path}" if adjacent else path
    return f"Merge #{earlier} first and rebase: both change {where}."


def environment_reason(*, provider: int, what: str, before: str, after: str) -> str:
    return f"Better after #{provider}: it takes {what} to {before}, which goes before {after}."


def cycle_reason(cycle: Sequence[int], *, bridge: str = "") -> str:
    """`cycle` starts with the pull request whose reason it is; `bridge` is a `bridge_phrase`."""
    way = " → ".join(f"#{number}" for number in (*cycle, cycle[0]))
    if not bridge:
        return f"Blocked: these pull requests wait for each other ({way}); merge a version in between, or split one."
    return f"Blocked: these pull requests wait for each other ({way}), so no single step is safe. {bridge}"


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
