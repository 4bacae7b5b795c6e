"""What `fluxmig check` finds, and what to do about it."""

from collections.abc import Sequence

from app.domain.messages.phrases import at, listed
from app.domain.model import Evidence, Gvk


def unserved_message(*, gvk: Gvk, named: bool, basis: str, clusters: str, why: str, advice: str) -> str:
    """`named`: it is only named there, and not an object."""
    subject = f"this names {gvk}, which" if named else str(gvk)
    return f"{subject} is not served by {basis}{clusters}: {why}; {advice}."


def assumed_message(message: str, *, text: str) -> str:
    return f"unless somebody sets the variable of `{text}`: {message}"


def serves_from(name: str, since: str) -> str:
    return f"{name} serves it from {since}"


def serves_until(name: str, removed: str) -> str:
    return f"{name} no longer serves it from {removed}"


def serves_never(name: str) -> str:
    return f"no known release of {name} does"


def lives_on_as(api_version: str) -> str:
    return f"the kind lives on as {api_version}"


def raise_advice(name: str) -> str:
    return f"raise {name} first, or use a version that it serves"


def replace_advice() -> str:
    return "it serves no newer version of this kind either, so see the release notes for what replaces it"


def correct_advice() -> str:
    return "correct the version"


def another_object_advice() -> str:
    return "that is another object to Kubernetes, so write it anew and let the old one go"


def migrate_advice(new: Gvk) -> str:
    return f"`fluxmig migrate` rewrites it to {new.version}"


def by_hand_advice(new: Gvk, obstacle: str) -> str:
    return obstacle.removesuffix(".") or f"move it to {new.version}"


def deprecated_message(*, gvk: Gvk, name: str, since: str, new: Gvk, basis: str, advice: str) -> str:
    return f"{gvk} is deprecated since {name} {since}, and {new.version} is served by {basis}; {advice}."


def removed_soon_message(*, gvk: Gvk, name: str, removed: str, new: Gvk, basis: str, advice: str) -> str:
    return (
        f"{name} {removed} no longer serves {gvk}, and {new.version} is served by {basis} already; {advice}, "
        "which has to be merged before that release."
    )


def unknown_field_message(*, gvk: Gvk, field: str, name: str, since: str, basis: str, clusters: str) -> str:
    return (
        f"{gvk} knows {field} from {name} {since}, and not with {basis}{clusters}, so that server-side apply refuses "
        f"the object; raise {name} first, or leave it out."
    )


def missing_component_message(*, gvk: Gvk, component: str, basis: str, clusters: str) -> str:
    return (
        f"{gvk} comes with {component}, which is not among what is installed of {basis}{clusters}; "
        "add it there, unless a patch does."
    )


def unknown_version_message(*, gvk: Gvk, count: int, since: str, removed: str, name: str, stated: str) -> str:
    window = f"{name} serves it from {since}" + (f" and no longer from {removed}" if removed else "")
    others = f" (and {count - 1} more {'use' if count == 2 else 'uses'} like it)" if count > 1 else ""
    return f"it is not known whether {gvk} is served{others}: {window}; {stated}."


def stale_schema_message(*, comment: str, document: Gvk) -> str:
    return (
        f"the schema comment is that of {comment}, the document is {document}; "
        "`fluxmig migrate --stale-comments` rewrites it."
    )


def unread_message(why: str) -> str:
    return f"what this uses is not known: {why}."


def unreadable_file_message(why: str) -> str:
    return f"this file was not looked at: it {why}."


def declarations_disagree_message(
    *, name: str, version: str, clusters: str, others: Sequence[tuple[str, Evidence]]
) -> str:
    return (
        f"{name} {version} is declared here{clusters}, and {_versions(others)}; the lowest counts. "
        "Keep one, or bring them together."
    )


def bootstrap_drift_message(*, name: str, version: str, live: Sequence[tuple[str, Evidence]]) -> str:
    return (
        f"this installs {name} {version} when the cluster is set up anew, while it runs {_versions(live)}; "
        "bring this one up to it."
    )


def _versions(others: Sequence[tuple[str, Evidence]]) -> str:
    return listed([f"{version} in {at(where)}" for version, where in others])


def check_summary(*, errors: int, warnings: int, notes: int, files: int) -> str:
    found = [
        f"{count} {one if count == 1 else many}"
        for count, one, many in (
            (errors, "error", "errors"),
            (warnings, "warning", "warnings"),
            (notes, "note", "notes"),
        )
        if count
    ]
    where = f"{files} {'file' if files == 1 else 'files'}"
    return f"{listed(found)} in {where}." if found else f"Nothing found in {where}: all that is used is served."
