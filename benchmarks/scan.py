"""How long a tree takes to be read, each beside libyaml's parse of the same text and one regular expression over it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import yaml

from app.catalogue import load_catalogue
from app.domain.base_facts import read_base, update_base
from app.domain.diff import git_blob_id
from app.domain.model import Tree
from benchmarks.measuring import median, milliseconds
from benchmarks.report import Figure
from benchmarks.trees import COMPANY_FILES, company_tree, home_tree

_API_VERSION = re.compile(r"^[ \t-]*apiVersion:[ \t]*(\S+)", re.MULTILINE)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CHANGED = 5


def measure_scan() -> list[Figure]:
    """A company's tree and a home's."""
    return [*_measure("company", company_tree, COMPANY_FILES), *_measure("home", home_tree, 400)]


def _measure(name: str, make: Callable[..., Tree], count: int) -> list[Figure]:
    """Each run reads a tree that no run before has read: another seed makes other blobs."""
    catalogue = load_catalogue()
    trees = [make(count, seed=seed) for seed in range(100, 105)]
    size = sum(len(file.text) for file in trees[0].values()) / 1e6
    what = f"{name} of {len(trees[0]):,} files, {size:.1f} MB"
    regex, parse = _median(_find_lines, trees), _median(_parse, trees[:3])
    cold, warm = (_median(lambda tree: read_base(tree, catalogue), trees) for _ in range(2))
    base = read_base(trees[0], catalogue)
    changed = [_changed(trees[0], start) for start in range(0, 10 * CHANGED, CHANGED)]
    few = _median(lambda tree: update_base(base, tree), changed)
    return [
        Figure(f"{what}: one regular expression", f"{regex:.0f} ms"),
        Figure(f"{what}: libyaml's parse", f"{parse:.0f} ms"),
        Figure(f"{what}: scanned, nothing known", f"{cold:.0f} ms", f"{cold / parse:.2f} of the parse"),
        Figure(f"{what}: scanned again, all blobs known", f"{warm:.1f} ms", f"{warm / cold:.2f} of the first"),
        Figure(f"{what}: {CHANGED} files changed", f"{few:.2f} ms", f"{few / cold:.3f} of the first"),
    ]


def _median(run: Callable[[Tree], object], trees: Sequence[Tree]) -> float:
    return median([milliseconds(partial(run, tree)) for tree in trees])


def _find_lines(tree: Tree) -> int:
    return sum(len(_API_VERSION.findall(file.text)) for file in tree.values())


def _parse(tree: Tree) -> None:
    for file in tree.values():
        try:
            for _ in yaml.load_all(file.text, Loader=_LOADER):
                pass
        except yaml.YAMLError:
            continue


def _changed(tree: Tree, start: int) -> Tree:
    """Some values changed, as a merge of Renovate's does."""
    paths = [path for path, file in tree.items() if "\n      tag: v" in file.text][start : start + CHANGED]
    texts = {path: tree[path].text.replace("\n      tag: v", "\n      tag: v9", 1) for path in paths}
    return {**tree, **{path: replace(tree[path], blob_id=git_blob_id(text), text=text) for path, text in texts.items()}}
