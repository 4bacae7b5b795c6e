"""Who brings a provider's version from Git into its cluster, and whose success says that it is done.

A Flux Kustomization that is Ready has applied what Git says. That is the end of it where it applies the thing itself
(gotk-components, a remote base of CRDs), or where it waits for what it applied. Where it applies a HelmRelease, a
FluxInstance or a source that others act on, those have yet to do their part and to say so.
"""

from dataclasses import dataclass

from app.domain.base_facts import BaseFacts
from app.domain.helm_releases import find_release
from app.domain.layout import FluxKustomization
from app.domain.scopes import Scopes
from app.domain.version_marks import GOTK_COMPONENTS, MarkKind

_APPLIED_WHOLE = frozenset({GOTK_COMPONENTS, "kustomize remote base"})
"""Forms of declarations that are the thing itself, and not an order to somebody else."""

_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Carrier:
    """`kustomization` applies the declaration of a provider. `is_last`: when it is Ready, nobody else has to act.

    `chart` and `release` name the HelmRelease where there is one.
    """

    kustomization: FluxKustomization | None
    is_last: bool = False
    chart: str | None = None
    release: str | None = None
    by_operator: bool = False
    above: tuple[FluxKustomization, ...] = ()
    """The Kustomizations that apply it in turn: while they fail, it hears of nothing."""


def carrier_of(provider: str, scope: str, base: BaseFacts) -> Carrier | None:
    """None where the base branch does not declare the provider in that cluster."""
    declared = base.declarations.get((provider, scope))
    if declared is None or declared.mark is None or not declared.declaration.live:
        return None
    mark, file = declared.mark, declared.declaration.source.file
    kustomization = nearest_kustomization(base.scopes, file, scope)
    above = _above(base.scopes, kustomization, scope)
    if mark.kind is MarkKind.CHART:
        release = find_release(base.tree, base.helm_names, base.scopes, mark.subject, scope)
        name = release.name if release else None
        waits = kustomization is not None and (kustomization.waits or (name or "") in kustomization.checks)
        return Carrier(kustomization, is_last=waits, chart=mark.subject, release=name, above=above)
    if mark.kind is MarkKind.DISTRIBUTION:
        return Carrier(kustomization, by_operator=True, above=above)
    return Carrier(kustomization, is_last=mark.form in _APPLIED_WHOLE, above=above)


def nearest_kustomization(scopes: Scopes, path: str, scope: str) -> FluxKustomization | None:
    """The Flux Kustomization of a cluster that applies a file; None where none does, or two do with equal right."""
    carriers = [ks for ks in scopes.kustomizations_of(path) if scope in scopes.of(ks.file)]
    nearest = [ks for ks in carriers if len(ks.path) == len(carriers[0].path)]
    return nearest[0] if len({str(ks) for ks in nearest}) == 1 else None


def _above(scopes: Scopes, kustomization: FluxKustomization | None, scope: str) -> tuple[FluxKustomization, ...]:
    found: list[FluxKustomization] = []
    while kustomization is not None and len(found) < _DEEPEST:
        kustomization = nearest_kustomization(scopes, kustomization.file, scope)
        if kustomization is None or kustomization in found:
            break
        found.append(kustomization)
    return tuple(found)
