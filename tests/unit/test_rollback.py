"""Dependants first, what may not go back, and files that others changed since."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from app.catalogue import load_catalogue
from app.domain.backward import read_present
from app.domain.culprits import Ground, Merge
from app.domain.kustomization_order import KustomizationOrder
from app.domain.model import Capability, ChangeStatus, Evidence, FileChange, Gvk, Requirement, Snapshot
from app.domain.restoring import restore
from app.domain.rollback import Rollback, plan_rollback
from app.domain.rollback_text import rollback_answer, sentences, shell_lines
from app.domain.scopes import read_scopes
from app.domain.three_way import merge_text
from tests.support.story_repository import change, source_file, tree_of
from tests.unit.test_incidents import FILES, HR

OCI = Gvk("source.toolkit.fluxcd.io", "OCIRepository", "v1")
NOON = datetime(2025, 6, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ("a\nB\nc\n", "a\nB\nc\n", "a\nb\nc\n", "a\nb\nc\n"),
        ("A\nb\nc\nd\n", "A\nb\nc\nD\n", "a\nb\nc\nd\n", "a\nb\nc\nD\n"),
        ("a\nB\nc\n", "a\nX\nc\n", "a\nb\nc\n", None),
        ("A\nb\n", "A\nB\n", "a\nb\n", None),
        ("a\nb\n", "a\nb\nc\n", "a\nb\n", "a\nb\nc\n"),
        ("a\nx\nb\nc\nd\n", "a\nx\nb\nc\ny\nd\n", "a\nb\nc\nd\n", "a\nb\nc\ny\nd\n"),
        ("a\n", "b\n", "b\n", "b\n"),
    ],
)
def test_one_change_is_taken_out_of_a_text(base: str, ours: str, theirs: str, merged: str | None) -> None:
    assert merge_text(base, ours, theirs) == merged


def merge(
    number: int,
    *changes: FileChange,
    minutes: int = 0,
    uses: Gvk | None = None,
    brings: tuple[str, str, str] | None = None,
) -> Merge:
    evidence = Evidence(HR, 1, "x")
    return Merge(
        number, f"{number:040d}", NOON + timedelta(minutes=minutes),
        changes=changes or (change(f"f{number}", "a\n", "b\n"),),
        requires=(Requirement(uses, "main", (evidence,)),) if uses else (),
        provides=(Capability(brings[0], "main", brings[1], brings[2], evidence),) if brings else (),
    )  # fmt: skip


def plan(
    number: int, *merges: Merge, files: Mapping[str, str] | None = None, depends: tuple[tuple[int, int], ...] = ()
) -> Rollback:
    tree = {**FILES, **{f"f{one.number}": "b\n" for one in merges}, **(files or {})}
    layout = tree_of(dict(FILES))
    scopes = read_scopes(layout)
    ground = Ground(scopes, KustomizationOrder(layout, scopes), load_catalogue(), {})
    present = read_present(Snapshot("main", tree_of(tree), (), NOON), ground.catalogue)
    return plan_rollback(number, merges, tree, ground, present, depends)


def test_users_go_before_what_they_use() -> None:
    flux = merge(30, brings=("flux", "2.6.0", "2.6.4"), minutes=9)
    assert [one.number for one in plan(30, flux).reverts] == [30], "a patch of Flux may go back"
    cert = merge(40, minutes=1)
    rolled = plan(40, cert, merge(41, minutes=2), merge(42, minutes=3), depends=((41, 40), (42, 41)))
    assert [one.number for one in rolled.reverts] == [42, 41, 40]
    assert rolled.reverts[0].why == "#42 depends on #41, as a person said"
    assert rolled.is_possible


@pytest.mark.parametrize("minutes", [-5, 5])
def test_flux_stays_and_its_users_go_whoever_was_merged_first(minutes: int) -> None:
    rolled = plan(30, merge(30, brings=("flux", "2.5.1", "2.6.1")), merge(34, uses=OCI, minutes=minutes), merge(35))
    (refusal,) = rolled.refusals
    assert (refusal.number, refusal.instead, rolled.reverts) == (30, (34,), ())
    assert not rolled.is_possible
    assert shell_lines(rolled) == ()
    assert [
        one.number for one in plan(34, merge(30, brings=("flux", "2.5.1", "2.6.1")), merge(34, uses=OCI)).reverts
    ] == [34]


def test_what_moved_storage_stays() -> None:
    rolled = plan(5, merge(5, brings=("external-secrets", "0.15.0", "0.16.0")))
    assert "status.storedVersions" in " ".join(sentences(rolled))
    assert rolled.reverts == ()
    assert plan(6, merge(6, brings=("external-secrets", "0.16.0", "0.16.1"))).is_possible


def test_what_is_undone_already_is_said_and_not_counted() -> None:
    rolled = plan(1, merge(1), files={"f1": "a\n"})
    assert rolled.is_undone
    rolled = plan(1, merge(1), merge(2), files={"f2": "a\n"}, depends=((2, 1),))
    assert [one.number for one in rolled.reverts] == [1]


def test_an_unknown_number_is_an_error() -> None:
    with pytest.raises(KeyError):
        plan(9, merge(1))


def test_the_lines_stop_dependants_first_and_go_on_the_other_way_round() -> None:
    rolled = plan(
        1,
        merge(1, change(HR, "x\n", "y\n"), change("kubernetes/apps/db/app/db.yaml", "x\n", "y\n")),
        files={HR: "y\n", "kubernetes/apps/db/app/db.yaml": "y\n"},
    )
    assert list(shell_lines(rolled)) == [
        "flux suspend kustomization db -n flux-system",
        "flux suspend kustomization echo -n flux-system",
        f"git revert --no-edit {1:040d}  # #1",
        "git push",
        "flux resume kustomization echo -n flux-system",
        "flux resume kustomization db -n flux-system",
    ]


def test_a_conflict_names_the_file_and_who_changed_it_since() -> None:
    first, second = merge(1, change("f", "a\n", "b\n")), merge(2, change("f", "b\n", "c\n"), minutes=5)
    rolled = plan(1, first, second, files={"f": "c\n"})
    (told,) = sentences(rolled)
    assert told.startswith("`f` was changed in the same place by #2 after #1: revert that first (`/fluxmig rollback` ")
    assert not rolled.is_possible
    both = restore({"f": "c\n"}, [second, first], [first, second])
    assert dict(both.files) == {"f": "a\n"}


def test_titles_of_strangers_are_escaped() -> None:
    assert "\\[x\\]\\(http" in rollback_answer(plan(1, merge(1)), {1: "[x](http://y) @octocat"})


@pytest.mark.parametrize(
    ("status", "before", "after", "now", "restored"),
    [
        (ChangeStatus.ADDED, None, "new\n", {"f": "new\n"}, {"f": None}),
        (ChangeStatus.ADDED, None, "new\n", {"f": "newer\n"}, None),
        (ChangeStatus.REMOVED, "old\n", None, {}, {"f": "old\n"}),
        (ChangeStatus.REMOVED, "old\n", None, {"f": "other\n"}, None),
        (ChangeStatus.MODIFIED, "a\nb\nc\n", "A\nb\nc\n", {"f": "A\nb\nC\n"}, {"f": "a\nb\nC\n"}),
        (ChangeStatus.MODIFIED, None, None, {"f": "?"}, None),
        (ChangeStatus.RENAMED, "old\n", "old\n", {"f": "old\n"}, {"f": None, "was": "old\n"}),
        (ChangeStatus.RENAMED, "old\n", "old\n", {"was": "old\n"}, {}),
        (ChangeStatus.RENAMED, "old\n", "old\n", {}, None),
    ],
)  # fmt: skip
def test_each_kind_of_change_comes_back(
    status: ChangeStatus,
    before: str | None,
    after: str | None,
    now: dict[str, str],
    restored: dict[str, str | None] | None,
) -> None:
    file = FileChange(
        "f", status, "",
        before=source_file("f", before) if before is not None else None,
        after=source_file("f", after) if after is not None else None,
        previous_path="was" if status is ChangeStatus.RENAMED else None,
    )  # fmt: skip
    told = restore(now, [merge(1, file)], [])
    assert (None if told.conflicts else dict(told.files)) == restored
