"""Whether GitOps works: rows of what was heard, what was merged last, and what is known of commits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from app.catalogue import load_catalogue
from app.domain.ancestry import Ancestry
from app.domain.base_facts import BaseFacts, read_base
from app.domain.cluster_words import Outcome
from app.domain.milestone import Sync
from app.domain.milestone_sync import Heard, LastMerge, is_applied, judge_sync
from app.domain.model import Answer
from app.domain.scopes import read_scopes
from tests.support.story_repository import story_snapshot, tree_of

T0 = datetime(2025, 6, 11, 18, 0, tzinfo=UTC)
MERGED, LATER, OLD, OTHER = "a" * 40, "b" * 40, "c" * 40, "d" * 40
LAST = LastMerge(37, MERGED, T0, frozenset({LATER}))
KNOWN = {(MERGED, OLD): Answer.NO, (MERGED, OTHER): Answer.UNKNOWN}
APPS, FOREIGN = "Kustomization/flux-system/cluster-apps", "Kustomization/team/foreign"


@cache
def base() -> BaseFacts:
    return read_base(story_snapshot().tree, load_catalogue())


def word(
    outcome: Outcome = Outcome.SUCCEEDED, commit: str | None = MERGED, *, of: str = APPS, minutes: float = 1
) -> Heard:
    return Heard("main", of, outcome, f"{outcome.value}.", T0 + timedelta(minutes=minutes), commit)


def fails(*, of: str = APPS, minutes: float = 1) -> Heard:
    return word(Outcome.FAILED, of=of, minutes=minutes)


def waits(*, minutes: float = 1) -> Heard:
    return word(Outcome.NEITHER, minutes=minutes)


def gone(*, of: str = APPS, minutes: float = 2) -> Heard:
    return replace(word(Outcome.NEITHER, of=of, minutes=minutes), deleted=True)


def judged(*heard: Heard, last: LastMerge | None = LAST) -> Sync:
    return judge_sync(sorted(heard, key=lambda one: one.at), last, base(), Ancestry(KNOWN))


RELEASE = "HelmRelease/default/nowhere-in-git"
DAY = 24 * 60
ROWS: list[tuple[str, tuple[Heard, ...], Answer]] = [
    ("silence", (), Answer.UNKNOWN),
    ("only of a release", (word(of=RELEASE, commit=None),), Answer.UNKNOWN),
    ("success at the merge", (word(),), Answer.YES),
    ("success at a later merge", (word(commit=LATER),), Answer.YES),
    ("success at an older revision after the merge", (word(commit=OLD),), Answer.UNKNOWN),
    ("success long before the merge", (word(commit=OTHER, minutes=-20),), Answer.UNKNOWN),
    ("a commit that GitHub does not know", (word(commit=OTHER),), Answer.UNKNOWN),
    ("another repository's beside it", (word(), word(commit=OTHER, of=FOREIGN)), Answer.YES),
    ("nothing but another repository's", (word(commit=OTHER, of=FOREIGN),), Answer.UNKNOWN),
    ("an artifact without a commit beside it", (word(), word(commit=None, of=FOREIGN)), Answer.YES),
    ("one of two is behind", (word(), word(commit=OLD, of="Kustomization/flux-system/b")), Answer.UNKNOWN),
    ("it waits for another", (waits(),), Answer.UNKNOWN),
    ("it succeeded and waits again", (word(), waits(minutes=2)), Answer.YES),
    ("it failed and makes progress", (fails(), waits(minutes=2)), Answer.NO),
    ("it failed and succeeded", (fails(), word(minutes=2)), Answer.YES),
    ("it succeeded and fails", (word(), fails(minutes=2)), Answer.NO),
    ("another one fails", (word(), fails(of=RELEASE)), Answer.NO),
    ("what failed is gone", (word(), fails(of=RELEASE), gone(of=RELEASE)), Answer.YES),
    ("what is behind is gone", (word(), word(commit=OLD, of=FOREIGN), gone(of=FOREIGN)), Answer.YES),
    ("it came back and fails", (word(), gone(of=RELEASE), fails(of=RELEASE, minutes=3)), Answer.NO),
    ("silent for a day and not in Git", (fails(of=RELEASE), word(minutes=DAY + 2)), Answer.YES),
    ("silent for less", (fails(of=RELEASE), word(minutes=DAY)), Answer.NO),
    ("silent, but a file names it", (fails(of="HelmRelease/x/cert-manager"), word(minutes=DAY + 2)), Answer.NO),
    (
        "looks say once what stays so",
        (replace(fails(of=RELEASE), repeats=False), word(minutes=DAY + 2)),
        Answer.NO,
    ),
    ("all is silent", (word(), fails(of=RELEASE)), Answer.NO),
]


@pytest.mark.parametrize(("heard", "answer"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_gitops_works_when_all_that_was_heard_succeeded_with_the_last_merge(
    heard: tuple[Heard, ...], answer: Answer
) -> None:
    assert judged(*heard).signal.answer is answer


def test_before_a_merge_any_success_counts() -> None:
    assert judged(word(commit=OLD), last=None).signal.answer is Answer.YES
    assert judged(waits(), last=None).signal.answer is Answer.UNKNOWN


def test_what_is_said_of_it() -> None:
    assert judged(word()).signal.evidence == (
        "The one Kustomization heard succeeded at a revision with #37, and nothing fails."
    )
    assert judged(word(commit=OLD)).signal.evidence == (
        "No success at a revision with #37 was heard yet of Kustomization/flux-system/cluster-apps."
    )
    assert judged(fails(of=RELEASE), word(minutes=DAY + 2)).signal.evidence.endswith(
        f"Left out, silent for more than a day and not in Git: {RELEASE}."
    )


def test_only_a_cluster_that_speaks_of_this_repository_is_waited_for() -> None:
    assert judged(word(commit=OLD)).speaks
    assert judged(waits()).speaks
    assert not judged(word(commit=OTHER, of=FOREIGN)).speaks
    assert not judged(word(commit=None)).speaks


def test_github_is_asked_only_of_what_is_not_known() -> None:
    new = "e" * 40
    ancestry = Ancestry(KNOWN)
    heard = [word(), word(commit=LATER), word(commit=OLD), word(commit=new, minutes=-20)]
    for one in heard:
        judge_sync([one], LAST, base(), ancestry)
    assert ancestry.wanted == []
    judge_sync([word(commit=new), word(commit=new, of=FOREIGN)], LAST, base(), ancestry)
    assert ancestry.wanted == [(MERGED, new)]


def test_what_a_kustomization_applies() -> None:
    scopes = base().scopes
    assert is_applied(["kubernetes/apps/cert-manager/cert-manager/app/helmrelease.yaml"], scopes)
    assert not is_applied([".mise.toml", ".github/workflows/ci.yaml"], scopes)
    assert is_applied([], scopes), "what it changes is not known"
    assert is_applied([".mise.toml"], read_scopes(tree_of({"a.yaml": "kind: ConfigMap\n"}))), "none is to be seen"
