"""Renovate's own words for managers and datasources, where no file of the pull request is known.

A title says `docker tag`, `helm release` or `pre-commit hook`; the table's Type column says `action` or
`required_provider`. Users may change the words of titles, so they only fill in what the diff left open.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from app.domain.model import Update
from app.domain.titles import Title

_Pair = tuple[str | None, str | None]

_TYPES: Mapping[str, _Pair] = {
    "action": ("github-actions", "github-tags"),
    "uses-with": ("github-actions", None),
    "github-runner": ("github-actions", "github-runners"),
    "container": ("github-actions", "docker"),
    "service": ("github-actions", "docker"),
    "repository": ("pre-commit", "github-tags"),
    "required_provider": ("terraform", "terraform-provider"),
    "provider": ("terraform", "terraform-provider"),
    "module": ("terraform", "terraform-module"),
    "helm_release": ("terraform", "helm"),
    "kustomization": ("kustomize", None),
    "helmchart": ("kustomize", "helm"),
    "galaxy-collection": ("ansible-galaxy", "galaxy-collection"),
    "devdependencies": ("npm", "npm"),
    "require": ("gomod", "go"),
    "dev-dependencies": ("cargo", "crate"),
}
"""Word of the Type column, lower case -> manager and datasource."""

_OBJECTS: tuple[tuple[str, _Pair], ...] = (
    ("pre-commit hook", ("pre-commit", "github-tags")),
    ("precommit hook", ("pre-commit", "github-tags")),
    ("helm release", (None, "helm")),
    ("helm-release", (None, "helm")),
    ("helm chart", (None, "helm")),
    ("docker tag", (None, "docker")),
    ("docker digest", (None, "docker")),
    ("docker image", (None, "docker")),
    ("container image", (None, "docker")),
    ("image", (None, "docker")),
    ("chart", (None, "helm")),
    ("rust crate", ("cargo", "crate")),
    ("dashboard", (None, "custom.grafana-dashboards")),
    ("action", ("github-actions", "github-tags")),
)
"""Object of the title -> the same, the most telling first."""

_SCOPES: Mapping[str, _Pair] = {
    "container": (None, "docker"),
    "docker-image": (None, "docker"),
    "image": (None, "docker"),
    "oci": (None, "docker"),
    "helm": (None, "helm"),
    "chart": (None, "helm"),
    "github-release": (None, "github-releases"),
    "github-tag": (None, "github-tags"),
    "github-action": ("github-actions", "github-tags"),
    "mise": ("mise", None),
    "grafana-dashboard": (None, "custom.grafana-dashboards"),
    "kubernetes-api": ("kubernetes", "kubernetes-api"),
}
_ALIKE = ({"helm", "docker"}, {"github-releases", "github-tags"})
"""Pairs that a diff alone cannot always tell apart: a chart of an OCI repository, an address on GitHub."""

_API_VERSION = re.compile(r"^[a-z0-9.-]+/v\d+(?:(?:alpha|beta)\d+)?$")


def fill_in(update: Update, title: Title, type_: str = "") -> Update:
    """The update with the manager and datasource that `type_`, the title's objects and its scope tell."""
    if _API_VERSION.match(update.to or ""):
        return replace(update, manager=update.manager or "kubernetes", datasource=update.datasource or "kubernetes-api")
    manager, datasource = update.manager, update.datasource
    scope = _SCOPES.get(title.scope.casefold().partition("/")[0].rstrip("s"), (None, None))
    if any({scope[1], datasource} == pair for pair in _ALIKE):
        datasource = scope[1]
    for said_manager, said_datasource in (_TYPES.get(type_.casefold(), (None, None)), scope, _of_objects(title)):
        manager = manager or said_manager
        datasource = datasource or said_datasource
    return replace(update, manager=manager, datasource=datasource)


def _of_objects(title: Title) -> _Pair:
    return next((pair for word, pair in _OBJECTS if word in title.objects), (None, None))
