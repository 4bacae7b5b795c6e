"""The afternoon of 2025-06-11 as it really went: merged the wrong way round, the cluster halts, and we say why."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select

from app.db.models import Incident
from app.demo.story import base_files, load_story
from app.domain.model import State
from tests.support.story_repository import edited_files
from tests.world import ADMIN_TOKEN, World, open_world

FAILED = (
    '`OCIRepository/default/app-template dry-run failed: no matches for kind "OCIRepository" in version '
    '"source.toolkit.fluxcd.io/v1"`'
)


def at(hour: int, minute: int, second: int = 0) -> datetime:
    """On that day, in the owner's time (UTC-5)."""
    return datetime(2025, 6, 11, hour + 5, minute, second, tzinfo=UTC)


async def incidents(world: World) -> list[Incident]:
    async with world.context.database.transaction() as session:
        return list(await session.scalars(select(Incident).order_by(Incident.id)))


def comments(world: World, number: int) -> list[str]:
    return [one.body for one in world.pull(number).comments.values() if one.user == world.github.app.bot]


async def merges_the_wrong_way_round(world: World) -> None:
    """As it was: #34 at 13:28:05, #30 at 13:28:26."""
    world.clock.now = at(13, 20)
    await world.cluster_reconciles()
    world.clock.now = at(13, 28, 5)
    await world.merges(34)
    world.clock.now = at(13, 28, 26)
    await world.merges(30)


async def reverts_by_a_push(world: World) -> None:
    """The owner restores by hand what #34 had changed."""
    files = base_files()
    before = {path: files[path] for path in edited_files(34, files)}
    world.repository.push(before, message="Revert API versions")
    await world.settle()


async def test_the_real_afternoon(world: World) -> None:
    await merges_the_wrong_way_round(world)
    world.clock.now = at(13, 30)
    await world.cluster_reconciles()
    apps = next(one for one in await incidents(world) if one.object == "Kustomization/flux-system/cluster-apps")
    assert (apps.number, apps.opened_at, apps.closed_at) == (34, at(13, 30), None)
    (comment,) = comments(world, 34)
    assert comments(world, 30) == [], "which only stood beside it"
    assert "This merge broke the cluster" in comment
    assert FAILED in comment
    assert "kubernetes/components/repos/app-template/ocirepository.yaml:" in comment

    world.clock.now = at(14, 0)
    await reverts_by_a_push(world)
    await world.cluster_reconciles()
    assert [one for one in await incidents(world) if one.closed_at is None] == []
    (comment,) = comments(world, 34)
    assert "that is over" in comment, "the same comment, edited"
    told = [line for line in await world.history(34) if "Incident" in line]
    assert told[0].startswith("fluxmig: Incident: Kustomization flux-system/cluster-apps fails in cluster main since")
    assert FAILED in told[0]
    assert any(line.startswith("fluxmig: Incident over: Kustomization flux-system/cluster-apps") for line in told)


async def test_one_look_names_the_culprit(world: World) -> None:
    await merges_the_wrong_way_round(world)
    world.cluster.reconcile(world.repository)
    await world.cluster.deliver_all(world.client)
    calls = len(world.github.log.exchanges)
    await world.queue.flush()
    await world.queue.run(wait=False)
    assert {one.number for one in await incidents(world)} == {34}
    compared = [one for one in world.github.log.exchanges[calls:] if "/compare/" in one.path]
    assert len({one.path for one in compared}) == len(compared), "one call a pair, however many objects fail"
    assert len(compared) <= 2, "the commits between good and bad, and whether the bad one contains the merge"


async def test_pages_and_rest_tell_it(world: World) -> None:
    await merges_the_wrong_way_round(world)
    await world.cluster_reconciles()
    at_home = f"/r/{world.repository.full_name}"
    page = (await world.client.get(at_home)).text
    assert "Cluster main fails since #34 was merged" in page
    assert "no matches for kind &#34;OCIRepository&#34;" in page
    page = (await world.client.get(f"{at_home}/pull/34")).text
    assert "What it broke" in page
    assert "How it is taken back" in page
    assert "flux suspend kustomization cluster-apps -n flux-system" in page
    authorization = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    api = f"/api/v1/repositories/{world.repository.full_name}"
    told = (await world.client.get(f"{api}/incidents?limit=2", headers=authorization)).json()
    assert [one["culprit"] for one in told["items"]] == [34, 34]
    rest = (await world.client.get(f"{api}/incidents?cursor={told['next']}", headers=authorization)).json()
    assert len(rest["items"]) == 4
    told = (await world.client.get(f"{api}/pulls/34", headers=authorization)).json()
    assert len(told["incidents"]) == 6
    assert told["rollback"]["is_possible"]
    assert [one["number"] for one in told["rollback"]["reverts"]] == [34]
    told = (await world.client.get(f"{api}/pulls/30", headers=authorization)).json()
    assert [(one["number"], one["instead"]) for one in told["rollback"]["stays"]] == [(30, [34])]
    measured = (await world.client.get("/metrics")).text
    assert 'object="Kustomization/flux-system/cluster-apps",pull_request="34"' in measured


async def test_flux_words_are_words(world: World) -> None:
    """A message is quoted: it opens no HTML, no link and no mention, on the page and in the comment."""
    await world.cluster_reconciles()
    await world.passes(minutes=1)
    await world.merges(34)
    event = next(event for event, _ in world.cluster.sent if event.name == "cluster-apps")
    nasty = (
        'OCIRepository/default/app-template <script>alert(1)</script> `@octocat` [x](http://x) no matches for kind "'
    )
    nasty += 'OCIRepository" in version "source.toolkit.fluxcd.io/v1"'
    revision = {"revision": f"main@sha1:{world.repository.head_sha}"}
    world.cluster.pending.append(
        replace(event, severity="error", reason="ReconciliationFailed", message=nasty, metadata=revision)
    )
    await world.cluster.deliver_all(world.client)
    await world.settle()
    (comment,) = comments(world, 34)
    quoted = comment.split("Flux says (ReconciliationFailed): ")[1].split("\n")[0]
    assert (quoted[0], quoted[-1], quoted.count("`")) == ("`", "`", 2), "all of it is code"
    page = (await world.client.get(f"/r/{world.repository.full_name}")).text
    assert "<script>alert" not in page


async def test_it_opens_once_whatever_comes_twice_or_late(world: World) -> None:
    await merges_the_wrong_way_round(world)
    await world.cluster_reconciles()
    opened = [(one.id, one.opened_at, one.number) for one in await incidents(world)]
    events = [event for event, _ in world.cluster.sent]
    for event in reversed(events):
        world.cluster.pending.append(event)
    await world.cluster.deliver_all(world.client)
    await world.settle()
    await world.passes(minutes=10)
    await world.cluster_reconciles()
    assert [(one.id, one.opened_at, one.number) for one in await incidents(world)] == opened
    assert len(comments(world, 34)) == 1
    late = [event for event in events if event.severity == "error"]
    await world.passes(minutes=5)
    await reverts_by_a_push(world)
    await world.cluster_reconciles()
    world.cluster.pending += late
    await world.cluster.deliver_all(world.client)
    await world.settle()
    assert len(await incidents(world)) == len(opened), "what was said before it was mended opens nothing"
    assert all(one.closed_at for one in await incidents(world))


async def test_what_lies_behind_waits_and_goes_on_when_it_is_over(world: World) -> None:
    await merges_the_wrong_way_round(world)
    await world.cluster_reconciles()
    reason = await world.reason(36)
    assert await world.state(36) is State.HELD
    assert reason.startswith("Held by an incident: Kustomization flux-system/cluster-apps fails in cluster main since ")
    assert "since #34 was merged" in reason
    assert world.check(36) == "action_required"
    assert "fluxmig/hold" not in world.pull(36).labels, "as with a freeze: it ends by itself"
    assert "`/fluxmig rollback` on the pull request that is named" in world.check_summary(36)
    assert world.check(26) == "success", "the Flux CLI is in no cluster"
    await world.passes(minutes=5)
    await reverts_by_a_push(world)
    await world.cluster_reconciles()
    assert await world.state(36) is State.READY
    assert world.check(36) == "success"
    assert await world.rebases(38) == [], "nothing of its own changed: it was held, and is no longer"


async def test_a_person_goes_past_it(world: World) -> None:
    await merges_the_wrong_way_round(world)
    await world.cluster_reconciles()
    await world.says(36, '/fluxmig unblock --reason "it is the cure" for 2h')
    assert await world.state(36) is State.READY
    assert "Unblocked by" in await world.reason(36)
    assert "Held by an incident" in await world.reason(36), "what it goes past is never hidden"


async def test_what_may_mend_it_is_not_held(world: World) -> None:
    """Only #34 was merged: #30 brings what it needs, so it must not wait for the end of what it ends."""
    await world.cluster_reconciles()
    await world.passes(minutes=1)
    await world.merges(34)
    await world.cluster_reconciles()
    assert {one.number for one in await incidents(world)} == {34}
    assert await world.state(30) is State.READY
    assert await world.state(22) is State.HELD


async def test_a_revert_in_git_ends_it_though_the_cluster_says_nothing(world: World) -> None:
    """Flux 2.8.0 to 2.8.5 forward no success."""
    await merges_the_wrong_way_round(world)
    await world.cluster_reconciles()
    failing = [event for event, _ in world.cluster.sent if event.severity == "error"]
    await world.passes(minutes=5)
    await reverts_by_a_push(world)
    every = await incidents(world)
    assert {one.ending.partition(" (")[0] for one in every} == {"Git has the files of #34 again as they were before it"}
    for event in failing:
        world.cluster.pending.append(replace(event, at=world.clock.now.replace(second=59)))
    await world.cluster.deliver_all(world.client)
    await world.settle()
    assert len(await incidents(world)) == len(every), "Flux has not fetched the revert yet"
    assert await world.state(36) is State.READY


async def test_a_failing_write_is_read_back_and_there_is_one_comment(world: World) -> None:
    await merges_the_wrong_way_round(world)
    world.github.faults.fail_next(502, match="POST .*/issues/34/comments", after_effect=True)
    await world.cluster_reconciles()
    await world.passes(minutes=2)
    assert len(comments(world, 34)) == 1


async def test_a_locked_conversation_is_left_in_peace(world: World) -> None:
    """The page, the metric and the hold tell of it; the comment is tried again a day later."""
    world.pull(34).locked = True
    await merges_the_wrong_way_round(world)
    await world.cluster_reconciles()
    for _ in range(10):
        await world.passes(minutes=6)
        await world.sweeps()
    tries = [one for one in world.github.log.exchanges if one.method == "POST" and one.path.endswith("/34/comments")]
    assert [one.status for one in tries] == [403] * len(tries)
    assert 1 <= len(tries) <= 8
    assert await world.state(36) is State.HELD
    world.pull(34).locked = False
    await world.passes(minutes=25 * 60)
    await world.sweeps()
    assert len(comments(world, 34)) == 1
    assert await world.forgets_what_failed() == ["incident"]


async def test_a_person_says_that_it_is_over_and_the_cluster_may_disagree(world: World) -> None:
    await merges_the_wrong_way_round(world)
    await world.cluster_reconciles()
    await world.passes(minutes=1)
    await world.says(34, "/fluxmig confirm")
    assert {one.ending for one in await incidents(world)} == {f"{world.github.owner.login} says that it is over"}
    assert await world.state(36) is State.READY
    await world.passes(minutes=10)
    await world.cluster_reconciles()
    still = [one for one in await incidents(world) if one.closed_at is None]
    assert {(one.number, one.opened_at) for one in still} == {(34, world.clock.now)}, "it still fails"
    assert await world.state(36) is State.HELD


async def test_nobody_is_named_where_nothing_fits(world: World) -> None:
    """A tooling update was merged, and a Kustomization breaks by itself."""
    await world.cluster_reconciles()
    await world.passes(minutes=1)
    await world.merges(26)
    await echo_fails(world)
    (one,) = await incidents(world)
    assert (one.number, one.candidates) == (None, [])
    assert comments(world, 26) == []
    world.cluster.applied.clear()
    await world.passes(minutes=1)
    await world.cluster_reconciles()
    assert all(row.closed_at for row in await incidents(world))


async def test_noise_opens_nothing(world: World) -> None:
    await world.cluster_reconciles()
    event = next(event for event, _ in world.cluster.sent if event.name == "echo")
    for reason in ("DependencyNotReady", "ArtifactFailed", "dependency not ready"):
        noise = replace(event, severity="error", reason=reason, message=f"{reason} for a while")
        world.cluster.pending.append(noise)
    await world.cluster.deliver_all(world.client)
    await world.settle()
    assert await incidents(world) == []


# --- what is known late ---


async def test_flux_is_faster_than_the_delivery_of_the_merge(world: World) -> None:
    await world.cluster_reconciles()
    await world.passes(minutes=1)
    world.pull(34).merge(by=world.github.owner)
    async with world.hears_late():
        await world.cluster_reconciles()
        opened = await incidents(world)
        assert {(one.number, one.told_in) for one in opened} == {(None, None)}
    await world.passes(minutes=2)
    named = await incidents(world)
    assert [(one.id, one.opened_at) for one in named] == [(one.id, one.opened_at) for one in opened]
    assert {(one.number, one.beside) for one in named} == {(34, 0)}
    (comment,) = comments(world, 34)
    assert FAILED in comment
    told = [line for line in await world.history(34) if line.startswith("fluxmig: Incident")]
    assert len(told) == len(named)
    assert "broken by #34" in told[0]
    assert all("fails as well" in line for line in told[1:]), "one piece of news, as at opening"
    assert "since #34 was merged" in await world.reason(36)
    await world.passes(minutes=10)
    await world.cluster_reconciles()
    assert len(comments(world, 34)) == 1
    assert len([line for line in await world.history(34) if line.startswith("fluxmig: Incident")]) == len(told)


async def test_a_merge_that_no_delivery_told_of_is_named_by_the_full_look(world: World) -> None:
    await world.cluster_reconciles()
    await world.passes(minutes=1)
    with world.github.silent():
        world.pull(34).merge(by=world.github.owner)
    await world.cluster_reconciles()
    assert {one.number for one in await incidents(world)} == {None}
    await world.passes(minutes=2)
    await world.sweeps()
    assert {one.number for one in await incidents(world)} == {34}
    assert len(comments(world, 34)) == 1


async def test_while_nobody_is_named_a_look_without_news_asks_and_writes_nothing(world: World) -> None:
    await world.cluster_reconciles()
    await world.passes(minutes=1)
    world.repository.push({"README.md": "more\n"}, message="By hand")
    await world.settle()
    await echo_fails(world)
    before = [(one.judged, one.between) for one in await incidents(world)]
    calls, writes = len(world.github.log.exchanges), len(world.github.log.list_writes())
    await world.passes(minutes=1)
    await echo_fails(world)
    assert [(one.judged, one.between) for one in await incidents(world)] == before
    assert len(world.github.log.exchanges) == calls
    assert len(world.github.log.list_writes()) == writes


async def test_a_range_that_github_did_not_tell_is_asked_for_later(world: World) -> None:
    """A push breaks it: without the range nobody can say that it was no pull request."""
    await world.cluster_reconciles()
    await world.passes(minutes=1)
    world.repository.push({"kubernetes/apps/default/echo/app/extra.yaml": "a: 1\n"}, message="By hand")
    await world.settle()
    world.github.faults.fail_next(404, match="GET .*/compare/", times=20)
    await echo_fails(world)
    (one,) = await incidents(world)
    assert (one.between or {})["commits"] is None
    world.github.faults.clear()
    asked = compares(world)
    await world.passes(minutes=5)
    await world.sweeps()
    assert compares(world) == asked, "it was asked a moment ago"
    await world.passes(minutes=60)
    await world.sweeps()
    (one,) = await incidents(world)
    assert (one.between or {})["commits"] == [world.repository.head_sha]
    assert (one.number, one.beside) == (None, 1)


async def test_a_failure_of_an_earlier_time_that_is_heard_late_moves_the_beginning(world: World) -> None:
    await world.cluster_reconciles()
    await world.passes(minutes=10)
    earlier = world.clock.now
    await world.passes(minutes=10)
    await echo_fails(world)
    await echo_fails(world, at=earlier)
    (one,) = await incidents(world)
    assert one.opened_at == earlier
    await world.passes(minutes=10)
    await echo_fails(world)
    (one,) = await incidents(world)
    assert one.opened_at == earlier


async def test_a_person_ends_one_that_names_nobody(world: World) -> None:
    await world.cluster_reconciles()
    await world.passes(minutes=1)
    await echo_fails(world)
    (one,) = await incidents(world)
    assert one.number is None
    api = f"/api/v1/repositories/{world.repository.full_name}"
    authorization = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    path = f"{api}/incidents/{one.id}/close"
    assert (await world.client.post(path)).status_code == 401
    assert (await world.client.post(f"{api}/incidents/999/close", headers=authorization)).status_code == 404
    for _ in range(2):
        assert (await world.client.post(path, headers=authorization)).status_code == 204
    await world.settle()
    (one,) = await incidents(world)
    assert one.ending == "an admin says that it is over"
    audit = (await world.client.get(f"{api}/audit", headers=authorization)).json()
    assert [(each["actor"], each["kind"]) for each in audit["items"]] == [("an admin", "incident-ended")]
    await world.passes(minutes=1)
    await echo_fails(world)
    assert [each.closed_at is None for each in await incidents(world)] == [False, True], "it still fails"


async def echo_fails(world: World, *, at: datetime | None = None) -> None:
    event = next(event for event, _ in world.cluster.sent if event.name == "echo")
    message = "health check failed after 30s: timeout waiting for: [Deployment/default/echo status: 'Failed']"
    revision = {"revision": f"main@sha1:{world.repository.head_sha}"}
    world.cluster.pending.append(
        replace(
            event, severity="error", reason="HealthCheckFailed", message=message, metadata=revision,
            at=at or world.clock.now,
        )
    )  # fmt: skip
    await world.cluster.deliver_all(world.client)
    await world.settle()


def compares(world: World) -> int:
    return len([one for one in world.github.log.exchanges if "/compare/" in one.path])


async def test_what_the_cluster_no_longer_has_fails_no_more(database_url: str) -> None:
    """The cure was to delete it: nothing succeeds, and the next look at the Kubernetes API does not find it."""
    async with open_world(database_url, default_mode="act", kubernetes_cluster="main") as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        world.cluster.reconcile(world.repository)
        world.cluster.pending.clear()
        world.api_server.helm_releases = {("media", "plex"): "timeout waiting for plex"}
        await world.cluster_is_looked_at()
        (one,) = await incidents(world)
        assert one.closed_at is None
        del world.api_server.helm_releases["media", "plex"]
        await world.passes(minutes=10)
        await world.cluster_is_looked_at()
        (one,) = await incidents(world)
        assert one.ending == "the cluster has it no more"
        await world.passes(minutes=10)
        world.api_server.helm_releases = {("media", "plex"): "timeout waiting for plex"}
        await world.cluster_is_looked_at()
        assert [(each.closed_at is None, each.good_revision) for each in await incidents(world)][1:] == [(True, "")]
