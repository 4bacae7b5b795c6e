"""Clusters and Flux Kustomizations, found in the layouts that people use."""

import pytest

from app.domain.diff import git_blob_id
from app.domain.liveness import is_live
from app.domain.model import SourceFile, Tree
from app.domain.scopes import Scopes, cluster_name, read_scopes, shared_kustomization


def tree_of(files: dict[str, str]) -> Tree:
    return {path: SourceFile(path, git_blob_id(text), text) for path, text in files.items()}


def flux_kustomization(name: str, path: str) -> str:
    return f"""---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: {name}
  namespace: flux-system
spec:
  path: {path}
  sourceRef: {{kind: GitRepository, name: flux-system}}
"""


def kustomize(*resources: str, **others: str) -> str:
    return "resources:\n" + "".join(f"  - {resource}\n" for resource in resources) + "".join(others.values())


OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n"
INSTANCE = "instance:\n  distribution:\n    version: 2.5.1\n  sync:\n    path: {path}\n"


def one_cluster() -> Scopes:
    """A FluxInstance chart, as in onedr0p's cluster-template."""
    return read_scopes(
        tree_of(
            {
                "kubernetes/flux/cluster/ks.yaml": flux_kustomization("cluster-apps", "./kubernetes/apps"),
                "kubernetes/apps/flux-system/kustomization.yaml": kustomize("./flux-instance/ks.yaml"),
                "kubernetes/apps/flux-system/flux-instance/ks.yaml": flux_kustomization(
                    "flux-instance", "./kubernetes/apps/flux-system/flux-instance/app"
                ),
                "kubernetes/apps/flux-system/flux-instance/app/kustomization.yaml": kustomize(
                    "./helmrelease.yaml",
                    generator="configMapGenerator:\n  - name: v\n    files:\n      - values.yaml=./helm/values.yaml\n",
                ),
                "kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml": OBJECT,
                "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml": INSTANCE.format(
                    path="kubernetes/flux/cluster"
                ),
                # No kustomization file in this folder: Flux takes what is below.
                "kubernetes/apps/default/echo/ks.yaml": flux_kustomization(
                    "echo", "./kubernetes/apps/default/echo/app"
                ),
                "kubernetes/apps/default/echo/app/kustomization.yaml": kustomize(
                    "./a.yaml", "../../../../components/c"
                ),
                "kubernetes/apps/default/echo/app/a.yaml": OBJECT,
                "kubernetes/components/c/kustomization.yaml": kustomize("./shared.yaml"),
                "kubernetes/components/c/shared.yaml": OBJECT,
                "talos/talenv.yaml": "talosVersion: v1.10.3\n",
            }
        )
    )


def test_a_single_cluster_with_generic_folders_is_called_main() -> None:
    scopes = one_cluster()
    assert scopes.clusters == ("main",)
    assert scopes.of("kubernetes/apps/default/echo/app/a.yaml") == {"main"}
    # What no Kustomization reads belongs to the only cluster there is.
    assert scopes.of("talos/talenv.yaml") == {"main"}


@pytest.mark.parametrize(
    ("path", "carrier"),
    [
        ("kubernetes/flux/cluster/ks.yaml", "flux-system/flux-system"),
        ("kubernetes/apps/flux-system/flux-instance/ks.yaml", "flux-system/cluster-apps"),
        ("kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml", "flux-system/flux-instance"),
        ("kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml", "flux-system/flux-instance"),
        ("kubernetes/components/c/shared.yaml", "flux-system/echo"),
        # A file that a pull request adds beside others.
        ("kubernetes/apps/default/echo/app/new.yaml", "flux-system/echo"),
    ],
)
def test_the_kustomization_of_a_file(path: str, carrier: str) -> None:
    assert str(one_cluster().kustomization_of(path)) == carrier


def test_what_two_changes_share() -> None:
    scopes, values = one_cluster(), "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
    shared = shared_kustomization(scopes, ["kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml"], values)
    assert str(shared) == "flux-system/flux-instance"
    assert shared_kustomization(scopes, ["kubernetes/apps/default/echo/app/a.yaml"], values) is None


def bootstrapped(name: str) -> dict[str, str]:
    folder = f"clusters/{name}"
    return {
        f"{folder}/flux-system/gotk-sync.yaml": flux_kustomization("flux-system", f"./{folder}"),
        f"{folder}/flux-system/kustomization.yaml": kustomize("gotk-sync.yaml"),
        f"{folder}/apps.yaml": flux_kustomization("apps", f"./apps/{name}"),
        f"apps/{name}/kustomization.yaml": kustomize("../base", extra="patches:\n  - path: patch.yaml\n"),
        f"apps/{name}/patch.yaml": OBJECT,
    }


def test_a_shared_base_belongs_to_every_cluster_that_reads_it() -> None:
    scopes = read_scopes(
        tree_of(
            {
                **bootstrapped("production"),
                **bootstrapped("staging"),
                "apps/base/kustomization.yaml": kustomize("./release.yaml"),
                "apps/base/release.yaml": OBJECT,
            }
        )
    )
    assert scopes.clusters == ("production", "staging")
    assert scopes.of("apps/base/release.yaml") == {"production", "staging"}
    assert scopes.of("apps/staging/patch.yaml") == {"staging"}
    assert scopes.is_patch("apps/staging/patch.yaml")
    assert not scopes.is_patch("apps/base/release.yaml")
    # Not read by anybody, and no single cluster to give it to.
    assert scopes.of("scripts/values.yaml") == {"repo"}
    assert scopes.of("talos/staging/talconfig.yaml") == {"staging"}
    # Files that a pull request adds.
    assert scopes.of("apps/staging/sub/new.yaml") == {"staging"}
    assert scopes.of("apps/base/new.yaml") == {"production", "staging"}


def test_a_tree_without_flux_is_one_cluster() -> None:
    scopes = read_scopes(tree_of({"a.yaml": OBJECT}))
    assert scopes.clusters == ("main",)
    assert scopes.kustomization_of("a.yaml") is None


def test_kustomizations_that_read_each_other_end() -> None:
    files = {
        "clusters/a/x/ks.yaml": flux_kustomization("x", "./clusters/a/y"),
        "clusters/a/y/ks.yaml": flux_kustomization("y", "./clusters/a/x"),
        "clusters/a/z/kustomization.yaml": kustomize("../z", "../x"),
    }
    assert read_scopes(tree_of(files)).of("clusters/a/x/ks.yaml") == {"main"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("clusters/production", "production"),
        ("kubernetes/main/flux/config", "main"),
        ("kubernetes/flux/cluster", None),
        ("k8s/clusters/cluster-0/flux", "cluster-0"),
        ("", None),
    ],
)
def test_cluster_names(path: str, name: str | None) -> None:
    assert cluster_name(path) == name


@pytest.mark.parametrize(
    ("path", "live"),
    [
        ("kubernetes/apps/a.yaml", True),
        (".archive/kubernetes/apps/a.yaml", False),
        ("templates/config/kubernetes/a.yaml.j2", False),
        ("kubernetes/apps/tests/a.yaml", False),
        ("archive", True),
    ],
)
def test_what_is_live(path: str, live: bool) -> None:
    assert is_live(path) is live
