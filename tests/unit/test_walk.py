"""What leads from a cluster's root to its files, and what only looks as if it did."""

import pytest

from app.domain.layout import address_of
from app.domain.model import State
from app.domain.scopes import Scopes, read_scopes
from tests.support.flux_repository import INSTANCE, RELEASE, FluxRepository, instance, manifest
from tests.support.story_repository import tree_of

OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n"
SYNC = "clusters/a/flux-system/gotk-sync.yaml"


def ks(name: str, path: str | None, source: str = "flux-system", kind: str = "GitRepository") -> str:
    where = f"  path: {path}\n" if path is not None else ""
    return (
        "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n"
        f"  name: {name}\n  namespace: flux-system\nspec:\n{where}  sourceRef:\n    kind: {kind}\n    name: {source}\n"
    )


def source(name: str, url: str, kind: str = "GitRepository") -> str:
    return (
        f"---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata:\n  name: {name}\n"
        f"  namespace: flux-system\nspec:\n  url: {url}\n"
    )


def scopes_of(files: dict[str, str]) -> Scopes:
    sync = source("flux-system", "ssh://git@github.com/me/fleet") + ks("flux-system", "./clusters/a")
    return read_scopes(tree_of({SYNC: sync, **files}))


def carrier(scopes: Scopes, path: str) -> str | None:
    found = scopes.kustomization_of(path)
    return str(found) if found else None


@pytest.mark.parametrize(
    ("written", "carried"),
    [
        (ks("own", "apps"), True),
        (ks("own", "./apps/"), True),
        (ks("own", "/apps"), True),
        # Without a path Flux takes the root of the source.
        (ks("own", None), True),
        # The same repository by another name, and by another spelling of its address.
        (source("fleet", "https://github.com/Me/fleet.git") + ks("own", "./apps", "fleet"), True),
        # A source that is not in Git may well be this repository; one whose address a template decides, too.
        (ks("own", "./apps", "home-ops"), True),
        (source("fleet", "${REPO}") + ks("own", "./apps", "fleet"), True),
        # Another repository, whose folders sound the same.
        (source("podinfo", "https://github.com/stefanprodan/podinfo") + ks("own", "./apps", "podinfo"), False),
        (source("podinfo", "https://github.com/stefanprodan/podinfo") + ks("own", "./", "podinfo"), False),
        (
            source("manifests", "oci://ghcr.io/x/y", "OCIRepository") + ks("own", "./", "manifests", "OCIRepository"),
            False,
        ),
        (ks("own", "./apps", "built", "ExternalArtifact"), False),
        # A template decides.
        (ks("own", "./${WHERE}"), False),
        # A patch of a Kustomization has neither source nor path.
        (ks("own", None).partition("  sourceRef")[0] + "  wait: true\n", False),
    ],
)
def test_a_kustomization_leads_to_files_of_this_repository(written: str, carried: bool) -> None:
    scopes = scopes_of({"clusters/a/own.yaml": written, "apps/x.yaml": OBJECT})
    assert (carrier(scopes, "apps/x.yaml") == "flux-system/own") is carried


def test_a_repository_that_is_synced_as_an_artifact() -> None:
    files = {
        "clusters/a/instance.yaml": instance("2.6.1").replace("GitRepository", "OCIRepository").replace("main", "a"),
        "clusters/a/apps.yaml": ks("apps", "./apps", "flux-system", "OCIRepository"),
        "apps/x.yaml": OBJECT,
    }
    assert carrier(read_scopes(tree_of(files)), "apps/x.yaml") == "flux-system/apps"


def test_a_flux_kustomization_may_stand_in_a_file_called_kustomization() -> None:
    files = {"clusters/a/apps/kustomization.yaml": ks("apps", "./apps"), "apps/x.yaml": OBJECT}
    scopes = read_scopes(tree_of(files))
    assert carrier(scopes, "apps/x.yaml") == "flux-system/apps"


def test_what_a_live_file_names_is_live_whatever_its_folder_is_called() -> None:
    scopes = scopes_of(
        {
            "clusters/a/apps.yaml": ks("apps", "./apps"),
            "apps/kustomization.yaml": "resources:\n  - ./x.yaml\n  - ../templates/volsync\n",
            "apps/x.yaml": OBJECT,
            "templates/volsync/kustomization.yaml": "resources: [claim.yaml]\n",
            "templates/volsync/claim.yaml": OBJECT,
            "templates/gatus/kustomization.yaml": "resources: [config.yaml]\n",
            "templates/gatus/config.yaml": OBJECT,
        }
    )
    assert carrier(scopes, "templates/volsync/claim.yaml") == "flux-system/apps"
    assert scopes.is_live("templates/volsync/claim.yaml")
    assert scopes.is_live("templates/volsync/new.yaml")
    assert not scopes.is_live("templates/gatus/config.yaml")


def test_what_stands_in_such_a_folder_may_lead_further() -> None:
    scopes = scopes_of(
        {
            "clusters/a/test.yaml": ks("test", "./tests/cluster"),
            "tests/cluster/more.yaml": ks("more", "./more"),
            "more/x.yaml": OBJECT,
            "tests/unit/ks.yaml": ks("stray", "./stray"),
            "stray/x.yaml": OBJECT,
        }
    )
    assert carrier(scopes, "more/x.yaml") == "flux-system/more"
    assert scopes.of("more/x.yaml") == {"a"}
    assert carrier(scopes, "stray/x.yaml") is None


def test_a_folder_that_is_taken_as_a_whole_is_taken_without_its_archive() -> None:
    scopes = scopes_of(
        {
            "clusters/a/apps.yaml": ks("apps", "./apps"),
            "apps/x/x.yaml": OBJECT,
            "apps/archive/y.yaml": OBJECT,
            "apps/.archive/z.yaml": OBJECT,
        }
    )
    assert carrier(scopes, "apps/x/x.yaml") == "flux-system/apps"
    assert carrier(scopes, "apps/archive/y.yaml") is None
    assert [scopes.is_live(f"apps/{path}") for path in ("archive/y.yaml", ".archive/z.yaml")] == [False, False]


def test_bootstrap_is_applied_where_a_kustomization_applies_it() -> None:
    scopes = scopes_of(
        {
            "clusters/a/flux.yaml": ks("flux", "./bootstrap/flux"),
            "bootstrap/flux/x.yaml": OBJECT,
            "bootstrap/other/y.yaml": OBJECT,
        }
    )
    assert scopes.is_applied("bootstrap/flux/x.yaml")
    assert scopes.is_applied("bootstrap/flux/new.yaml")
    assert not scopes.is_applied("bootstrap/other/y.yaml")


def test_one_folder_an_environment() -> None:
    """Each with its own bootstrap, a common base, and applications that some of them share."""
    files: dict[str, str] = {"apps/base/x.yaml": OBJECT, "apps/base/kustomization.yaml": "resources: [x.yaml]\n"}
    for name in ("dev", "prod"):
        files |= {
            f"clusters/{name}/00/flux-system/gotk-sync.yaml": ks("flux-system", f"./clusters/{name}/00"),
            f"clusters/{name}/00/apps.yaml": ks("apps", f"./apps/{name}"),
            f"apps/{name}/kustomization.yaml": "resources:\n  - ../base\n  - own.yaml\ncomponents:\n  - ../component\n",
            f"apps/{name}/own.yaml": OBJECT,
        }
    files |= {
        "apps/component/kustomization.yaml": "kind: Component\nresources: [c.yaml]\n",
        "apps/component/c.yaml": OBJECT,
    }
    scopes = read_scopes(tree_of(files))
    assert scopes.clusters == ("dev", "prod")
    assert scopes.of("apps/dev/own.yaml") == {"dev"}
    assert scopes.of("apps/base/x.yaml") == scopes.of("apps/component/c.yaml") == {"dev", "prod"}


def test_two_instances_in_one_repository() -> None:
    files: dict[str, str] = {}
    for name in ("main", "staging"):
        folder = f"kubernetes/{name}"
        files |= {
            f"{folder}/apps/flux/instance.yaml": instance("2.6.1").replace("clusters/main", f"{folder}/flux"),
            f"{folder}/flux/apps.yaml": ks("apps", f"./{folder}/apps"),
            f"{folder}/apps/x.yaml": OBJECT,
        }
    scopes = read_scopes(tree_of(files))
    assert scopes.clusters == ("main", "staging")
    assert [scopes.of(f"kubernetes/{name}/apps/x.yaml") for name in ("main", "staging")] == [{"main"}, {"staging"}]


def test_a_remote_base_leads_nowhere() -> None:
    scopes = scopes_of(
        {
            "clusters/a/apps.yaml": ks("apps", "./apps"),
            "apps/kustomization.yaml": "resources:\n  - https://github.com/a/b//apps?ref=v1\n  - github.com/a/b\n",
        }
    )
    assert carrier(scopes, "apps/kustomization.yaml") == "flux-system/apps"


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Me/Fleet",
        "https://github.com/me/fleet.git",
        "ssh://git@github.com/me/fleet",
        "ssh://git@github.com:22/me/fleet.git",
        "git@github.com:me/fleet.git",
        "https://user:token@github.com/me/fleet/",
    ],
)
def test_addresses_of_one_repository(url: str) -> None:
    assert address_of(url) == "github.com/me/fleet"


def test_a_shared_base_needs_what_every_cluster_serves() -> None:
    """The slowest cluster decides."""
    repo = FluxRepository(
        {
            "clusters/staging/flux-system/gotk-sync.yaml": ks("flux-system", "./clusters/staging"),
            "clusters/staging/flux-system/gotk-components.yaml": "# Flux Version: v2.6.1\n",
            "clusters/staging/apps.yaml": ks("apps", "./apps/base"),
            "clusters/prod/flux-system/gotk-sync.yaml": ks("flux-system", "./clusters/prod"),
            "clusters/prod/flux-system/gotk-components.yaml": "# Flux Version: v2.5.1\n",
            "clusters/prod/apps.yaml": ks("apps", "./apps/base"),
        }
    )
    repo.files = {path: text for path, text in repo.files.items() if not path.startswith("clusters/main")}
    repo.opens(34, {"apps/base/x.yaml": manifest("source.toolkit.fluxcd.io/v1", "OCIRepository")})
    planned = repo.plans().of(34)
    assert planned.state is State.BLOCKED
    assert "for cluster prod" in planned.reason
    assert "clusters/prod/flux-system/gotk-components.yaml:1" in planned.reason


# --- what could not be read ---


def test_what_the_base_says_unreadably_is_a_warning() -> None:
    repo = FluxRepository({INSTANCE: instance("2.5.1"), RELEASE: manifest("${API}", "HelmRelease")})
    assert repo.plans().warnings == (
        (
            "Parts of the base branch could not be read and count for nothing: apps/a/release.yaml:1 "
            "(a template decides the API)."
        ),
    )


def test_a_pull_request_that_adds_what_cannot_be_read_is_unknown() -> None:
    repo = FluxRepository({INSTANCE: instance("2.5.1"), RELEASE: manifest("helm.toolkit.fluxcd.io/v2", "HelmRelease")})
    repo.opens(5, {RELEASE: manifest("${API}", "HelmRelease")})
    planned = repo.plans().of(5)
    assert (planned.state, planned.reason) == (
        State.UNKNOWN,
        (
            "Unknown: it changes what could not be read: apps/a/release.yaml:1 (a template decides the API), so what "
            "it needs is not known."
        ),
    )


def test_what_was_unreadable_before_is_not_its_doing() -> None:
    before = manifest("${API}", "HelmRelease")
    repo = FluxRepository({INSTANCE: instance("2.5.1"), RELEASE: before})
    repo.opens(5, {RELEASE: before + "spec:\n  interval: 1h\n"})
    assert repo.plans().of(5).state is State.READY


def test_the_default_of_a_variable_neither_holds_nor_frees() -> None:
    repo = FluxRepository({INSTANCE: instance("2.5.1"), RELEASE: OBJECT})
    repo.opens(5, {RELEASE: manifest("source.toolkit.fluxcd.io/${V:=v1}", "OCIRepository")})
    planned = repo.plans().of(5)
    assert (planned.state, planned.reason) == (
        State.UNKNOWN,
        (
            "Unknown: #5 needs OCIRepository `source.toolkit.fluxcd.io/v1` unless somebody sets the variable of "
            "`apiVersion: source.toolkit.fluxcd.io/${V:=v1}` in apps/a/release.yaml:1, and cluster main is not known "
            "to serve it: the base declares Flux 2.5.1 in apps/flux/instance.yaml:8."
        ),
    )
    repo.files[INSTANCE] = instance("2.6.1")
    assert repo.plans().of(5).state is State.READY
