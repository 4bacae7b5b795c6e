"""Facts of a file, read once: equal blob ids mean equal text, so what was read from one blob holds for ever."""

from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

from app.domain.model import SourceFile

T = TypeVar("T")

_COST_OF_ENTRY = 500
"""In characters: what a result takes beside the text that it was read from."""


class BlobMemo(Generic[T]):
    """Remembers what `read` made of a file, by blob id and the suffix of its name.

    `read` must use nothing of the file but its text and the suffix of its path. Results of up to `limit` characters of
    text are kept, in two halves: when the young one is full it becomes the old one, and the old one is dropped; what is
    asked for again moves to the young one. So what is in use stays, and nothing is ever cleared as a whole. Safe to
    share between threads: at worst two of them read the same blob at the same time.
    """

    def __init__(self, read: Callable[[SourceFile], T], *, limit: int = 64_000_000) -> None:
        self._read = read
        self._half = limit // 2
        self._young: dict[tuple[str, str], T] = {}
        self._old: dict[tuple[str, str], T] = {}
        self._weight = 0

    def __call__(self, file: SourceFile) -> T:
        key = (file.blob_id, suffix_of(file.path))
        known = self._young.get(key)
        if known is None:
            known = self._old.get(key)
            if known is None:
                known = self._read(file)
            self._keep(key, known, len(file.text) + _COST_OF_ENTRY)
        return known

    def _keep(self, key: tuple[str, str], result: T, weight: int) -> None:
        if self._weight + weight > self._half:
            self._old, self._young, self._weight = self._young, {}, 0
        self._young[key] = result
        self._weight += weight

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())


@lru_cache(maxsize=50_000)
def suffix_of(path: str) -> str:
    """`.yaml` of `apps/a.yaml` and of `apps/a.yaml.j2`; "" where there is none. `kustomization.yml` keeps its name,
    because kustomize reads files of that name differently."""
    name = path.rsplit("/", 1)[-1].removesuffix(".j2").removesuffix(".gotmpl").lower()
    stem, dot, suffix = name.rpartition(".")
    if stem in {"kustomization", "gotk-components", "helmfile"}:
        return name
    if name == "kustomization":
        return "kustomization.yaml"
    return dot + suffix if stem else ""
