"""The repository says how it is judged, on its base branch only; and a bump that changes something else is not easy."""

import pytest

from app.domain.model import State
from tests.stories.test_doctor import examined
from tests.world import World

FILE = ".github/fluxmig.yaml"
PROBLEM_DETECTOR = "kubernetes/apps/system-health/node-problem-detector/app/helmrelease.yaml"
RULES = """\
version: 1
mode: act
rules:
  - match: {names: [kube-prometheus-stack], update_types: [major]}
    update_type: minor
    reason: its majors are chart numbers
"""


async def pushes(world: World, text: str | None, *, path: str = FILE) -> None:
    world.repository.push({path: text}, message="Configure fluxmig")
    await world.settle()


async def warnings(world: World) -> list[str]:
    answer = await world.client.get(
        f"/api/v1/repositories/{world.repository.full_name}",
        headers={"Authorization": "Bearer an-admin-token-for-tests-of-32-characters"},
    )
    return list(answer.json()["warnings"])


async def test_a_rule_on_the_base_branch_speaks_and_the_check_says_which(world: World) -> None:
    assert await world.state(37) is State.NEEDS_REVIEW
    await pushes(world, RULES)
    assert await world.state(37) is State.READY
    assert world.check(37) == "success"
    assert 'minor, by rule 1 of .github/fluxmig.yaml:4: "its majors are chart numbers"' in world.check_summary(37)
    await world.says(37, "/fluxmig why")
    assert "by rule 1 of .github/fluxmig.yaml:4" in [one.body for one in world.pull(37).comments.values()][-1]
    page = await world.client.get(f"/r/{world.repository.full_name}/pull/37")
    assert "By a rule of this repository:" in page.text
    await pushes(world, None)
    assert await world.state(37) is State.NEEDS_REVIEW


async def test_the_other_spelling_of_the_file_is_read_too(world: World) -> None:
    await pushes(world, None)
    await pushes(world, RULES, path=".github/fluxmig.yml")
    assert "by rule 1 of .github/fluxmig.yml:4" in world.check_summary(37)


async def test_a_pull_request_cannot_change_what_judges_it(world: World) -> None:
    pull = world.pull(37)
    pull.push({FILE: RULES}, message="Let me pass", by=world.github.writer)
    await world.settle()
    assert await world.state(37) is State.NEEDS_REVIEW
    assert "rule 1" not in world.check_summary(37)
    assert f"also changes `+ version: 1` and more ({FILE}:1)" in await world.reason(37)


async def test_a_broken_file_leaves_the_last_good_one_and_says_so(world: World) -> None:
    await pushes(world, RULES)
    await pushes(world, RULES + "rulez: []\n")
    assert await world.state(37) is State.READY, "the last good text judges on"
    (warning,) = [found for found in await warnings(world) if FILE in found]
    assert warning.startswith(f"{FILE}:7: `rulez` is no key here; did you mean `rules`?")
    assert "the last text of it that was right counts" in warning
    page = await world.client.get(f"/r/{world.repository.full_name}")
    assert "is no key here" in page.text
    await pushes(world, RULES)
    assert [found for found in await warnings(world) if FILE in found] == []


async def test_a_file_that_never_was_right_leaves_the_defaults(world: World) -> None:
    await pushes(world, None)
    await pushes(world, "rules: [\n")
    assert await world.state(37) is State.NEEDS_REVIEW
    assert await world.state(34) is State.BLOCKED
    (warning,) = [found for found in await warnings(world) if FILE in found]
    assert warning.startswith(f"{FILE}:2: no YAML: ")
    assert "none of it counts" in warning


@pytest.mark.parametrize("text", ["mode: observe\n# \0\n", "mode: observe\n" + "# " + "x" * 1_100_000])
async def test_a_file_without_a_text_is_broken_and_not_absent(world: World, text: str) -> None:
    await pushes(world, text)
    assert (world.check(34), world.check(37)) == ("action_required", "action_required"), "the last good text judges on"
    (warning,) = [found for found in await warnings(world) if FILE in found]
    assert warning.startswith(f"{FILE}:1: the file is there and cannot be read as text: it holds a NUL, is not UTF-8")
    assert "Save it as UTF-8 text, or take it away. Until this is mended, the last text of it" in warning
    page = await world.client.get(f"/r/{world.repository.full_name}")
    assert "cannot be read as text" in page.text
    (told,) = [found for found in (await examined(world))["findings"] if found["name"] == "configuration"]
    assert told["health"] == "problem"
    assert "cannot be read as text" in told["sentence"]
    await world.sweeps()
    assert world.check(34) == "action_required"
    await pushes(world, "mode: act\n")
    assert [found for found in await warnings(world) if FILE in found] == []


async def test_the_owners_file_without_a_text_is_broken_too(world: World) -> None:
    await pushes(world, None)
    shared = world.github.create_repository(".github", {FILE: "mode: act\n"})
    await world.settle()
    await world.sweeps()
    assert world.check(34) == "action_required"
    shared.push({FILE: "mode: observe\n# \0\n"}, message="Something odd", by=world.github.owner)
    await world.settle()
    await world.sweeps()
    assert world.check(34) == "action_required", "the last good text judges on"
    (warning,) = [found for found in await warnings(world) if FILE in found]
    assert "cannot be read as text" in warning
    assert f"`fluxmig lint {FILE}` in a clone of {shared.full_name}" in warning


async def test_a_bump_that_changes_something_else_waits_for_a_person(world: World) -> None:
    assert await world.state(38) is State.READY
    pull = world.pull(38)
    text = pull.head.tree[PROBLEM_DETECTOR]
    pull.push({PROBLEM_DETECTOR: text + "    hostNetwork: true\n"}, message="While I am here", by=world.github.writer)
    await world.settle()
    assert await world.state(38) is State.NEEDS_REVIEW
    assert world.check(38) == "action_required"
    assert world.check_title(38).startswith(f"Needs a person's review: it also changes {PROBLEM_DETECTOR}:")
    assert "#38 says it is a bump and also changes `+ hostNetwork: true`" in await world.reason(38)
    assert pull.labels >= {"fluxmig/review-required"}
    page = await world.client.get(f"/r/{world.repository.full_name}/pull/38")
    assert "What its updates do not explain" in page.text
    await world.says(38, "/fluxmig approve")
    assert await world.state(38) is State.READY
    assert world.check(38) == "success"
    assert "fluxmig/review-required" not in pull.labels


async def test_labels_have_the_names_that_the_owner_gives_them(world: World) -> None:
    assert "fluxmig/blocked" in world.pull(34).labels
    await pushes(world, "mode: act\nlabels: {blocked: do-not-merge/order}\n")
    assert {"do-not-merge/order"} == {name for name in world.pull(34).labels if "merge" in name or "fluxmig" in name}
    await pushes(world, "mode: act\nlabels: {blocked: later}\n")
    assert "later" in world.pull(34).labels
    assert "do-not-merge/order" not in world.pull(34).labels, "what we set under an older name goes too"
    await pushes(world, "mode: act\nlabels: false\n")
    before = len(world.github.log.list_writes())
    await world.says(38, "/fluxmig hold")
    assert [write for write in world.github.log.list_writes()[before:] if "/labels" in str(write)] == []


async def test_a_soak_time_of_its_own(world: World) -> None:
    await pushes(world, "mode: act\nrollout: {soak: 2h}\n")
    await world.merges(30)
    await world.passes(minutes=119)
    assert await world.state(34) is State.WAITING_ROLLOUT
    await world.passes(minutes=2)
    assert await world.state(34) is State.READY
    assert "2 h have passed since the merge, unverified" in await world.reason(34)


async def test_the_schema_is_served_for_editors(world: World) -> None:
    answer = await world.client.get("/schema/fluxmig.json")
    assert answer.headers["content-type"].startswith("application/schema+json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "rebase" in answer.json()["properties"]
    again = await world.client.get("/schema/fluxmig.json", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_the_owners_own_file_judges_where_a_repository_has_none(world: World) -> None:
    shared = world.github.create_repository(".github", owner=world.repository.owner)
    with world.github.silent():
        shared.push({FILE: "mode: act\nedges: {needs: off}\n"}, message="For all", by=world.github.owner)
    world.github.install_on(shared)
    await world.settle()
    assert await world.state(34) is State.BLOCKED, "it has a file of its own"
    await pushes(world, None)
    assert await world.state(34) is State.READY
    page = (await world.client.get(f"/r/{world.repository.full_name}")).text
    assert "Did not ask" not in page
    shared.push({FILE: "mode: act\n"}, message="For all", by=world.github.owner)
    await world.settle()
    assert await world.state(34) is State.BLOCKED, "a push there is heard here"
    shared.push({FILE: "mode: akt\n"}, message="For all", by=world.github.owner)
    await world.settle()
    (warning,) = [found for found in await warnings(world) if FILE in found]
    assert warning.startswith(f"wcygan/.github:{FILE}:1: ")
    assert await world.state(34) is State.BLOCKED
