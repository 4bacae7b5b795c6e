"""Which of Renovate's managers reads a line that moves, and which datasource it asks for new versions.

The names are those of https://docs.renovatebot.com/modules/.
"""

from app.domain.file_roles import manager_of
from app.domain.moves import Move
from app.domain.references import ReferenceKind

_DATASOURCES = {
    "npm": "npm",
    "pip_requirements": "pypi",
    "pip_setup": "pypi",
    "pep621": "pypi",
    "gomod": "go",
    "cargo": "crate",
    "bundler": "rubygems",
    "nuget": "nuget",
    "gradle": "maven",
    "ansible-galaxy": "galaxy-collection",
    "pre-commit": "github-tags",
    "devcontainer": "docker",
    "git-submodules": "git-refs",
}
"""Manager -> the one datasource of its packages."""


def find_manager(move: Move) -> str | None:
    """Renovate's manager that reads the line: told by the path, else by what the line is; None where neither tells."""
    if move.kind is ReferenceKind.API:
        return "kubernetes"
    by_path = manager_of(move.file)
    if move.hinted and by_path not in {"github-actions", "mise", "pre-commit", "dockerfile"}:
        return "custom.regex"
    if move.kind is ReferenceKind.PACKAGE and by_path is None and move.key == "commit":
        return "git-submodules"
    if by_path is not None and by_path != "flux":
        return by_path
    if move.key == "targetrevision":
        return "argocd"
    if move.kind in _SOURCE_KINDS and move.key in {"tag", "semver", "digest", "commit"}:
        return "flux"
    if move.kind is ReferenceKind.CHART and move.key == "version":
        return "flux"
    if move.kind is ReferenceKind.IMAGE:
        return by_path or "kubernetes"
    return by_path


_TAG_READERS = frozenset({"kustomize", "terraform", "terragrunt"})
"""Managers that look for tags behind an address of GitHub, even one of a release."""

_SOURCE_KINDS = frozenset({ReferenceKind.CHART, ReferenceKind.IMAGE, ReferenceKind.REPOSITORY})


def find_datasource(move: Move) -> str | None:
    """Where Renovate looks for new versions of what the line names; None where the diff does not tell."""
    manager = manager_of(move.file)
    if move.datasource is None and move.kind is ReferenceKind.PACKAGE and move.key == "commit":
        return "git-refs"
    if move.datasource is None and manager == "terraform" and move.name:
        return _terraform_datasource(move)
    if move.datasource is None and move.key in {"runs-on", "vmimage"}:
        return "github-runners"
    if move.kind is ReferenceKind.REPOSITORY and not move.hinted and manager in _TAG_READERS:
        return "github-tags"
    return move.datasource or _DATASOURCES.get(manager or "")


def _terraform_datasource(move: Move) -> str | None:
    if move.key == "required_version":
        return "github-releases"
    return {1: "terraform-provider", 2: "terraform-module", 3: "terraform-module"}.get((move.name or "").count("/"))
