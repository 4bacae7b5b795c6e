"""What Flux says is read in every phrasing, and a merge is named only where its signs suffice."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from app.catalogue import load_catalogue
from app.domain.culprits import Ground, Merge, Naming, name_culprit
from app.domain.incidents import (
    ObjectName,
    Trouble,
    commit_of,
    is_undone,
    named_objects,
    plain_reason,
    unserved_api,
)
from app.domain.kustomization_order import KustomizationOrder
from app.domain.messages.incidents import LONGEST_QUOTE, quoted
from app.domain.model import Capability, Evidence, Gvk, Requirement
from app.domain.revision_range import RevisionRange
from app.domain.scopes import read_scopes
from tests.support.story_repository import change, tree_of

OCI = Gvk("source.toolkit.fluxcd.io", "OCIRepository", "v1")
NOON = datetime(2025, 6, 11, 12, tzinfo=UTC)
GOOD, BAD, TIP = "a" * 40, "b" * 40, "c" * 40
HR = "kubernetes/apps/echo/app/helmrelease.yaml"


@pytest.mark.parametrize(
    ("message", "api"),
    [
        (
            'X/a/b dry-run failed: no matches for kind "OCIRepository" in version "source.toolkit.fluxcd.io/v1"',
            OCI,
        ),
        (
            'X/a/b dry-run failed, error: no matches for kind "HelmRelease" in version "helm.toolkit.fluxcd.io/v2"',
            Gvk("helm.toolkit.fluxcd.io", "HelmRelease", "v2"),
        ),
        ('no matches for kind "Widget" in version "v1"', Gvk("", "Widget", "v1")),
        (
            'from "": no matches for kind "ServiceMonitor" in version "monitoring.coreos.com/v1"\ninstall CRDs',
            Gvk("monitoring.coreos.com", "ServiceMonitor", "v1"),
        ),
        ("no matches for kind Gateway in version networking.io/v1.", Gvk("networking.io", "Gateway", "v1")),
        ("health check failed after 30s", None),
        ("", None),
    ],
)
def test_the_api_that_is_not_served(message: str, api: Gvk | None) -> None:
    assert unserved_api(message) == api


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("OCIRepository/default/app failed: x", [ObjectName("OCIRepository", "default", "app")]),
        (
            "timeout waiting for: [Deployment/default/echo status: 'Failed', HelmRelease/a/b status: 'InProgress']",
            [ObjectName("Deployment", "default", "echo"), ObjectName("HelmRelease", "a", "b")],
        ),
        ("Namespace/media configured", [ObjectName("Namespace", "", "media")]),
        ('resource mapping not found for name: "x" namespace: "y" from "": no matches for kind "A" in version "b.c/v1"',
         [ObjectName("A", "y", "x")]),
        ("see https://example.org/Docs/page and kustomize/v5", []),
    ],
)  # fmt: skip
def test_the_objects_that_are_named(message: str, names: list[ObjectName]) -> None:
    assert list(named_objects(message)) == names


@pytest.mark.parametrize(
    ("revision", "commit"),
    [
        (f"main@sha1:{GOOD}", GOOD), (f"main/{GOOD}", GOOD), (f"refs/heads/main@sha1:{GOOD}", GOOD),
        (f"sha1:{GOOD}", GOOD),
        ("1.2.3", None), ("latest@sha256:" + "d" * 64, None), ("", None), ("main@sha1:abc", None),
    ],
)  # fmt: skip
def test_the_commit_of_a_revision(revision: str, commit: str | None) -> None:
    assert commit_of(revision) == commit


def test_reasons_of_events_and_of_commit_statuses_are_the_same() -> None:
    assert plain_reason("reconciliation failed") == plain_reason("ReconciliationFailed")


def test_a_quote_stays_a_quote() -> None:
    told = quoted("a `b` <i>\n\x1b[31mc " + "x" * 1000)
    assert told.startswith("`a 'b' <i>")
    assert (told.count("`"), "\n" in told, "\x1b" in told) == (2, False, False)
    assert len(told) <= LONGEST_QUOTE + 2


def test_undone_means_every_file() -> None:
    changes = [("a", "1", "2"), ("b", None, "3")]
    assert is_undone(changes, {"a": "1"})
    assert not is_undone(changes, {"a": "1", "b": "3"})
    assert not is_undone(changes, {"a": "2"})
    assert not is_undone([("a", None, None)], {}), "what could not be read says nothing"


# --- who it was ---


def ks(name: str, path: str, *, after: str = "") -> str:
    depends = f"  dependsOn:\n    - name: {after}\n" if after else ""
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata:\n  name: {name}\n  namespace: flux-system\nspec:\n{depends}  path: ./{path}\n"
        "  sourceRef:\n    kind: GitRepository\n    name: flux-system\n"
    )


def release(version: str = "1.0.0") -> str:
    return (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: echo\n"
        f"spec:\n  chart:\n    spec:\n      version: {version}\n"
    )


FILES: Mapping[str, str] = {
    "kubernetes/flux/cluster/ks.yaml": ks("cluster-apps", "kubernetes/apps"),
    "kubernetes/apps/echo/ks.yaml": ks("echo", "kubernetes/apps/echo/app"),
    HR: release(),
    "kubernetes/apps/db/ks.yaml": ks("db", "kubernetes/apps/db/app", after="echo"),
    "kubernetes/apps/db/app/db.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: db\n",
}


def ground() -> Ground:
    tree = tree_of(dict(FILES))
    scopes = read_scopes(tree)
    return Ground(
        scopes,
        KustomizationOrder(tree, scopes),
        load_catalogue(),
        {ObjectName("HelmRelease", "default", "echo"): (HR,)},
    )


def trouble(
    message: str, *, name: str = "Kustomization/flux-system/echo", revision: str = BAD, good: str = GOOD
) -> Trouble:
    return Trouble(
        cluster="home", scope="main", object=ObjectName.parse(name), reason="ReconciliationFailed", message=message,
        revision=f"main@sha1:{revision}" if len(revision) == 40 else revision, since=NOON,
        good_revision=f"main@sha1:{good}" if good else "", good_at=NOON - timedelta(hours=1) if good else None,
    )  # fmt: skip


def merge(
    number: int,
    sha: str,
    *,
    path: str = HR,
    minutes: int = 10,
    uses: Gvk | None = None,
    brings: tuple[str, str] | None = None,
) -> Merge:
    evidence = Evidence(path, 1, "apiVersion")
    return Merge(
        number, sha, NOON - timedelta(minutes=minutes),
        changes=(change(path, FILES.get(path, "a: 1\n"), release("2.0.0") if path == HR else "a: 2\n"),),
        requires=(Requirement(uses, "main", (evidence,)),) if uses else (),
        provides=(Capability("flux", "main", brings[0], brings[1], evidence),) if brings else (),
    )  # fmt: skip


def name(trouble_: Trouble, *merges: Merge, commits: set[str] | None = None, whole: bool = True) -> Naming:
    between = None if commits is None else RevisionRange(frozenset(commits), whole=whole)
    return name_culprit(trouble_, merges, between, ground())


UNSERVED = 'X/a/b dry-run failed: no matches for kind "OCIRepository" in version "source.toolkit.fluxcd.io/v1"'


def test_who_started_to_use_the_api() -> None:
    naming = name(trouble(UNSERVED), merge(34, BAD, uses=OCI), merge(30, TIP, minutes=5), commits={BAD, TIP})
    assert naming.culprit == 34
    assert naming.candidates[0].reasons[0].startswith("it started to use OCIRepository `source.toolkit.fluxcd.io/v1`")
    assert name(trouble(UNSERVED), merge(34, BAD, uses=OCI)).culprit == 34, "also without a known range"


def test_who_took_the_api_away() -> None:
    """Merged before the revision that was fine: the cluster took it over later."""
    gone = UNSERVED.replace("v1", "v1beta2")
    naming = name(
        trouble(gone), merge(50, GOOD, path="flux.yaml", minutes=120, brings=("2.7.5", "2.8.0")), commits={BAD}
    )
    assert naming.culprit == 50
    assert "no longer serves OCIRepository" in naming.candidates[0].reasons[0]


def test_whose_files_it_applies() -> None:
    failed = trouble("kustomize build failed: invalid")
    assert name(failed, merge(1, BAD), merge(2, TIP, path="README.md"), commits={BAD, TIP}).culprit == 1
    assert name(failed, merge(1, "d" * 40), commits={TIP}).candidates == (), "it was in what was fine"
    assert name(failed, merge(1, BAD), commits=set()).candidates == (), "the failing revision itself was fine once"


def test_two_that_fit_alike_are_both_told_and_none_is_named() -> None:
    naming = name(trouble("kustomize build failed"), merge(1, BAD), merge(2, TIP), commits={BAD, TIP})
    assert naming.culprit is None
    assert [one.number for one in naming.candidates] == [2, 1]


def test_a_push_without_a_pull_request_is_told() -> None:
    naming = name(trouble("kustomize build failed"), merge(1, "d" * 40), commits={BAD})
    assert (naming.culprit, naming.candidates, naming.beside) == (None, (), 1)


def test_where_only_a_part_of_the_range_is_known_nobody_is_ruled_out() -> None:
    assert name(trouble(UNSERVED), merge(34, "d" * 40, uses=OCI), commits={TIP}, whole=False).culprit == 34


def test_what_came_later_is_no_cause() -> None:
    assert name(trouble(UNSERVED), merge(34, BAD, uses=OCI, minutes=-5)).candidates == ()


def test_files_alone_name_nobody_where_the_range_is_not_known() -> None:
    naming = name(trouble("kustomize build failed", good=""), merge(1, "d" * 40), commits=None)
    assert naming.culprit is None
    assert [one.number for one in naming.candidates] == [1]


def test_a_helm_release_is_found_by_its_file_and_by_time() -> None:
    failed = trouble("Helm upgrade failed", name="HelmRelease/default/echo", revision="2.0.0")
    assert name(failed, merge(1, BAD), merge(2, TIP, minutes=300)).culprit == 1, (
        "the other one was there when it was fine"
    )
    assert name(failed, merge(3, TIP, path="kubernetes/apps/db/app/db.yaml")).culprit is None


@pytest.mark.parametrize(
    ("object_", "revision", "message"),
    [
        ("HelmRelease/default/echo", "1.0.0", "Helm upgrade failed: timed out waiting for the condition"),
        (
            "Kustomization/flux-system/echo",
            "latest@sha256:" + "d" * 64,
            "timeout waiting for [HelmRelease/default/echo status: 'Failed']",
        ),
    ],
)
def test_where_nothing_tells_since_when_only_a_recent_merge_is_named(object_: str, revision: str, message: str) -> None:
    failed = trouble(message, name=object_, revision=revision, good="")
    weeks, hours = 21 * 24 * 60, 3 * 60
    old = name(failed, merge(5, "5" * 40, minutes=weeks))
    assert (old.culprit, [one.number for one in old.candidates]) == (None, [5])
    assert name(failed, merge(6, "6" * 40, minutes=hours)).culprit == 6
    both = name(failed, merge(5, "5" * 40, minutes=weeks), merge(6, "6" * 40, minutes=hours))
    assert (both.culprit, [one.number for one in both.candidates]) == (6, [6, 5])
    assert "it was merged in the day before" in both.candidates[0].reasons
    assert name(failed, merge(6, "6" * 40, minutes=hours), merge(7, "7" * 40, minutes=60)).culprit is None


def test_an_api_that_is_not_served_tells_of_an_old_merge_too() -> None:
    failed = trouble(UNSERVED, revision="1.0.0", good="")
    assert name(failed, merge(34, BAD, uses=OCI, minutes=21 * 24 * 60)).culprit == 34


def test_what_lies_behind() -> None:
    order = ground().order
    apps, echo = (order.find("flux-system", one, "main") for one in ("cluster-apps", "echo"))
    assert {one.name for one in order.behind(apps)} == {"cluster-apps", "echo", "db"}
    assert {one.name for one in order.behind(echo)} == {"echo", "db"}, "db waits for echo"
    assert [one.name for one in order.in_order(order.all)] == ["cluster-apps", "echo", "db"]
