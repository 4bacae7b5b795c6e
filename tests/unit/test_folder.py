"""Folders read as they lie, and files written back whole."""

import os
import stat
from pathlib import Path

import pytest

from app.folder import FolderError, Unreadable, read_folder, write_files
from app.git import MAX_FILE_BYTES
from tests.support.story_repository import git


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    (folder / "apps" / "a").mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / "apps" / "a" / "crlf.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: \xc3\xa4")
    (folder / "apps" / "b.yaml").write_text("b: 1\n")
    (folder / "README.md").write_text("# no manifest\n")
    return folder


def test_the_bytes_of_a_file_come_back_as_they_were(clone: Path) -> None:
    folder = read_folder(clone)
    assert sorted(folder.tree) == ["apps/a/crlf.yaml", "apps/b.yaml"]
    for path, file in folder.tree.items():
        assert file.text.encode() == (clone / path).read_bytes()
        assert file.blob_id == git(clone, "hash-object", path)


@pytest.mark.parametrize(
    ("named", "below", "held"),
    [
        (".", "", {"apps/a/crlf.yaml", "apps/b.yaml"}),
        ("apps/a", "apps/a", {"apps/a/crlf.yaml"}),
        ("apps/a/../b.yaml", "apps/b.yaml", {"apps/b.yaml"}),
    ],
)
def test_a_part_of_a_clone_is_read_with_all_of_it(clone: Path, named: str, below: str, held: set[str]) -> None:
    folder = read_folder(clone / named)
    assert (folder.root, folder.below, len(folder.tree)) == (clone, below, 2)
    assert {path for path in folder.tree if folder.holds(path)} == held
    assert not folder.holds("apps/ab.yaml") or not below


def test_without_git_the_named_folder_is_all_there_is(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\n")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.yaml").write_text("c: 1\n")
    assert sorted(read_folder(tmp_path).tree) == ["a.yaml", "b/c.yaml"]
    assert sorted(read_folder(tmp_path / "b").tree) == ["c.yaml"]
    assert read_folder(tmp_path / "a.yaml").below == "a.yaml"


def test_what_cannot_be_read_is_listed(clone: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("o: 1\n")
    (clone / "binary.yaml").write_bytes(b"\0\1")
    (clone / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    (clone / "large.yaml").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    (clone / "inside.yaml").symlink_to("apps/b.yaml")
    (clone / "outside.yaml").symlink_to(outside)
    (clone / "loop").symlink_to(clone)
    (clone / "node_modules").mkdir()
    (clone / "node_modules" / "x.yaml").write_text("x: 1\n")
    (clone / "module").mkdir()
    (clone / "module" / ".git").write_text("gitdir: ../.git/modules/module\n")
    (clone / "module" / "m.yaml").write_text("m: 1\n")
    folder = read_folder(clone)
    assert sorted(folder.tree) == ["apps/a/crlf.yaml", "apps/b.yaml"]
    assert folder.unreadable == (
        Unreadable("binary.yaml", "is not text"),
        Unreadable("large.yaml", "is larger than 2 MB"),
        Unreadable("latin.yaml", "is not UTF-8"),
        Unreadable("module", "is a repository of its own"),
        Unreadable("outside.yaml", "is a symbolic link that leads out of the repository"),
    )


def test_a_folder_that_cannot_be_listed_is_named(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert read_folder(clone).unreadable == (Unreadable("apps/a", "cannot be listed: Permission denied"),)


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("nowhere", "nowhere does not exist"),
        ("README.md", "README.md cannot be read: its name is not that of a manifest"),
        ("latin.yaml", "latin.yaml cannot be read: it is not UTF-8"),
    ],
)
def test_what_was_named_and_cannot_be_read_is_an_error(clone: Path, named: str, message: str) -> None:
    (clone / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    with pytest.raises(FolderError) as caught:
        read_folder(clone / named)
    assert str(caught.value).endswith(message)


# --- writing ---


def test_a_file_is_replaced_as_a_whole_and_keeps_its_mode(clone: Path) -> None:
    file = clone / "apps" / "a" / "crlf.yaml"
    file.chmod(0o640)
    folder = read_folder(clone)
    write_files(folder, {"apps/a/crlf.yaml": "\ufeffa: 2\r\nb: ä"})
    assert file.read_bytes() == b"\xef\xbb\xbfa: 2\r\nb: \xc3\xa4"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(entry.name for entry in file.parent.iterdir()) == ["crlf.yaml"]


def test_a_file_that_somebody_changed_meanwhile_stops_everything(clone: Path) -> None:
    folder = read_folder(clone)
    (clone / "apps" / "b.yaml").write_text("b: 3\n")
    with pytest.raises(FolderError, match=r"^apps/b\.yaml was changed by somebody else in the meantime; nothing was"):
        write_files(folder, {"apps/a/crlf.yaml": "x", "apps/b.yaml": "b: 2\n"})
    assert (clone / "apps" / "b.yaml").read_text() == "b: 3\n"
    assert (clone / "apps" / "a" / "crlf.yaml").read_bytes() == folder.tree["apps/a/crlf.yaml"].text.encode()


def test_a_file_that_is_gone_stops_everything(clone: Path) -> None:
    folder = read_folder(clone)
    (clone / "apps" / "b.yaml").unlink()
    with pytest.raises(FolderError, match=r"^apps/b\.yaml cannot be opened \(No such file.*\); nothing was written$"):
        write_files(folder, {"apps/b.yaml": "b: 2\n"})


def test_a_file_that_is_not_writable_stops_everything(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = read_folder(clone)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "b.yaml")
    with pytest.raises(FolderError, match=r"^apps/b\.yaml is not writable; nothing was written$"):
        write_files(folder, {"apps/a/crlf.yaml": "x", "apps/b.yaml": "b: 2\n"})
    assert (clone / "apps" / "a" / "crlf.yaml").read_bytes() == folder.tree["apps/a/crlf.yaml"].text.encode()


def test_a_full_disk_leaves_the_file_as_it_was_and_says_what_is_done(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = read_folder(clone)
    replace = Path.replace

    def fails(self: Path, target: Path) -> Path:
        if Path(target).name == "b.yaml":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(FolderError) as caught:
        write_files(folder, {"apps/a/crlf.yaml": "x", "apps/b.yaml": "b: 2\n"})
    assert str(caught.value) == "apps/b.yaml cannot be written (No space left on device); 1 of 2 files were written"
    assert (clone / "apps" / "b.yaml").read_text() == "b: 1\n"
    assert sorted(entry.name for entry in (clone / "apps").iterdir()) == ["a", "b.yaml"]
