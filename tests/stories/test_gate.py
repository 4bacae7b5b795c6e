"""The check run is the gate: it says what holds a pull request, proves it, and is written only when that changes."""

import re
from dataclasses import replace

from tests.world import World

VALUES = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
MANIFEST = "kubernetes/apps/external-secrets/onepassword-connect/app/ocirepository.yaml"


def quoted_lines(world: World, number: int) -> list[tuple[str, str]]:
    """The links of the check's evidence, each as the line that GitHub shows there and the line as it is quoted."""
    root = re.escape(f"{world.github.html_url}/{world.repository.full_name}/blob")
    found = re.findall(rf"\]\({root}/(\w+)/(\S+?)#L(\d+)\) `(.*)`", world.check_summary(number))
    return [
        (world.repository.tree(commit)[path].split("\n")[int(line) - 1].strip(), quoted)
        for commit, path, line, quoted in found
    ]


async def test_its_evidence_leads_to_the_very_lines(world: World) -> None:
    lines = quoted_lines(world, 34)
    assert len(lines) >= 2
    assert all(shown == quoted for shown, quoted in lines)
    told, root = world.check_summary(34), f"{world.github.html_url}/{world.repository.full_name}/blob"
    assert f"{root}/{world.pull(34).head_sha}/" in told, "what it starts to use stands at its own head"
    assert f"{root}/{world.repository.head_sha}/{VALUES}#L5" in told, "what is declared stands on the base"


async def test_it_draws_its_neighbourhood_and_says_what_would_free_it(world: World) -> None:
    told = world.check_summary(34)
    graph = told.partition("```mermaid\n")[2].partition("```")[0]
    assert "  pr30 -->|needs| pr34" in graph
    assert "pr26" not in graph, "which is beside #30, not before #34"
    assert "Merge #30, then wait until the cluster has rolled it out." in told


async def test_a_push_to_the_base_that_changes_nothing_for_it_writes_nothing(world: World) -> None:
    writes = world.github.log.writes
    world.repository.push({"README.md": "# homelab, newly described\n"}, message="Describe it")
    await world.settle()
    assert world.github.log.list_writes()[writes:] == []
    assert all(shown == quoted for shown, quoted in quoted_lines(world, 34)), "the older address still shows the line"


async def test_re_run_writes_the_check_once_more(world: World) -> None:
    run = world.check_run(34)
    assert run is not None
    for whole_suite in (False, True):
        writes = world.github.log.writes
        if whole_suite:
            world.repository.rerun_all(run.suite)
        else:
            world.repository.rerun(run)
        await world.settle()
        (write,) = world.github.log.list_writes()[writes:]
        assert write.endswith(f"/check-runs/{run.id}"), "the same run, no second one"


async def test_re_run_judges_anew_what_a_lost_delivery_changed(world: World) -> None:
    run = world.check_run(38)
    assert run is not None
    with world.github.silent():
        world.pull(38).push({"kubernetes/note.yaml": "a: 1\n"}, message="more", by=world.github.renovate)
    world.repository.rerun(run)
    await world.settle()
    assert world.check(38), "the new head has its check"


async def test_re_run_on_an_older_head_repeats_its_verdict(world: World) -> None:
    run = world.check_run(34)
    assert run is not None
    world.pull(34).push({"kubernetes/apps/note.yaml": "a: 1\n"}, message="more", by=world.github.renovate)
    await world.settle()
    new, writes = world.check_run(34), world.github.log.writes
    assert new is not None
    assert new is not run, "a new head gets a run of its own at once"
    world.repository.rerun(run)
    await world.settle()
    assert len(world.github.log.list_writes()[writes:]) == 1
    assert (run.conclusion, run.output.title) == (
        "action_required",
        "Outdated: this commit is no head of #34 that fluxmig gates",
    )


async def test_re_run_below_what_is_merged_or_closed_repeats_its_verdict(world: World) -> None:
    merged, closed = world.check_run(30), world.check_run(34)
    assert merged is not None
    assert closed is not None
    await world.merges(30)
    world.pull(34).close(by=world.github.owner)
    await world.settle()
    for run, title, conclusion in ((merged, "#30 is merged", "success"), (closed, "#34 is closed", "action_required")):
        writes = world.github.log.writes
        world.repository.rerun(run)
        await world.settle()
        assert (run.output.title, run.conclusion) == (title, conclusion)
        assert len(world.github.log.list_writes()[writes:]) == 1


async def test_an_older_head_that_comes_back_has_its_verdict_in_full(world: World) -> None:
    run, pull = world.check_run(34), world.pull(34)
    assert run is not None
    old = pull.head
    pull.push({"kubernetes/apps/note.yaml": "a: 1\n"}, message="more", by=world.github.renovate)
    await world.settle()
    world.repository.rerun(run)
    await world.settle()
    world.repository.move_branch(pull.head_branch, old, by=world.github.renovate)
    await world.settle()
    assert world.check_title(34) == "Blocked by #30, which must be merged and rolled out first"


async def test_re_run_of_another_app_or_of_no_check_of_ours_asks_for_nothing(world: World) -> None:
    run = world.check_run(34)
    assert run is not None
    world.repository.rerun(replace(run, suite=replace(run.suite, head_sha=world.repository.head_sha)))
    writes = world.github.log.writes
    await world.settle()
    assert world.github.log.list_writes()[writes:] == []
