"""What a milestone says of its facts: rows of this in, that out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.catalogue import load_catalogue
from app.catalogue.configured import configuration_in_use
from app.cli import cli
from app.domain.configured_plan import plan_configured
from app.domain.incidents import Blame, Incident, ObjectName, Trouble
from app.domain.milestone import (
    Criterion,
    MemberFacts,
    MilestoneFacts,
    MilestonePlan,
    Phase,
    Rolled,
    Signal,
    Sync,
    Wait,
    WaitEnd,
)
from app.domain.milestone_conflicts import Changed, find_conflicts, find_outdated
from app.domain.milestone_plan import parse_goal, plan_milestone
from app.domain.milestone_state import judge_milestone, with_lessons
from app.domain.milestone_words import find_transitions, plan_form, state_form
from app.domain.model import Answer, Observation, PullRequest, PullRequestStatus, Rollout, RolloutState, Snapshot, State
from app.domain.render_milestone import milestone_to_markdown
from app.domain.served_versions import BadTarget
from tests.support.layouts import fleet
from tests.support.story_repository import change, source_file, story_repository, story_snapshot, tree_of

T0 = datetime(2025, 6, 11, 18, 0, tzinfo=UTC)
MERGED, CLOSED = PullRequestStatus.MERGED, PullRequestStatus.CLOSED
RUNS = "Flux 2.6.1 runs"
SYNCED = "GitOps works: no Kustomization or HelmRelease fails"


@cache
def planned(
    goal: str = "flux 2.6.1", *, connected: bool = True, numbers: tuple[int, ...] | None = None
) -> MilestonePlan:
    snapshot, catalogue = story_snapshot(numbers), load_catalogue()
    plan = plan_configured(snapshot, configuration_in_use(snapshot.tree, catalogue))
    return plan_milestone(plan, snapshot, catalogue, parse_goal(goal, catalogue), connected=connected)


def settled(plan: MilestonePlan, status: PullRequestStatus = MERGED) -> dict[int, MemberFacts]:
    return {one.number: MemberFacts(status, State(status.value), settled_at=T0) for one in plan.members}


def rollout(
    to: str = "2.6.1", state: RolloutState = RolloutState.ROLLED_OUT, number: int | None = 30, *, minutes: int = 5
) -> Rolled:
    done = T0 + timedelta(minutes=minutes) if state is RolloutState.ROLLED_OUT else None
    return Rolled(Rollout("flux", "main", "2.5.1", to, number, T0, state, "Flux's own event"), done)


def seen(version: str, *, minutes: int = 1) -> dict[tuple[str, str], Observation]:
    return {("flux", "main"): Observation("main", "flux", version, T0 + timedelta(minutes=minutes), "its event")}


def criterion(plan: MilestonePlan, facts: MilestoneFacts, text: str) -> Criterion:
    (found,) = [one for one in judge_milestone(plan, facts).criteria if one.text == text]
    return found


def sync(answer: Answer, *, speaks: bool = True) -> Sync:
    return Sync(Signal(answer, "by what was heard."), speaks)


def incident(name: str = "apps", *, by: int | None = 34, minutes: int | None = None) -> Incident:
    what, why = ObjectName("Kustomization", "flux-system", name), 'no matches for kind "OCIRepository"'
    trouble = Trouble("main", "main", what, "ReconciliationFailed", why, "main@sha1:1", since=T0)
    end = T0 + timedelta(minutes=minutes) if minutes is not None else None
    return Incident(1, trouble, Blame(by) if by is not None else None, closed_at=end)


PENDING = rollout(state=RolloutState.PENDING)
BACK, BACK_PENDING = rollout("2.5.1", minutes=9), rollout("2.5.1", RolloutState.PENDING)
MERGED_30 = {30: MemberFacts(MERGED, State.MERGED, settled_at=T0)}
RUNNING: list[tuple[str, MilestoneFacts, Answer]] = [
    ("nothing happened", MilestoneFacts({}), Answer.NO),
    ("merged, a cluster speaks", MilestoneFacts(MERGED_30, connected=True, rollouts=(PENDING,)), Answer.NO),
    ("merged, nobody speaks", MilestoneFacts(MERGED_30, rollouts=(PENDING,)), Answer.UNKNOWN),
    ("merged, not noticed yet", MilestoneFacts(MERGED_30), Answer.UNKNOWN),
    ("rolled out", MilestoneFacts(MERGED_30, rollouts=(rollout(),)), Answer.YES),
    ("rolled out, but an older one", MilestoneFacts({}, rollouts=(rollout("2.6.0"),)), Answer.NO),
    ("a newer one by a push", MilestoneFacts({}, rollouts=(rollout("v2.6.4", number=None),)), Answer.YES),
    ("seen running", MilestoneFacts({}, running=seen("2.7.0")), Answer.YES),
    ("seen running before", MilestoneFacts({}, running=seen("2.5.1")), Answer.NO),
    ("not yet seen since", MilestoneFacts({}, rollouts=(rollout(),), running=seen("2.5.1", minutes=4)), Answer.YES),
    ("seen taken back", MilestoneFacts({}, rollouts=(rollout(),), running=seen("2.5.1", minutes=6)), Answer.NO),
    ("taken back by a rollout", MilestoneFacts({}, rollouts=(rollout(), BACK)), Answer.NO),
    ("not taken back yet", MilestoneFacts({}, rollouts=(rollout(), BACK_PENDING)), Answer.YES),
    ("a range says nothing", MilestoneFacts({}, rollouts=(rollout(), rollout("2.x", minutes=9))), Answer.YES),
    ("raised anew", MilestoneFacts({}, connected=True, rollouts=(rollout(), BACK, PENDING)), Answer.NO),
    ("closed without a merge", MilestoneFacts({30: MemberFacts(CLOSED, State.CLOSED)}), Answer.NO),
]


@pytest.mark.parametrize(("facts", "answer"), [row[1:] for row in RUNNING], ids=[row[0] for row in RUNNING])
def test_a_version_runs_when_somebody_says_so(facts: MilestoneFacts, answer: Answer) -> None:
    assert criterion(planned(), facts, RUNS).state is answer


SYNC: list[tuple[str, MilestoneFacts, Answer]] = [
    ("no cluster", MilestoneFacts({}, synced=sync(Answer.YES)), Answer.UNKNOWN),
    ("silence", MilestoneFacts({}, connected=True), Answer.UNKNOWN),
    ("as it is judged", MilestoneFacts({}, connected=True, synced=sync(Answer.NO)), Answer.NO),
]


@pytest.mark.parametrize(("facts", "answer"), [row[1:] for row in SYNC], ids=[row[0] for row in SYNC])
def test_silence_is_unknown(facts: MilestoneFacts, answer: Answer) -> None:
    assert criterion(planned(), facts, SYNCED).state is answer


def test_it_is_reached_when_all_that_must_hold_does() -> None:
    plan = planned()
    done = MilestoneFacts(settled(plan), rollouts=(rollout(),))
    assert judge_milestone(plan, done).reached
    one_open = {**settled(plan), 38: MemberFacts(PullRequestStatus.OPEN, State.READY)}
    assert not judge_milestone(plan, replace(done, members=one_open)).reached
    assert not judge_milestone(plan, replace(done, rollouts=())).reached, "the goal itself must be known"
    spoken = replace(done, connected=True, synced=sync(Answer.UNKNOWN))
    assert not judge_milestone(plan, spoken).reached, "the cluster's word on the last merge is waited for"
    assert judge_milestone(plan, replace(spoken, synced=sync(Answer.UNKNOWN, speaks=False))).reached
    assert judge_milestone(plan, replace(spoken, synced=sync(Answer.YES))).reached
    assert not judge_milestone(plan, replace(spoken, synced=sync(Answer.NO))).reached
    broken = replace(done, controllers=Signal(Answer.NO, "helm-controller is not ready."))
    assert not judge_milestone(plan, broken).reached


def test_all_that_is_open_may_be_closed_without_a_merge() -> None:
    plan = planned("")
    assert judge_milestone(plan, MilestoneFacts(settled(plan, CLOSED))).reached


def test_a_goal_that_nobody_brings_stays_open() -> None:
    plan = planned("flux 2.7")
    facts = MilestoneFacts(settled(plan), rollouts=(rollout(),))
    assert criterion(plan, facts, "Flux 2.7 runs").evidence == "No open pull request brings Flux 2.7."
    assert not judge_milestone(plan, facts).reached


def test_risks_are_those_of_the_facts() -> None:
    titles = [risk.title for risk in planned(connected=True).risks]
    assert titles == [
        "#34 before the rollout of #30 halts Flux itself",
        "Flux 2.5.1 → 2.6.1 is a way without return",
        "#15 is a major update",
        "#37 is a major update",
        "Pull requests change the same files",
    ]
    assert "No cluster says what it runs" in [risk.title for risk in planned(connected=False).risks]
    assert planned("", numbers=(38,)).risks == ()
    (alone,) = [risk for risk in planned("", numbers=(34,)).risks if risk.numbers == (34,)]
    assert alone.title == "Nothing open frees #34"


def test_a_conflict_puts_aside_only_what_may_wait() -> None:
    plan = planned()
    clash = MemberFacts(PullRequestStatus.OPEN, State.READY, conflicts_with=(28,))
    now = judge_milestone(plan, MilestoneFacts({27: clash, 22: clash, 15: clash}))
    (rebase,) = [phase for phase in now.phases if phase.phase is Phase.REBASE]
    assert [member.number for member in rebase.members] == [27]


PATCH = "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
NEXT = "@@ -2,2 +2,2 @@\n b\n-c\n+C\n"
FAR = "@@ -8,2 +8,2 @@\n h\n-i\n+I\n"


@pytest.mark.parametrize(
    ("patch", "minutes", "conflict"), [(PATCH, 1, True), (NEXT, 1, True), (FAR, 1, False), (PATCH, -1, False)]
)
def test_a_conflict_is_a_later_merge_of_neighbouring_lines(patch: str, minutes: int, conflict: bool) -> None:
    open_ = [Changed(1, {"f": PATCH, "g": PATCH}, T0)]
    merged = [Changed(2, {"f": patch}, T0 + timedelta(minutes=minutes)), Changed(3, {"x": PATCH}, T0)]
    assert find_conflicts(open_, merged) == ({1: (2,)} if conflict else {})
    assert find_conflicts([Changed(1, {"f": PATCH}, None)], merged) == {}, "an unknown time is no conflict"


def test_lines_with_another_version_are_found() -> None:
    (gvk,) = {api.gvk for api in planned().apis}
    tree = story_snapshot().tree
    assert len(find_outdated(tree, [gvk])[gvk]) == 7
    assert find_outdated({"a.yaml": source_file("a.yaml", "kind: [")}, [gvk]) == {gvk: ()}


def test_it_is_kept_as_it_was() -> None:
    plan = planned()
    assert plan_form().validate_json(plan_form().dump_json(plan)) == plan
    facts = MilestoneFacts(settled(plan), rollouts=(rollout(),))
    now = with_lessons(judge_milestone(plan, facts), plan, facts)
    assert state_form().validate_json(state_form().dump_json(now)) == now
    assert list(find_transitions(now, now)) == []
    before = judge_milestone(plan, MilestoneFacts({}))
    assert "Flux 2.6.1 runs: yes. 2.6.1 is rolled out with #30: Flux's own event." in find_transitions(before, now)


def test_titles_of_others_are_words() -> None:
    plan = planned()
    member = replace(plan.members[0], title="<img src=x> | @all [a](b)\n## x")
    text = milestone_to_markdown("t", judge_milestone(replace(plan, members=(member,)), MilestoneFacts({})))
    assert "\\<img src=x\\>" in text
    assert "@all" not in text
    assert "\n## x" not in text


def test_a_clone_is_planned_without_a_service(tmp_path: Path) -> None:
    clone = story_repository(tmp_path / "clone")
    pulls = [part for number in (22, 26, 30, 34) for part in ("--pr", f"{number}=pr/{number}")]
    run = CliRunner().invoke(
        cli, ["milestone", "plan", "--git", str(clone), "--base", "main", *pulls, "--goal", "flux 2.6.1"]
    )
    assert run.exit_code == 0, run.output
    assert "# Migration to Flux 2.6.1" in run.output
    assert "**0 of 4 resolved.**" in run.output
    assert "blocked; after the rollout of #30" in run.output
    wrong = CliRunner().invoke(cli, ["milestone", "plan", "--git", str(clone), "--base", "main", "--goal", "flux 9.1"])
    assert wrong.exit_code == 2
    assert "the catalogue knows Flux from 2.0" in wrong.output
    there = CliRunner().invoke(cli, ["milestone", "plan", "--git", str(clone), "--base", "main", "--goal", "Flux 2.5"])
    assert (there.exit_code, there.output) == (2, "fluxmig milestone plan: Flux 2.5 or newer is there already.\n")


@pytest.mark.parametrize("goal", ["Flux 2.3", "flux 2.5", "flux 2.5.1", "Flux Operator 0.20"])
def test_a_goal_that_is_there_already_is_refused(goal: str) -> None:
    with pytest.raises(BadTarget, match="or newer is there already"):
        planned(goal)


def test_a_goal_that_one_cluster_has_not_reached_is_a_goal() -> None:
    assert in_fleet("2.4.0", "2.6.0", goal="flux 2.6").goal.version == "2.6"
    with pytest.raises(BadTarget):
        in_fleet("2.6.0", "2.7.0", goal="flux 2.6")


def in_fleet(production: str, staging: str, *, goal: str) -> MilestonePlan:
    files, catalogue = fleet("v2.4.0"), load_catalogue()
    for cluster, version in (("production", production), ("staging", staging)):
        path = f"clusters/{cluster}/flux-system/flux-instance.yaml"
        files[path] = files[path].replace("2.4.0", version)
    snapshot = replace(story_snapshot(), tree=tree_of(files), pull_requests=())
    plan = plan_configured(snapshot, configuration_in_use(snapshot.tree, catalogue))
    return plan_milestone(plan, snapshot, catalogue, parse_goal(goal, catalogue))


def test_what_is_merged_and_not_rolled_out_is_still_a_goal() -> None:
    snapshot, catalogue = story_snapshot(), load_catalogue()
    rolling = Rollout("flux", "main", "2.4.0", "2.5.1", 30, T0, RolloutState.PENDING, "")
    snapshot = replace(snapshot, rollouts=(rolling,))
    plan = plan_configured(snapshot, configuration_in_use(snapshot.tree, catalogue))
    assert plan_milestone(plan, snapshot, catalogue, parse_goal("flux 2.5.1", catalogue)).goal.version == "2.5.1"


def test_a_release_beyond_the_newest_known_is_a_risk() -> None:
    (told,) = [one for one in planned("Flux 2.6.99").risks if "known here" in one.title]
    assert told.title == "Flux 2.6.99 is not known here"
    assert told.why == "Flux 2.6.99 may not exist: the newest 2.6 that fluxmig knows is 2.6.4."
    assert not [one for one in planned("Flux 2.6.4").risks if "known here" in one.title]


@pytest.mark.parametrize(
    ("incidents", "told"),
    [
        ((), "none"),
        ((incident(),), "1 by #34: Kustomization flux-system/apps"),
        ((incident(by=None),), "1: Kustomization flux-system/apps"),
        (
            (incident(), incident("i"), incident("j", by=None)),
            "2 by #34: Kustomization flux-system/apps and Kustomization flux-system/i; 1: Kustomization flux-system/j",
        ),
        ((incident(), incident()), "2 by #34: Kustomization flux-system/apps"),
    ],
)
def test_incidents_are_counted_by_who_broke_it(incidents: tuple[Incident, ...], told: str) -> None:
    now = judge_milestone(planned(), MilestoneFacts({}, connected=True, incidents=incidents))
    assert next(one.value for one in now.metrics if one.name == "Incidents") == told


def hard_lessons(facts: MilestoneFacts) -> list[str]:
    plan = planned()
    told = dict(with_lessons(judge_milestone(plan, facts), plan, facts).lessons)
    return list(told["What was held, and what broke or would have broken"])


def wait(end: WaitEnd | None, number: int = 34, minutes: int = 40) -> Wait:
    until = T0 + timedelta(minutes=minutes) if end is not None else None
    return Wait(number, T0, until, f"#{number} needs it.", end)


APPS = "Kustomization flux-system/apps in cluster main at 2025-06-11 18:00 UTC"
WHY = 'no matches for kind "OCIRepository".'
FOR_THIS = "It was held for this: #34 needs it."
THREE = ", ".join(f"Kustomization flux-system/{one}" for one in "abc")
WOULD = (
    "Merged before the rollout of #30, #34 would have failed with "
    '`no matches for kind "OCIRepository" in version "source.toolkit.fluxcd.io/v1"`, '
    "and with it the Flux Kustomization flux-system/flux-instance, which carries #30 itself."
)
HARD: list[tuple[str, MilestoneFacts, list[str]]] = [
    ("nothing was held", MilestoneFacts({}), ["Nothing had to be held."]),
    ("it is still held", MilestoneFacts({}, waits=(wait(None),)), ["Nothing had to be held."]),
    (
        "held until it was free",
        MilestoneFacts({}, waits=(wait(WaitEnd.FREED),)),
        ["#34 was held for 40 min: #34 needs it.", WOULD],
    ),
    (
        "closed while it was held",
        MilestoneFacts({}, waits=(wait(WaitEnd.CLOSED),)),
        ["#34 was held for 40 min and then closed without a merge: #34 needs it.", WOULD],
    ),
    (
        "merged while it was held, and it broke",
        MilestoneFacts({}, connected=True, waits=(wait(WaitEnd.MERGED),), incidents=(incident(minutes=32),)),
        [
            f"#34 was merged while it was held, after 40 min, and broke {APPS}, over after 32 min: {WHY} {FOR_THIS}",
        ],
    ),
    (
        "merged while it was held, and nothing broke",
        MilestoneFacts({}, connected=True, waits=(wait(WaitEnd.MERGED),)),
        [
            f"#34 was merged while it was held, after 40 min, and no failure by it was reported. {FOR_THIS}",
        ],
    ),
    (
        "merged while it was held, and nobody would tell",
        MilestoneFacts({}, waits=(wait(WaitEnd.MERGED),)),
        [f"#34 was merged while it was held, after 40 min. {FOR_THIS}"],
    ),
    (
        "set free, and it broke all the same",
        MilestoneFacts({}, connected=True, waits=(wait(WaitEnd.FREED),), incidents=(incident(),)),
        ["#34 was held for 40 min: #34 needs it.", f"#34 broke {APPS}: {WHY}"],
    ),
    (
        "a line for each that broke something",
        MilestoneFacts({}, connected=True, incidents=(*map(incident, "abcde"), incident(by=None, minutes=32))),
        [
            "Nothing had to be held.",
            f"#34 broke {THREE} and 2 more in cluster main at 2025-06-11 18:00 UTC: {WHY}",
            f"No merge is known to have broken {APPS}, over after 32 min: {WHY}",
        ],
    ),
]


@pytest.mark.parametrize(("facts", "told"), [row[1:] for row in HARD], ids=[row[0] for row in HARD])
def test_lessons_say_what_was_held_how_that_ended_and_what_broke(facts: MilestoneFacts, told: list[str]) -> None:
    assert hard_lessons(facts) == told


def test_pull_requests_that_meet_in_a_file_are_both_named() -> None:
    (risk,) = [one for one in planned("", numbers=(28, 27)).risks if one.title == "Pull requests change the same files"]
    assert risk.why == "#27 and #28 may conflict when their neighbours are merged."
    assert risk.numbers == (27, 28)


def test_the_share_that_passes_is_told_beside_that_of_the_start() -> None:
    plan = planned("")
    assert (plan.passing, plan.open) == (15, 18)
    now = judge_milestone(plan, MilestoneFacts(settled(plan)))
    assert now.metrics[0].value == "none is open; at the start 15 of 18 (83 %)"
    older = judge_milestone(replace(plan, passing=0, open=0), MilestoneFacts({}, passing=6, open=8))
    assert older.metrics[0].value == "6 of 8 (75 %)", "kept before the start was"


GOTK = "clusters/home/flux-system/gotk-components.yaml"
BOOTSTRAPPED = {
    GOTK: "# Flux Version: v2.5.1\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: flux-system\n",
    "clusters/home/flux-system/kustomization.yaml": "resources: [gotk-components.yaml, gotk-sync.yaml]\n",
    "clusters/home/flux-system/gotk-sync.yaml": (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        "metadata: {name: flux-system, namespace: flux-system}\n"
        "spec: {path: ./clusters/home, sourceRef: {kind: GitRepository, name: flux-system}}\n"
    ),
}


@pytest.mark.parametrize("seen", [False, True])
def test_an_operator_is_named_only_where_one_runs(seen: bool) -> None:
    after = BOOTSTRAPPED[GOTK].replace("2.5.1", "2.6.1")
    raised = PullRequest(
        1, "Update Flux to v2.6.1", "renovate/flux", "1" * 40, changes=(change(GOTK, BOOTSTRAPPED[GOTK], after),)
    )
    snapshot = Snapshot(base="main", tree=tree_of(BOOTSTRAPPED), pull_requests=(raised,), now=T0)
    catalogue = load_catalogue()
    plan = plan_configured(snapshot, configuration_in_use(snapshot.tree, catalogue))
    (scope,) = [cluster.name for cluster in plan.clusters]
    if seen:
        snapshot = replace(snapshot, observations=(Observation(scope, "flux-operator", "0.22.0", T0, "its event"),))
    risks = plan_milestone(plan, snapshot, catalogue, parse_goal("flux 2.6.1", catalogue)).risks
    (risk,) = [one for one in risks if one.title == "Flux 2.5.1 → 2.6.1 is a way without return"]
    assert ("its operator refuses the downgrade" in risk.why) is seen
