"""Whether a pull request does what it says: a bump changes versions, digests and what follows from them, nothing else.

Renovate replaces values in place. A line that is no side of such a replacement was added by a person, by a workflow, or
by a rule of Renovate's that takes another thing for the same one (a Talos installer with a schematic in its path that
is replaced by the plain one). None of that shows in the title, so it is said, and a person looks. What could be
explained is: a wrong alarm costs more than a missed one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.classification import PullRequestText
from app.domain.diff import DiffLine, Hunk, LineKind, PatchedFile, parse_patch
from app.domain.generated_files import is_generated
from app.domain.line_pairs import pair_lines
from app.domain.model import ChangeStatus, Classification, Evidence, UpdateType
from app.domain.references import read_key_value, read_reference
from app.domain.renovate import read_body
from app.domain.titles import read_title
from app.domain.updates import bare_version, short_name

MOST_SHOWN = 5
_LONGEST_SHOWN = 200
_MOST_LINES = 5_000
"""Diffs with more changed lines are generated, or no bump; their first lines say enough."""


def find_other_changes(text: PullRequestText, told: Classification) -> tuple[Evidence, ...]:
    """The first changed lines that the updates do not explain, each as `- old` or `+ new`; empty for a pure bump.

    Lines without a new side are counted in the base. What the patch does not show (binary, cut off, too large) is not
    held against it.
    """
    files = parse_patch(text.patch)
    if not _claims_to_be_a_bump(text, files):
        return ()
    bump = _Bump.of(text, told)
    versioned = _renamed_by_version(files, bump)
    found: list[Evidence] = []
    for file in files:
        if is_generated(file.path) or file.path in versioned:
            continue
        for evidence in _other_changes_of(file, bump):
            found.append(evidence)
            if len(found) == MOST_SHOWN:
                return tuple(found)
    return tuple(found)


_TEMPLATE_ANSWERS = (".copier-answers.yml", ".copier-answers.yaml", ".cruft.json")


def _claims_to_be_a_bump(text: PullRequestText, files: Sequence[PatchedFile]) -> bool:
    """A migration of Renovate's own configuration does not, nor does a new version of the repository's template."""
    verb = read_title(text.title).verb
    if verb == "migrate" or any(file.path.endswith(_TEMPLATE_ANSWERS) for file in files):
        return False
    return bool(verb) or "renovate" in (text.branch or "")


def _renamed_by_version(files: Iterable[PatchedFile], bump: "_Bump") -> set[str]:
    """Files that carry the version in their name: the old one goes, the new one comes."""
    gone = {bump.old(file.path): file.path for file in files if file.status is ChangeStatus.REMOVED}
    come = {bump.new(file.path): file.path for file in files if file.status is ChangeStatus.ADDED}
    return {path for name in gone.keys() & come.keys() for path in (gone[name], come[name])}


def _other_changes_of(file: PatchedFile, bump: "_Bump") -> Iterator[Evidence]:
    previous = file.previous_path
    if previous is not None and bump.old(previous) != bump.new(file.path):
        yield Evidence(file.path, 0, f"renamed from {previous}")
    left = _MOST_LINES
    for hunk in file.hunks:
        left -= len(hunk.lines)
        if left < 0:
            return
        for run in _runs(_whole_lines(hunk)):
            yield from _other_changes_of_run(file.path, run, bump)


def _whole_lines(hunk: Hunk) -> Sequence[DiffLine]:
    """Where a diff was cut, its last line may be half of one."""
    return hunk.lines if hunk.complete else hunk.lines[:-1]


def _runs(lines: Sequence[DiffLine]) -> Iterator[tuple[list[DiffLine], list[DiffLine]]]:
    """The removed and added lines of each stretch without an unchanged line."""
    removed: list[DiffLine] = []
    added: list[DiffLine] = []
    for line in lines:
        if line.kind is LineKind.CONTEXT:
            if removed or added:
                yield removed, added
            removed, added = [], []
        else:
            (removed if line.kind is LineKind.REMOVED else added).append(line)
    if removed or added:
        yield removed, added


def _other_changes_of_run(path: str, run: tuple[list[DiffLine], list[DiffLine]], bump: "_Bump") -> Iterator[Evidence]:
    pairs, alone = pair_lines(*run)
    for old, new in pairs:
        if not bump.explains(old.text, new.text):
            yield _evidence(path, old)
            yield _evidence(path, new)
    for line in alone:
        if not _says_nothing(line.text):
            yield _evidence(path, line)


def _evidence(path: str, line: DiffLine) -> Evidence:
    return Evidence(path, line.new or line.old or 0, f"{line.kind.value} {line.text.strip()[:_LONGEST_SHOWN]}")


_COMMENT = re.compile(r"^\s*(?:#|//|/\*|\*/|\*\s|<!--|--\s|;)")
_CHECKSUM_LINE = re.compile(
    r"^\s*(?:-\s+)?(?:--hash=|[\"']?\w*(?:sha\d+|digest|checksum|hash|integrity)\w*[\"']?\s*[:=]\s*)"
    r"[\"']?[\w+/=:.-]{20,}[\"']?[\s,;\\]*$",
    re.IGNORECASE,
)


def _says_nothing(line: str) -> bool:
    """Blank lines, comments, checksums: they stand beside a version and decide nothing by themselves."""
    return not line.strip() or bool(_COMMENT.match(line)) or bool(_CHECKSUM_LINE.match(line))


# --- one line and what it became ------------------------------------------------------------------

_DIGEST = re.compile(
    r"@?\bsha(?:256|384|512):[0-9a-f]{6,}|\bsha(?:256|384|512)-[A-Za-z0-9+/=]+"
    r"|@?\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}\b|@?\b\d{40,}\b"
)
_ACTION_REF = re.compile(r"(\buses:\s*[\w./-]+)@[^\s#]+")
_TRAILING_COMMENT = re.compile(r"\s#\s.*$")
_TOKEN = re.compile(r"[\w.+~-]+|\S")
_VERSION = re.compile(r"^[<>=~^]*v?\d+(?:[.\-_+]\w+)+$|^v\d+\w*$|^\d{6,}$", re.IGNORECASE)
_VERSION_KEY = re.compile(r"version|tag|rev|release|ref\b|image|uses|semver", re.IGNORECASE)
_NAME_KEYS = re.compile(r"^(?:repository|image|chart|url|name|newname|repo|repourl|uses|source|registry|tag|version)$")
_OWN_VERSION = frozenset({"version", "appversion"})
_MARK = "\N{WHITE SQUARE}"


@dataclass(frozen=True, slots=True)
class _Bump:
    """What a pull request says it does. `listed` is True where Renovate's own table names every update."""

    steps: tuple[tuple[str, str], ...]
    old_versions: re.Pattern[str] | None
    new_versions: re.Pattern[str] | None
    names: frozenset[str]
    replaces: bool
    listed: bool

    @classmethod
    def of(cls, text: PullRequestText, told: Classification) -> "_Bump":
        rows = read_body(text.body or "").rows
        steps = {(bare_version(update.from_), bare_version(update.to)) for update in told.updates}
        steps |= {(bare_version(row.from_), bare_version(row.to)) for row in rows}
        return cls(
            steps=tuple(sorted(steps)),
            old_versions=_any_of(old for old, _ in steps),
            new_versions=_any_of(new for _, new in steps),
            names=frozenset(short_name(update.name) for update in told.updates),
            replaces=told.update_type is UpdateType.REPLACEMENT
            or read_title(text.title).verb == "replace"
            or any(row.replacement for row in rows),
            listed=bool(rows),
        )

    def old(self, line: str) -> str:
        return _masked(line, self.old_versions)

    def new(self, line: str) -> str:
        return _masked(line, self.new_versions)

    def explains(self, old: str, new: str) -> bool:
        """Whether `old` becomes `new` by this bump alone. Space and quotes do not count."""
        if all(_says_nothing(line) for line in (old, new)):
            return True
        old, new = _TRAILING_COMMENT.sub("", old), _TRAILING_COMMENT.sub("", new)
        if _unpinned(old, new) and not self.replaces:
            return False
        old_tokens, new_tokens = _TOKEN.findall(self.old(old)), _TOKEN.findall(self.new(new))
        if old_tokens == new_tokens:
            return self._is_no_accident(old, new)
        if self.replaces and _is_another_name(old, new):
            return True
        if len(old_tokens) != len(new_tokens):
            return False
        return all(
            before == after or self._moves(before, after, new)
            for before, after in zip(old_tokens, new_tokens, strict=True)
        )

    def _moves(self, before: str, after: str, line: str) -> bool:
        """Whether two words are versions, and, where Renovate listed its updates, versions that follow from those."""
        pair = read_key_value(line)
        if not _is_version_step(before, after, pair.key if pair else ""):
            return False
        if not self.listed:
            return True
        if pair is not None and pair.key.casefold() in _OWN_VERSION:
            # The chart that is changed gets a version of its own (Renovate's bumpVersions).
            return True
        reference = read_reference(line)
        if reference is None or reference.name is None or short_name(reference.name) in self.names:
            return True
        return any(_follows(before, old) and _follows(after, new) for old, new in self.steps)

    def _is_no_accident(self, old: str, new: str) -> bool:
        """A bump from 1 to 3 explains `alpine:3` and `tag: 3`, and no `replicas: 3`."""
        number = re.search(r"(?<![\w.@:/=-])\d+(?![\w.])", _unquoted(new))
        if number is None or old == new:
            return True
        pair = read_key_value(new)
        if pair is None or not pair.value.isdigit():
            return True
        return bool(_VERSION_KEY.search(pair.key)) or short_name(pair.key) in self.names


def _is_version_step(before: str, after: str, key: str) -> bool:
    """Under a key that speaks of versions, plain numbers and tags with words (`jammy-20240101`) count too."""
    if _VERSION.match(before) and _VERSION.match(after):
        return True
    same_shape = re.sub(r"\d+", "#", before) == re.sub(r"\d+", "#", after)
    return same_shape and any(c.isdigit() for c in after) and bool(_VERSION_KEY.search(key))


def _any_of(versions: Iterable[str]) -> re.Pattern[str] | None:
    words = sorted({re.escape(version) for version in versions if version}, key=len, reverse=True)
    return re.compile(rf"(?<![\w.])[vV]?(?:{'|'.join(words)})(?![\w])", re.IGNORECASE) if words else None


def _masked(line: str, versions: re.Pattern[str] | None) -> str:
    """`line` with its versions as one sign and its digests gone, so that both sides of a move look the same."""
    line = _ACTION_REF.sub(rf"\1@{_MARK}", _unquoted(line))
    if versions is not None:
        line = versions.sub(_MARK, line)
    return _DIGEST.sub("", line)


def _unquoted(line: str) -> str:
    return line.replace('"', "").replace("'", "")


def _unpinned(old: str, new: str) -> bool:
    """Whether a digest is lost on the way: what was one certain image is now whatever its tag points to."""
    return "@sha256:" in old and "sha256:" not in new


def _is_another_name(old: str, new: str) -> bool:
    before, after = read_key_value(old), read_key_value(new)
    if before is None or after is None:
        return read_reference(old) is not None and read_reference(new) is not None
    return before.key == after.key and bool(_NAME_KEYS.match(before.key.casefold()))


def _follows(word: str, version: str) -> bool:
    """Whether a word is a version, or the beginning of it, in another spelling: `1_2_3`, `v1.2`."""
    spelled, whole = (re.split(r"[._+-]+", bare_version(text)) for text in (word, version))
    return bool(version) and (whole[: len(spelled)] == spelled or spelled[: len(whole)] == whole)
