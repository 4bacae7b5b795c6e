"""Facts of a file, read once: equal blob ids mean equal text, so what was read from one blob holds for ever."""

from collections.abc import Callable
from typing import Generic, TypeVar

from app.domain.model import SourceFile

T = TypeVar("T")


class BlobMemo(Generic[T]):
    """Remembers what `read` made of a file, by blob id and the suffix of its name. Holds at most `limit` results.

    `read` must use nothing of the file but its text and the suffix of its path. Safe to share between threads: at
    worst two of them read the same blob at the same time.
    """

    def __init__(self, read: Callable[[SourceFile], T], *, limit: int = 20_000) -> None:
        self._read = read
        self._limit = limit
        self._known: dict[tuple[str, str], T] = {}

    def __call__(self, file: SourceFile) -> T:
        key = (file.blob_id, suffix_of(file.path))
        known = self._known.get(key)
        if known is not None:
            return known
        read = self._read(file)
        if len(self._known) >= self._limit:
            self._known.clear()
        self._known[key] = read
        return read


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
