"""A pull request that sets a field which the cluster's Flux does not know yet waits like one that uses a new API."""

from sqlalchemy import select

from app.db.models import Requirement
from app.demo.github.pull_request import PullRequest
from app.demo.renovate import LineEdit
from app.domain.model import State
from tests.world import World

SPEGEL = "kubernetes/apps/kube-system/spegel/ks.yaml"
VALUES = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
WHY_BLOCKED = (
    "#50 needs `spec.deletionPolicy: WaitForTermination` of Kustomization `kustomize.toolkit.fluxcd.io/v1`, which Flux "
    "knows from 2.6.0; the base declares Flux 2.5.1 in "
    "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml:5, #30 brings 2.6.1, and #30 must be rolled out "
    "first."
)


async def opens_with_a_new_field(world: World) -> PullRequest:
    pull = world.renovate.bumps(
        world.repository,
        "ghcr.io/example/conventions",
        "1.4.0",
        "1.5.0",
        edits=[LineEdit(SPEGEL, "  wait: false", "  deletionPolicy: WaitForTermination")],
        number=50,
    )
    await world.settle()
    return pull


async def test_a_new_field_waits_for_the_flux_that_knows_it(world: World) -> None:
    pull = await opens_with_a_new_field(world)
    assert await world.state(50) is State.BLOCKED
    assert await world.reason(50) == WHY_BLOCKED
    assert world.check(50) == "action_required"
    assert WHY_BLOCKED in world.check_summary(50)
    assert f"{SPEGEL}:22" in world.check_summary(50)
    assert "fluxmig/blocked" in pull.labels
    async with world.context.database.transaction() as session:
        rows = (
            await session.scalars(select(Requirement).where(Requirement.field.is_not(None)).order_by(Requirement.id))
        ).all()
    assert [(row.kind, row.field, row.field_value) for row in rows] == [
        ("Kustomization", "spec.deletionPolicy", None),
        ("Kustomization", "spec.deletionPolicy", "WaitForTermination"),
    ]


async def test_the_cluster_frees_it_when_it_says_that_it_runs_that_flux(world: World) -> None:
    await opens_with_a_new_field(world)
    await world.merges(30)
    assert await world.state(50) is State.WAITING_ROLLOUT
    assert (await world.reason(50)).startswith(
        "Merged, not yet rolled out: #50 needs `spec.deletionPolicy: WaitForTermination` of Kustomization "
    )
    await world.cluster_reconciles()
    # A field is more than a bump: now that it works, a person has to want it too.
    assert await world.state(50) is State.NEEDS_REVIEW
    await world.says(50, "/fluxmig approve")
    assert await world.state(50) is State.READY
    assert "Flux 2.6.1 is running (Flux's own event" in await world.reason(50)
    assert world.check(50) == "success"
