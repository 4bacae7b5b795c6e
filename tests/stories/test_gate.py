"""The check run is the gate: it says what holds a pull request, proves it, and is written only when that changes."""

import re

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
