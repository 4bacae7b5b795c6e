"""Which files of a repository say something about clusters."""

import re

_READABLE = re.compile(r"\.(?:ya?ml|ya?ml\.j2|tf)$", re.IGNORECASE)

MAX_BYTES = 1_000_000
"""Larger files are generated or no manifests; reading them would cost more than it tells."""


def is_readable(path: str) -> bool:
    """Whether the text of `path` is worth reading: manifests, templates of manifests, Terraform."""
    return _READABLE.search(path) is not None
