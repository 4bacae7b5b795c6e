"""Versions as people write them in manifests, and Helm's and Flux's version ranges.

Upstreams do not agree on a scheme: `v1.2.3`, `1.33`, `4.0.11.2784`, `1.28.5+k0s.0`, `16.2-5`,
`RELEASE.2024-11-07T00-52-20Z` and `20250130` are all versions. `Version.parse` reads all of them, tells them from
digests and branch names, and orders those of one scheme. Ranges are those of Masterminds' semver (v3.4), which Helm
and Flux use: https://github.com/Masterminds/semver.
"""

import re
from dataclasses import dataclass
from functools import cached_property, total_ordering

from app.domain.model import UpdateType

_MINIO = re.compile(r"^RELEASE\.(\d{4})-(\d\d)-(\d\d)T(\d\d)-(\d\d)-(\d\d)Z(?:[-.](?P<rest>.+))?$", re.IGNORECASE)
_ISO_DATE = re.compile(r"^v?(\d{4})-(\d\d)-(\d\d)(?:[-T](?P<rest>.+))?$", re.IGNORECASE)
_PLAIN = re.compile(
    r"""^
    (?:(?P<name>[A-Za-z][A-Za-z0-9_]*(?:-[A-Za-z][A-Za-z0-9_]*)*)[-_/])?
    [vV]?
    (?P<release>\d+(?:\.\d+)*)
    (?:
        (?P<attached>(?:alpha|beta|rc|pre|dev|preview|snapshot|p)\.?\d*)  # v1beta2, 3.13rc1
      | (?P<letters>(?<=\d)[A-Za-z]\w*)                                   # 9.9p1, 2.4a: only after a dotted release
    )?
    (?:[-_.](?![xX](?:\.|$))(?P<pre>[0-9A-Za-z][0-9A-Za-z.\-_]*))?
    (?:\+(?P<build>[0-9A-Za-z.\-_]+))?
    $""",
    re.VERBOSE | re.IGNORECASE,
)
_API_VERSION = re.compile(r"^(?:[a-z0-9.-]+/)?(v\d+(?:(?:alpha|beta)\d+)?)$")
_HEX = re.compile(r"^(?=.*[a-f])[0-9a-f]{7,64}$")
_LONG_NUMBER = re.compile(r"^\d{40,64}$")
_SHA_TAG = re.compile(r"^(?:sha(?:-|256:|512:)|git-)(?=[0-9a-f]{6,}(?:-.*)?$)")
_DIGEST_SUFFIX = re.compile(r"@sha256:[0-9a-f]+$")


def is_digest(text: str) -> bool:
    """Whether `text` names content and not a version: a commit id (full or short), `sha256:…`, `sha-1234567`."""
    text = text.strip()
    return bool(_HEX.match(text) or _LONG_NUMBER.match(text) or _SHA_TAG.match(text))


@total_ordering
@dataclass(frozen=True, eq=False)
class Version:
    """A version, ordered as semantic versioning orders; `text` is as written.

    `release` has the numeric parts, at least one; `prerelease` and `build` are empty where there are none.
    Equal means equal in order: `v1.2` == `1.2.0`, but `1.2.3+k3s1` < `1.2.3+k3s2` (k3s counts in the build part).
    """

    text: str
    release: tuple[int, ...]
    prerelease: str = ""
    build: str = ""

    @classmethod
    def parse(cls, text: str) -> "Version | None":
        """Read one version; None for digests, ranges, branch names and words such as `latest`."""
        raw = text.strip().strip("\"'")
        cleaned = _DIGEST_SUFFIX.sub("", raw)
        if not cleaned or is_digest(cleaned):
            return None
        for dated in (_MINIO, _ISO_DATE):
            if match := dated.match(cleaned):
                numbers = tuple(int(group) for group in match.groups()[:-1])
                return cls(raw, numbers, match.group("rest") or "")
        match = _PLAIN.match(cleaned)
        if match is None or (match.group("letters") and "." not in match.group("release")):
            return None
        prerelease = ".".join(
            part for part in (match.group("attached"), match.group("letters"), match.group("pre")) if part
        )
        release = tuple(int(part) for part in match.group("release").split("."))
        return cls(raw, release, prerelease, match.group("build") or "")

    @property
    def major(self) -> int:
        return self.release[0]

    @property
    def minor(self) -> int:
        return self.release[1] if len(self.release) > 1 else 0

    @property
    def patch(self) -> int:
        return self.release[2] if len(self.release) > 2 else 0

    @cached_property
    def precedence(self) -> tuple[tuple[int, ...], tuple[tuple[int, int, str], ...]]:
        """The sort key without the build part: semantic versioning's own precedence (https://semver.org/#spec-item-11)."""
        return _without_trailing_zeros(self.release), _prerelease_key(self.prerelease)

    @cached_property
    def _key(self) -> tuple[object, ...]:
        return (*self.precedence, _identifiers(self.build))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Version):
            return NotImplemented
        return self._key == other._key

    def __lt__(self, other: "Version") -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __str__(self) -> str:
        return self.text


def _without_trailing_zeros(release: tuple[int, ...]) -> tuple[int, ...]:
    end = len(release)
    while end and release[end - 1] == 0:
        end -= 1
    return release[:end]


def _identifiers(text: str) -> tuple[tuple[int, int, str], ...]:
    """Numeric identifiers below textual ones; a run of digits inside a word (`k3s10`) is compared as a number."""
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|[^\d.\-_]+", text.lower())
    )


def _prerelease_key(text: str) -> tuple[tuple[int, int, str], ...]:
    # A release comes after all of its prereleases, so "no prerelease" must be the greatest key.
    return _identifiers(text) if text else ((2, 0, ""),)


def is_exact(text: str) -> bool:
    """Whether `text` pins one full version (`2.5.1`, `v0.20.0`, `=1.2.3`) and no range (`2.x`, `2.5`, `>=1`)."""
    stripped = text.strip().strip("\"'").removeprefix("=").strip()
    version = Version.parse(stripped)
    return version is not None and len(version.release) >= 3


def semver_update_type(from_: str | None, to: str | None) -> UpdateType | None:
    """What Renovate would call the step `from_` -> `to`; None when the two cannot be compared.

    Kubernetes API versions count by their major (`…/v1beta2` -> `…/v1` is a patch), as
    https://docs.renovatebot.com/modules/datasource/kubernetes-api/ does. An image that gains a digest is a pin.
    """
    from_, to = (from_ or "").strip(), (to or "").strip()
    if not to:
        return None
    if not from_:
        return UpdateType.PIN
    if is_digest(to):
        # Renovate shows "1.7.1 -> 4f2221a" for a tag that stays and whose digest moves.
        return UpdateType.DIGEST
    if is_digest(from_):
        return None
    if "@sha256:" in to and _DIGEST_SUFFIX.sub("", to) == _DIGEST_SUFFIX.sub("", from_):
        return UpdateType.DIGEST if "@sha256:" in from_ else UpdateType.PIN
    old, new = _parse_loosely(_comparable(from_)), _parse_loosely(_comparable(to))
    if old is None or new is None:
        return None
    if old.major != new.major:
        return UpdateType.MAJOR
    if old.minor != new.minor:
        return UpdateType.MINOR
    return UpdateType.PATCH


_DOCKER_TAG = re.compile(r"^v?(?P<release>\d+(?:\.\d+)*)\w*(?:-.*)?$")


def _parse_loosely(text: str) -> Version | None:
    """A version, or else the numbers that a tag such as `922742a2-ls4` begins with, as Renovate's docker versioning
    reads it (https://docs.renovatebot.com/modules/versioning/docker/)."""
    if (version := Version.parse(text)) is not None or is_digest(text):
        return version
    match = _DOCKER_TAG.match(text)
    return Version(text, tuple(int(part) for part in match.group("release").split("."))) if match else None


def _comparable(text: str) -> str:
    if api := _API_VERSION.match(text):
        return api.group(1)
    return re.sub(r"(?:\.[xX*])+$", "", text.lstrip("<>=~^ "))


# --- ranges ---------------------------------------------------------------------------------------

_OPERATORS = r"=>|=<|>=|<=|!=|~>|=|>|<|~|\^"
_NUMBER = r"(?:\d+|[xX*])"
_RANGE_VERSION = (
    rf"v?(?P<major>{_NUMBER})(?:\.(?P<minor>{_NUMBER}))?(?:\.(?P<patch>{_NUMBER}))?"
    r"(?:-(?P<pre>[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?(?:\+[0-9A-Za-z\-.]+)?"
)
_CONSTRAINT = re.compile(rf"\s*(?P<operator>{_OPERATORS})?\s*{_RANGE_VERSION}(?=\s|,|$)\s*,?\s*")
_PLAIN_RANGE_VERSION = re.sub(r"\?P<\w+>", "?:", _RANGE_VERSION)
_HYPHEN = re.compile(rf"\s*({_PLAIN_RANGE_VERSION})\s+-\s+({_PLAIN_RANGE_VERSION})\s*")
_SPELLINGS = {"=>": ">=", "=<": "<=", "~>": "~", "": "="}


@dataclass(frozen=True, slots=True)
class _Constraint:
    """One comparison. `parts` says how many of major, minor and patch are given; the others are wildcards."""

    operator: str
    version: Version
    parts: int

    def allows(self, version: Version, *, prereleases: bool) -> bool:
        if version.prerelease and not self.version.prerelease and not prereleases:
            # `!=1.2.3` is the one comparison that takes prereleases of other versions.
            return self.operator == "!=" and self.parts == 3
        mine, other = self.version.precedence, version.precedence
        match self.operator:
            case ">=":
                return other >= mine
            case "<":
                return other < mine
            case ">":
                return self._given(version) > self._given(self.version) if 0 < self.parts < 3 else other > mine
            case "<=":
                return self._given(version) <= self._given(self.version) if 0 < self.parts < 3 else other <= mine
            case "!=":
                return other != mine if self.parts in {0, 3} else self._differs(version)
            case "~":
                return self._allows_tilde(version)
            case "^":
                return self._allows_caret(version)
            case _:
                return other == mine if self.parts == 3 else self._allows_tilde(version)

    def _given(self, version: Version) -> tuple[int, ...]:
        return (version.major, version.minor, version.patch)[: self.parts]

    def _differs(self, version: Version) -> bool:
        return (self._given(version), version.prerelease) != (self._given(self.version), self.version.prerelease)

    def _allows_tilde(self, version: Version) -> bool:
        if version.precedence < self.version.precedence:
            return False
        # `~0.0.0` means anything, as `*` does.
        if self.parts in {0, 3} and (self.version.major, self.version.minor, self.version.patch) == (0, 0, 0):
            return True
        return version.major == self.version.major and (self.parts == 1 or version.minor == self.version.minor)

    def _allows_caret(self, version: Version) -> bool:
        if version.precedence < self.version.precedence:
            return False
        if self.parts == 0:
            return True
        if self.version.major or self.parts == 1:
            return version.major == self.version.major
        if version.major:
            return False
        if self.version.minor or self.parts == 2:
            return version.minor == self.version.minor
        return version.minor == 0 and version.patch == self.version.patch


@dataclass(frozen=True, slots=True)
class Range:
    """A version range: alternatives of constraints that all must hold. `text` is as written."""

    text: str
    _alternatives: tuple[tuple[_Constraint, ...], ...]

    @classmethod
    def parse(cls, text: str) -> "Range":
        """Read a range such as `2.x`, `>=0.20.0 <1`, `^1.2 || ~3.4`, `1.2 - 1.4`. Raises ValueError when it is none."""
        cleaned = text.strip().strip("\"'")
        return cls(text, tuple(_parse_alternative(part, whole=text) for part in cleaned.split("||")))

    def allows(self, version: Version) -> bool:
        """Whether `version` lies in the range. A prerelease only does where the range itself names a prerelease."""
        return any(self._all_allow(constraints, version) for constraints in self._alternatives)

    @staticmethod
    def _all_allow(constraints: tuple[_Constraint, ...], version: Version) -> bool:
        prereleases = any(constraint.version.prerelease for constraint in constraints)
        return all(constraint.allows(version, prereleases=prereleases) for constraint in constraints)

    def __str__(self) -> str:
        return self.text


def _parse_alternative(text: str, *, whole: str) -> tuple[_Constraint, ...]:
    rewritten = _HYPHEN.sub(r" >=\1, <=\2 ", text)
    if not rewritten.strip():
        return (_Constraint("=", Version("0.0.0", (0, 0, 0)), 0),)
    constraints: list[_Constraint] = []
    position = 0
    while position < len(rewritten):
        match = _CONSTRAINT.match(rewritten, position)
        if match is None:
            raise ValueError(f"not a version range: {whole!r}")
        constraints.append(_constraint_of(match))
        position = match.end()
    if rewritten.rstrip().endswith(","):
        raise ValueError(f"not a version range: {whole!r}")
    return tuple(constraints)


def _constraint_of(match: re.Match[str]) -> _Constraint:
    operator = match.group("operator") or ""
    numbers: list[int] = []
    for name in ("major", "minor", "patch"):
        part = match.group(name)
        if part is None or not part.isdigit():
            break
        numbers.append(int(part))
    parts = len(numbers)
    release = (*numbers, 0, 0, 0)[:3]
    prerelease = match.group("pre") or ""
    text = ".".join(map(str, release)) + (f"-{prerelease}" if prerelease else "")
    return _Constraint(_SPELLINGS.get(operator, operator), Version(text, release, prerelease), parts)
