"""Parts of sentences: places, lists, names of APIs, what runs where."""

from collections.abc import Iterable, Sequence

from app.domain.model import Evidence, Gvk, Observation, Requirement


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


def needed(requirements: Sequence[Requirement]) -> str:
    """APIs, or fields with the API that they are of: `spec.waitStrategy` of HelmRelease `helm.toolkit.fluxcd.io/v2`."""
    fields: dict[Gvk, list[str]] = {}
    for requirement in requirements:
        if requirement.field is not None:
            fields.setdefault(requirement.gvk, []).append(f"`{requirement.field}`")
    words = [f"{listed(list(dict.fromkeys(names)))} of {apis([gvk])}" for gvk, names in fields.items()]
    gvks = list(dict.fromkeys(requirement.gvk for requirement in requirements if requirement.field is None))
    return listed([*([apis(gvks)] if gvks else []), *words])


def serves(requirements: Sequence[Requirement]) -> str:
    """An API is served, a field is known."""
    return "knows" if any(requirement.field is not None for requirement in requirements) else "serves"


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
