"""Cases that mislead a reader of titles: each is a small excerpt of what Renovate really does somewhere."""

import base64
import json

import pytest

from app.domain.classification import PullRequestText, classify
from app.domain.model import Classification, Component, ComponentClass, UpdateType

MAJOR, MINOR, PATCH = UpdateType.MAJOR, UpdateType.MINOR, UpdateType.PATCH
DIGEST, PIN = UpdateType.DIGEST, UpdateType.PIN
TOOLING, FLUX = Component.TOOLING, Component.FLUX_CORE
INFRASTRUCTURE, APPLICATION = Component.INFRASTRUCTURE, Component.APPLICATION

SHA1, SHA2 = "8e5e7e5ab8b370d6c329ec480221332ada57f0ab", "704facf57e6136b1bc63b828d79edcd491f0ee84"


def diff(path: str, lines: str) -> str:
    body = lines.strip("\n").split("\n")
    old = sum(not line.startswith("+") for line in body)
    new = sum(not line.startswith("-") for line in body)
    text = "\n".join(body)
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n{text}\n"


def classified(title: str, *changes: tuple[str, str], body: str | None = None, labels: str = "") -> Classification:
    return classify(
        PullRequestText(
            title=title,
            files=tuple(path for path, _ in changes),
            patch="".join(diff(path, lines) for path, lines in changes),
            body=body,
            labels=frozenset(labels.split()),
        )
    )


def api(kind: str, group: str, old: str, new: str) -> str:
    return f"-apiVersion: {group}/{old}\n+apiVersion: {group}/{new}\n kind: {kind}\n metadata:\n   name: x"


def chart(name: str, old: str, new: str) -> str:
    return f"       chart: {name}\n-      version: {old}\n+      version: {new}\n       sourceRef:"


def oci(url: str, old: str, new: str) -> str:
    return f"   ref:\n-    tag: {old}\n+    tag: {new}\n   url: oci://{url}"


def image(name: str, old: str, new: str) -> str:
    return f"   image:\n     repository: {name}\n-    tag: {old}\n+    tag: {new}"


def hinted(source: str, name: str, key: str, old: str, new: str) -> str:
    return f"   # renovate: datasource={source} depName={name}\n-  {key}: {old}\n+  {key}: {new}"


HARD_CASES = {
    "1: the migration of a Flux API is no harmless fix": (
        "fix(deps): update dependency ocirepository ( source.toolkit.fluxcd.io/v1beta2 → source.toolkit.fluxcd.io/v1 )",
        [
            (
                "kubernetes/apps/kube-system/coredns/app/x.yaml",
                api("OCIRepository", "source.toolkit.fluxcd.io", "v1beta2", "v1"),
            )
        ],
        (PATCH, FLUX, [("OCIRepository", "source.toolkit.fluxcd.io/v1beta2", "source.toolkit.fluxcd.io/v1")]),
    ),
    "1: a title may write the API with a v before it": (
        "fix(kubernetes-api/helmrelease): update helmrelease to vhelm.toolkit.fluxcd.io/v2",
        [("kube/deploy/apps/x/hr.yaml", api("HelmRelease", "helm.toolkit.fluxcd.io", "v2beta2", "v2"))],
        (PATCH, FLUX, [("HelmRelease", "helm.toolkit.fluxcd.io/v2beta2", "helm.toolkit.fluxcd.io/v2")]),
    ),
    "1: the API of another controller is the cluster's": (
        "fix(deps): update dependency externalsecret ( external-secrets.io/v1beta1 → external-secrets.io/v1 )",
        [("kubernetes/apps/media/x/app/es.yaml", api("ExternalSecret", "external-secrets.io", "v1beta1", "v1"))],
        (PATCH, INFRASTRUCTURE, [("ExternalSecret", "external-secrets.io/v1beta1", "external-secrets.io/v1")]),
    ),
    "2: one Flux version, the command line tool": (
        "feat(deps): update dependency aqua:fluxcd/flux2 ( 2.5.1 → 2.6.1 )",
        [(".mise.toml", '-"aqua:fluxcd/flux2" = "2.5.1"\n+"aqua:fluxcd/flux2" = "2.6.1"')],
        (MINOR, TOOLING, [("aqua:fluxcd/flux2", "2.5.1", "2.6.1")]),
    ),
    "2: one Flux version, the workflow's action": (
        "feat(github-action): update fluxcd/flux2 action to v2.6.1",
        [
            (
                ".github/workflows/x.yaml",
                f"-  uses: fluxcd/flux2/action@{SHA1} # v2.5.1\n+  uses: fluxcd/flux2/action@{SHA2} # v2.6.1",
            )
        ],
        (MINOR, TOOLING, [("fluxcd/flux2", "v2.5.1", "v2.6.1")]),
    ),
    "2: one Flux version, the task runner": (
        "feat(github-release): update release fluxcd/flux2 ( v2.5.1 → v2.6.1 )",
        [
            (
                ".taskfiles/flux/Taskfile.yaml",
                hinted("github-releases", "fluxcd/flux2", "FLUX_VERSION", "v2.5.1", "v2.6.1"),
            )
        ],
        (MINOR, TOOLING, [("fluxcd/flux2", "v2.5.1", "v2.6.1")]),
    ),
    "2: one Flux version, the cluster": (
        "feat(github-release): update release controlplaneio-fluxcd/distribution ( v2.5.1 → v2.6.1 )",
        [
            (
                "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml",
                hinted("github-releases", "controlplaneio-fluxcd/distribution", "version", "2.5.1", "2.6.1"),
            )
        ],
        (MINOR, FLUX, [("controlplaneio-fluxcd/distribution", "2.5.1", "2.6.1")]),
    ),
    "3: talosctl is a tool": (
        "fix(deps): update dependency aqua:siderolabs/talos ( 1.10.1 → 1.10.3 )",
        [(".mise.toml", '-"aqua:siderolabs/talos" = "1.10.1"\n+"aqua:siderolabs/talos" = "1.10.3"')],
        (PATCH, TOOLING, [("aqua:siderolabs/talos", "1.10.1", "1.10.3")]),
    ),
    "3: the installer is the nodes": (
        "fix(container): update image ghcr.io/siderolabs/installer ( v1.10.2 → v1.10.3 )",
        [("talos/talenv.yaml", hinted("docker", "ghcr.io/siderolabs/installer", "talosVersion", "v1.10.2", "v1.10.3"))],
        (PATCH, INFRASTRUCTURE, [("ghcr.io/siderolabs/installer", "v1.10.2", "v1.10.3")]),
    ),
    "4: an update that takes the custom image away": (
        "fix(container): update image factory.acme.example/installer/376567 ( v1.10.5 → v1.10.6 )",
        [
            (
                "talos/machineconfig.yaml.j2",
                (
                    "   install:\n-    image: factory.acme.example/installer/376567:v1.10.5\n"
                    "+    image: ghcr.io/siderolabs/installer:v1.10.6"
                ),
            )
        ],
        (PATCH, INFRASTRUCTURE, [("factory.acme.example/installer/376567", "v1.10.5", "v1.10.6")]),
    ),
    "5: a group of everything, with a minor of Kubernetes in it": (
        "Update renovate",
        [
            ("versions.env", hinted("docker", "registry.k8s.io/kube-proxy", "KUBE_PROXY", "v1.33.4", "v1.34.0")),
            ("apps/acme.yaml", image("ghcr.io/acme/widget", "1.0.0", "1.0.1")),
        ],
        (
            MINOR,
            INFRASTRUCTURE,
            [("registry.k8s.io/kube-proxy", "v1.33.4", "v1.34.0"), ("ghcr.io/acme/widget", "1.0.0", "1.0.1")],
        ),
    ),
    "6: a group without versions in the title": (
        "feat(container): update flux operator group (#180)",
        [
            (
                "kubernetes/apps/flux-system/a/app/hr.yaml",
                oci("ghcr.io/controlplaneio-fluxcd/charts/flux-operator", "0.36.0", "0.37.0"),
            ),
            (
                "kubernetes/apps/flux-system/b/app/hr.yaml",
                (
                    "-    artifact: oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:v0.36.0\n"
                    "+    artifact: oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:v0.37.0"
                ),
            ),
        ],
        (
            MINOR,
            FLUX,
            [
                ("ghcr.io/controlplaneio-fluxcd/charts/flux-operator", "0.36.0", "0.37.0"),
                ("ghcr.io/controlplaneio-fluxcd/flux-operator-manifests", "v0.36.0", "v0.37.0"),
            ],
        ),
    ),
    "a group of an image and a chart of one name": (
        "fix(images): update thanos group",
        [
            ("monitoring/kps.yaml", "-  image: quay.io/thanos/thanos:v0.32.4\n+  image: quay.io/thanos/thanos:v0.32.5"),
            ("monitoring/thanos.yaml", chart("thanos", "12.13.11", "12.13.12")),
        ],
        (PATCH, INFRASTRUCTURE, [("quay.io/thanos/thanos", "v0.32.4", "v0.32.5"), ("thanos", "12.13.11", "12.13.12")]),
    ),
    "8: the title names the folder too": (
        "chore(deps): update imagepolicy to image.toolkit.fluxcd.io/v1 in pre-portal",
        [("apps/pre-portal/image-policy.yaml", api("ImagePolicy", "image.toolkit.fluxcd.io", "v1beta2", "v1"))],
        (PATCH, FLUX, [("ImagePolicy", "image.toolkit.fluxcd.io/v1beta2", "image.toolkit.fluxcd.io/v1")]),
    ),
    "9: a pull request that changes no file": (
        "fix(helm): update chart cilium ( 1.17.3 → 1.17.4 )",
        [],
        (PATCH, INFRASTRUCTURE, [("cilium", "1.17.3", "1.17.4")]),
    ),
    "10: from a version to a digest": (
        "fix(container): update image ghcr.io/x/y 1.7.1 ➼ 4f2221a",
        [("kube/deploy/apps/y/hr.yaml", image("ghcr.io/x/y", "1.7.1@sha256:1111111aaa", "1.7.1@sha256:4f2221abbb"))],
        (DIGEST, APPLICATION, [("ghcr.io/x/y", "1111111", "4f2221a")]),
    ),
    "11: a date is no digest": (
        "feat(container)!: Update image ghcr.io/x/y ( 20250130 → 20250603 )",
        [("kubernetes/apps/default/y/app/helmrelease.yaml", image("ghcr.io/x/y", "20250130", "20250603"))],
        (MAJOR, APPLICATION, [("ghcr.io/x/y", "20250130", "20250603")]),
    ),
    "12: a calendar's new year is a major": (
        "chore(deps): update homeassistant/home-assistant docker tag to v2025",
        [("apps/home-assistant/x.yaml", image("homeassistant/home-assistant", "2024.12.5", "2025.1.0"))],
        (MAJOR, APPLICATION, [("homeassistant/home-assistant", "2024.12.5", "2025.1.0")]),
    ),
    "12: a breaking mark on a minor of 0.x": (
        "feat(container)!: update image ghcr.io/x/charts/reloader (0.9.5 ➔ 0.10.0)",
        [("kubernetes/apps/default/y/app/ocirepository.yaml", oci("ghcr.io/x/charts/reloader", "0.9.5", "0.10.0"))],
        (MINOR, INFRASTRUCTURE, [("ghcr.io/x/charts/reloader", "0.9.5", "0.10.0")]),
    ),
    "13: four parts": (
        "fix(container): update image ghcr.io/x/sonarr ( 4.0.11.2784 → 4.0.11.2793 )",
        [("kubernetes/apps/media/sonarr/app/hr.yaml", image("ghcr.io/x/sonarr", "4.0.11.2784", "4.0.11.2793"))],
        (PATCH, APPLICATION, [("ghcr.io/x/sonarr", "4.0.11.2784", "4.0.11.2793")]),
    ),
    "13: a counter behind the version": (
        "chore(deps): update jenkins docker tag to v2.550-1051",
        [("apps/jenkins/jenkins.yaml", image("example.azurecr.io/jenkins", "2.550-1050", "2.550-1051"))],
        (PATCH, APPLICATION, [("example.azurecr.io/jenkins", "2.550-1050", "2.550-1051")]),
    ),
    "14: entities in the title": (
        "feat(github-release): update release controlplaneio-fluxcd/distribution ( &quot;2.5.1&quot; → v2.6.0 )",
        [
            (
                "kubernetes/apps/flux-system/i.yaml",
                hinted("github-releases", "controlplaneio-fluxcd/distribution", "version", '"2.5.1"', '"2.6.0"'),
            )
        ],
        (MINOR, FLUX, [("controlplaneio-fluxcd/distribution", "2.5.1", "2.6.0")]),
    ),
    "15: the v comes and goes": (
        "fix(container): update image mirror.gcr.io/envoyproxy/gateway-helm ( v1.5.3 ➔ 1.5.4 )",
        [("kubernetes/apps/x/y/ocirepository.yaml", oci("mirror.gcr.io/envoyproxy/gateway-helm", "1.5.3", "v1.5.4"))],
        (PATCH, INFRASTRUCTURE, [("mirror.gcr.io/envoyproxy/gateway-helm", "1.5.3", "v1.5.4")]),
    ),
    "16: a title without its target": (
        "chore(deps): pin actions/cache action to",
        [(".github/workflows/x.yaml", f"-  uses: actions/cache@v3\n+  uses: actions/cache@{SHA2} # v3")],
        (PIN, TOOLING, [("actions/cache", None, "704facf")]),
    ),
    "17: a list item that a careless reader takes for a header": (
        "feat(deps): update prometheus-operator/prometheus-operator ( v0.73.0 → v0.74.0 )",
        [
            (
                "setup/crds/kustomization.yaml",
                (
                    "-- https://raw.githubusercontent.com/prometheus-operator/prometheus-operator/v0.73.0/x\n"
                    "+- https://raw.githubusercontent.com/prometheus-operator/prometheus-operator/v0.74.0/x"
                ),
            )
        ],
        (MINOR, INFRASTRUCTURE, [("prometheus-operator/prometheus-operator", "v0.73.0", "v0.74.0")]),
    ),
    "18: a person's squash, cut by GitHub": (
        "ci(github-action): update action acme/widget ( v43.0.1 …",
        [(".github/workflows/x.yaml", "-  uses: acme/widget@v43.0.1\n+  uses: acme/widget@v43.0.2")],
        (PATCH, TOOLING, [("acme/widget", "v43.0.1", "v43.0.2")]),
    ),
    "21: one dependency, two old versions": (
        "feat(container)!: Update image ghcr.io/x/pg-init to v17.4",
        [
            (
                "default/a/a.yaml",
                "-  image: ghcr.io/x/pg-init:15.5@sha256:1111111\n+  image: ghcr.io/x/pg-init:17.4@sha256:2222222",
            ),
            ("default/b/b.yaml", "-  image: ghcr.io/x/pg-init:14.10\n+  image: ghcr.io/x/pg-init:17.4"),
        ],
        (
            MAJOR,
            APPLICATION,
            [("ghcr.io/x/pg-init", "15.5", "17.4"), ("ghcr.io/x/pg-init", "14.10", "17.4")],
        ),
    ),
    "22: a major without its mark, the name in the scope": (
        "feat(kube-prometheus-stack): update helm-release to v57",
        [("kubernetes/apps/x/kube-prometheus-stack/release.yaml", chart("kube-prometheus-stack", "56.21.4", "57.0.1"))],
        (MAJOR, INFRASTRUCTURE, [("kube-prometheus-stack", "56.21.4", "57.0.1")]),
    ),
    "23: three majors at once": (
        "chore(deps): update helm release kube-prometheus-stack to v75",
        [("monitoring/kps.yaml", chart("kube-prometheus-stack", "72.9.0", "75.6.2"))],
        (MAJOR, INFRASTRUCTURE, [("kube-prometheus-stack", "72.9.0", "75.6.2")]),
    ),
    "a container is often a chart": (
        "feat(container): update image reloader ( 1.0.0 → 1.1.0 )",
        [
            (
                "kubernetes/apps/default/reloader/app/helmrelease.yaml",
                oci("ghcr.io/stakater/charts/reloader", "1.0.0", "1.1.0"),
            )
        ],
        (MINOR, INFRASTRUCTURE, [("ghcr.io/stakater/charts/reloader", "1.0.0", "1.1.0")]),
    ),
    "a badge only repeats the version": (
        "fix(github-release): update kubernetes/kubernetes to 1.28.3",
        [
            (
                "README.md",
                "-![k](https://img.shields.io/badge/v1.28.2-blue)\n+![k](https://img.shields.io/badge/v1.28.3-blue)",
            ),
            (
                "kubernetes/apps/kube-system/plans/k.yaml",
                hinted("github-releases", "kubernetes/kubernetes", "version", "1.28.2", "1.28.3"),
            ),
        ],
        (PATCH, INFRASTRUCTURE, [("kubernetes/kubernetes", "1.28.2", "1.28.3")]),
    ),
}


@pytest.mark.parametrize(("title", "changes", "expected"), HARD_CASES.values(), ids=HARD_CASES.keys())
def test_hard_cases(
    title: str,
    changes: list[tuple[str, str]],
    expected: tuple[UpdateType, Component, list[tuple[str, str | None, str]]],
) -> None:
    found = classified(title, *changes)
    updates = [(update.name, update.from_, update.to) for update in found.updates]
    assert (found.update_type, found.component, updates) == expected
    assert found.grouped == (len({name for name, _, _ in updates}) > 1)


def test_19_a_squash_of_two_commits_has_two_tables() -> None:
    header = "| datasource | package | from | to |\n|---|---|---|---|\n"
    body = f"{header}| docker | a/b | 1.0.0 | 1.0.1 |\n\n* another\n\n{header}| docker | a/b | 1.0.1 | 1.1.0 |\n"
    found = classify(PullRequestText("fix: update image a/b ( 1.0.0 → 1.0.1 )", commit_body=body))
    assert [(update.name, update.from_, update.to) for update in found.updates] == [("a/b", "1.0.0", "1.1.0")]
    assert found.update_type is MINOR


def test_20_a_workflows_own_commit_is_no_update() -> None:
    found = classified(
        "Update vendored CRDs based on kustomization.yaml changes",
        ("setup/crds/vendor/acme/crds.yaml", "                       format: int32\n+                      minimum: 0"),
    )
    assert found.update_type is None


def test_lock_files_move_no_dependency() -> None:
    found = classified(
        "chore(mise): lock file maintenance tool", ("mise.lock", '-checksum = "sha256:aa"\n+checksum = "sha256:bb"')
    )
    assert (found.update_type, found.component, found.updates) == (UpdateType.LOCKFILE, TOOLING, ())


def test_replacements_have_no_versions_when_only_the_name_moves() -> None:
    found = classified(
        "chore(images): replace k8s.gcr.io/sig-storage/snapshot-controller docker tag with registry.k8s.io/x v6.2.1",
        (
            "rook-ceph/x.yaml",
            (
                "-  image: k8s.gcr.io/sig-storage/snapshot-controller:v6.2.1\n"
                "+  image: registry.k8s.io/sig-storage/snapshot-controller:v6.2.1"
            ),
        ),
    )
    assert found.update_type is UpdateType.REPLACEMENT
    assert found.component is INFRASTRUCTURE
    assert [(update.name, update.from_, update.to) for update in found.updates] == [
        ("k8s.gcr.io/sig-storage/snapshot-controller", None, None)
    ]


def renovate_body(*rows: str, header: str = "Package | Update | Change", labels: list[str] | None = None) -> str:
    debug = base64.b64encode(json.dumps({"targetBranch": "main", "labels": labels or []}).encode()).decode()
    table = "\n".join([f"| {header} |", "|" + "---|" * (header.count("|") + 1), *rows])
    return f"This PR contains the updates:\n\n{table}\n\n---\n\n### Configuration\n\n<!--renovate-debug:{debug}-->\n"


def test_renovates_own_labels_outweigh_every_other_sign() -> None:
    body = renovate_body("| a/b | patch | `1.0.0` → `2.0.0` |", labels=["type/minor"])
    assert classified("feat!: Update image a/b ( 1.0.0 → 2.0.0 )", body=body, labels="type/major").update_type is MINOR


def test_the_table_outweighs_versions_and_title() -> None:
    body = renovate_body("| a/b | patch | `2.550` → `3.1` |")
    assert classified("feat!: Update image a/b ( 2.550 → 3.1 )", body=body).update_type is PATCH


def test_labels_of_the_pull_request_help_where_versions_do_not() -> None:
    change = ("apps/x.yaml", "   repository: a/b\n-  tag: stable\n+  tag: 922742a2-ls4")
    assert classified("chore: update image a/b", change, labels="type/major renovate/container").update_type is MAJOR


def test_conflicting_labels_say_nothing() -> None:
    assert classified("chore: update image a/b", labels="type/major type/minor").update_type is None


def test_a_pull_request_without_files_is_read_from_its_table() -> None:
    body = renovate_body(
        "| [actions/checkout](https://github.com/actions/checkout) | action | major | `v3` -> `v4` |",
        "| [actions/checkout](https://github.com/actions/checkout) | action | major | `v2` -> `v4` |",
        header="Package | Type | Update | Change",
    )
    found = classified("Update actions/checkout action to v4", body=body)
    assert (found.update_type, found.component, found.grouped) == (MAJOR, TOOLING, False)
    assert found.component_class is ComponentClass.TOOLING
    assert [(update.name, update.from_, update.to) for update in found.updates] == [
        ("actions/checkout", "v3", "v4"),
        ("actions/checkout", "v2", "v4"),
    ]


def test_major_stands_above_the_component() -> None:
    found = classified(
        "Update x", ("kubernetes/apps/monitoring/x.yaml", chart("kube-prometheus-stack", "72.9.1", "73.2.0"))
    )
    assert (found.component, found.component_class) == (INFRASTRUCTURE, ComponentClass.MAJOR)


def test_renovates_commit_table_names_what_the_title_hides() -> None:
    found = classify(
        PullRequestText(
            title="chore(grafana-dashboards): update dashboard x ( 2 → 3 )",
            files=("kubernetes/apps/monitoring/grafana/app/helmrelease.yaml",),
            commit_body="| datasource | package | from | to |\n|---|---|---|---|\n| custom.grafana | 21356 | 2 | 3 |\n",
        )
    )
    assert [(update.name, update.from_, update.to, update.datasource) for update in found.updates] == [
        ("21356", "2", "3", "custom.grafana")
    ]


def test_a_title_alone_is_little_to_go_by() -> None:
    found = classified("Update dependency acme-widget to v1.2.3")
    assert found.component is Component.UNKNOWN
    assert found.confidence <= 0.2


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Update dependency acme-widget to v1.2.3", PATCH),
        ("Update dependency acme-widget to v1.2.0", MINOR),
        ("Update dependency acme-widget to v2.0.0", MAJOR),
        ("Update dependency acme-widget to v2", MAJOR),
        ("feat(deps): update dependency acme-widget to v1.2.3", MINOR),
        ("Update acme-widget docker digest to 4f2221a", DIGEST),
        ("Update Helm release acme-widget to <1.2.3", PATCH),
        ("Update acme widgets", None),
        ("feat: say hello to everyone", None),
    ],
)
def test_a_new_version_alone_lets_guess_the_type(title: str, expected: UpdateType | None) -> None:
    assert classified(title).update_type is expected


def test_an_unreadable_pull_request_is_unknown_and_says_so() -> None:
    found = classified("Improve things", ("notes.bin", "-a\n+b"))
    assert (found.update_type, found.component, found.updates) == (None, Component.UNKNOWN, ())
    assert found.reasons == ("unknown: no update could be read", "no sign tells the update type")


def test_the_file_of_an_update_is_the_one_that_a_cluster_reads() -> None:
    found = classified(
        "fix(helm): update chart cilium ( 1.17.3 → 1.17.4 )",
        ("bootstrap/helmfile.yaml", "     chart: cilium/cilium\n-    version: 1.17.3\n+    version: 1.17.4"),
        ("kubernetes/apps/kube-system/cilium/app/helmrelease.yaml", chart("cilium", "1.17.3", "1.17.4")),
    )
    (update,) = found.updates
    assert update.file == "kubernetes/apps/kube-system/cilium/app/helmrelease.yaml"
    assert (update.name, update.manager, update.datasource) == ("cilium", "flux", "helm")


def test_reasons_tell_which_sign_spoke() -> None:
    found = classified(
        "feat: update dependency aqua:helm/helm", (".mise.toml", '-"aqua:helm/helm" = "3.1"\n+"aqua:helm/helm" = "3.2"')
    )
    assert found.reasons == (
        "tooling: only tools and CI read .mise.toml",
        "minor, by the versions in the diff",
        "1 named by the diff",
    )


def test_lock_files_beside_the_file_that_asks_are_no_updates_of_their_own() -> None:
    found = classified(
        "feat(deps): update docs group",
        ("docs/package.json", '-    "vitepress": "1.5.0",\n+    "vitepress": "1.6.0",'),
        ("docs/package-lock.json", '-      "version": "7.0.0",\n+      "version": "7.1.0",'),
    )
    assert [(update.name, update.from_, update.to) for update in found.updates] == [("vitepress", "1.5.0", "1.6.0")]
    assert found.component is TOOLING
