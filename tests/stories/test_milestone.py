"""The plan of June 2025, as its owner wrote it by hand, made by the service and followed to its end."""
# ruff: noqa: E501 (the lines of the document)

from typing import Any

import pytest
from inline_snapshot import snapshot

from app.demo.github.issue import Issue
from app.domain.milestone_words import marker_of
from tests.world import ADMIN_TOKEN, World

ADMIN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
TOOLING = [20, 23, 25, 26, 29, 28, 33, 31]
API = "/api/v1/repositories/wcygan/homelab/milestones"
SYNCED = "GitOps works: no Kustomization or HelmRelease fails"
PAGE = "/r/wcygan/homelab/milestones/1"


async def makes(world: World, **wanted: object) -> dict[str, Any]:
    answer = await world.client.post(API, headers=ADMIN, json=wanted)
    assert answer.status_code == 201, answer.text
    await world.settle()
    return dict(answer.json())


async def milestone(world: World) -> dict[str, Any]:
    answer = await world.client.get(f"{API}/1", headers=ADMIN)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def document(world: World) -> str:
    """The Markdown, which page, REST and issue agree on."""
    exported = (await world.client.get(f"{API}/1/markdown", headers=ADMIN)).text
    assert (await world.client.get(f"{PAGE}.md")).text == exported
    for issue in issues(world):
        assert issue.body.split("\n\n", 2)[2].strip() == exported.split("\n\n", 1)[1].strip()
    return exported


def section(text: str, heading: str) -> str:
    return text.split(f"\n## {heading}\n\n", 1)[1].split("\n## ", 1)[0].strip()


def issues(world: World) -> list[Issue]:
    bot = f"{world.github.app.slug}[bot]"
    found = world.repository.issues.values()
    return [one for one in found if one.user.login == bot and one.body.startswith(marker_of(1))]


def phases(told: dict[str, Any]) -> dict[str, list[int]]:
    return {phase["phase"]: [one["number"] for one in phase["pull_requests"]] for phase in told["phases"]}


def criteria(told: dict[str, Any]) -> dict[str, str]:
    return {one["text"]: one["state"] for one in told["criteria"]}


def metrics(told: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in told["metrics"]}


async def merges_the_tooling(world: World) -> None:
    """The eight, the last of them beside the line of #27; Git merges no neighbouring lines."""
    world.repository.neighbours_conflict = True
    await world.merges(20, 23, 25, 26, 29, 31)
    await world.passes(minutes=10)
    await world.renovate_runs()
    await world.passes(minutes=10)
    await world.merges(33, 28)
    await world.passes(minutes=10)


async def brings_flux(world: World) -> None:
    await world.merges(22)
    await world.merges(30)
    await world.passes(minutes=10)
    await world.cluster_reconciles()


async def merges_one_after_the_other(world: World, *numbers: int) -> None:
    for number in numbers:
        await world.renovate_runs()
        await world.merges(number)
        await world.passes(minutes=10)


async def merges_the_majors(world: World) -> None:
    for number in (15, 37):
        await world.says(number, "/fluxmig approve")
        await world.merges(number)


async def ends_it(world: World) -> None:
    await merges_one_after_the_other(world, 34, 17, 35, 36, 38, 27)
    await merges_the_majors(world)
    await world.passes(minutes=10)
    await world.cluster_reconciles()


@pytest.mark.parametrize("goal", ["", "flux 2.6.1"])
async def test_it_is_the_plan_of_june_2025(world: World, goal: str) -> None:
    await makes(world, goal=goal)
    assert phases(await milestone(world)) == {
        "prepare": [20, 23, 25, 26, 27, 29, 28, 33, 31],
        "critical": [22, 30, 34],
        "downstream": [17, 35, 36, 38],
        "review": [15, 37],
    }
    await merges_the_tooling(world)
    told = await milestone(world)
    assert phases(told) == {
        "prepare": TOOLING,
        "critical": [22, 30, 34],
        "downstream": [17, 35, 36, 38],
        "review": [15, 37],
        "rebase": [27],
    }
    assert (told["resolved"], told["total"], told["reached"]) == (8, 18, False)
    notes = {one["number"]: one["note"] for phase in told["phases"] for one in phase["pull_requests"]}
    assert notes[34] == "after the rollout of #30"
    assert notes[27] == "needs a rebase: #28 changed neighbouring lines"


async def test_a_goal_is_what_people_write_and_lies_ahead(world: World) -> None:
    there = await world.client.post(API, headers=ADMIN, json={"goal": "Flux 2.5"})
    assert (there.status_code, there.json()["detail"]) == (422, "Flux 2.5 or newer is there already.")
    assert (await makes(world, goal="Flux 2.6.1"))["goal"] == "Flux 2.6.1"
    assert phases(await milestone(world))["critical"] == [22, 30, 34]


async def test_the_document_at_the_beginning(world: World) -> None:
    await makes(world, goal="flux 2.6.1", title="Flux API migration", issue=True)
    text = await document(world)
    assert section(text, "Phase 2: critical updates") == snapshot("""\
One after the other, in this order. A rollout is over when the cluster runs it, not when it is merged.

- [ ] #22 feat\\(container\\): update flux operator group \\( 0.20.0 → 0.22.0 \\)
- [ ] #30 feat\\(github-release\\): update release controlplaneio-fluxcd/distribution \\( v2.5.1 → v2.6.1 \\)
- [ ] #34 fix\\(deps\\): update dependency ocirepository \\( source.toolkit.fluxcd.io/v1beta2 → source.toolkit.fluxcd.io/v1 \\): blocked; after the rollout of #30\
""")
    assert section(text, "Success criteria") == snapshot("""\
### Phase 1: assessment and preparation

- [ ] Its 9 pull requests are merged or closed. 0 of 9 resolved; open: #20, #23, #25, #26, #27 and 4 more.

### Phase 2: critical updates

- [ ] Flux 2.6.1 runs. #30 brings it and is not merged.
- [ ] Flux Operator 0.22.0 runs. #22 brings it and is not merged.
- [ ] OCIRepository `source.toolkit.fluxcd.io/v1` is served. The base declares Flux 2.5.1 in kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml:5, which does not serve it. #30 brings it and is not merged.
- [ ] All Flux controllers are ready. *Unknown.* No signal tells it.
- [ ] GitOps works: no Kustomization or HelmRelease fails. *Unknown.* No cluster that is connected has said anything of a Kustomization of this repository yet.

### Phase 3: downstream updates

- [ ] All OCIRepository objects use `source.toolkit.fluxcd.io/v1`. 7 places use another version: `kubernetes/apps/cert-manager/cert-manager/app/helmrelease.yaml:3`, `kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml:3`, `kubernetes/apps/flux-system/flux-operator/app/helmrelease.yaml:3` and 4 more.
- [ ] Its 4 pull requests are merged or closed. 0 of 4 resolved; open: #17, #35, #36 and #38.

### For review

- [ ] A person approved each of them that was merged. Open: #15 and #37.

### Overall

- [ ] All 18 pull requests are merged or closed. 0 of 18 resolved; open: #20, #23, #25, #26, #27 and 13 more.
- [ ] None of them is blocked. Blocked or waiting for a rollout: #34.
- [x] No cluster reported a failure while it was worked on. None was reported.\
""")
    assert section(text, "Risks") == snapshot("""\
- **High: #34 before the rollout of #30 halts Flux itself.** Both change the Flux Kustomization flux-system/flux-instance. Flux applies it as a whole or not at all: with OCIRepository `source.toolkit.fluxcd.io/v1` in it, which is not served yet, it could never apply the version that #30 brings.
  - Mitigation: fluxmig holds #34 until #30 is rolled out.
  - Way back: Revert #34, not #30.
- **High: Flux 2.5.1 → 2.6.1 is a way without return.** A minor of Flux cannot be taken back: its operator refuses the downgrade.
  - Mitigation: Go on only when the cluster says that it runs.
  - Way back: Revert what came after #30, never #30 itself.
- **High: #15 is a major update.** A new major of ghcr.io/mendhak/http-https-echo may break what uses it; that is what a major version says.
  - Mitigation: Read the release notes, then say `/fluxmig approve`.
  - Way back: Revert #15 and pin the version before.
- **High: #37 is a major update.** A new major of kube-prometheus-stack may break what uses it; that is what a major version says.
  - Mitigation: Read the release notes, then say `/fluxmig approve`.
  - Way back: Revert #37 and pin the version before.
- **Medium: Pull requests change the same files.** #17, #22, #23, #27, #28, #33, #34 and #36 may conflict when their neighbours are merged.
  - Mitigation: Merge in the order of the phases; fluxmig asks Renovate to rebase what became free.\
""")
    assert section(text, "Lessons learned").startswith("They are filled in when it is reached.")


async def test_the_document_in_the_middle(world: World) -> None:
    await makes(world, goal="flux 2.6.1", title="Flux API migration", issue=True)
    await merges_the_tooling(world)
    await brings_flux(world)
    text = await document(world)
    assert "**10 of 18 resolved.**" in text
    assert section(text, "Conflicts") == snapshot("""\
What was merged meanwhile changed the lines beside theirs: a rebase is needed.

- [ ] #27 feat\\(deps\\): update dependency aqua:helm/helm \\( 3.17.3 → 3.18.2 \\): needs a rebase: #28 changed neighbouring lines\
""")
    assert section(text, "Success criteria") == snapshot("""\
### Phase 1: assessment and preparation

- [ ] Its 9 pull requests are merged or closed. 8 of 9 resolved; open: #27.

### Phase 2: critical updates

- [x] Flux 2.6.1 runs. 2.6.1 is rolled out with #30: Flux's own event.
- [x] Flux Operator 0.22.0 runs. 0.22.0 is rolled out with #22: Kustomization flux-system/flux-operator is ready at ee455e5f, Flux's own event.
- [x] OCIRepository `source.toolkit.fluxcd.io/v1` is served. Cluster main runs Flux 2.6.1 (Flux's own event), which serves it.
- [ ] All Flux controllers are ready. *Unknown.* No signal tells it.
- [x] GitOps works: no Kustomization or HelmRelease fails. All 14 Kustomizations heard succeeded at a revision with #30, and nothing fails.

### Phase 3: downstream updates

- [ ] All OCIRepository objects use `source.toolkit.fluxcd.io/v1`. 7 places use another version: `kubernetes/apps/cert-manager/cert-manager/app/helmrelease.yaml:3`, `kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml:3`, `kubernetes/apps/flux-system/flux-operator/app/helmrelease.yaml:3` and 4 more.
- [ ] Its 4 pull requests are merged or closed. 0 of 4 resolved; open: #17, #35, #36 and #38.

### For review

- [ ] A person approved each of them that was merged. Open: #15 and #37.

### Overall

- [ ] All 18 pull requests are merged or closed. 10 of 18 resolved; open: #27, #34, #17, #35, #36 and 3 more.
- [x] None of them is blocked. Nothing waits.
- [x] No cluster reported a failure while it was worked on. None was reported.\
""")
    assert section(text, "Key metrics") == snapshot("""\
| | |
|---|---|
| Open pull requests by Renovate that pass fluxmig's check | 6 of 8 (75 %); at the start 15 of 18 (83 %) |
| Time blocked | #34 40 min |
| Rebases | 4 asked (1 done, 3 under way) |
| Merges per day | 2025-06-11: 10 |
| Incidents | none |
| Controller health | unknown: no signal tells it. |
| GitOps sync | good: all 14 Kustomizations heard succeeded at a revision with #30, and nothing fails. |
| API availability | OCIRepository `source.toolkit.fluxcd.io/v1` is served: yes |\
""")


async def test_the_document_at_the_end(world: World) -> None:
    await makes(world, goal="flux 2.6.1", title="Flux API migration", issue=True)
    await merges_the_tooling(world)
    await brings_flux(world)
    await ends_it(world)
    text = await document(world)
    assert "**18 of 18 resolved.**" in text
    assert section(text, "Success criteria") == snapshot("""\
### Phase 1: assessment and preparation

- [x] Its 9 pull requests are merged or closed. 9 of 9 resolved.

### Phase 2: critical updates

- [x] Flux 2.6.1 runs. 2.6.1 is rolled out with #30: Flux's own event.
- [x] Flux Operator 0.22.0 runs. 0.22.0 is rolled out with #22: Kustomization flux-system/flux-operator is ready at ee455e5f, Flux's own event.
- [x] OCIRepository `source.toolkit.fluxcd.io/v1` is served. Cluster main runs Flux 2.6.1 (Flux's own event), which serves it.
- [ ] All Flux controllers are ready. *Unknown.* No signal tells it.
- [x] GitOps works: no Kustomization or HelmRelease fails. All 14 Kustomizations heard succeeded at a revision with #37, and nothing fails.

### Phase 3: downstream updates

- [x] All OCIRepository objects use `source.toolkit.fluxcd.io/v1`. No file of the base branch uses another version.
- [x] Its 4 pull requests are merged or closed. 4 of 4 resolved.

### For review

- [x] A person approved each of them that was merged. Approved: #15 by wcygan and #37 by wcygan.

### Overall

- [x] All 18 pull requests are merged or closed. 18 of 18 resolved.
- [x] None of them is blocked. Nothing waits.
- [x] No cluster reported a failure while it was worked on. None was reported.\
""")
    assert section(text, "Key metrics") == snapshot("""\
| | |
|---|---|
| Open pull requests by Renovate that pass fluxmig's check | none is open; at the start 15 of 18 (83 %) |
| Time blocked | #34 40 min |
| Rebases | 6 asked (6 done) |
| Merges per day | 2025-06-11: 18 |
| Incidents | none |
| Controller health | unknown: no signal tells it. |
| GitOps sync | good: all 14 Kustomizations heard succeeded at a revision with #37, and nothing fails. |
| API availability | OCIRepository `source.toolkit.fluxcd.io/v1` is served: yes |\
""")
    assert section(text, "Lessons learned") == snapshot("""\
### What went well

- 18 pull requests merged.
- No cluster reported a failure.

### What was held, and what broke or would have broken

- #34 was held for 40 min: #34 needs OCIRepository `source.toolkit.fluxcd.io/v1`, which Flux serves from 2.6.0; the base declares Flux 2.5.1 in kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml:5, #30 brings 2.6.1, and both change the Flux Kustomization flux-system/flux-instance, so #30 must be rolled out first, not only merged.
- Merged before the rollout of #30, #34 would have failed with `no matches for kind "OCIRepository" in version "source.toolkit.fluxcd.io/v1"`, and with it the Flux Kustomization flux-system/flux-instance, which carries #30 itself.

### Rebases and decisions by people

- Rebases: 6 asked (6 done).
- #15 was approved by wcygan.
- #37 was approved by wcygan.

### How long it took

- Phase 1: assessment and preparation: 1 h 30 min, from 2025-06-11 18:28 UTC to 2025-06-11 19:58 UTC.
- Phase 2: critical updates: 10 min, from 2025-06-11 18:58 UTC to 2025-06-11 19:08 UTC.
- Phase 3: downstream updates: 30 min, from 2025-06-11 19:18 UTC to 2025-06-11 19:48 UTC.
- For review: less than a minute, from 2025-06-11 20:08 UTC to 2025-06-11 20:08 UTC.
- Flux Operator 0.22.0 was rolled out 10 min after its merge (Kustomization flux-system/flux-operator is ready at ee455e5f, Flux's own event).
- Flux 2.6.1 was rolled out 10 min after its merge (Flux's own event).

[All of it, with the evidence](http://fluxmig.test/r/wcygan/homelab/milestones/1)\
""")
    told = await milestone(world)
    assert told["reached"]
    assert told["closed_why"] == "Reached: 18 of 18 resolved."
    assert all(one["over"] for one in told["risks"])
    page = (await world.client.get(PAGE)).text
    assert "Reached: 18 of 18 resolved." in page
    assert "would have failed with" in page


async def test_merged_is_not_applied(world: World) -> None:
    await makes(world, goal="flux 2.6.1")
    await world.merges(30)
    told = {one["text"]: (one["state"], one["evidence"]) for one in (await milestone(world))["criteria"]}
    assert told["Flux 2.6.1 runs"] == ("no", "#30 is merged; the cluster has not said yet that it runs it.")
    await world.cluster_reconciles()
    assert criteria(await milestone(world))["Flux 2.6.1 runs"] == "yes"


async def test_what_no_signal_tells_is_unknown(world: World) -> None:
    await makes(world, goal="flux 2.6.1")
    told = await milestone(world)
    assert criteria(told)["All Flux controllers are ready"] == "unknown"
    assert metrics(told)["Controller health"] == "unknown: no signal tells it."
    assert metrics(told)["GitOps sync"].startswith("unknown: ")
    assert [one["name"] for one in told["metrics"] if not one["known"]] == ["Controller health", "GitOps sync"]


async def test_a_failure_of_the_cluster_is_an_incident_and_keeps_it_open(world: World) -> None:
    """What happened in 2025: merged the wrong way round, the cluster halts."""
    await makes(world, goal="flux 2.6.1")
    await world.passes(minutes=1)
    world.pull(34).merge(by=world.github.owner)
    await world.merges(30)
    await world.cluster_reconciles()
    told = await milestone(world)
    assert criteria(told)[SYNCED] == "no"
    assert criteria(told)["No cluster reported a failure while it was worked on"] == "no"
    assert metrics(told)["GitOps sync"].startswith("not good: Kustomization/")
    assert 'no matches for kind "OCIRepository"' in metrics(told)["GitOps sync"]
    assert metrics(told)["Incidents"].startswith("6 by #34: Kustomization flux-system/cluster-apps, ")


# --- the issue ---


async def test_one_issue_is_edited_in_place_and_closed_at_the_end(world: World) -> None:
    await makes(world, goal="flux 2.6.1", title="Flux API migration", issue=True)
    (issue,) = issues(world)
    assert (issue.title, issue.state) == ("Flux API migration", "open")
    assert (await milestone(world))["issue"] == issue.number
    await merges_the_tooling(world)
    await brings_flux(world)
    (same,) = issues(world)
    assert same is issue
    assert "**10 of 18 resolved.**" in issue.body
    await ends_it(world)
    assert issues(world) == [issue]
    assert issue.state == "closed"


async def test_without_being_asked_there_is_no_issue(world: World) -> None:
    await makes(world)
    assert issues(world) == []


async def test_in_mode_check_the_issue_is_not_written(world: World) -> None:
    world.repository.push({".github/fluxmig.yaml": "mode: check\n"}, message="Configure", by=world.github.owner)
    await world.settle()
    await makes(world, issue=True)
    assert issues(world) == []


async def test_what_people_do_to_the_issue(world: World) -> None:
    await makes(world, goal="flux 2.6.1", issue=True)
    (issue,) = issues(world)
    text = issue.body
    issue.edit(body=text.replace("- [ ]", "- [x]"), by=world.github.owner)
    await world.settle()
    assert issue.body == text, "boxes are ticked by facts"
    issue.close(by=world.github.owner)
    await world.settle()
    await world.merges(20)
    assert issue.body == text, "closed by a person it is left alone"
    issue.reopen(by=world.github.owner)
    await world.settle()
    assert "**1 of 18 resolved.**" in issue.body


async def test_an_edit_that_no_delivery_told_of_is_found_at_a_full_look(world: World) -> None:
    await makes(world, issue=True)
    (issue,) = issues(world)
    text = issue.body
    world.github.webhooks.lose("issues")
    issue.edit(body=f"{text}\nmore", by=world.github.owner)
    await world.settle()
    await world.sweeps()
    assert issue.body == text


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_write_that_ends_in_doubt_is_made_once(world: World, after_effect: bool) -> None:
    world.github.faults.fail_next(502, match="POST .*/issues$", after_effect=after_effect)
    await makes(world, issue=True)
    await world.passes(minutes=6)
    assert len(issues(world)) == 1


async def test_somebody_elses_marker_is_not_ours(world: World) -> None:
    forged = world.repository.open_issue(title="x", body=f"{marker_of(1)}\n\nmine", by=world.github.writer)
    await makes(world, issue=True)
    assert forged.body.endswith("mine")
    assert len(issues(world)) == 1


async def test_words_of_others_have_no_effect(world: World) -> None:
    world.pull(38).edit(title="fix: <script>alert(1)</script> @everyone [x](http://x.test)", by=world.github.owner)
    await world.settle()
    await makes(world, title="<b>A</b> plan @all", issue=True)
    (issue,) = issues(world)
    assert "<script>" not in issue.body
    assert "@everyone" not in issue.body
    assert "[x](http" not in issue.body
    page = (await world.client.get(PAGE)).text
    assert "<b>A</b>" not in page
    assert "&lt;b&gt;A&lt;/b&gt; plan @all" in page
    assert "<script>" not in page


# --- doors ---


async def test_closed_before_its_end(world: World) -> None:
    await makes(world, issue=True)
    (issue,) = issues(world)
    answer = await world.client.post(f"{API}/1/close", headers=ADMIN)
    assert answer.json()["closed_why"] == "Closed by an admin before it was reached."
    await world.settle()
    assert issue.state == "closed"
    await world.merges(20)
    assert (await milestone(world))["resolved"] == 0, "it stays as it ended"


async def test_several_have_numbers_and_a_place_on_the_page(world: World) -> None:
    await makes(world, title="One")
    await makes(world, goal="flux=2.7")
    listed = (await world.client.get(API, headers=ADMIN)).json()["items"]
    assert [(one["number"], one["title"]) for one in listed] == [(2, "Migration to Flux 2.7"), (1, "One")]
    page = (await world.client.get("/r/wcygan/homelab")).text
    assert f'<a href="{PAGE}">One</a>' in page
    second = (await world.client.get("/r/wcygan/homelab/milestones/2")).text
    assert "No open pull request brings Flux 2.7." in second
    assert (await world.client.get("/r/wcygan/homelab/milestones/3")).status_code == 404
    assert (await world.client.get(f"{API}/3", headers=ADMIN)).status_code == 404


async def test_what_cannot_be_planned_is_told(world: World) -> None:
    answer = await world.client.post(API, headers=ADMIN, json={"goal": "flux 9.1"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "flux 9.1: the catalogue knows Flux from 2.0 to 2.9, and nothing of 9.1"
    for pull in world.repository.open_pull_requests:
        pull.close(by=world.github.owner)
    await world.settle()
    assert (await world.client.post(API, headers=ADMIN, json={})).status_code == 409


async def test_each_change_is_kept_with_its_time(world: World) -> None:
    await makes(world, goal="flux 2.6.1")
    await world.merges(30)
    await world.passes(minutes=5)
    await world.cluster_reconciles()
    told = [one["text"] for one in (await milestone(world))["transitions"]]
    assert told[-1] == "Made by an admin."
    assert "Flux 2.6.1 runs: yes. 2.6.1 is rolled out with #30: Flux's own event." in told


async def test_a_repository_without_issues_keeps_its_milestone_on_the_page(world: World) -> None:
    world.repository.has_issues = False
    await makes(world, goal="flux 2.6.1", issue=True)
    await world.merges(30)
    await world.sweeps()
    tries = [one for one in world.github.log.exchanges if one.method == "POST" and one.path.endswith("/issues")]
    assert [one.status for one in tries] == [410]
    assert (await world.client.get(PAGE)).status_code == 200
    world.repository.has_issues = True
    await world.passes(minutes=25 * 60)
    await world.sweeps()
    assert len(issues(world)) == 1
    assert await world.forgets_what_failed() == ["milestone"]


async def test_a_pull_request_that_moves_on_is_shown_as_it_is(world: World) -> None:
    await makes(world)
    pull = world.pull(37)
    shown = {one["number"]: one for phase in (await milestone(world))["phases"] for one in phase["pull_requests"]}
    assert shown[37]["change"] == "kube-prometheus-stack 72.9.1 → 73.2.3"
    pull.edit(
        title=pull.title.replace("73.2.3", "74.0.0"), body=pull.body.replace("73.2.3", "74.0.0"), by=world.github.owner
    )
    await world.settle()
    shown = {one["number"]: one for phase in (await milestone(world))["phases"] for one in phase["pull_requests"]}
    assert "74.0.0" in shown[37]["title"]
    assert shown[37]["change"] == "kube-prometheus-stack 72.9.1 → 74.0.0"
