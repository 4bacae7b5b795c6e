"""Which Flux Kustomizations read this repository, and which another one, whose folders only sound the same."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from app.domain.layout import FluxKustomization, FluxSource

GIT = "GitRepository"


def own_kustomizations(
    kustomizations: Iterable[FluxKustomization], sources: Iterable[FluxSource], exists: Callable[[str], bool]
) -> list[FluxKustomization]:
    """Those whose source is this repository; `exists` says whether it has a folder.

    A source that Flux's bootstrap or a FluxInstance makes often has no object in Git. One that has is this repository
    if its address is that of the source which this repository's own Kustomizations read.
    """
    every = list(kustomizations)
    addresses: dict[tuple[str, str], set[str]] = defaultdict(set)
    for source in sources:
        addresses[source.name.kind, source.name.name].add(source.address)
    synced = {(ks.source.kind, ks.source.name) for ks in every if ks.generated}
    own = synced | _main_source(every, exists)
    known = {address for name in own for address in addresses.get(name, ()) if address}

    def is_own(ks: FluxKustomization) -> bool:
        name = ks.source.kind, ks.source.name
        if ks.generated or name in own:
            return True
        if ks.source.kind != GIT:
            return False
        written = addresses.get(name)
        return not written or "" in written or bool(written & known)

    return [ks for ks in every if is_own(ks)]


def _main_source(every: list[FluxKustomization], exists: Callable[[str], bool]) -> set[tuple[str, str]]:
    """The Git source that most Kustomizations read which lie in the folder that they apply, or in one that exists."""
    votes: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for ks in every:
        if ks.source.kind == GIT and exists(ks.path):
            votes[ks.source.name][0] += bool(ks.path) and ks.file.startswith(f"{ks.path}/")
            votes[ks.source.name][1] += bool(ks.path)
    if not votes:
        return set()
    return {(GIT, max(votes, key=lambda name: (*votes[name], name == "flux-system", name)))}
