"""Every manager and convention: the line as each writes it, and what is told of it."""

import pytest

from app.domain.classification import PullRequestText, classify
from app.domain.model import Component, UpdateType

MAJOR, MINOR, PATCH = UpdateType.MAJOR, UpdateType.MINOR, UpdateType.PATCH
DIGEST = UpdateType.DIGEST
TOOLING, FLUX = Component.TOOLING, Component.FLUX_CORE
INFRASTRUCTURE, APPLICATION = Component.INFRASTRUCTURE, Component.APPLICATION

SHA1, SHA2 = "8e5e7e5ab8b370d6c329ec480221332ada57f0ab", "704facf57e6136b1bc63b828d79edcd491f0ee84"
DIGEST1, DIGEST2 = "1" * 24 + "a" * 40, "2" * 24 + "b" * 40


def diff(path: str, lines: str) -> str:
    body = lines.strip("\n").split("\n")
    old = sum(not line.startswith("+") for line in body)
    new = sum(not line.startswith("-") for line in body)
    text = "\n".join(body)
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n{text}\n"


Expected = tuple[UpdateType, Component, str, str | None, str, str | None, str | None]
"""Update type, component, then name, from, to, manager and datasource of the one update."""

CONVENTIONS: dict[str, tuple[str, str, str, Expected]] = {
    "devcontainer, image": (
        "Update acme/devbox Docker tag to v1.2",
        ".devcontainer/devcontainer.json",
        '-  "image": "acme.example/devbox:1.1",\n+  "image": "acme.example/devbox:1.2",',
        (MINOR, TOOLING, "acme.example/devbox", "1.1", "1.2", "devcontainer", "docker"),
    ),
    "devcontainer, feature": (
        "chore(deps): update devcontainer features",
        ".devcontainer/devcontainer.json",
        '-    "ghcr.io/acme/features/go:1.3.1": {},\n+    "ghcr.io/acme/features/go:1.3.2": {},',
        (PATCH, TOOLING, "ghcr.io/acme/features/go", "1.3.1", "1.3.2", "devcontainer", "docker"),
    ),
    "asdf": (
        "chore(deps): update dependency kubectl to v1.31.0",
        ".tool-versions",
        "-kubectl 1.30.4\n+kubectl 1.31.0\n terraform 1.9.5",
        (MINOR, TOOLING, "kubectl", "1.30.4", "1.31.0", "asdf", None),
    ),
    "mise, a table in the line": (
        "fix(mise): update tool ubi:acme/widget ( 1.0.0 ➔ 1.0.1 )",
        ".mise/config.toml",
        '-"ubi:acme/widget" = { version = "1.0.0", exe = "w" }\n+"ubi:acme/widget" = { version = "1.0.1", exe = "w" }',
        (PATCH, TOOLING, "ubi:acme/widget", "1.0.0", "1.0.1", "mise", None),
    ),
    "mise, pipx": (
        "fix(mise): update tool pipx:widget ( 7.5.4 ➔ 7.6.0 )",
        "mise.toml",
        '-"pipx:widget" = "7.5.4"\n+"pipx:widget" = "7.6.0"',
        (MINOR, TOOLING, "pipx:widget", "7.5.4", "7.6.0", "mise", None),
    ),
    "aqua": (
        "chore(deps): update dependency acme/widget to v1.1.0",
        "aqua.yaml",
        " packages:\n-  - name: acme/widget@v1.0.0\n+  - name: acme/widget@v1.1.0",
        (MINOR, TOOLING, "acme/widget", "v1.0.0", "v1.1.0", "aqua", None),
    ),
    "pre-commit": (
        "chore(deps): update pre-commit hook acme/hooks to v8.19.0",
        ".pre-commit-config.yaml",
        "   - repo: https://github.com/acme/hooks\n-    rev: v8.18.4\n+    rev: v8.19.0",
        (MINOR, TOOLING, "acme/hooks", "v8.18.4", "v8.19.0", "pre-commit", "github-tags"),
    ),
    "a task runner's variable": (
        "chore(deps): update dependency acme/widget to v2",
        "justfile",
        (
            '-w := "v1.59.0" # renovate: datasource=github-releases depName=acme/widget\n'
            '+w := "v2.0.0" # renovate: datasource=github-releases depName=acme/widget'
        ),
        (MAJOR, TOOLING, "acme/widget", "v1.59.0", "v2.0.0", "custom.regex", "github-releases"),
    ),
    "a workflow's runner": (
        "chore(deps): update ubuntu github actions runner to v24",
        ".github/workflows/ci.yml",
        "-    runs-on: ubuntu-22.04\n+    runs-on: ubuntu-24.04",
        (MAJOR, TOOLING, "ubuntu", "22.04", "24.04", "github-actions", "github-runners"),
    ),
    "a workflow's container": (
        "chore(deps): update ghcr.io/acme/ci docker tag to v1.1.0",
        ".github/workflows/ci.yml",
        "     container:\n-      image: ghcr.io/acme/ci:v1.0.0\n+      image: ghcr.io/acme/ci:v1.1.0",
        (MINOR, TOOLING, "ghcr.io/acme/ci", "v1.0.0", "v1.1.0", "github-actions", "docker"),
    ),
    "a preset of Renovate": (
        "chore(deps): update renovate config preset acme/presets to v3",
        ".github/renovate.json5",
        '-    "github>acme/presets//base.json5#2.1.0",\n+    "github>acme/presets//base.json5#3.0.0",',
        (MAJOR, TOOLING, "acme/presets", "2.1.0", "3.0.0", "renovate-config-presets", "github-releases"),
    ),
    "Dockerfile, a stage with a platform": (
        "chore(deps): update golang docker tag to v1.23.1",
        "images/widget/Dockerfile",
        (
            "-FROM --platform=$BUILDPLATFORM golang:1.23.0-alpine AS b\n"
            "+FROM --platform=$BUILDPLATFORM golang:1.23.1-alpine AS b"
        ),
        (PATCH, TOOLING, "golang", "1.23.0-alpine", "1.23.1-alpine", "dockerfile", "docker"),
    ),
    "npm": (
        "chore(deps): update dependency typescript to v5.6.2",
        "package.json",
        '-    "typescript": "5.5.4"\n+    "typescript": "5.6.2"',
        (MINOR, TOOLING, "typescript", "5.5.4", "5.6.2", "npm", "npm"),
    ),
    "requirements": (
        "chore(deps): update dependency ansible-core to v2.17.4",
        "requirements.txt",
        "-ansible-core==2.17.3\n+ansible-core==2.17.4",
        (PATCH, TOOLING, "ansible-core", "2.17.3", "2.17.4", "pip_requirements", "pypi"),
    ),
    "pyproject": (
        "chore(deps): update dependency widget to v0.28.0",
        "pyproject.toml",
        ' dependencies = [\n-  "widget[http]==0.27.0",\n+  "widget[http]==0.28.0",',
        (MINOR, TOOLING, "widget", "0.27.0", "0.28.0", "pep621", "pypi"),
    ),
    "go.mod": (
        "fix(deps): update module example.org/acme/widget to v0.49.0",
        "go.mod",
        "-\texample.org/acme/widget v0.48.0\n+\texample.org/acme/widget v0.49.0",
        (MINOR, TOOLING, "example.org/acme/widget", "v0.48.0", "v0.49.0", "gomod", "go"),
    ),
    "Cargo": (
        "fix(deps): update rust crate widget to v1.40.0",
        "Cargo.toml",
        '-widget = { version = "1.39.0", features = ["full"] }\n+widget = { version = "1.40.0", features = ["full"] }',
        (MINOR, TOOLING, "widget", "1.39.0", "1.40.0", "cargo", "crate"),
    ),
    "Terraform, provider": (
        "chore(deps): update terraform widget to v5",
        "terraform/dns/main.tf",
        '       source  = "acme/widget"\n-      version = "4.52.0"\n+      version = "5.2.0"',
        (MAJOR, INFRASTRUCTURE, "acme/widget", "4.52.0", "5.2.0", "terraform", "terraform-provider"),
    ),
    "Terraform, module": (
        "fix(terraform): update terraform acme/widget/aws ( 20.1.0 → 20.1.1 )",
        "terraform/eks.tf",
        '   source  = "acme/widget/aws"\n-  version = "20.1.0"\n+  version = "20.1.1"',
        (PATCH, INFRASTRUCTURE, "acme/widget/aws", "20.1.0", "20.1.1", "terraform", "terraform-module"),
    ),
    "Ansible": (
        "chore(deps): update dependency acme.widget to v9.4.0",
        "ansible/requirements.yml",
        " collections:\n   - name: acme.widget\n-    version: 9.3.0\n+    version: 9.4.0",
        (MINOR, INFRASTRUCTURE, "acme.widget", "9.3.0", "9.4.0", "ansible-galaxy", "galaxy-collection"),
    ),
    "helmfile": (
        "chore(deps): update helm release cilium to v1.16.2",
        "bootstrap/helmfile.yaml",
        "   - name: cilium\n     chart: cilium/cilium\n-    version: 1.16.1\n+    version: 1.16.2",
        (PATCH, INFRASTRUCTURE, "cilium", "1.16.1", "1.16.2", "helmfile", "helm"),
    ),
    "kustomize, image": (
        "chore(deps): update ghcr.io/acme/widget docker tag to v1.1.0",
        "k8s/overlays/prod/kustomization.yaml",
        " images:\n   - name: ghcr.io/acme/widget\n-    newTag: v1.0.0\n+    newTag: v1.1.0",
        (MINOR, APPLICATION, "ghcr.io/acme/widget", "v1.0.0", "v1.1.0", "kustomize", "docker"),
    ),
    "kustomize, remote base": (
        "chore(deps): update kubernetes-sigs/gateway-api to v1.2.0",
        "crds/kustomization.yaml",
        (
            "-  - github.com/kubernetes-sigs/gateway-api/config/crd?ref=v1.1.0\n"
            "+  - github.com/kubernetes-sigs/gateway-api/config/crd?ref=v1.2.0"
        ),
        (MINOR, INFRASTRUCTURE, "kubernetes-sigs/gateway-api", "v1.1.0", "v1.2.0", "kustomize", "github-tags"),
    ),
    "kustomize, helmCharts": (
        "chore(deps): update helm release widget to v7.6.1",
        "argocd/kustomization.yaml",
        "   - name: widget\n     repo: https://argoproj.github.io/x\n-    version: 7.5.2\n+    version: 7.6.1",
        (MINOR, INFRASTRUCTURE, "widget", "7.5.2", "7.6.1", "kustomize", "helm"),
    ),
    "a chart's dependency": (
        "chore(deps): update helm release widget to v20.1.0",
        "charts/app/Chart.yaml",
        "   - name: widget\n     repository: https://charts.acme.example\n-    version: 20.0.5\n+    version: 20.1.0",
        (MINOR, APPLICATION, "widget", "20.0.5", "20.1.0", "helmv3", "helm"),
    ),
    "docker compose": (
        "chore(deps): update traefik docker tag to v3.1.4",
        "docker/compose.yaml",
        "-    image: traefik:v3.1.3\n+    image: traefik:v3.1.4",
        (PATCH, INFRASTRUCTURE, "traefik", "v3.1.3", "v3.1.4", "docker-compose", "docker"),
    ),
    "Argo CD": (
        "chore(deps): update helm release loki to v6.12.0",
        "argocd/apps/loki.yaml",
        (
            "     repoURL: https://grafana.github.io/helm-charts\n     chart: loki\n"
            "-    targetRevision: 6.11.0\n+    targetRevision: 6.12.0"
        ),
        (MINOR, INFRASTRUCTURE, "loki", "6.11.0", "6.12.0", "argocd", "helm"),
    ),
    "jsonnet": (
        "chore(deps): update dependency prometheus-operator/kube-prometheus to v0.14.0",
        "jsonnetfile.json",
        '-      "version": "v0.13.0"\n+      "version": "v0.14.0"',
        (
            MINOR,
            INFRASTRUCTURE,
            "prometheus-operator/kube-prometheus",
            "v0.13.0",
            "v0.14.0",
            "jsonnet-bundler",
            None,
        ),
    ),
    "CUE": (
        "chore(deps): update ghcr.io/acme/widget docker tag to v1.1.0",
        "timoni/values.cue",
        '     repository: "ghcr.io/acme/widget"\n-    tag:        "1.0.0"\n+    tag:        "1.1.0"',
        (MINOR, APPLICATION, "ghcr.io/acme/widget", "1.0.0", "1.1.0", "flux", "docker"),
    ),
    "GitRepository": (
        "chore(deps): update acme/widget to v4.9.0",
        "flux/sources/widget.yaml",
        "   url: https://github.com/acme/widget\n   ref:\n-    tag: v4.8.0\n+    tag: v4.9.0",
        (MINOR, APPLICATION, "acme/widget", "v4.8.0", "v4.9.0", "flux", "github-tags"),
    ),
    "OCIRepository, digest": (
        f"chore(container): update image ghcr.io/acme/charts/widget ( {DIGEST1[:7]} → {DIGEST2[:7]} )",
        "apps/widget/ocirepository.yaml",
        (
            "   url: oci://ghcr.io/acme/charts/widget\n   ref:\n     tag: 1.0.0\n"
            f"-    digest: sha256:{DIGEST1}\n+    digest: sha256:{DIGEST2}"
        ),
        (DIGEST, APPLICATION, "ghcr.io/acme/charts/widget", DIGEST1[:7], DIGEST2[:7], "flux", "docker"),
    ),
    "FluxInstance": (
        "chore(deps): update flux",
        "clusters/prod/flux-instance.yaml",
        '   distribution:\n-    version: "2.5.x"\n+    version: "2.6.x"\n     registry: ghcr.io/fluxcd',
        (MINOR, FLUX, "controlplaneio-fluxcd/distribution", "2.5.x", "2.6.x", None, None),
    ),
    "gotk-components": (
        "chore(deps): update dependency fluxcd/flux2 to v2.6.1",
        "clusters/home/flux-system/gotk-components.yaml",
        "-# Flux Version: v2.5.1\n+# Flux Version: v2.6.1\n # Components: source-controller",
        (MINOR, FLUX, "fluxcd/flux2", "v2.5.1", "v2.6.1", "flux", "github-releases"),
    ),
    "Talos image factory": (
        "fix(container): update siderolabs/talos (v1.13.0 → v1.13.1)",
        "talos/machineconfig.yaml.j2",
        (
            "     # renovate: datasource=custom.talos-factory depName=siderolabs/talos\n"
            "-    image: factory.talos.dev/metal-installer/376567:v1.13.0\n"
            "+    image: factory.talos.dev/metal-installer/376567:v1.13.1"
        ),
        (PATCH, INFRASTRUCTURE, "siderolabs/talos", "v1.13.0", "v1.13.1", "custom.regex", "custom.talos-factory"),
    ),
    "k3s of Ansible": (
        "chore(deps): update k3s-io/k3s to v1.31.1+k3s1",
        "ansible/group_vars/all.yml",
        (
            " # renovate: datasource=github-releases depName=k3s-io/k3s\n"
            '-k3s_version: "v1.31.0+k3s1"\n+k3s_version: "v1.31.1+k3s1"'
        ),
        (PATCH, INFRASTRUCTURE, "k3s-io/k3s", "v1.31.0+k3s1", "v1.31.1+k3s1", "custom.regex", "github-releases"),
    ),
    "git submodule": (
        "chore(deps): update vendor/widget digest to 704facf",
        "vendor/widget",
        f"-Subproject commit {SHA1}\n+Subproject commit {SHA2}",
        (DIGEST, Component.UNKNOWN, "vendor/widget", "8e5e7e5", "704facf", "git-submodules", "git-refs"),
    ),
    "a policy's own API": (
        "chore(deps): update dependency poddisruptionbudget to policy/v1",
        "apps/widget/pdb.yaml",
        "-apiVersion: policy/v1beta1\n+apiVersion: policy/v1\n kind: PodDisruptionBudget",
        (
            PATCH,
            INFRASTRUCTURE,
            "PodDisruptionBudget",
            "policy/v1beta1",
            "policy/v1",
            "kubernetes",
            "kubernetes-api",
        ),
    ),
}


@pytest.mark.parametrize(("title", "path", "lines", "expected"), CONVENTIONS.values(), ids=CONVENTIONS.keys())
def test_conventions(title: str, path: str, lines: str, expected: Expected) -> None:
    found = classify(PullRequestText(title=title, files=(path,), patch=diff(path, lines)))
    (update,) = found.updates
    told = (update.name, update.from_, update.to, update.manager, update.datasource)
    assert (found.update_type, found.component, *told) == expected


def test_a_group_of_tools_without_versions_in_the_title() -> None:
    lines = "-terraform 1.9.5\n+terraform 1.9.6\n-kubectl 1.30.0\n+kubectl 1.31.0"
    found = classify(
        PullRequestText("chore(deps): update asdf tools", (".tool-versions",), diff(".tool-versions", lines))
    )
    assert [(update.name, update.from_, update.to) for update in found.updates] == [
        ("terraform", "1.9.5", "1.9.6"),
        ("kubectl", "1.30.0", "1.31.0"),
    ]
    assert (found.update_type, found.grouped) == (MINOR, True)


def test_a_terraform_lock_beside_its_configuration() -> None:
    main, lock = "terraform/main.tf", "terraform/.terraform.lock.hcl"
    patch = diff(main, '   source = "acme/widget"\n-  version = "4.1.0"\n+  version = "4.2.0"') + diff(
        lock, ' provider "x/acme/widget" {\n-  version = "4.1.0"\n+  version = "4.2.0"\n-    "h1:a",\n+    "h1:b",'
    )
    found = classify(PullRequestText("feat(terraform): update widget ( 4.1.0 → 4.2.0 )", (main, lock), patch))
    assert [(update.name, update.file) for update in found.updates] == [("acme/widget", main)]


BODY = "| Package | Type | Update | Change |\n|---|---|---|---|\n| {} | {} | minor | `1.0.0` → `1.1.0` |\n"


@pytest.mark.parametrize(
    ("title", "package", "type_", "component", "manager", "datasource"),
    [
        ("Update acme/x action to v1.1.0", "acme/x", "action", TOOLING, "github-actions", "github-tags"),
        ("Update ghcr.io/acme/x", "ghcr.io/acme/x", "container", TOOLING, "github-actions", "docker"),
        ("Update hook acme/x", "acme/x", "repository", TOOLING, "pre-commit", "github-tags"),
        ("Update terraform x", "x", "required_provider", INFRASTRUCTURE, "terraform", "terraform-provider"),
        ("Update dependency x", "x", "devDependencies", TOOLING, "npm", "npm"),
        ("Update Helm release x to v1.1.0", "x", "", APPLICATION, None, "helm"),
        ("Update x Docker tag to v1.1.0", "x", "", APPLICATION, None, "docker"),
        ("fix(container): update image x", "x", "", APPLICATION, None, "docker"),
        ("Update pre-commit hook acme/x to v1.1.0", "acme/x", "", TOOLING, "pre-commit", "github-tags"),
    ],
)
def test_renovates_words_where_no_file_is_known(
    title: str, package: str, type_: str, component: Component, manager: str | None, datasource: str | None
) -> None:
    found = classify(PullRequestText(title, body=BODY.format(package, type_)))
    (update,) = found.updates
    assert (found.component, update.manager, update.datasource) == (component, manager, datasource)
