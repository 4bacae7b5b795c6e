"""A version of a CRD at which objects may be stored cannot be dropped; what was not observed holds nothing."""

import pytest
from inline_snapshot import snapshot

from app.domain.model import Edge, EdgeKind, State, StoredVersions
from tests.support.flux_repository import INSTANCE, FluxRepository, instance

HELM = "helm.toolkit.fluxcd.io"


def crd(*versions: str, storage: str = "v2", kind: str = "HelmRelease", scope: str = "main") -> StoredVersions:
    return StoredVersions(scope, f"{kind.lower()}s.{HELM}", HELM, kind, versions, storage, "the Kubernetes API")


def upgrade(before: str, after: str, *stored: StoredVersions) -> FluxRepository:
    repository = FluxRepository({INSTANCE: instance(before)})
    repository.opens(1, {INSTANCE: instance(after)})
    repository.stored = list(stored)
    return repository


def edges(repository: FluxRepository) -> list[Edge]:
    return [edge for edge in repository.plans().edges_of(1) if edge.kind is EdgeKind.STORED]


@pytest.mark.parametrize(
    ("before", "after", "stored", "held"),
    [
        ("2.7.0", "2.8.0", [crd("v2beta2", "v2")], True),
        # Migrated, seen nothing, seen elsewhere: nothing to hold.
        ("2.7.0", "2.8.0", [crd("v2")], False),
        ("2.7.0", "2.8.0", [], False),
        ("2.7.0", "2.8.0", [crd("v2beta2", "v2", scope="staging")], False),
        # 2.7 keeps v2beta2 and drops v2beta1.
        ("2.6.1", "2.7.0", [crd("v2beta2", "v2")], False),
        ("2.6.1", "2.7.0", [crd("v2beta1", "v2")], True),
        # What may or may not be dropped is not held: unknown never blocks.
        ("2.7.0", "2.x", [crd("v2beta2", "v2")], False),
        # A kind that is none of Flux's.
        ("2.7.0", "2.8.0", [StoredVersions("main", "a.b.c", "b.c", "A", ("v1beta1",), "v1", "")], False),
    ],
)
def test_held_where_a_stored_version_goes(before: str, after: str, stored: list[StoredVersions], held: bool) -> None:
    assert bool(edges(upgrade(before, after, *stored))) is held


def test_it_names_the_crd_the_version_and_the_command() -> None:
    repository = upgrade("2.7.0", "2.8.0", crd("v2beta2", "v2"))
    planned = repository.plans().of(1)
    assert planned.state is State.BLOCKED
    assert planned.reason == snapshot(
        "Blocked: #1 brings Flux 2.8.0, which drops `v2beta2` of the CRD `helmreleases.helm.toolkit.fluxcd.io`, "
        "but cluster main may still store objects at it (the Kubernetes API), so its API server would refuse the "
        "upgrade. Run `flux migrate` first, with the Flux CLI 2.7 or newer and as an administrator of cluster "
        "main; it is free as soon as status.storedVersions no longer names it."
    )
    (edge,) = edges(repository)
    assert edge.to is None
    assert [line.text for line in edge.evidence][1:] == ["status.storedVersions in cluster main: v2beta2, v2"]


def test_objects_cannot_leave_the_version_at_which_new_ones_are_stored() -> None:
    """From 2.2 to 2.8: v2beta2 is what 2.2 stores, so only a release in between can migrate."""
    (edge,) = edges(upgrade("2.2.3", "2.8.0", crd("v2beta2", storage="v2beta2")))
    assert edge.reason.partition("refuse the upgrade. ")[2] == (
        snapshot(
            "The version that runs still stores new objects at `v2beta2`. Roll out Flux 2.7.x first, let objects "
            "be migrated there (`flux migrate`, or Flux Operator by itself), then take this one."
        )
    )


def test_several_crds_are_one_edge() -> None:
    both = [
        crd("v2beta2", "v2"),
        StoredVersions("main", "buckets", "source.toolkit.fluxcd.io", "Bucket", ("v1beta2", "v1"), "v1", "x"),
    ]
    (edge,) = edges(upgrade("2.7.0", "2.8.0", *both))
    assert "(and 1 more of its CRDs)" in edge.reason
    assert len(edge.evidence) == 3
