"""Lines of package managers' files, which write `name version` in ways of their own.

A manifest says `key: value`; `.tool-versions` says `kubectl 1.31.0`, `go.mod` says `\\tmodule v1.2.3`, requirements say
`ansible==10.4.0`. The file's name tells which one it is. The files are those of
https://docs.renovatebot.com/modules/manager/.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from app.domain.references import Reference, ReferenceKind, read_key_value

_VERSION = r"[~^<>=! ]*v?\d[\w.+-]*"
_TOOL = re.compile(r"^\s*(?P<name>[\w@./:-]+)\s+(?P<version>[vV]?\d[\w.+-]*|latest)(?:\s|$)")
_GO = re.compile(
    r"^\s*(?:require\s+|replace\s+\S+\s+=>\s+)?(?P<name>[\w.-]+\.[a-z]{2,}(?:/[\w.~-]+)+)\s+(?P<version>v\d[\w.+-]*)(?:\s|$)"
)
_GO_DIRECTIVE = re.compile(r"^(?P<name>go|toolchain)\s+(?:go)?(?P<version>\d[\w.]*)\s*$")
_PYTHON = re.compile(
    rf"^\s*[\"']?(?P<name>[\w.-]+)(?:\[[\w,\s.-]*\])?\s*(?P<version>(?:==|~=|>=|<=|<|>|!=)\s*{_VERSION}(?:\s*,\s*[<>=!~]+\s*[\w.+-]+)*)"
)
_GEM = re.compile(rf"^\s*gem\s+[\"'](?P<name>[\w.-]+)[\"']\s*,\s*[\"'](?P<version>{_VERSION})[\"']")
_BREW = re.compile(r"^\s*(?:brew|cask)\s+[\"'](?P<name>[\w./-]+)@(?P<version>[\d.]+)[\"']")
_XML_PACKAGE = re.compile(
    r"<Package(?:Reference|Version)\s+(?:Include|Update)=\"(?P<name>[\w.-]+)\"\s+Version=\"(?P<version>[\w.+-]+)\""
)
_GRADLE = re.compile(r"[\"'](?P<name>[\w.-]+:[\w.-]+):(?P<version>v?\d[\w.+-]*)[\"']")
_AQUA = re.compile(r"^\s*-?\s*name:\s*[\"']?(?P<name>[\w.-]+(?:/[\w.-]+)+)@(?P<version>[\w.+-]+)")
_SUBMODULE = re.compile(r"^Subproject commit (?P<digest>[0-9a-f]{40})$")
_FEATURE = re.compile(r"^\s*\"(?P<name>[\w.-]+(?:/[\w.-]+)+):(?P<version>[\w.+-]+)\"\s*:")
_TABLE_VERSION = re.compile(r"^\{.*?\bversion\s*=\s*[\"'](?P<version>[^\"']+)[\"']")
_BARE = re.compile(r"^(?P<version>v?\d+(?:\.[\w-]+)*)$")
_FLUX_HEADER = re.compile(r"^# Flux Version: (?P<version>v?\d[\w.+-]*)$")

PackageReader = Callable[[str], Reference | None]
"""Line of the file -> what it refers to, None where the line holds no version."""

_Reader = Callable[[str, str], Reference | None]


@lru_cache(maxsize=4_096)
def find_reader(path: str) -> PackageReader | None:
    """How to read the lines of the file, or None where it has no language of its own."""
    for pattern, readers in _READERS:
        if pattern.search(path):
            return lambda line: next((found for read in readers if (found := read(path, line)) is not None), None)
    return None


def _by(*patterns: re.Pattern[str]) -> _Reader:
    def read(_: str, line: str) -> Reference | None:
        for pattern in patterns:
            if match := pattern.search(line):
                version = re.sub(r"\s", "", match.group("version"))
                return Reference(ReferenceKind.PACKAGE, "version", match.group("name"), version.removeprefix("=="))
        return None

    return read


def _read_toml(_: str, line: str) -> Reference | None:
    """`tokio = "1.40"`, `"ubi:a/b" = { version = "1.1.0" }`."""
    pair = read_key_value(line)
    if pair is None or pair.key.casefold() in {"version", "rev", "tag", "ref"}:
        return None
    if match := _TABLE_VERSION.match(pair.value):
        return Reference(ReferenceKind.PACKAGE, pair.key.casefold(), pair.key, match.group("version"))
    if re.match(rf"^{_VERSION}$", pair.value) and not re.search(r"version|edition|requires", pair.key, re.IGNORECASE):
        return Reference(ReferenceKind.PACKAGE, pair.key.casefold(), pair.key, pair.value)
    return None


def _read_version_file(path: str, line: str) -> Reference | None:
    """`.nvmrc`, `.python-version`: the file is the name and holds nothing but the version."""
    match = _BARE.match(line.strip())
    name = _NAMED_FILES.get(path.rsplit("/", 1)[-1])
    return Reference(ReferenceKind.PACKAGE, "version", name, match.group("version")) if match and name else None


def _read_submodule(path: str, line: str) -> Reference | None:
    match = _SUBMODULE.match(line)
    return Reference(ReferenceKind.PACKAGE, "commit", path, None, match.group("digest")) if match else None


def _read_flux_header(_: str, line: str) -> Reference | None:
    """The header that `flux install --export` writes, which Renovate's flux manager reads."""
    match = _FLUX_HEADER.match(line.strip())
    return Reference(ReferenceKind.REPOSITORY, "version", "fluxcd/flux2", match.group("version")) if match else None


_NAMED_FILES = {
    ".nvmrc": "node",
    ".node-version": "node",
    ".python-version": "python",
    ".ruby-version": "ruby",
    ".go-version": "go",
    ".terraform-version": "hashicorp/terraform",
    ".opentofu-version": "opentofu/opentofu",
    ".terragrunt-version": "gruntwork-io/terragrunt",
    ".bazelversion": "bazel",
}
_READERS: tuple[tuple[re.Pattern[str], tuple[_Reader, ...]], ...] = tuple(
    (re.compile(pattern), readers)
    for pattern, readers in (
        (r"(^|/)\.tool-versions$", (_by(_TOOL),)),
        (r"(^|/)(\.?mise[\w.]*\.toml|\.?mise/[\w./]*\.toml|\.rtx[\w.]*\.toml|Cargo\.toml|Pipfile)$", (_read_toml,)),
        (r"(^|/)(requirements[\w.-]*\.(txt|in)|constraints[\w.-]*\.txt|setup\.(py|cfg))$", (_by(_PYTHON),)),
        (r"(^|/)pyproject\.toml$", (_by(_PYTHON), _read_toml)),
        (r"(^|/)go\.mod$", (_by(_GO, _GO_DIRECTIVE),)),
        (r"(^|/)Gemfile$", (_by(_GEM),)),
        (r"(^|/)Brewfile[\w.]*$", (_by(_BREW),)),
        (r"\.(cs|fs)proj$|(^|/)Directory\.Packages\.props$", (_by(_XML_PACKAGE),)),
        (r"\.gradle(\.kts)?$", (_by(_GRADLE),)),
        (r"(^|/)\.?aqua[\w./-]*\.ya?ml$", (_by(_AQUA),)),
        (r"(^|/)(\.devcontainer/.*|\.?devcontainer)\.json$", (_by(_FEATURE),)),
        (r"(^|/)gotk-components\.ya?ml$", (_read_flux_header,)),
        (r"(^|/)\.[\w-]*(version|nvmrc)$", (_read_version_file,)),
        (r"(^|/)[^./]+$", (_read_submodule,)),
    )
)
