"""The configuration of an owner's repository `.github`, named apart from the files of the repository that it judges."""

import re

_SHARED = re.compile(r"^(?P<repository>[\w.-]+/\.github):(?P<path>\.github/fluxmig\.ya?ml)$", re.IGNORECASE)


def shared_name(repository: str, path: str) -> str:
    """`octo-org/.github:.github/fluxmig.yaml`."""
    return f"{repository}:{path}"


def split_shared(file: str) -> tuple[str, str] | None:
    """Repository and path; None for a file of the repository itself."""
    found = _SHARED.match(file)
    return (found["repository"], found["path"]) if found else None
