"""Why one pull request comes before another: removed APIs, shared lines, environments, cycles, steps."""

from collections.abc import Sequence

from app.domain.messages.phrases import listed


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


def environment_reason(*, provider: int, what: str, before: str, after: str) -> str:
    return f"Better after #{provider}: it takes {what} to {before}, which goes before {after}."


def cycle_reason(cycle: Sequence[int]) -> str:
    way = " → ".join(f"#{number}" for number in (*cycle, cycle[0]))
    return f"Blocked: these pull requests wait for each other ({way}); merge a version in between first, or split one."


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
