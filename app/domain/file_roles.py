"""What a path says: who reads the file (Renovate's manager), and whether it is tooling, a node, or a cluster's folder.

File patterns are those of https://docs.renovatebot.com/modules/manager/, folders the customs of Flux repositories:
`kubernetes/apps/<namespace>/<app>/…`, `cluster/apps/…`, `infrastructure/…`, `talos/…`, `bootstrap/…`.
"""

import re
from enum import Enum
from functools import lru_cache
from itertools import takewhile


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
        (r"(^|/)\.?devcontainer\.json$|(^|/)\.devcontainer/.*\.json$", "devcontainer"),
        (r"(^|/)terragrunt\.hcl$", "terragrunt"),
        (r"(^|/)\.terraform\.lock\.hcl$|\.tf$|\.tofu$", "terraform"),
        (r"(^|/)jsonnetfile(\.lock)?\.json$", "jsonnet-bundler"),
        (r"(^|/)vendir\.ya?ml$", "vendir"),
        (r"(^|/)\.?aqua(/.*|[\w-]*)\.ya?ml$", "aqua"),
        (r"(^|/)(Brewfile[\w.]*)$", "homebrew"),
        (r"(^|/)azure-pipelines[\w.-]*\.ya?ml$", "azure-pipelines"),
        (r"(^|/)(galaxy|requirements)(\.ansible)?\.ya?ml$", "ansible-galaxy"),
        (r"(^|/)Chart\.ya?ml$", "helmv3"),
        (r"(^|/)(docker-)?compose[^/]*\.ya?ml$", "docker-compose"),
        (r"(^|/)([\w.-]*[Dd]ocker|[Cc]ontainer)file[^/]*$", "dockerfile"),
        (r"(^|/)package(-lock)?\.json$|(^|/)(pnpm-lock\.yaml|yarn\.lock|bun\.lock)$", "npm"),
        (r"(^|/)go\.(mod|sum)$", "gomod"),
        (r"(^|/)(requirements[\w.-]*\.txt)$", "pip_requirements"),
        (r"(^|/)pyproject\.toml$|(^|/)(uv|poetry)\.lock$", "pep621"),
        (r"(^|/)Cargo\.(toml|lock)$", "cargo"),
        (r"(^|/)Gemfile(\.lock)?$", "bundler"),
        (r"\.(cs|fs)proj$|(^|/)Directory\.Packages\.props$", "nuget"),
        (r"\.gradle(\.kts)?$|(^|/)libs\.versions\.toml$", "gradle"),
        (r"(^|/)setup\.(py|cfg)$", "pip_setup"),
        (r"(^|/)\.nvmrc$", "nvm"),
        (r"(^|/)\.node-version$", "nodenv"),
        (r"(^|/)\.python-version$", "pyenv"),
        (r"(^|/)\.ruby-version$", "ruby-version"),
        (r"(^|/)\.terraform-version$", "tfenv"),
        (r"(^|/)Chart\.lock$", "helmv3"),
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
    (^|/)(\.github|\.gitea|\.forgejo|\.gitlab|\.gitlab-ci|\.taskfiles?|\.devcontainer|\.vscode|\.mise|\.tekton|\.circleci
         |\.renovate|\.just|\.woodpecker|\.deepsec|\.config/mise|node_modules|\.ci|\.buildkite|\.azuredevops|\.azure-pipelines
         |\.dagger|\.aqua|\.husky|\.lefthook|\.pre-commit|\.scripts|\.idea|\.claude|\.cursor|\.tests?|\.hooks)/
    | ^(docs?|website|hack|tests|e2e)/(?!.*(helm-?release|ocirepository|kustomization)\.ya?ml$)
    | (^|/)(\.?mise[\w.]*\.(toml|lock)|\.rtx[\w.]*\.toml|\.tool-versions|\.pre-commit-config\.ya?ml|Brewfile[\w.]*
         |\.?[Tt]askfile[\w.-]*\.ya?ml|\.?[Jj]ustfile|[\w-]+\.just|(GNU)?[Mm]akefile|[\w-]+\.mk|\.?renovate(rc)?[\w.]*
         |devbox\.(json|lock)|flake\.(nix|lock)|shell\.nix|devenv\.(nix|ya?ml|lock)|aqua(-checksums)?\.(ya?ml|json)|aqua-policy\.ya?ml
         |package(-lock)?\.json|npm-shrinkwrap\.json|pnpm-(lock|workspace)\.yaml|yarn\.lock|bun\.lockb?|pyproject\.toml|uv\.lock
         |poetry\.lock|requirements[\w.-]*\.(txt|in)|Pipfile(\.lock)?|setup\.(py|cfg)|go\.(mod|sum)|Cargo\.(toml|lock)|Gemfile(\.lock)?
         |composer\.(json|lock)|pom\.xml|(build|settings)\.gradle(\.kts)?|gradle-wrapper\.properties|libs\.versions\.toml
         |[\w.-]+\.(cs|fs)proj|Directory\.Packages\.props|global\.json|pubspec\.(yaml|lock)|mix\.(exs|lock)
         |\.gitlab-ci\.ya?ml|\.drone\.ya?ml|azure-pipelines[\w.-]*\.ya?ml|bitbucket-pipelines\.ya?ml|Jenkinsfile[\w.-]*|Tiltfile|Earthfile
         |Vagrantfile|skaffold\.ya?ml|\.?lefthook\.(ya?ml|toml)|\.envrc|\.nvmrc|\.node-version|\.python-version|\.ruby-version
         |\.go-version|\.terraform-version|\.opentofu-version|\.terragrunt-version|\.tflint\.hcl|\.bazelversion|action\.ya?ml|mise\.lock
         |\.?krew[\w.-]*|[\w.-]*[Dd]ockerfile[\w.-]*|[\w.-]*[Cc]ontainerfile[\w.-]*|\.?devcontainer\.json|\.?makejinja[\w.-]*
         |\.?[Ss]hellcheckrc|\.trivyignore|\.flux-local[\w.]*|\.yamllint[\w.]*|\.markdownlint[\w.-]*|\.prettierrc[\w.]*|mkdocs\.ya?ml
         |\.?(ct|chart-testing)\.ya?ml|\.?goreleaser\.ya?ml|\.golangci\.ya?ml|\.copier-answers\.ya?ml)$
    """,
    re.VERBOSE,
)
_NODE = re.compile(
    r"(^|/)(talos|omni|machineconfigs?|k0s|k0sctl|k3s|rke2?|kubeadm|kubespray|nixos|nix|ansible|terraform|terragrunt|tofu"
    r"|opentofu|pulumi|packer|matchbox|ignition|butane|cloud-init|proxmox|cluster-api|capi)(/|[\w.-]*$)"
)
_RECONCILED = re.compile(
    r"(^|/)(apps?|applications|workloads|manifests|kubernetes|k8s|charts|releases|namespaces|infrastructure|infra|platform|core)/"
    r"|(helm-?release|ocirepository|kustomization|ks|hr)\.ya?ml$"
)
"""What lies below these folders, or is so called, is a cluster's, whatever the folder above is called."""

_LOCK_FILE = re.compile(
    r"(^|/)([\w.-]*\.lock(b|\.hcl)?|package-lock\.json|pnpm-lock\.yaml|go\.sum|npm-shrinkwrap\.json)$"
)
_PROSE = re.compile(r"\.(md|rst|adoc|txt)$|(^|/)(README|LICENSE|CHANGELOG)[\w.]*$")
_BOOTSTRAP = re.compile(r"(^|/)(bootstrap|scripts|setup)/")
_TEMPLATE = re.compile(r"\.(j2|tmpl|gotmpl|tpl)$")

_INFRASTRUCTURE_FOLDERS = _names(
    """
    kube-system network networking networks net dns ingress ingresses storage disk disks backup backups monitoring
    observability o11y metrics logging logs tracing telemetry alerting security secrets secret-management database
    databases db dbms dbs data-services datastores middleware messaging system systems system-upgrade system-controllers
    system-health infrastructure-controllers infra infrastructure infrastructures foundation core base-services crds crd
    controllers operators addons addon cluster-addons cluster-services cluster-infra platform-services shared-services
    provisioners snapshots policies policy certificates certs certmanager identity iam auth authentication sso oidc
    admin platform gpu hardware nodes autoscaling scaling kube-tools kube-node-lease mesh service-mesh loadbalancer
    load-balancer cni csi csi-drivers vpn vpn-gateway registry registries virtualization vms virtual-machines upgrade
    actions-runner actions-runner-controller arc arc-runners github-actions runners ci cicd ci-cd renovate nvidia
    intel-device-plugins cert-manager rook rook-ceph rook-ceph-external longhorn openebs volsync external-secrets
    external-dns kyverno istio traefik ingress-nginx nginx-ingress metallb tailscale cilium autoscaler cnpg
    cloudnative-pg cluster-api vault crossplane keda karpenter velero minio harbor prometheus grafana loki
    opentelemetry otel elastic tekton-pipelines dragonfly kubevirt fluentd postgres-operator strimzi kafka
    """
)
_APPLICATION_FOLDERS = _names(
    """
    default media medias multimedia home home-automation homeautomation home-assistant smart-home smarthome domotics
    iot downloads download downloaders downloader torrents torrenting usenet arr arrs servarr starr streaming video
    videos music photos pictures books reading library selfhosted self-hosted self-hosting games gaming game-servers
    games-servers gameservers minecraft ai llm llms ml genai apps-personal personal private family people productivity
    office paperless finance money notes wiki social fediverse collaboration communication communications comms chat
    mail email web website websites sites blog blogs documents automation tools utilities utility utils misc
    entertainment services-apps user-apps userapps workloads tenants business erp cms development devtools cctv
    cameras surveillance nvr demo demos examples sandbox hobby home-apps home-services cloud
    """
)
_LAYERS = _names(
    """
    infrastructure infra core platform controllers addons home admin tools system systems workloads tenants cloud
    private development sandbox ci library base-services foundation
    """
)


_REMEMBERED = 8_192
"""Paths whose answers are kept: a pull request asks several times of each, and a queue of them of the same ones."""


class Folder(Enum):
    """What kind of things a folder of a cluster holds."""

    INFRASTRUCTURE = "infrastructure"
    APPLICATION = "application"
    FLUX = "flux"


@lru_cache(maxsize=_REMEMBERED)
def manager_of(path: str) -> str | None:
    """Renovate's manager that would read this path, by its name alone; None when the content decides."""
    return next((manager for pattern, manager in _MANAGERS if pattern.search(path)), None)


@lru_cache(maxsize=_REMEMBERED)
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


@lru_cache(maxsize=_REMEMBERED)
def is_node_path(path: str) -> bool:
    """Whether the file configures machines or accounts below the cluster: Talos, Ansible, Terraform."""
    match = _NODE.search(path)
    return match is not None and not _RECONCILED.search(path, match.end(1)) and not is_tooling_path(path)


def is_template(path: str) -> bool:
    """Whether the file is a template that is rendered elsewhere."""
    return bool(_TEMPLATE.search(path))


def folder_of(path: str, *, layers: bool = True) -> tuple[Folder, str] | None:
    """What the folders of `path` say, and the one that said it.

    The outermost namespace wins (`media/lidarr/observability` is media); `infrastructure`, `home` and the like, which
    often name a cluster or a layer, are asked only when no namespace is known, and not at all without `layers`.
    """
    folders = [folder.casefold() for folder in path.split("/")[:-1]]
    if "flux-system" in folders:
        return Folder.FLUX, "flux-system"
    known = [folder for folder in folders if _kind_of(folder) is not None]
    said = next((folder for folder in known if folder not in _LAYERS), known[0] if known and layers else None)
    kind = _kind_of(said) if said else None
    return (kind, said) if kind and said else None


@lru_cache(maxsize=_REMEMBERED)
def application_names_of(path: str) -> tuple[str, ...]:
    """What the path may call the application that the file belongs to, the likeliest first: `velero` for
    `storage/velero/app/helmrelease.yaml` and for `clusters/home/velero.yaml`."""
    *folders, file = path.casefold().split("/")
    stem = file.split(".", 1)[0]
    below = list(takewhile(lambda folder: folder not in _HOLDERS, reversed(folders)))
    near = [folder for folder in below if folder not in _PARTS][:2]
    return (stem, *near) if stem not in _PARTS else tuple(near)


_HOLDERS = frozenset({"apps", "applications", "clusters", "workloads", "releases", "charts"})
"""Folders that hold applications of all kinds: what stands above them names none of those."""

_PARTS = _names(
    """
    app apps application applications base overlays overlay config configs resources helm chart charts release releases
    cluster instance operator controller crds values patches components manifests deploy deployment install helmrelease
    helm-release ocirepository kustomization ks hr deployments statefulset daemonset cronjob source sources kubernetes
    """
)
"""Names of parts of an application, and of files, which do not name the application."""


def _kind_of(folder: str) -> Folder | None:
    if folder in _APPLICATION_FOLDERS:
        return Folder.APPLICATION
    if folder in _INFRASTRUCTURE_FOLDERS or folder.endswith(("-system", "-operator", "-controllers")):
        return Folder.INFRASTRUCTURE
    return None
