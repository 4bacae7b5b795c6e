"""When a merged version counts as rolled out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.ancestry import Ancestry
from app.domain.carriers import Carrier
from app.domain.cluster_words import ClusterWord, Outcome, commit_of, outcome_of, shown_message
from app.domain.layout import FluxKustomization
from app.domain.model import Answer, Observation, Rollout, RolloutHealth
from app.domain.rollout_terms import Proof, RolloutPolicy, RolloutTerms, Terms
from app.domain.rollouts import Heard, Judged, is_replaced, judge_rollout, reached
from app.domain.signal_reliability import limits_phrase

MERGED = datetime(2025, 6, 11, 18, 28, tzinfo=UTC)
MERGE, LATER, OLDER = "a" * 40, "b" * 40, "c" * 40
KS = FluxKustomization("flux-system", "cert-manager", "infra/cert-manager", "clusters/main/cm.yaml", 1)
LAST = Carrier(KS, is_last=True)
CHART = Carrier(KS, chart="cert-manager", release="cert-manager")
OPERATOR = Carrier(KS, by_operator=True)
ANCESTRY = {(MERGE, LATER): Answer.YES, (MERGE, OLDER): Answer.NO}


def rollout(to: str = "2.6.1", from_: str = "2.5.1") -> Rollout:
    return Rollout("flux", "main", from_, to, 30, MERGED, merge_sha=MERGE)


def seen(version: str, *, after: float = 5, scope: str = "main", provider: str = "flux") -> Observation:
    return Observation(scope, provider, version, MERGED + timedelta(minutes=after), "Flux's own event")


def word(
    reason: str = "ReconciliationSucceeded",
    *,
    kind: str = "Kustomization",
    name: str = "cert-manager",
    namespace: str | None = "flux-system",
    message: str = "Reconciliation finished in 1s, next run in 10m0s",
    commit: str = MERGE,
    revision: str = "",
    after: float = 5,
    severity: str = "info",
) -> ClusterWord:
    at = MERGED + timedelta(minutes=after)
    told = revision or f"main@sha1:{commit}"
    return ClusterWord("main", kind, namespace, name, severity, reason, message, told, at, at, "Flux's own event")


def helm(
    reason: str = "UpgradeSucceeded", version: str = "2.6.1", *, after: float = 5, severity: str = "info"
) -> ClusterWord:
    message = f"Helm upgrade succeeded for release cm/cert-manager.v2 with chart cert-manager@{version}"
    return word(
        reason, kind="HelmRelease", namespace="cm", message=message, revision=version, after=after, severity=severity
    )


def judge(
    *words: ClusterWord,
    carrier: Carrier | None = None,
    observations: tuple[Observation, ...] = (),
    terms: RolloutTerms | None = None,
    minutes: float = 10,
    of: Rollout | None = None,
    others: tuple[Rollout, ...] = (),
    names: tuple[str, ...] = ("main",),
    last: datetime | None = None,
) -> Judged:
    return judge_rollout(
        of or rollout(),
        others,
        carrier=carrier,
        heard=Heard(observations, words, names, last),
        ancestry=Ancestry(ANCESTRY),
        terms=terms or RolloutTerms(),
        now=MERGED + timedelta(minutes=minutes),
    )


@pytest.mark.parametrize(
    ("target", "observed", "expected"),
    [
        ("2.6.1", seen("2.6.1"), True),
        ("2.6.1", seen("v2.6.1"), True),
        ("v2.6.1", seen("2.6.2"), True),
        ("2.6.1", seen("2.6.0"), False),
        ("2.6.1", seen("2.5.1"), False),
        ("2.6.1", seen("2.6.1", scope="staging"), False),
        ("2.6.1", seen("2.6.1", provider="cilium"), False),
        ("2.6.1", seen("nonsense"), False),
        ("2.6.1", seen("2.6.1", after=-5), True),  # somebody was faster by hand
        ("2.x", seen("2.6.1"), True),
        ("2.x", seen("2.6.1", after=-5), False),  # ran before the merge, so it proves nothing
        ("2.x", seen("3.0.0"), False),
        ("latest", seen("2.6.1"), False),
    ],
)
def test_the_cluster_itself_is_the_best_witness(target: str, observed: Observation, expected: bool) -> None:
    judged = judge(observations=(observed,), of=rollout(target), minutes=60)
    assert judged.source == ("Flux's own event" if expected else "")
    assert (judged.proof is Proof.OBSERVED) is expected


@pytest.mark.parametrize(
    ("version", "after", "expected"),
    [("2.6.1", 5, False), ("2.5.1", 5, True), ("2.5.1", -5, False), ("2.4.0", 5, False)],
)
def test_going_back_is_reached_by_the_lower_version_only(version: str, after: float, expected: bool) -> None:
    back = rollout("2.5.1", "2.6.1")
    assert reached(back, version, MERGED + timedelta(minutes=after)) is expected


def test_what_ran_before_it_was_taken_back_does_not_close_the_next_raise() -> None:
    back = replace(rollout("2.5.1", "2.6.1"), merged_at=MERGED - timedelta(minutes=10))
    before = MERGED - timedelta(minutes=20)
    assert reached(rollout(), "2.6.1", before), "somebody was faster by hand"
    assert not reached(rollout(), "2.6.1", before, [back])


def test_a_version_that_git_went_back_from_is_replaced() -> None:
    back = replace(rollout("2.5.1", "2.6.1"), merged_at=MERGED + timedelta(minutes=5), pull_request=31)
    assert is_replaced(rollout(), [back]) is back
    assert is_replaced(back, [rollout()]) is None
    assert is_replaced(rollout(), [replace(back, to="2.7.0")]) is None


def test_silence_is_never_a_rollout() -> None:
    judged = judge(minutes=60 * 24 * 400, names=())
    assert (judged.proof, judged.health) == (None, RolloutHealth.LATE)
    assert "`/fluxmig confirm`" in judged.note


@pytest.mark.parametrize(("minutes", "expected"), [(119, ""), (120, "2 h have passed since the merge, unverified")])
def test_a_soak_time_counts_but_says_that_nobody_looked(minutes: int, expected: str) -> None:
    assert judge(terms=RolloutTerms(soak=timedelta(hours=2)), minutes=minutes).source == expected


@pytest.mark.parametrize(
    ("carrier", "words", "proof"),
    [
        (LAST, [word()], Proof.READY),
        (LAST, [word(commit=LATER)], Proof.READY),
        (LAST, [word(commit=OLDER)], None),
        (LAST, [word(commit="d" * 40)], None),  # nobody has asked yet
        (LAST, [word(revision="latest@sha256:" + "0" * 64)], None),
        (LAST, [word(commit=OLDER, after=9), word(commit=LATER, after=3)], Proof.READY),  # out of order
        (LAST, [word("Progressing")], None),
        (LAST, [word(name="other")], None),
        (LAST, [word(namespace="other")], None),
        (LAST, [word(namespace=None)], Proof.READY),  # a commit status does not tell the namespace
        (LAST, [word("ReconciliationFailed", severity="error")], None),
        (CHART, [word()], None),  # it has handed over a HelmRelease
        (CHART, [helm()], Proof.READY),
        (CHART, [helm(version="2.6.2")], Proof.READY),
        (CHART, [helm(version="2.6.1+0123456789ab")], Proof.READY),
        (CHART, [helm(version="2.5.1")], None),
        (CHART, [helm(after=-5)], None),  # of an older merge
        (CHART, [helm(after=5), helm("RollbackSucceeded", "2.5.1", after=6)], None),
        (CHART, [helm(after=5), helm("TestFailed", after=6, severity="error")], None),
        (OPERATOR, [word()], None),  # the operator has yet to tell
        (None, [word()], None),
    ],
)
def test_what_carries_it_tells(carrier: Carrier | None, words: list[ClusterWord], proof: Proof | None) -> None:
    assert judge(*words, carrier=carrier).proof is proof


@pytest.mark.parametrize(
    ("require", "counts"),
    [
        (None, {Proof.OBSERVED, Proof.READY, Proof.SOAK, Proof.CONFIRM}),
        (Proof.OBSERVED, {Proof.OBSERVED, Proof.CONFIRM}),
        (Proof.READY, {Proof.OBSERVED, Proof.READY, Proof.CONFIRM}),
        (Proof.APPLIED, {Proof.OBSERVED, Proof.READY, Proof.APPLIED, Proof.CONFIRM}),
        (Proof.SOAK, set(Proof)),
        (Proof.CONFIRM, {Proof.CONFIRM}),
    ],
)
def test_the_terms_say_what_is_enough(require: Proof | None, counts: set[Proof]) -> None:
    terms = RolloutTerms(require=require)
    assert {proof for proof in Proof if terms.accepts(proof)} == counts


def test_the_best_proof_is_told() -> None:
    terms = RolloutTerms(soak=timedelta(minutes=1))
    assert judge(word(), carrier=LAST, observations=(seen("2.6.1"),), terms=terms).proof is Proof.OBSERVED
    assert judge(word(), carrier=LAST, terms=terms).proof is Proof.READY


def test_a_failure_is_trouble_first_and_failed_after_the_time_out() -> None:
    failed = word("ReconciliationFailed", severity="error", message="dry-run failed: `x` of #3\nmore")
    troubled = judge(failed, carrier=LAST, minutes=10)
    assert troubled.health is RolloutHealth.TROUBLED
    assert troubled.next_look == MERGED + timedelta(hours=1)
    late = judge(failed, carrier=LAST, minutes=60)
    assert late.health is RolloutHealth.FAILED
    assert "dry-run failed: 'x' of #\u200b3 more" in late.note
    assert judge(word("ReconciliationFailed", severity="error", commit=OLDER), carrier=LAST).note == ""


def test_who_stands_above_it_may_be_the_trouble() -> None:
    root = FluxKustomization("flux-system", "flux-system", "clusters/main", "clusters/main/sync.yaml", 1)
    failed = word("BuildFailed", severity="error", name="flux-system")
    judged = judge(failed, carrier=replace(CHART, above=(root,)))
    assert "Kustomization flux-system/flux-system says" in judged.note


def test_silence_is_told_with_what_flux_is_known_not_to_tell() -> None:
    judged = judge(carrier=LAST, minutes=90, last=MERGED - timedelta(minutes=26))
    assert judged.health is RolloutHealth.LATE
    assert judged.note.startswith("nothing was heard from cluster main since 2025-06-11 18:02 UTC")
    spoke = judge(carrier=LAST, minutes=90, last=MERGED + timedelta(minutes=80))
    assert "has said nothing of Kustomization flux-system/cert-manager" in spoke.note


@pytest.mark.parametrize(
    ("version", "by_status", "by_event", "phrase"),
    [
        ("2.7.5", True, True, ""),
        ("2.8.0", True, False, "Flux 2.8.0 does not report anything by commit status"),
        ("v2.8.1", True, False, "Flux 2.8.1 does not report failures by commit status"),
        ("2.8.5", False, True, "Flux 2.8.5 does not report successes without a change by webhook"),
        ("2.8.6", False, True, ""),
        ("2.8.8", True, True, "Flux 2.8.8 does not report failures by commit status"),
        ("2.9.0", True, True, ""),
        (None, True, True, ""),
    ],
)
def test_what_a_flux_version_does_not_tell(version: str | None, by_status: bool, by_event: bool, phrase: str) -> None:
    assert limits_phrase(version, by_status=by_status, by_event=by_event) == phrase


@pytest.mark.parametrize(
    ("revision", "commit"),
    [
        (f"main@sha1:{MERGE}", MERGE),
        (f"main/{MERGE}", MERGE),
        (f"refs/heads/main@sha1:{MERGE}", MERGE),
        (f"feature/x@sha1:{MERGE}", MERGE),
        (f"sha1:{MERGE}", MERGE),
        (MERGE, MERGE),
        ("latest@sha256:" + "0" * 64, None),
        ("1.16.1", None),
        ("", None),
    ],
)
def test_revisions_name_commits(revision: str, commit: str | None) -> None:
    assert commit_of(revision) == commit


def test_long_words_are_cut() -> None:
    assert len(shown_message("x " * 5000)) == 200


def test_terms_of_a_provider_beat_the_general_ones_and_these_the_services() -> None:
    policy = RolloutPolicy(general=Terms(soak=timedelta(hours=1)), providers={"flux": Terms(require=Proof.OBSERVED)})
    flux, other = policy.terms_of("flux", soak=timedelta(hours=9)), policy.terms_of("cilium", soak=None)
    assert (flux.soak, flux.require) == (timedelta(hours=1), Proof.OBSERVED)
    assert (other.require, other.timeout) == (None, timedelta(hours=1))


@pytest.mark.parametrize(
    ("severity", "reason", "outcome"),
    [
        ("info", "ReconciliationSucceeded", Outcome.SUCCEEDED),
        ("info", "TestSucceeded", Outcome.SUCCEEDED),
        ("info", "RollbackSucceeded", Outcome.NEITHER),
        ("info", "DependencyNotReady", Outcome.NEITHER),
        ("error", "HealthCheckFailed", Outcome.FAILED),
    ],
)
def test_what_a_word_comes_to(severity: str, reason: str, outcome: Outcome) -> None:
    assert outcome_of(severity, reason) is outcome
