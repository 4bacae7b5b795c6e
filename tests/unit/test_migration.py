"""What `fluxmig migrate` moves, what it leaves, and why."""

import pytest

from app.domain.migration import LeftBecause, Migration
from tests.support.flux_repository import flux_kustomization, instance
from tests.support.migrations import after, migrated

A = "apps/a/a.yaml"
PATCHES = "apps/a/kustomization.yaml"
OCI_OLD, OCI_NEW = "source.toolkit.fluxcd.io/v1beta2", "source.toolkit.fluxcd.io/v1"


def manifest(api_version: str, kind: str, spec: str = "", name: str = "x") -> str:
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: {name}\n{spec}"


def oci(version: str = "v1beta2", spec: str = "", name: str = "x") -> str:
    return manifest(f"source.toolkit.fluxcd.io/{version}", "OCIRepository", spec, name)


def release(version: str = "v2beta2", spec: str = "") -> str:
    return manifest(f"helm.toolkit.fluxcd.io/{version}", "HelmRelease", spec)


def left_of(migration: Migration) -> list[tuple[str, int, LeftBecause]]:
    return [(left.file, left.line, left.because) for left in migration.left]


# --- objects ---


@pytest.mark.parametrize(
    ("flux", "kind", "old", "new"),
    [
        ("2.5.1", "source.toolkit.fluxcd.io/OCIRepository", "v1beta2", None),
        ("2.6.1", "source.toolkit.fluxcd.io/OCIRepository", "v1beta2", "v1"),
        ("2.6.1", "source.toolkit.fluxcd.io/OCIRepository", "v1", None),
        ("2.2.3", "helm.toolkit.fluxcd.io/HelmRelease", "v2beta1", "v2beta2"),
        ("2.3.0", "helm.toolkit.fluxcd.io/HelmRelease", "v2beta1", "v2"),
        ("2.1.0", "helm.toolkit.fluxcd.io/HelmRelease", "v2beta1", None),
        ("2.0.0", "kustomize.toolkit.fluxcd.io/Kustomization", "v1beta1", "v1"),
        ("2.9.0", "notification.toolkit.fluxcd.io/Alert", "v1beta2", "v1beta3"),
        ("2.9.0", "notification.toolkit.fluxcd.io/Receiver", "v1beta2", "v1"),
        ("2.6.1", "image.toolkit.fluxcd.io/ImagePolicy", "v1beta1", "v1beta2"),
        ("2.7.0", "image.toolkit.fluxcd.io/ImagePolicy", "v1beta1", "v1"),
    ],
)
def test_an_object_goes_to_the_newest_version_that_the_declared_release_serves(
    flux: str, kind: str, old: str, new: str | None
) -> None:
    group, _, name = kind.rpartition("/")
    migration = migrated({A: manifest(f"{group}/{old}", name)}, flux)
    assert migration.texts == ({A: manifest(f"{group}/{new}", name)} if new else {})
    assert migration.left == ()


@pytest.mark.parametrize(
    "line",
    [
        "apiVersion: source.toolkit.fluxcd.io/v1beta2",
        'apiVersion: "source.toolkit.fluxcd.io/v1beta2"',
        "apiVersion: 'source.toolkit.fluxcd.io/v1beta2' # v1beta2",
        '"apiVersion": source.toolkit.fluxcd.io/v1beta2',
        "apiVersion:   source.toolkit.fluxcd.io/v1beta2   ",
        "apiVersion: source.toolkit.fluxcd.io/v1beta2\t# source.toolkit.fluxcd.io/v1beta2",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize(
    "order", ["{0}{1}", "{1}{0}", "---{n}{0}{1}", "# source.toolkit.fluxcd.io/v1beta2{n}---{n}{1}{0}"]
)
def test_only_the_version_of_that_line_changes(line: str, newline: str, bom: str, order: str) -> None:
    text = bom + order.format(f"{line}{newline}", f"kind: OCIRepository{newline}", n=newline)
    text += f"metadata:{newline}  name: v1beta2{newline}  annotations: {{a: source.toolkit.fluxcd.io/v1beta2}}"
    migration = migrated({A: text})
    new_line = line.replace("v1beta2", "v1", 1)
    assert migration.texts == {A: text.replace(line, new_line)}


def test_json_is_rewritten_as_it_stands() -> None:
    text = f'{{"apiVersion": "{OCI_OLD}", "kind": "OCIRepository", "metadata": {{"name": "v1beta2"}}}}'
    assert migrated({"apps/a/a.json": text}).texts == {"apps/a/a.json": text.replace(OCI_OLD, OCI_NEW)}


def test_several_objects_on_one_line_are_left() -> None:
    item = f'{{"apiVersion": "{OCI_OLD}", "kind": "OCIRepository"}}'
    text = f'{{"apiVersion": "v1", "kind": "List", "items": [{item}, {item}]}}'
    migration = migrated({"apps/a/a.json": text})
    assert migration.texts == {}
    assert {(left.because, left.line) for left in migration.left} == {(LeftBecause.WRITTEN_OTHERWISE, 1)}


def test_items_of_a_list_in_json_with_lines_of_their_own_are_moved() -> None:
    item = f'    {{\n      "apiVersion": "{OCI_OLD}",\n      "kind": "OCIRepository"\n    }}'
    text = f'{{\n  "apiVersion": "v1",\n  "kind": "List",\n  "items": [\n{item}\n  ]\n}}\n'
    assert migrated({"apps/a/a.json": text}).texts == {"apps/a/a.json": text.replace(OCI_OLD, OCI_NEW)}


def test_templates_around_a_plain_version_do_not_matter() -> None:
    text = f"#% if x %#\n{oci(spec='spec:' + chr(10) + '  url: ${URL}' + chr(10))}#% endif %#\n"
    assert migrated({"apps/a/a.yaml.j2": text}).texts == {"apps/a/a.yaml.j2": text.replace(OCI_OLD, OCI_NEW)}


def test_items_of_a_list_and_resources_of_a_resource_set_are_objects() -> None:
    items = f"apiVersion: v1\nkind: List\nitems:\n  - apiVersion: {OCI_OLD}\n    kind: OCIRepository\n"
    template = (
        "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata:\n  name: x\nspec:\n  resources:\n"
        f"    - kind: OCIRepository\n      apiVersion: {OCI_OLD}\n      metadata:\n        name: << inputs.name >>\n"
        f"  resourcesTemplate: |\n    ---\n    apiVersion: {OCI_OLD}\n    kind: OCIRepository\n"
    )
    files = {A: items, "apps/a/b.yaml": template}
    assert after(files, migrated(files)) == {path: text.replace(OCI_OLD, OCI_NEW) for path, text in files.items()}


def test_every_provider_of_the_catalogue_counts() -> None:
    secret = manifest("external-secrets.io/v1beta1", "ExternalSecret")
    chart = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: external-secrets\nspec:\n"
        "  url: oci://ghcr.io/external-secrets/charts/external-secrets\n  ref:\n    tag: {}\n"
    )
    old = migrated({A: secret, "apps/a/chart.yaml": chart.format("0.15.1")})
    assert (old.texts, left_of(old)) == ({}, [])
    bridge = migrated({A: secret, "apps/a/chart.yaml": chart.format("0.16.1")})
    assert bridge.texts == {A: secret.replace("v1beta1", "v1")}
    assert migrated({A: secret}, to=("external-secrets=0.16",)).texts == bridge.texts


def test_what_two_clusters_share_takes_the_lower_version() -> None:
    def cluster(name: str, flux: str) -> dict[str, str]:
        apps = flux_kustomization("apps", f"./apps/{name}")
        synced = instance(flux).replace("clusters/main", f"clusters/{name}")
        return {
            f"clusters/{name}/flux.yaml": synced,
            f"clusters/{name}/apps.yaml": apps,
            f"apps/{name}/kustomization.yaml": "resources:\n  - ../base\n  - own.yaml\n",
            f"apps/{name}/own.yaml": oci(),
        }

    files = {**cluster("staging", "2.6.1"), **cluster("production", "2.5.1")}
    files |= {"apps/base/kustomization.yaml": "resources:\n  - a.yaml\n", "apps/base/a.yaml": oci()}
    migration = migrated(files, None)
    assert list(migration.texts) == ["apps/staging/own.yaml"]


# --- what is asked for ---


def test_a_target_takes_the_place_of_what_is_declared_and_says_so() -> None:
    migration = migrated({A: oci()}, "2.5.1", to=("2.6",))
    assert list(migration.texts) == [A]
    assert migration.bases == ("cluster main: Flux 2.6 (--to)",)
    assert migration.warnings == (
        (
            "--to Flux 2.6 is above Flux 2.5.1 (declared in apps/flux/instance.yaml:8): merge this "
            "only when Flux 2.6 is "
            "rolled out there."
        ),
    )


def test_a_target_below_what_runs_is_a_warning_and_moves_nothing_back() -> None:
    migration = migrated({A: release("v2beta1"), "apps/a/b.yaml": oci("v1")}, "2.8.0", to=("2.2",))
    assert migration.texts == {A: release("v2beta2")}
    assert migration.warnings == (
        (
            "--to Flux 2.2 is below Flux 2.8.0 (declared in apps/flux/instance.yaml:8): what is "
            "moved may not be served "
            "there."
        ),
    )


@pytest.mark.parametrize(
    ("kinds", "moved"),
    [
        (("OCIRepository",), [A]),
        (("source.toolkit.fluxcd.io/OCIRepository",), [A]),
        (("helm.toolkit.fluxcd.io/OCIRepository",), []),
        (("OCIRepository", "HelmRelease"), [A, "apps/a/b.yaml"]),
        ((), [A, "apps/a/b.yaml"]),
    ],
)
def test_kinds_limit_it(kinds: tuple[str, ...], moved: list[str]) -> None:
    assert list(migrated({A: oci(), "apps/a/b.yaml": release()}, kinds=kinds).texts) == moved


def test_only_the_named_part_is_written() -> None:
    files = {A: oci(), "apps/b/b.yaml": oci()}
    assert list(migrated(files, below="apps/b/").texts) == ["apps/b/b.yaml"]


def test_archives_are_not_touched() -> None:
    assert migrated({"archive/a.yaml": oci(), "apps/a/templates/b.yaml": oci()}).texts == {}


# --- objects that are left ---


CHART = "spec:\n  chart:\n    spec:\n      chart: x\n      valuesFile: prod.yaml\n"


@pytest.mark.parametrize(
    ("text", "flux", "line", "because", "reason"),
    [
        (
            release(spec=CHART),
            "2.6.1",
            9,
            LeftBecause.LOST_FIELD,
            ("HelmRelease helm.toolkit.fluxcd.io/v2 has no spec.chart.spec.valuesFile, which is used here; "
            "replace the field, then move it."),
        ),
        (
            release(spec="spec: {chart: {spec: {chart: x,\n  valuesFile: y}}}\n"),
            "2.6.1",
            6,
            LeftBecause.LOST_FIELD,
            ("HelmRelease helm.toolkit.fluxcd.io/v2 has no spec.chart.spec.valuesFile, which is used here; "
            "replace the field, then move it."),
        ),
        (
            release(spec="#% if x %#\n" + CHART + "{{ toYaml .Values }}\n"),
            "2.6.1",
            10,
            LeftBecause.LOST_FIELD,
            ("HelmRelease helm.toolkit.fluxcd.io/v2 has no spec.chart.spec.valuesFile, which is used here; "
            "replace the field, then move it."),
        ),
        (
            manifest("kustomize.toolkit.fluxcd.io/v1beta2", "Kustomization", "spec:\n  validation: client\n"),
            "2.6.1",
            6,
            LeftBecause.LOST_FIELD,
            ("Kustomization kustomize.toolkit.fluxcd.io/v1 has no spec.validation, which is used here; "
            "replace the field, then move it."),
        ),
        (
            oci() + "sops:\n  mac: ENC[AES256_GCM,data:x]\n",
            "2.6.1",
            1,
            LeftBecause.SEALED,
            ("SOPS has signed this document as a whole, its apiVersion included; set source.toolkit.fluxcd.io/v1 with "
            "`sops edit`, which signs it anew."),
        ),
        (
            f"apiVersion: &v {OCI_OLD}\nkind: OCIRepository\nmetadata:\n  annotations:\n    a: *v\n",
            "2.6.1",
            1,
            LeftBecause.WRITTEN_OTHERWISE,
            ("the version does not stand plain and alone on its line (an anchor, an alias, several objects); set "
            "source.toolkit.fluxcd.io/v1 by hand."),
        ),
        (
            oci("v1"),
            "2.5.1",
            1,
            LeftBecause.NOT_SERVED,
            ("OCIRepository source.toolkit.fluxcd.io/v1 is not served by Flux 2.5.1 (declared in "
            "apps/flux/instance.yaml:8): Flux serves it from 2.6.0; raise Flux first, or use a version that it "
                "serves."),
        ),
        (
            oci("v3"),
            "2.6.1",
            1,
            LeftBecause.NOT_SERVED,
            ("OCIRepository source.toolkit.fluxcd.io/v3 is not served by Flux 2.6.1 (declared in "
            "apps/flux/instance.yaml:8): no known release of Flux does; correct the version."),
        ),
        (
            oci(),
            None,
            1,
            LeftBecause.VERSION_UNKNOWN,
            ("OCIRepository source.toolkit.fluxcd.io/v1 is newer and served from Flux 2.6.0, but it is not sure "
            "that it is served by Flux, of which Git declares no version; say which version runs with --to."),
        ),
        (
            oci(),
            "2.x",
            1,
            LeftBecause.VERSION_UNKNOWN,
            ("OCIRepository source.toolkit.fluxcd.io/v1 is newer and served from Flux 2.6.0, but it is not sure "
            "that it is served by Flux 2.x (declared in apps/flux/instance.yaml:8, which can be 2.2.3 to "
            "2.9.4); say which version runs with --to."),
        ),
        (
            "apiVersion: ${API:=source.toolkit.fluxcd.io/v1beta2}\nkind: OCIRepository\n",
            "2.6.1",
            1,
            LeftBecause.TEMPLATED,
            ("a template decides the API version (`apiVersion: ${API:=source.toolkit.fluxcd.io/v1beta2}`); look at "
            "what fills it in."),
        ),
    ],
)  # fmt: skip
def test_an_object_is_left_with_the_reason(
    text: str, flux: str | None, line: int, because: LeftBecause, reason: str
) -> None:
    migration = migrated({A: text}, flux)
    assert migration.texts == {}
    assert [(left.file, left.line, left.because, left.reason) for left in migration.left] == [
        (A, line, because, reason)
    ]


def test_a_field_that_the_newest_version_lost_lets_an_older_one_in_between_be_taken() -> None:
    migration = migrated({A: release("v2beta1", CHART)})
    assert migration.texts == {A: release("v2beta2", CHART)}
    assert left_of(migration) == [(A, 9, LeftBecause.LOST_FIELD)]


def test_a_field_of_the_same_name_elsewhere_is_not_the_lost_one() -> None:
    text = release(spec="spec:\n  values:\n    chart:\n      spec:\n        valuesFile: x\n")
    assert migrated({A: text}).texts == {A: release("v2", text.partition("name: x\n")[2])}


def test_what_every_release_serves_is_moved_without_a_declaration() -> None:
    text = manifest("kustomize.toolkit.fluxcd.io/v1beta2", "Kustomization")
    migration = migrated({A: text}, None)
    assert migration.texts == {A: text.replace("v1beta2", "v1")}
    assert migration.bases == (
        (
            "cluster main: Flux, of which Git declares no version: only what every release from 2.0 to 2.9.4 serves is "
            "sure"
        ),
    )


def test_crds_in_git_prove_more_than_a_missing_declaration() -> None:
    crd = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n"
        "  group: source.toolkit.fluxcd.io\n  names:\n    kind: OCIRepository\n  versions:\n    - "
        "name: v1\n      served: true\n"
    )
    assert migrated({A: oci(), "apps/a/crd.yaml": crd}, None).texts == {A: oci("v1")}


def test_an_alpha_version_promises_nothing() -> None:
    text = manifest("gateway.networking.k8s.io/v1alpha2", "HTTPRoute")
    assert left_of(migrated({A: text}, to=("gateway-api=1.2",))) == [(A, 1, LeftBecause.ALPHA)]


# --- patches ---


def kustomization(patch: str) -> str:
    return f"resources:\n  - a.yaml\npatches:\n{patch}"


BODY = (
    "      apiVersion: source.toolkit.fluxcd.io/v1beta2\n      kind: OCIRepository\n      metadata:\n        name: {}\n"
)
BARE = "  - patch: |-\n" + BODY
AIMED = "  - patch: |-\n" + BODY + "    target:\n      kind: OCIRepository\n"
SELECTED = (
    "  - path: p.yaml\n    target:\n      group: source.toolkit.fluxcd.io\n      version: v1beta2\n"
    "      kind: OCIRepository\n      name: {}\n"
)


@pytest.mark.parametrize("patch", [BARE, AIMED, SELECTED, "  - target: {{}}\n" + AIMED])
def test_a_patch_moves_with_what_it_patches(patch: str) -> None:
    files = {A: oci(), PATCHES: kustomization(patch.format("x"))}
    migration = migrated(files)
    assert migration.left == ()
    assert after(files, migration)[PATCHES] == files[PATCHES].replace("v1beta2", "v1")


def test_a_patch_in_a_file_of_its_own_moves_too() -> None:
    files = {A: oci(), "apps/a/p.yaml": oci(spec="spec: {}\n"), PATCHES: kustomization("  - path: p.yaml\n")}
    assert after(files, migrated(files))["apps/a/p.yaml"] == oci("v1", "spec: {}\n")


@pytest.mark.parametrize(
    ("objects", "patch", "left"),
    [
        ({}, BARE, True),
        ({A: oci(name="x")}, BARE, False),
        # Under another name it may be any of the kind, and they are all moved.
        ({A: oci(name="y")}, BARE, False),
        # One stays, since its version is an anchor; which of the two is meant?
        ({A: oci(name="y"), "apps/a/b.yaml": f"apiVersion: &v {OCI_OLD}\nkind: OCIRepository\n"}, BARE, True),
        ({A: oci(name="x"), "apps/a/b.yaml": f"apiVersion: &v {OCI_OLD}\nkind: OCIRepository\n"}, BARE, False),
        ({}, SELECTED, True),
        ({}, AIMED, False),
    ],
)
def test_a_patch_is_left_where_it_would_no_longer_find_its_object(
    objects: dict[str, str], patch: str, left: bool
) -> None:
    migration = migrated({**objects, PATCHES: kustomization(patch.format("x"))})
    assert (PATCHES in migration.texts) is not left
    assert [one.because for one in migration.left if one.file == PATCHES] == [LeftBecause.PATCHED_ELSEWHERE] * left


def test_a_patch_stays_with_an_object_that_stays() -> None:
    body = BARE.format("x").replace(OCI_OLD, "helm.toolkit.fluxcd.io/v2beta2").replace("OCIRepository", "HelmRelease")
    migration = migrated({A: release(spec=CHART), PATCHES: kustomization(body)})
    assert (migration.texts, left_of(migration)) == ({}, [(A, 9, LeftBecause.LOST_FIELD)])


def test_a_patch_that_sets_a_lost_field_is_left() -> None:
    body = (
        "  - target:\n      kind: HelmRelease\n    patch: |-\n      apiVersion: helm.toolkit.fluxcd.io/v2beta2\n"
        "      kind: HelmRelease\n      metadata:\n        name: x\n      spec:\n        chart:\n          spec:\n"
        "            valuesFile: y\n"
    )
    migration = migrated({A: release(), PATCHES: kustomization(body)})
    assert left_of(migration) == [(PATCHES, 14, LeftBecause.LOST_FIELD)]


def test_patches_inside_of_patches_of_a_flux_kustomization() -> None:
    text = flux_kustomization("apps", "./apps/a") + (
        "  patches:\n    - patch: |-\n        apiVersion: kustomize.toolkit.fluxcd.io/v1\n        kind: Kustomization\n"
        "        metadata:\n          name: _\n        spec:\n          patches:\n            - patch: |-\n"
        "                apiVersion: helm.toolkit.fluxcd.io/v2beta2\n                kind: HelmRelease\n"
        "                metadata:\n                  name: _\n              target:\n"
        "                kind: HelmRelease\n      target:\n        kind: Kustomization\n"
    )
    assert migrated({"clusters/main/apps.yaml": text}).texts == {
        "clusters/main/apps.yaml": text.replace("v2beta2", "v2")
    }


# --- references, and what only looks like them ---


@pytest.mark.parametrize(
    ("text", "old"),
    [
        (
            flux_kustomization("apps", "./apps/a")
            + "  healthChecks:\n    - apiVersion: helm.toolkit.fluxcd.io/v2beta2\n"
            "      kind: HelmRelease\n      name: x\n",
            "v2beta2",
        ),
        (
            manifest("notification.toolkit.fluxcd.io/v1", "Receiver", "spec:\n  resources:\n")
            + f"    - kind: OCIRepository\n      apiVersion: {OCI_OLD}\n      name: x\n",
            "v1beta2",
        ),
        (
            manifest("fluxcd.controlplane.io/v1", "ResourceSet", "spec:\n  dependsOn:\n")
            + f"    - apiVersion: {OCI_OLD}\n      kind: OCIRepository\n      name: x\n",
            "v1beta2",
        ),
    ],
)
def test_a_reference_that_flux_resolves_is_moved(text: str, old: str) -> None:
    migration = migrated({A: text})
    assert (migration.texts, migration.left) == ({A: text.replace(old, old.partition("beta")[0])}, ())
    assert [moved.what for moved in migration.moved] == ["reference"]


@pytest.mark.parametrize(
    ("text", "line", "because"),
    [
        (
            release("v2", "spec:\n  values:\n    extra:\n      - apiVersion: source.toolkit.fluxcd.io/v1beta2\n")
            + "        kind: OCIRepository\n",
            8,
            LeftBecause.VALUES,
        ),
        (
            (
                "config:\n  resources:\n    - groupVersionKind:\n        group: source.toolkit.fluxcd.io\n"
                "        version: v1beta2\n        kind: OCIRepository\n"
            ),
            5,
            LeftBecause.SPLIT,
        ),
        (
            manifest("v1", "ConfigMap", "data:\n  x.yaml: |\n") + f"    a:\n      apiVersion: {OCI_OLD}\n"
            "      kind: OCIRepository\n",
            8,
            LeftBecause.VALUES,
        ),
        (
            manifest("kyverno.io/v1", "ClusterPolicy", "spec:\n  rules:\n    - generate:\n")
            + f"        apiVersion: {OCI_OLD}\n        kind: OCIRepository\n",
            8,
            LeftBecause.TEMPLATE,
        ),
        (
            manifest("example.com/v1", "Watcher", "spec:\n  watch:\n")
            + f"    - apiVersion: {OCI_OLD}\n      kind: OCIRepository\n",
            7,
            LeftBecause.FOREIGN,
        ),
        (
            release("v2", "spec:\n  postRenderers:\n    - kustomize:\n        patches:\n          - patch: |\n")
            + f"              apiVersion: {OCI_OLD}\n              kind: OCIRepository\n",
            10,
            LeftBecause.PATCHED_ELSEWHERE,
        ),
    ],
)
def test_what_others_read_is_left(text: str, line: int, because: LeftBecause) -> None:
    migration = migrated({A: text})
    assert (migration.texts, left_of(migration)) == ({}, [(A, line, because)])


# --- schema comments ---


URL = "https://k8s-schemas.home-operations.com/source.toolkit.fluxcd.io/ocirepository_{}.json"
COMMENT = f"# yaml-language-server: $schema={URL}\n"


def test_the_schema_comment_goes_with_its_document() -> None:
    text = f"---\n{COMMENT.format('v1beta2')}{oci()}---\n{COMMENT.format('v1')}{oci('v1')}"
    migration = migrated({A: text})
    assert migration.texts == {A: text.replace("v1beta2", "v1")}
    assert [(moved.line, moved.what) for moved in migration.moved] == [(2, "schema comment"), (3, "object")]


@pytest.mark.parametrize(
    ("comment", "document", "flux", "expected"),
    [
        # Moved by somebody who forgot the comment.
        ("v1beta2", "v1", "2.6.1", [LeftBecause.STALE_COMMENT]),
        # The comment of a third version is not the one that this move leaves behind.
        ("v1beta1", "v1beta2", "2.6.1", [LeftBecause.STALE_COMMENT]),
        ("v1", "v1beta2", "2.6.1", []),
        ("v1", "v1", "2.6.1", []),
        ("v1beta2", "v1beta2", "2.5.1", []),
    ],
)
def test_a_comment_that_does_not_fit_is_listed(
    comment: str, document: str, flux: str, expected: list[LeftBecause]
) -> None:
    files = {A: COMMENT.format(comment) + oci(document)}
    migration = migrated(files, flux)
    assert [left.because for left in migration.left] == expected
    assert after(files, migration)[A].startswith(COMMENT.format(comment))
    corrected = after(files, migrated(files, flux, stale_comments=True))[A]
    assert corrected in {COMMENT.format(version) + oci(version) for version in ("v1", "v1beta2")}


def test_what_stale_comments_does_is_told() -> None:
    (left,) = migrated({A: COMMENT.format("v1beta2") + oci("v1")}).left
    assert left.reason == (
        "the schema comment is that of v1beta2, the document is OCIRepository source.toolkit.fluxcd.io/v1; "
        "--stale-comments rewrites it."
    )


def test_the_comment_of_a_patch_goes_with_the_patch() -> None:
    files = {A: oci(), "apps/a/p.yaml": COMMENT.format("v1beta2") + oci(), PATCHES: kustomization("  - path: p.yaml\n")}
    assert after(files, migrated(files))["apps/a/p.yaml"] == COMMENT.format("v1") + oci("v1")
