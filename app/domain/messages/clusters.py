"""What is said of clusters themselves: what they store, whether they are well, what could not be read."""

from collections.abc import Sequence

from app.domain.messages.phrases import listed


def stored_reason(
    *, number: int, what: str, versions: Sequence[str], crd: str, more: int, scope: str, source: str, way: str
) -> str:
    also = f" (and {more} more of its CRDs)" if more else ""
    names = listed([f"`{version}`" for version in versions])
    return (
        f"Blocked: #{number} brings {what}, which drops {names} of the CRD `{crd}`{also}, but cluster {scope} may "
        f"still store objects at it ({source}), so its API server would refuse the upgrade. {way}"
    )


def run_migrate_phrase(*, scope: str) -> str:
    return (
        f"Run `flux migrate` first, with the Flux CLI 2.7 or newer and as an administrator of cluster {scope}; "
        "it is free as soon as status.storedVersions no longer names it."
    )


def migrate_objects_phrase(*, crd: str, storage: str, scope: str) -> str:
    patch = f"""{{"status":{{"storedVersions":["{storage}"]}}}}"""
    return (
        f"Write every object anew in cluster {scope} first: `kubectl get {crd} --all-namespaces --output=json | "
        f"kubectl replace --filename=-`, then `kubectl patch crd {crd} --subresource=status --type=merge "
        f"--patch='{patch}'`."
    )


def migrate_over_phrase(*, version: str, between: str) -> str:
    over = f"Roll out {between} first" if between else "Roll out a version in between first"
    return (
        f"The version that runs still stores new objects at `{version}`. {over}, let objects be migrated there "
        "(`flux migrate`, or Flux Operator by itself), then take this one."
    )
