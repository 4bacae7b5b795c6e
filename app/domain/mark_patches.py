"""What patches make of the marks that they change."""

from dataclasses import replace

from app.domain.marks import MarkKind, VersionMark


def patched(marks: list[VersionMark]) -> list[VersionMark]:
    """The marks of FluxInstances with what patches change of them; a patch of one that is not in Git stands alone."""
    patches = [mark for mark in marks if mark.kind is MarkKind.DISTRIBUTION and mark.patch]
    if not patches:
        return marks
    others = [mark for mark in marks if mark not in patches]
    if not any(mark.kind is MarkKind.DISTRIBUTION for mark in others):
        return [*others, *(mark for mark in patches if mark.version is not None)]
    for patch in patches:
        others = [_with_patch(mark, patch) if mark.kind is MarkKind.DISTRIBUTION else mark for mark in others]
    return others


def _with_patch(mark: VersionMark, patch: VersionMark) -> VersionMark:
    version = patch.version is not None
    return replace(
        mark,
        version=patch.version if version else mark.version,
        source=patch.source if version or patch.artifact else mark.source,
        form=patch.form if version or patch.artifact else mark.form,
        artifact=patch.artifact or mark.artifact,
        components=patch.components or mark.components,
        sync_kind=patch.sync_kind or mark.sync_kind,
    )
