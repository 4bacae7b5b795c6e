"""Files that a program writes anew whenever a version moves, so that any of their lines may follow from an update."""

import re

from app.domain.file_roles import is_lock_file, is_prose

_GENERATED = re.compile(
    r"""
    (^|/)gotk-components\.ya?ml$                                    # flux install --export
    | (^|/)(vendor|vendored|generated|__generated__|dist|node_modules|third_party)/
    | (^|/)[\w.-]*(\.gen|\.generated|_generated|\.pb)\.\w+$
    | (^|/)go\.(mod|sum|work)$                                      # go mod tidy moves indirect requirements
    | (^|/)charts/[^/]+(\.tgz$|/(templates|crds)/)                  # helm dependency update, unpacked
    | (^|/)(gradlew(\.bat)?|mvnw(\.cmd)?|\.pnp\.c?js)$             # wrappers that their own tools write
    | (^|/)\.yarn/ | \.lock\.json$
    """,
    re.VERBOSE,
)
_CRDS = re.compile(r"(^|/)[\w.-]*crds?([-_.][\w.-]*)?(/|\.ya?ml$)")
_WRITTEN_BY_PEOPLE = re.compile(
    r"(^|/)(kustomization|ks|hr|helm-?release|oci-?repo(sitory)?|helm-?repo(sitory)?|git-?repo(sitory)?|helmfile"
    r"|values)[\w.-]*$"
)


def is_generated(path: str) -> bool:
    """Whether nobody writes the file by hand: lock files, vendored CRDs and charts, Flux's own export, prose."""
    if is_lock_file(path) or _GENERATED.search(path) or (is_prose(path) and not path.endswith(".txt")):
        return True
    data = path.endswith((".yaml", ".yml", ".json"))
    return data and bool(_CRDS.search(path)) and not _WRITTEN_BY_PEOPLE.search(path)
