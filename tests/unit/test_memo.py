"""Unchanged files are never read twice, and what is remembered is bounded."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.catalogue import load_catalogue
from app.domain import crds, layout, manifests, pins, version_marks
from app.domain.diff import git_blob_id
from app.domain.memo import BlobMemo
from app.domain.model import SourceFile
from tests.support.flux_repository import OPERATOR, RELEASE, FluxRepository, chart, instance, manifest, operator


def file(path: str, text: str) -> SourceFile:
    return SourceFile(path, git_blob_id(text), text)


class CountingReader:
    """Stands in for the reader of a memo, and notes what it is asked to read."""

    def __init__(self, read: Callable[[SourceFile], object] = lambda file: file.text.upper()) -> None:
        self.read = read
        self.paths: list[str] = []

    def __call__(self, file: SourceFile) -> object:
        self.paths.append(file.path)
        return self.read(file)


def test_a_blob_is_read_once_wherever_it_stands() -> None:
    reader = CountingReader()
    memo = BlobMemo(reader)
    assert [memo(file(path, "a")) for path in ("x/a.yaml", "y/b.yaml", "x/a.yaml.j2")] == ["A", "A", "A"]
    assert reader.paths == ["x/a.yaml"]


@pytest.mark.parametrize("other", ["x/a.tf", "x/kustomization.yaml", "gotk-components.yaml"])
def test_a_name_that_is_read_differently_is_another_file(other: str) -> None:
    reader = CountingReader(lambda file: file.path)
    memo = BlobMemo(reader)
    assert [memo(file("x/a.yaml", "a")), memo(file(other, "a"))] == ["x/a.yaml", other]


def test_what_is_in_use_stays_while_the_rest_is_dropped() -> None:
    reader = CountingReader()
    memo = BlobMemo(reader, limit=10_000)
    used = file("used.yaml", "used")
    for number in range(1_000):
        memo(used)
        memo(file(f"{number}.yaml", str(number)))
        assert len(memo) <= 20
    assert reader.paths.count("used.yaml") == 1
    assert len(reader.paths) == 1_001


def test_half_of_it_is_kept_when_the_limit_is_reached() -> None:
    """Clearing everything would make the next plan of every repository read all files again."""
    memo = BlobMemo(CountingReader(), limit=100_000)
    sizes = []
    for number in range(1_000):
        memo(file(f"{number}.yaml", str(number)))
        sizes.append(len(memo))
    assert min(sizes[200:]) >= 90


def test_a_file_larger_than_the_limit_is_read_all_the_same() -> None:
    memo = BlobMemo(CountingReader(), limit=1_000)
    assert memo(file("a.yaml", "a" * 5_000)) == "A" * 5_000


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> dict[str, CountingReader]:
    """Fresh memos in the place of all that a plan uses, each with a reader that counts."""
    version_marks._memo.cache_clear()
    counting: dict[str, CountingReader] = {}
    memos: dict[str, BlobMemo[Any]] = {
        "manifests": manifests.read_manifests,
        "layout": layout._layouts,
        "crds": crds.served_by_crds,
        "pins": pins.read_pins,
        "marks": version_marks._memo(load_catalogue()),
    }
    for name, memo in memos.items():
        counting[name] = CountingReader(memo._read)
        monkeypatch.setattr(memo, "_read", counting[name])
        monkeypatch.setattr(memo, "_young", {})
        monkeypatch.setattr(memo, "_old", {})
    return counting


def repository() -> FluxRepository:
    files = {
        "apps/flux/instance.yaml": instance("2.5.1"),
        OPERATOR: operator("0.20.0"),
        RELEASE: manifest("helm.toolkit.fluxcd.io/v2", "HelmRelease"),
        "apps/a/other.yaml": manifest("v1", "ConfigMap"),
    }
    return FluxRepository(files)


def test_a_second_plan_reads_only_the_file_that_changed(readers: dict[str, CountingReader]) -> None:
    known = repository()
    known.opens(1, {OPERATOR: operator("0.21.0")})
    known.plans()
    first = {name: sorted(reader.paths) for name, reader in readers.items()}
    assert first["manifests"].count(OPERATOR) == 2, "its base and its head"
    for reader in readers.values():
        reader.paths.clear()
    known.plans()
    assert [reader.paths for reader in readers.values() if reader.paths] == []
    known.files[RELEASE] = manifest("helm.toolkit.fluxcd.io/v2", "HelmRelease", name="other")
    known.plans()
    read = {name: reader.paths for name, reader in readers.items() if reader.paths}
    assert all(paths == [RELEASE] for paths in read.values())
    assert {"manifests", "layout", "crds", "marks"} <= read.keys()


def test_pull_requests_that_share_a_blob_read_it_once(readers: dict[str, CountingReader]) -> None:
    known = repository()
    for number in range(1, 6):
        known.opens(number, {RELEASE: chart("same", "1.2.3")})
    known.plans()
    assert readers["manifests"].paths.count(RELEASE) == 2
    assert readers["marks"].paths.count(RELEASE) == 2


def test_what_one_catalogue_sees_in_a_file_is_not_told_to_another() -> None:
    """Users extend the catalogue: a chart that brings no API in one of them may bring some in the other."""
    mine, ours = file("a.yaml", chart("my-chart", "1.2.3")), load_catalogue()
    provider = replace(ours.providers["flux"], id="mine", charts=frozenset({"my-chart"}), kinds={})
    theirs = replace(ours, providers={**ours.providers, "mine": provider})
    assert version_marks.read_marks(mine, ours) == ()
    assert [mark.subject for mark in version_marks.read_marks(mine, theirs)] == ["my-chart"]
    assert version_marks.read_marks(mine, ours) == ()
