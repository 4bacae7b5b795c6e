"""Which files of a repository say something about clusters."""

import re

_READABLE = re.compile(
    r"\.(?:ya?ml(?:\.j2|\.gotmpl)?|json|tf|tfvars|env)$|(?:^|/)Kustomization$|(?<!\.lock)\.hcl$|(?:^|/)\.?mise(?:[\w.]*|/[\w./-]*)\.toml$",
    re.IGNORECASE,
)

_NO_MANIFESTS = frozenset(
    {"package.json", "package-lock.json", "composer.json", "tsconfig.json", "renovate.json", ".renovaterc.json"}
)

MAX_BYTES = 1_000_000
"""Larger files are generated or no manifests; reading them would cost more than it tells."""


def is_readable(path: str) -> bool:
    """Whether the text of `path` is worth reading: manifests and their templates, Terraform, environments."""
    return _READABLE.search(path) is not None and path.rpartition("/")[2].lower() not in _NO_MANIFESTS
