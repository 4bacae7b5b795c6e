"""What a FluxInstance says of Flux, as an object, as values of its chart, and as a patch of either."""

from collections.abc import Iterator

from app.domain.catalogue import FLUX
from app.domain.inline_patches import InlinePatch
from app.domain.marks import MarkKind, VersionMark, evidence
from app.domain.templates import is_templated
from app.domain.versions import is_exact
from app.domain.yamltree import Path, YamlDocument

OBJECT = ("spec",)
INLINE_VALUES = ("spec", "values", "instance")
VALUES = ("instance",)
"""Where the fields of the FluxInstance stand: in itself, in a HelmRelease of its chart, in a file of values."""


def says_distribution(tree: YamlDocument, at: Path) -> bool:
    """Whether values are those of the flux-instance chart: other charts have an `instance` too."""
    components = (item for item, _ in tree.texts(*at, "components"))
    return tree.get(*at, "distribution") is not None or "source-controller" in components


def distribution_marks(
    text: str, tree: YamlDocument, at: Path, form: str, *, patch: bool = False
) -> Iterator[VersionMark]:
    """The mark of a FluxInstance; none of a patch that says nothing of what is installed."""
    version, artifact = _value(text, tree, (*at, "distribution", "version")), tree.text(*at, "distribution", "artifact")
    components = tuple(item for item, _ in tree.texts(*at, "components"))
    if patch and not (version or artifact or components):
        return
    # A range says little; the pinned artifact beside it says which release it means.
    pinned = artifact is not None and version is not None and not is_exact(version)
    line = tree.line_of(*at, "distribution", "artifact" if pinned or version is None else "version")
    yield VersionMark(
        kind=MarkKind.DISTRIBUTION,
        subject=FLUX,
        version=version,
        source=evidence(text, line),
        form=form,
        artifact=artifact,
        components=components or None,
        sync_kind=tree.text(*at, "sync", "kind"),
        chart_defaults=at != OBJECT,
        patch=patch,
    )


def _value(text: str, tree: YamlDocument, path: Path) -> str | None:
    """The value, or the template instead of it: to YAML `version: #{ x }#` is a comment and no value."""
    value = tree.text(*path)
    if value is None and path in tree.lines:
        raw = evidence(text, tree.lines[path]).text.partition(":")[2].strip()
        return raw if is_templated(raw) else None
    return value


_PATHS = {
    "/spec/distribution/": OBJECT,
    "/spec/components": OBJECT,
    "/spec/values/instance/distribution/": INLINE_VALUES,
    "/spec/values/instance/components": INLINE_VALUES,
}


def patched_distribution(text: str, patch: InlinePatch) -> Iterator[VersionMark]:
    """What a patch of a FluxInstance, or of the HelmRelease that makes it, changes; strategic merge or JSON 6902."""
    for tree in patch.documents:
        kind = tree.text("kind") or patch.target_kind
        if isinstance(tree.data, list):
            yield from _operations(text, tree)
        elif kind == "FluxInstance":
            yield from distribution_marks(text, tree, OBJECT, "FluxInstance patch", patch=True)
        elif kind == "HelmRelease" and says_distribution(tree, INLINE_VALUES):
            yield from distribution_marks(text, tree, INLINE_VALUES, "flux-instance chart, patch", patch=True)


def _operations(text: str, tree: YamlDocument) -> Iterator[VersionMark]:
    for index in range(tree.length()):
        path = tree.text(index, "path") or ""
        at = next((at for prefix, at in _PATHS.items() if path.startswith(prefix)), None)
        if at is None or tree.text(index, "op") not in {"add", "replace"}:
            continue
        value = tree.text(index, "value")
        components = tuple(item for item, _ in tree.texts(index, "value"))
        yield VersionMark(
            kind=MarkKind.DISTRIBUTION,
            subject=FLUX,
            version=value if path.endswith("/version") else None,
            source=evidence(text, tree.line_of(index, "value")),
            form="FluxInstance patch",
            artifact=value if path.endswith("/artifact") else None,
            components=components if path.endswith("/components") and components else None,
            chart_defaults=at != OBJECT,
            patch=True,
        )
