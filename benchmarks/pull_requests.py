"""Renovate's pull requests for a made-up tree: mostly versions of charts and images, some API migrations, some of Flux.

The same for a given tree, count and seed. One in twelve migrates an API, one in forty groups several files, and the
first two bring Flux itself and its operator, as far as the tree has them.
"""

import difflib
import re
from collections.abc import Mapping
from random import Random

from app.domain.diff import git_blob_id
from app.domain.model import ChangeStatus, FileChange, PullRequest, SourceFile, Tree

_VERSION = re.compile(r"^( +(?:tag|version): )(v?)(\d+)\.(\d+)\.(\d+)$", re.MULTILINE)
_FLUX = re.compile(r"(# Flux Version: v|distribution:\n.*\n    version: )2\.5\.1")
_MIGRATIONS = {
    "apiVersion: source.toolkit.fluxcd.io/v1beta2\nkind: OCIRepository": "v1",
    "apiVersion: image.toolkit.fluxcd.io/v1beta2\nkind: Image": "v1",
}
_NOTES = "- A line of the release notes, as long as such lines are, with a [link](https://example.com/issues/1)\n" * 30


def renovate_pull_requests(tree: Tree, count: int, *, seed: int = 1) -> tuple[PullRequest, ...]:
    """Numbered from 1. Raises ValueError where the tree has nothing to update."""
    random = Random(seed)  # noqa: S311 (no secret)
    bumped = [
        path
        for path, file in tree.items()
        if _VERSION.search(file.text) and "/flux-" not in path and "ENC[" not in file.text
    ]
    migrated = [path for path, file in tree.items() if any(old in file.text for old in _MIGRATIONS)]
    flux = [path for path, file in tree.items() if _FLUX.search(file.text)]
    if not bumped:
        raise ValueError("nothing to update")
    made: list[PullRequest] = []
    while len(made) < count:
        number = len(made) + 1
        if number == 1 and flux:
            new = {path: _FLUX.sub(r"\g<1>2.6.1", tree[path].text) for path in flux[:1]}
            made.append(_pull_request(number, "Update Flux distribution", "2.5.1", "2.6.1", tree, new))
        elif number % 12 == 2 and migrated:
            new = {path: _migrate(tree[path].text) for path in random.sample(migrated, min(3, len(migrated)))}
            old_api, new_api = "image.toolkit.fluxcd.io/v1beta2", "image.toolkit.fluxcd.io/v1"
            made.append(_pull_request(number, "Update ImagePolicy", old_api, new_api, tree, new))
        else:
            paths = random.sample(bumped, 5) if number % 40 == 3 and len(bumped) > 5 else [random.choice(bumped)]
            made.append(_bump(number, paths, tree, random))
    return tuple(made)


def _migrate(text: str) -> str:
    for old, version in _MIGRATIONS.items():
        text = text.replace(old, old.replace("v1beta2", version))
    return text


def _bump(number: int, paths: list[str], tree: Tree, random: Random) -> PullRequest:
    level = random.choices((3, 4, 5), (1, 6, 10))[0]
    old = new = ""
    texts = {}
    for path in paths:
        match = _VERSION.search(tree[path].text)
        assert match is not None
        parts = [int(match.group(index)) + (index == level) for index in (3, 4, 5)]
        old = ".".join(match.group(3, 4, 5))
        new = ".".join(map(str, parts))
        texts[path] = _VERSION.sub(f"{match.group(1)}{match.group(2)}{new}", tree[path].text, count=1)
    name = paths[0].split("/")[-2]
    return _pull_request(number, f"feat(helm): update {name}", old, new, tree, texts)


def _pull_request(number: int, title: str, old: str, new: str, tree: Tree, texts: Mapping[str, str]) -> PullRequest:
    package = title.rsplit(maxsplit=1)[-1]
    body = (
        "This PR contains the following updates:\n\n| Package | Update | Change |\n|---|---|---|\n"
        f"| [{package}](https://example.com) | minor | `{old}` → `{new}` |\n\n---\n\n### Release Notes\n\n{_NOTES}"
    )
    changes = tuple(_change(tree[path], text) for path, text in sorted(texts.items()))
    sha = git_blob_id(f"{number} {title} {new}")
    return PullRequest(number, f"{title} ( {old} → {new} )", f"renovate/{number}", sha, body=body, changes=changes)


def _change(before: SourceFile, text: str) -> FileChange:
    lines = difflib.unified_diff(before.text.splitlines(), text.splitlines(), lineterm="")
    patch = "\n".join(list(lines)[2:])
    after = SourceFile(before.path, git_blob_id(text), text)
    return FileChange(before.path, ChangeStatus.MODIFIED, patch, before, after)
