"""Real Git repositories, read as they are."""

from pathlib import Path

import pytest

from app.domain.model import ChangeStatus
from app.git import GitError, GitRepository
from tests.support.story_repository import git, write_files


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """`main` has four files; `change` modifies, adds, removes and renames; `main` went on since."""
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    long = "".join(f"line {number}\n" for number in range(40))
    write_files(folder, {"a.yaml": "a: 1\nb: 2\n", "gone.yaml": "x\n", "old name.yaml": long, "README.md": "hello\n"})
    (folder / "binary.yaml").write_bytes(b"\0\1\2")
    (folder / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    (folder / "link.yaml").symlink_to("a.yaml")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Begin")
    git(folder, "checkout", "-qb", "change")
    write_files(folder, {"a.yaml": "a: 1\nb: 3\n", "ä/new.yaml": "n: 1\n", "new name.yaml": long + "end\n"})
    git(folder, "rm", "-q", "gone.yaml", "old name.yaml")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "fix(deps): update b ( 2 → 3 )\n\nbody")
    git(folder, "checkout", "-q", "main")
    write_files(folder, {"later.yaml": "l: 1\n"})
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Go on")
    return folder


def test_the_tree_of_a_commit_has_its_readable_manifests(clone: Path) -> None:
    tree = GitRepository(clone).tree("main")
    assert sorted(tree) == ["a.yaml", "gone.yaml", "later.yaml", "old name.yaml"]
    assert tree["a.yaml"].text == "a: 1\nb: 2\n"
    assert tree["a.yaml"].blob_id == git(clone, "rev-parse", "main:a.yaml")


def test_what_is_wanted_can_be_said(clone: Path) -> None:
    assert sorted(GitRepository(clone).tree("main", lambda path: path == "README.md")) == ["README.md"]


def test_a_pull_request_is_the_difference_from_where_it_left(clone: Path) -> None:
    pull_request = GitRepository(clone).pull_request(7, "change", "main")
    assert (pull_request.number, pull_request.title, pull_request.branch) == (
        7,
        "fix(deps): update b ( 2 → 3 )",
        "change",
    )
    assert pull_request.head_sha == git(clone, "rev-parse", "change")
    changes = {change.path: change for change in pull_request.changes}
    assert {path: change.status for path, change in changes.items()} == {
        "a.yaml": ChangeStatus.MODIFIED,
        "gone.yaml": ChangeStatus.REMOVED,
        "new name.yaml": ChangeStatus.RENAMED,
        "ä/new.yaml": ChangeStatus.ADDED,
    }
    assert changes["a.yaml"].patch == "@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3"
    assert changes["new name.yaml"].previous_path == "old name.yaml"
    before, after = changes["a.yaml"].before, changes["a.yaml"].after
    assert before is not None
    assert after is not None
    assert (before.text, after.text) == ("a: 1\nb: 2\n", "a: 1\nb: 3\n")
    assert changes["gone.yaml"].after is None
    assert changes["ä/new.yaml"].before is None
    assert changes["ä/new.yaml"].patch.endswith("+n: 1")


def test_a_bare_repository_does_too(clone: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(clone), "bare.git")
    repository = GitRepository(tmp_path / "bare.git")
    assert repository.resolve("change") == GitRepository(clone).resolve("change")
    assert len(repository.pull_request(7, "change", "main").changes) == 4


def test_the_git_of_a_surrounding_hook_is_not_asked(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert "a.yaml" in GitRepository(clone).tree("main")


def test_the_log_follows_the_first_parent_and_keeps_subject_and_body(clone: Path) -> None:
    git(
        clone,
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Merge pull request #7 from o/renovate/b",
        "-m",
        "Update b\n\nmore",
        "change",
    )
    newest, before, *_ = GitRepository(clone).log("main", limit=2)
    assert (newest.subject, newest.body, len(newest.parents)) == (
        "Merge pull request #7 from o/renovate/b", "Update b\n\nmore", 2,
    )  # fmt: skip
    assert (before.subject, newest.parents[0]) == ("Go on", before.sha)
    assert newest.author == "a <a@example.com>"
    assert newest.date.tzinfo is not None
    assert GitRepository(clone).common_ancestor("main", "change") == git(clone, "rev-parse", "change")


def test_every_mistake_is_told(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(GitError, match=r"/nowhere is not a folder$"):
        GitRepository("/nowhere")
    with pytest.raises(GitError, match=r"empty is not a Git repository$"):
        GitRepository(tmp_path / "empty")
    with pytest.raises(GitError, match=r"has no revision renovate/x$"):
        GitRepository(clone).resolve("renovate/x")
    with pytest.raises(GitError, match=r"has no revision --help$"):
        GitRepository(clone).resolve("--help")
    git(clone, "checkout", "-q", "--orphan", "other")
    git(clone, "commit", "-qm", "Another beginning")
    with pytest.raises(GitError, match=r"have no common ancestor$"):
        GitRepository(clone).pull_request(1, "other", "main")


def test_a_machine_without_git(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match=r"^there is no `git` on this machine"):
        GitRepository(clone)
