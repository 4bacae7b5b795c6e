"""What a path says: who reads the file (Renovate's manager), and whether it is tooling, a node, or a cluster's folder.

File patterns are those of https://docs.renovatebot.com/modules/manager/, folders the customs of Flux repositories:
`kubernetes/apps/<namespace>/<app>/…`, `cluster/apps/…`, `infrastructure/…`, `talos/…`, `bootstrap/…`.
"""

import re
from enum import Enum


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MANAGERS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), manager)
    for pattern, manager in (
        (r"(^|/)\.(github|gitea|forgejo)/(workflows|actions)/.*\.ya?ml$|(^|/)action\.ya?ml$", "github-actions"),
        (r"(^|/)\.pre-commit-config\.ya?ml$", "pre-commit"),
        (r"(^|/)(\.?mise(\.\w+)?\.toml|\.?mise/(config(\.\w+)?\.toml|mise\.lock)|mise\.lock|\.rtx.*\.toml)$", "mise"),
        (r"(^|/)\.tool-versions$", "asdf"),
        (r"(^|/)helmfile(\.d/.*)?(\.ya?ml)?(\.gotmpl|\.j2)?$", "helmfile"),
        (r"(^|/)\.terraform\.lock\.hcl$|\.tf$|\.tofu$", "terraform"),
        (r"(^|/)(galaxy|requirements)(\.ansible)?\.ya?ml$", "ansible-galaxy"),
        (r"(^|/)Chart\.ya?ml$", "helmv3"),
        (r"(^|/)(docker-)?compose[^/]*\.ya?ml$", "docker-compose"),
        (r"(^|/)([\w.-]*[Dd]ocker|[Cc]ontainer)file[^/]*$", "dockerfile"),
        (r"(^|/)package(-lock)?\.json$|(^|/)(pnpm-lock\.yaml|yarn\.lock|bun\.lock)$", "npm"),
        (r"(^|/)go\.(mod|sum)$", "gomod"),
        (r"(^|/)(requirements[\w.-]*\.txt)$", "pip_requirements"),
        (r"(^|/)pyproject\.toml$|(^|/)(uv|poetry)\.lock$", "pep621"),
        (r"(^|/)Cargo\.(toml|lock)$", "cargo"),
        (r"(^|/)flake\.(nix|lock)$", "nix"),
        (r"(^|/)\.gitlab-ci\.ya?ml$", "gitlabci"),
        (r"(^|/)\.woodpecker(/|\.ya?ml)", "woodpecker"),
        (r"(^|/)gotk-components\.ya?ml$", "flux"),
        (r"(^|/)kustomization\.ya?ml(\.j2)?$", "kustomize"),
        (r"(^|/)(\.?renovate(rc)?[^/]*\.json5?|renovate/.*\.json5?)$", "renovate-config-presets"),
        (r"(^|/)values[^/]*\.ya?ml(\.j2)?$", "helm-values"),
        (r"(helm-?release|ocirepository|ocirepo|helmrepository|gitrepository|hr)[^/]*\.ya?ml(\.j2)?$", "flux"),
    )
)

_TOOLING = re.compile(
    r"""
    (^|/)(\.github|\.gitea|\.forgejo|\.gitlab|\.taskfiles?|\.devcontainer|\.vscode|\.mise|\.tekton|\.circleci|\.renovate
         |\.just|\.woodpecker|\.deepsec|\.config/mise|node_modules)/
    | ^(docs?|website|hack)/
    | (^|/)(\.?mise[\w.]*\.(toml|lock)|\.rtx[\w.]*\.toml|\.tool-versions|\.pre-commit-config\.ya?ml|Brewfile[\w.]*
         |\.?[Tt]askfile[\w.-]*\.ya?ml|\.?[Jj]ustfile|[Mm]akefile|\.?renovate(rc)?[\w.]*|devbox\.(json|lock)|flake\.(nix|lock)
         |package(-lock)?\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|pyproject\.toml|uv\.lock|poetry\.lock
         |requirements[\w.-]*\.txt|Pipfile(\.lock)?|go\.(mod|sum)|Cargo\.(toml|lock)|\.gitlab-ci\.ya?ml|\.drone\.ya?ml
         |\.envrc|\.nvmrc|\.node-version|\.python-version|action\.ya?ml|mise\.lock|\.krew[\w.]*|[\w.-]*[Dd]ockerfile[\w.-]*
         |\.?makejinja[\w.-]*|\.?[Ss]hellcheckrc|\.trivyignore|\.flux-local[\w.]*|\.yamllint[\w.]*|\.markdownlint[\w.]*)$
    """,
    re.VERBOSE,
)
_NODE = re.compile(
    r"(^|/)(talos|omni|machineconfig|k0s|k3s|rke2?|nixos|ansible|terraform|tofu|opentofu|pulumi)(/|[\w.-]*$)"
)
_LOCK_FILE = re.compile(
    r"(^|/)([\w.-]*\.lock(b|\.hcl)?|package-lock\.json|pnpm-lock\.yaml|go\.sum|npm-shrinkwrap\.json)$"
)
_PROSE = re.compile(r"\.(md|rst|adoc|txt)$|(^|/)(README|LICENSE|CHANGELOG)[\w.]*$")
_BOOTSTRAP = re.compile(r"(^|/)(bootstrap|scripts|setup)/")
_TEMPLATE = re.compile(r"\.(j2|tmpl|gotmpl|tpl)$")

_INFRASTRUCTURE_FOLDERS = _names(
    """
    kube-system network networking networks net dns ingress storage disk backup backups monitoring observability
    o11y metrics logging logs security secrets database databases db dbms data-services system system-upgrade
    system-controllers system-health infra infrastructure infrastructures core crds crd controllers operators
    cert-manager rook-ceph rook rook-ceph-external longhorn openebs volsync external-secrets actions-runner
    actions-runner-controller kyverno istio traefik ingress-nginx nginx-ingress metallb tailscale cilium gpu
    hardware autoscaling autoscaler cnpg cloudnative-pg kube-tools kube-node-lease cluster-api certmanager
    nvidia intel-device-plugins auth identity sso admin platform vault renovate github-actions arc
    """
)
_APPLICATION_FOLDERS = _names(
    """
    default media home home-automation homeautomation home-assistant downloads downloaders downloader selfhosted
    self-hosted games gaming game-servers games-servers ai llm apps-personal personal productivity entertainment
    iot arr servarr social smart-home office collaboration web websites communication documents automation tools
    utilities utility
    """
)
_LAYERS = frozenset({"infrastructure", "infra", "core", "platform", "controllers", "home", "admin", "tools", "system"})


class Folder(Enum):
    """What kind of things a folder of a cluster holds."""

    INFRASTRUCTURE = "infrastructure"
    APPLICATION = "application"
    FLUX = "flux"


def manager_of(path: str) -> str | None:
    """Renovate's manager that would read this path, by its name alone; None when the content decides."""
    return next((manager for pattern, manager in _MANAGERS if pattern.search(path)), None)


def is_tooling_path(path: str) -> bool:
    """Whether people or CI use the file and no cluster does."""
    return bool(_TOOLING.search(path))


def is_lock_file(path: str) -> bool:
    """Whether a tool writes the file by itself, for versions that other files ask for."""
    return bool(_LOCK_FILE.search(path))


def is_prose(path: str) -> bool:
    """Whether the file is read by people only: it changes nothing, wherever it lies."""
    return bool(_PROSE.search(path))


def is_bootstrap(path: str) -> bool:
    """Whether the file is applied once, when a cluster is born, and not reconciled afterwards."""
    return bool(_BOOTSTRAP.search(path))


def is_node_path(path: str) -> bool:
    """Whether the file configures machines or accounts below the cluster: Talos, Ansible, Terraform."""
    return bool(_NODE.search(path)) and not is_tooling_path(path)


def is_template(path: str) -> bool:
    """Whether the file is a template that is rendered elsewhere."""
    return bool(_TEMPLATE.search(path))


def folder_of(path: str) -> tuple[Folder, str] | None:
    """What the folders of `path` say, and the one that said it.

    The outermost namespace wins (`media/lidarr/observability` is media); `infrastructure`, `home` and the like, which
    often name a cluster or a layer, are asked only when no namespace is known.
    """
    folders = [folder.casefold() for folder in path.split("/")[:-1]]
    if "flux-system" in folders:
        return Folder.FLUX, "flux-system"
    known = [folder for folder in folders if _kind_of(folder) is not None]
    said = next((folder for folder in known if folder not in _LAYERS), known[0] if known else None)
    kind = _kind_of(said) if said else None
    return (kind, said) if kind and said else None


def _kind_of(folder: str) -> Folder | None:
    if folder in _APPLICATION_FOLDERS:
        return Folder.APPLICATION
    if folder in _INFRASTRUCTURE_FOLDERS or folder.endswith("-system"):
        return Folder.INFRASTRUCTURE
    return None
