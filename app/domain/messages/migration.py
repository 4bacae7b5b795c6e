"""What `fluxmig migrate` moved, what it left, and why."""

from collections.abc import Sequence

from app.domain.messages.phrases import at, listed
from app.domain.model import Evidence, Gvk


def basis_phrase(
    *, name: str, asked: str, written: str, declared_at: Evidence | None, low: str, high: str, how: str
) -> str:
    """What a decision rests on. `low` and `high` are empty where any release may run."""
    if asked:
        return f"{name} {asked} (--to)"
    if declared_at is None:
        return f"{name}, of which Git declares no version"
    declared = f"{name} {written} (declared in {at(declared_at)}"
    if not low:
        return f"{declared}; {how})" if how else f"{declared}, which says no release)"
    if low == high:
        return f"{declared})" if low == written.removeprefix("v") else f"{declared}, that is {low})"
    return f"{declared}, which can be {low} to {high})"


def basis_line(*, scope: str, basis: str, every: str) -> str:
    """`every` are the releases that may run, where it is not known which does."""
    sure = f": only what every release from {every} serves is sure" if every else ""
    return f"cluster {scope}: {basis}{sure}"


def lost_field_reason(*, new: Gvk, field: str) -> str:
    return f"{new} has no {field}, which is used here; replace the field, then move it."


def alpha_reason(*, old: Gvk, new: Gvk) -> str:
    return f"{old} is an alpha API, and it is not known which of its fields {new.version} has; move it by hand."


def sealed_reason(*, new: Gvk) -> str:
    return (
        f"SOPS has signed this document as a whole, its apiVersion included; set {new.api_version} with `sops edit`, "
        "which signs it anew."
    )


def written_otherwise_reason(*, new: Gvk) -> str:
    return (
        "the version does not stand plain and alone on its line (an anchor, an alias, several objects); "
        f"set {new.api_version} by hand."
    )


def version_unknown_reason(*, new: Gvk, since: str, name: str, basis: str, clusters: str) -> str:
    return (
        f"{new} is newer and served from {name} {since}, but it is not sure that it is served{clusters} by {basis}; "
        "say which version runs with --to."
    )


def patched_elsewhere_reason(*, new: Gvk) -> str:
    return (
        f"kustomize finds what this patches by its version, and that is not in Git; move it to {new.version} "
        "together with what it patches."
    )


def patched_apart_reason(*, versions: Sequence[str]) -> str:
    return (
        f"kustomize finds what this patches by its version, and that is at {listed(versions)} from now on; "
        "write a `target` without version, or one patch for each."
    )


def rendered_reason(*, new: Gvk) -> str:
    return f"{new.version} is served, but this patches what a chart renders, and the chart decides its version."


def foreign_reason(*, new: Gvk, owner: str) -> str:
    by = f"a {owner}" if owner else "this file"
    return f"{new.version} is served, but this is a reference, and it is not known how {by} reads it."


def split_reason(*, new: Gvk) -> str:
    return f"{new.version} is served, but group and version stand apart here, and it is not known what reads them."


def values_reason(*, new: Gvk) -> str:
    return f"{new.version} is served, but these are values, and a chart decides what becomes of them."


def template_reason(*, new: Gvk, owner: str) -> str:
    by = f"a {owner}" if owner else "another object"
    return f"{new.version} is served, but this is a template inside {by}, whose controller applies it."


def templated_reason(text: str) -> str:
    return f"a template decides the API version (`{text}`); look at what fills it in."


def stale_comment_reason(*, comment: str, document: Gvk) -> str:
    return f"the schema comment is that of {comment}, the document is {document}; --stale-comments rewrites it."


def raised_target_warning(*, name: str, asked: str, basis: str, clusters: str) -> str:
    return f"--to {name} {asked} is above {basis}{clusters}: merge this only when {name} {asked} is rolled out there."


def lowered_target_warning(*, name: str, asked: str, basis: str, clusters: str) -> str:
    return f"--to {name} {asked} is below {basis}{clusters}: what is moved may not be served there."


def migration_summary(*, moved: Sequence[tuple[int, str, str]], files: int, left: int, dry_run: bool) -> str:
    """`moved` has counts with the word in the singular and in the plural."""
    verb = "Would move" if dry_run else "Moved"
    rest = f"left {left} {'place' if left == 1 else 'places'} for a person to look at"
    if not moved:
        return f"Nothing to move; {rest}." if left else "Nothing to move: every API is the newest that is served."
    words = listed([f"{count} {one if count == 1 else many}" for count, one, many in moved], limit=9)
    told = f"{verb} {words} in {files} {'file' if files == 1 else 'files'}"
    return f"{told}; {rest}." if left else f"{told}."
