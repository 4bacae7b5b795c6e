"""No pull request is ever green before the cluster told of a revision that contains what it needs.

Git, one or two clusters of one scope and a lossy channel are played at random: merges raise the provider, take it back
and raise it again; a cluster fetches when it likes, and what it says arrives late, twice, in any order or never. After
each step the plan is made as the service makes it. What may be green is known from the play itself: which step each
word was spoken in.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.catalogue import load_catalogue
from app.domain.ancestry import Ancestry
from app.domain.base_facts import read_base
from app.domain.carriers import carrier_of
from app.domain.cluster_words import ClusterWord
from app.domain.model import (
    Answer,
    Classification,
    Component,
    Observation,
    PullRequest,
    Rollout,
    RolloutState,
    Snapshot,
    State,
    UpdateType,
)
from app.domain.plan import Planner
from app.domain.rollout_terms import Proof, RolloutTerms
from app.domain.rollouts import Heard, is_replaced, judge_rollout
from tests.support.fleet import RELEASE, SECRET, fleet_files
from tests.support.story_repository import change, tree_of

START = datetime(2026, 1, 1, tzinfo=UTC)
OLD, NEW = "0.15.0", "0.16.1"
SELDOM = st.sampled_from([False, False, True])
WHICH = st.sampled_from(["main", "other"])
TOLD = Classification(UpdateType.PATCH, Component.APPLICATION, False, (), 1.0, ())


@cache
def files_with(version: str, *, waits: bool) -> dict[str, str]:
    files = fleet_files(waits=waits)
    files[RELEASE] = files[RELEASE].replace(OLD, version)
    return files


@dataclass(frozen=True)
class Spoken:
    """A word, and the truth of it: the step in Git up to which the cluster was when it spoke, and what it ran."""

    word: ClusterWord
    step: int
    proves: bool


class Gate(RuleBasedStateMachine):
    """Git is a row of versions, one a commit; `raised` is the commit that raised it last."""

    def __init__(self) -> None:
        super().__init__()
        self.git = [OLD]
        self.merged_at: dict[int, datetime] = {}
        self.fetched = {"main": 0}
        self.now = START
        self.rollouts: list[Rollout] = []
        self.said: list[Spoken] = []
        self.heard: list[Spoken] = []
        self.observed: list[tuple[Observation, int]] = []
        self.confirmed: set[int] = set()
        self.planner = Planner(load_catalogue(), lambda _: TOLD)
        self.waits = True

    @initialize(waits=st.booleans(), two=st.booleans())
    def begins(self, waits: bool, two: bool) -> None:
        self.waits = waits
        if two:
            self.fetched["other"] = 0

    # --- what happens ---

    @rule(times=st.integers(1, 3))
    def raises_or_takes_back(self, times: int) -> None:
        for _ in range(times):
            self._passes()
            before, after = self.git[-1], OLD if self.git[-1] == NEW else NEW
            self.git.append(after)
            at = len(self.git) - 1
            self.rollouts.append(Rollout("external-secrets", "main", before, after, at, self.now, merge_sha=sha(at)))

    @rule()
    def pushes_something_else(self) -> None:
        self._passes()
        self.git.append(self.git[-1])

    @rule(who=WHICH)
    def cluster_fetches(self, who: str) -> None:
        self._passes()
        if who in self.fetched:
            self.fetched[who] = len(self.git) - 1

    @rule(who=WHICH, fails=SELDOM, arrives=st.booleans())
    def kustomization_speaks(self, who: str, fails: bool, arrives: bool) -> None:
        self._passes()
        fetched = self.fetched.get(who)
        if fetched is None:
            return
        reason = "HealthCheckFailed" if fails else "ReconciliationSucceeded"
        word = self._word(who, "Kustomization", "flux-system", reason, f"main@sha1:{sha(fetched)}", fails=fails)
        self._says(Spoken(word, fetched, proves=self.waits and not fails), arrives=arrives)

    @rule(who=WHICH, fails=SELDOM, arrives=st.booleans())
    def release_speaks(self, who: str, fails: bool, arrives: bool) -> None:
        """helm-controller has brought, or could not bring, what was fetched last."""
        self._passes()
        fetched = self.fetched.get(who)
        if fetched is None:
            return
        reason = "UpgradeFailed" if fails else "UpgradeSucceeded"
        word = self._word(who, "HelmRelease", "external-secrets", reason, self.git[fetched], fails=fails)
        self._says(Spoken(word, fetched, proves=not fails), arrives=arrives)

    @rule(data=st.data(), keeps=st.booleans())
    def a_word_arrives(self, data: st.DataObject, keeps: bool) -> None:
        """In any order; `keeps`: it may arrive once more. What never arrives is lost."""
        if self.said:
            index = data.draw(st.integers(0, len(self.said) - 1))
            self.heard.append(self.said[index])
            if not keeps:
                del self.said[index]

    @rule(who=WHICH)
    def cluster_says_what_it_runs(self, who: str) -> None:
        """As a client of the cluster's API would read it: what it runs now, whichever commit brought it."""
        self._passes()
        if (fetched := self.fetched.get(who)) is not None:
            seen = Observation("main", "external-secrets", self.git[fetched], self.now, "seen", who)
            self.observed.append((seen, len(self.git) - 1))

    @rule()
    def a_person_confirms(self) -> None:
        """Having looked: what all clusters fetched."""
        for index, one in enumerate(self.rollouts):
            if one.state is RolloutState.PENDING and (one.pull_request or 0) <= min(self.fetched.values()):
                self._close(index, Proof.CONFIRM)
                self.confirmed.add(one.pull_request or 0)

    # --- what must hold ---

    @invariant()
    def green_only_with_proof(self) -> None:
        state, reason = self._plans()
        if state is State.READY:
            assert self._may_be_green(), f"green without proof: {reason}"

    @invariant()
    def with_a_fresh_word_at_the_tip_it_is_green(self) -> None:
        """So that the other invariant is not kept by a gate that never opens. After a take-back a chart's word needs
        that of the Kustomization before it."""
        if self.git[-1] == NEW and all(map(self._is_fresh, self.fetched)):
            state, reason = self._plans()
            assert state is State.READY, reason

    # --- how ---

    def _is_fresh(self, cluster: str) -> bool:
        tip = [one for one in self.heard if one.step == len(self.git) - 1 and one.word.cluster == cluster]
        applied = [one.word.at for one in tip if one.word.reason == "ReconciliationSucceeded"]
        return any(
            one.word.kind == "Kustomization" or len(self.rollouts) == 1 or any(at < one.word.at for at in applied)
            for one in tip
            if one.proves and self._is_last_word(one)
        )

    def _says(self, spoken: Spoken, *, arrives: bool) -> None:
        (self.heard if arrives else self.said).append(spoken)

    def _passes(self) -> None:
        self.now += timedelta(minutes=1)

    def _word(self, who: str, kind: str, namespace: str, reason: str, revision: str, *, fails: bool) -> ClusterWord:
        severity, at = "error" if fails else "info", self.now
        return ClusterWord(
            "main", kind, namespace, "external-secrets", severity, reason, "words", revision, at, at, "x", who
        )

    def _may_be_green(self) -> bool:
        """Git asks for the new version, and since it last did, every cluster told that it has it."""
        if self.git[-1] != NEW:
            return False
        raised = self._raised()
        told = {one.word.cluster for one in self.heard if one.proves and one.step >= raised}
        seen = {one.cluster for one, at in self.observed if at >= raised and one.version == NEW}
        return told | seen >= self.fetched.keys() or raised in self.confirmed

    def _raised(self) -> int:
        return max(index for index in range(1, len(self.git)) if self.git[index] != self.git[index - 1])

    def _is_last_word(self, spoken: Spoken) -> bool:
        mine = [one for one in self.heard if one.word.cluster == spoken.word.cluster]
        same = [one for one in mine if one.word.kind == spoken.word.kind]
        return max(same, key=lambda one: one.word.at).word is spoken.word

    def _plans(self) -> tuple[State, str]:
        tree = tree_of(files_with(self.git[-1], waits=self.waits))
        base = read_base(tree, load_catalogue())
        newest = self._newest()
        heard = Heard(newest, tuple(one.word for one in self.heard), tuple(self.fetched))
        for index, one in enumerate(self.rollouts):
            if one.state is not RolloutState.PENDING:
                continue
            others = [other for at, other in enumerate(self.rollouts) if at != index]
            if is_replaced(one, others):
                self.rollouts[index] = replace(one, state=RolloutState.REPLACED)
                continue
            judged = judge_rollout(
                one,
                others,
                carrier=carrier_of("external-secrets", "main", base),
                heard=heard,
                ancestry=Ancestry(self._ancestry()),
                terms=RolloutTerms(),
                now=self.now,
            )
            if judged.proof is not None:
                self._close(index, judged.proof)
        before = files_with(OLD, waits=self.waits)[SECRET]
        needs = change(SECRET, before, before.replace("v1beta1", "v1"))
        snapshot = Snapshot(
            base=sha(len(self.git) - 1),
            tree=tree,
            pull_requests=(PullRequest(2, "migrate", "renovate/x", "2", changes=(needs,)),),
            now=self.now,
            observations=newest,
            rollouts=tuple(self.rollouts),
        )
        planned = self.planner.plan(snapshot).of(2)
        return planned.state, planned.reason

    def _newest(self) -> tuple[Observation, ...]:
        """Of each cluster; one that has not told is there without a version, where the other has."""
        seen = {one.cluster: one for one, _ in self.observed}
        silent = Observation("main", "external-secrets", "", START, "")
        return tuple(seen.get(who) or replace(silent, cluster=who) for who in self.fetched) if seen else ()

    def _close(self, index: int, proof: Proof) -> None:
        done = replace(self.rollouts[index], state=RolloutState.ROLLED_OUT, proof=proof, rolled_out_at=self.now)
        self.rollouts[index] = done

    def _ancestry(self) -> dict[tuple[str, str], Answer]:
        commits = range(len(self.git))
        return {
            (sha(one), sha(other)): Answer.YES if one <= other else Answer.NO for one in commits for other in commits
        }


def sha(index: int) -> str:
    return f"{index:040x}"


TestGate = Gate.TestCase
TestGate.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
