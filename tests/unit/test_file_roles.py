"""What paths say: tools, nodes and namespaces of many repositories' layouts."""

import pytest

from app.domain.file_roles import (
    Folder,
    application_names_of,
    folder_of,
    is_bootstrap,
    is_lock_file,
    is_node_path,
    is_tooling_path,
    manager_of,
)


@pytest.mark.parametrize(
    ("path", "tooling"),
    [
        (".mise.toml", True),
        (".mise/mise.lock", True),
        (".github/workflows/x.yaml", True),
        (".pre-commit-config.yaml", True),
        (".taskfiles/flux/Taskfile.yaml", True),
        ("Brewfile", True),
        ("docs/package.json", True),
        ("docs/index.yaml", True),
        (".devcontainer/devcontainer.json", True),
        (".tool-versions", True),
        ("aqua.yaml", True),
        (".buildkite/pipeline.yml", True),
        ("azure-pipelines.yml", True),
        ("src/Acme/Acme.csproj", True),
        (".krew.yaml", True),
        ("tests/e2e/kind.yaml", True),
        ("docs/app/helmrelease.yaml", False),
        ("kubernetes/apps/renovate/renovate-operator.yaml", False),
        ("kubernetes/apps/default/docs/app/helmrelease.yaml", False),
        ("kubernetes/apps/kube-system/cilium/app/helmrelease.yaml", False),
        ("bootstrap/helmfile.yaml", False),
        ("talos/talenv.yaml", False),
    ],
)
def test_tooling(path: str, *, tooling: bool) -> None:
    assert is_tooling_path(path) is tooling


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("kubernetes/apps/kube-system/x/app/helmrelease.yaml", (Folder.INFRASTRUCTURE, "kube-system")),
        ("kubernetes/main/apps/observability/x/hr.yaml", (Folder.INFRASTRUCTURE, "observability")),
        ("kubernetes/apps/media/lidarr/observability/x.yaml", (Folder.APPLICATION, "media")),
        ("infrastructure/apps/media/plex/hr.yaml", (Folder.APPLICATION, "media")),
        ("infrastructure/controllers/x.yaml", (Folder.INFRASTRUCTURE, "infrastructure")),
        ("kubernetes/home/apps/monitoring/x.yaml", (Folder.INFRASTRUCTURE, "monitoring")),
        ("kubernetes/apps/openebs-system/x/hr.yaml", (Folder.INFRASTRUCTURE, "openebs-system")),
        ("kubernetes/apps/flux-system/x/hr.yaml", (Folder.FLUX, "flux-system")),
        ("k8s/applications/ai/acme/deployment.yaml", (Folder.APPLICATION, "ai")),
        ("tenants/data/acme/release.yaml", (Folder.APPLICATION, "tenants")),
        ("infra/tenants/acme/release.yaml", (Folder.INFRASTRUCTURE, "infra")),
        ("clusters/prod/addons/acme/release.yaml", (Folder.INFRASTRUCTURE, "addons")),
        ("apps/my-team/x.yaml", None),
        ("network.yaml", None),
    ],
)
def test_folders(path: str, folder: tuple[Folder, str] | None) -> None:
    assert folder_of(path) == folder


def test_a_layer_is_no_namespace() -> None:
    assert folder_of("infrastructure/acme/x.yaml", layers=False) is None
    assert folder_of("infrastructure/dns/x.yaml", layers=False) == (Folder.INFRASTRUCTURE, "dns")


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("kubernetes/apps/storage/velero/app/helmrelease.yaml", ("velero", "storage")),
        ("clusters/home/velero.yaml", ("velero", "home")),
        ("argocd/applications/acme/backend.yaml", ("backend", "acme")),
        ("helmrelease.yaml", ()),
    ],
)
def test_the_names_of_the_application(path: str, names: tuple[str, ...]) -> None:
    assert application_names_of(path) == names


@pytest.mark.parametrize(
    ("path", "manager"),
    [
        (".github/workflows/x.yaml", "github-actions"),
        (".mise.toml", "mise"),
        ("bootstrap/helmfile.d/01-apps.yaml", "helmfile"),
        ("terraform/cloudflare/main.tf", "terraform"),
        ("ansible/requirements.yaml", "ansible-galaxy"),
        ("clusters/x/flux-system/gotk-components.yaml", "flux"),
        ("kubernetes/apps/x/app/helmrelease.yaml", "flux"),
        ("kubernetes/apps/x/app/deployment.yaml", None),
    ],
)
def test_managers(path: str, manager: str | None) -> None:
    assert manager_of(path) == manager


def test_nodes_bootstrap_and_locks() -> None:
    assert is_node_path("talos/talenv.yaml")
    assert is_node_path("kubernetes/main/talos/talconfig.yaml")
    assert not is_node_path(".github/talos/x.yaml")
    assert is_bootstrap("kubernetes/bootstrap/flux/kustomization.yaml")
    assert not is_bootstrap("kubernetes/apps/x.yaml")
    assert is_lock_file("terraform/.terraform.lock.hcl")
    assert not is_lock_file("mise.toml")
