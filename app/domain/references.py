"""What one line of a file refers to: an action, an image, a chart, an API, an address, a plain version.

Manifests, workflows, TOML and HCL all write `name` and `version` in a handful of ways; one line is enough to tell.
The line alone may not name the thing (`tag: 1.2.3`); `app.domain.moves` then looks at its neighbours.
"""

import re
from dataclasses import dataclass
from enum import Enum

from app.domain.versions import Version, is_digest


class ReferenceKind(Enum):
    ACTION = "action"
    IMAGE = "image"
    CHART = "chart"
    API = "api"
    REPOSITORY = "repository"
    PACKAGE = "package"
    DASHBOARD = "dashboard"
    VALUE = "value"
    COMMENT = "comment"

    # Members are compared by identity; Enum's own hash is a function in Python, and these are keys of large indexes.
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Reference:
    """`version` and `digest` are as written, digests without `sha256:`; `key` is the key of the line, lower case."""

    kind: ReferenceKind
    key: str
    name: str | None
    version: str | None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A line `key: value`, `key = value` or `- key: value`. `column` is where the key starts, 0-based."""

    key: str
    value: str
    column: int
    item: bool


_KEY_VALUE = re.compile(
    r"""^(?P<indent>\s*)(?P<dash>-\s+)?
    (?:ARG\s+|ENV\s+|export\s+|local\s+(?:-r\s+)?|set\s+)?
    (?:"(?P<double>[^"]+)"|'(?P<single>[^']+)'|(?P<plain>[^\s"'\#:={}\[\]?][^:=\s?]*(?:\ [^:=\s?]+)*?))
    \s*(?::=|\?=|:(?=\s|$)|=)\s*(?P<value>.*?)\s*,?\s*$""",
    re.VERBOSE,
)
_ACTION = re.compile(r"^\s*(?:-\s+)?uses:\s*[\"']?(?P<name>[\w.-]+/[\w./-]+?)@(?P<ref>[^\s\"'#]+)")
_IMAGE = re.compile(
    r"""^(?:docker://|oci://)?
    (?P<name>(?:[\w.-]+(?::\d+)?/)*[\w.-]+)
    (?::(?P<tag>[\w$][\w.+${}-]*))?
    (?:@sha256:(?P<digest>[0-9a-f]{6,64}))?$""",
    re.VERBOSE,
)
_INLINE_IMAGE = re.compile(
    r"\{.*?\b(?:repository|name):\s*[\"']?(?P<repository>[\w./:-]+)[\"']?.*?\btag:\s*[\"']?(?P<tag>[\w.+@:-]+)"
)
_NAME_AT_VERSION = re.compile(r"^(?P<name>@?[\w.-]+(?:/[\w.-]+)?)@(?P<version>v?\d[\w.+-]*)$")
_PRESET = re.compile(r"(?:github|gitlab|gitea|local)>(?P<name>[\w.-]+/[\w.-]+)[^#\s\"']*#(?P<version>[\w.+-]+)")
_RUNNER = re.compile(r"^(?P<name>ubuntu|macos|windows)-(?P<version>\d[\w.-]*)$")
_DOCKERFILE = re.compile(
    r"^(?:FROM\s+(?:--\S+\s+)*|COPY\s+--from=|ADD\s+--from=|RUN\s+--mount=\S*?from=|#\s*syntax\s*=\s*)(?P<image>[^\s,]+)",
    re.IGNORECASE,
)
_INLINE_VERSION = re.compile(
    r"^\{(?:.*?\bsource\s*[=:]\s*[\"'](?P<name>[^\"']+)[\"'])?.*?\bversion\s*[=:]\s*[\"']?(?P<version>[^\"',}\s]+)"
)
_DASHBOARD_URL = re.compile(r"grafana\.com/api/dashboards/(?P<name>\d+)/revisions/(?P<version>\d+)")
_GITHUB = r"(?:github\.com|raw\.githubusercontent\.com|codeload\.github\.com)"
_REPOSITORY_URLS = (
    re.compile(
        rf"{_GITHUB}[/:](?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?(?:/[^\s\"'?]*)?\?[^\s\"']*?ref=(?P<version>[\w.+%/-]+)"
    ),
    re.compile(
        r"github\.com/(?P<name>[\w.-]+/[\w.-]+)/(?:releases/download|archive(?:/refs/tags)?|tarball|zipball|releases/tag)"
        r"/(?P<version>[^\s\"'/]+?)(?:\.tar\.gz|\.zip)?(?:[/\s\"')]|$)"
    ),
    re.compile(r"github\.com/(?P<name>[\w.-]+/[\w.-]+)/(?:raw|blob|tree)/(?:refs/tags/)?(?P<version>[^\s\"'/]+)"),
    re.compile(r"raw\.githubusercontent\.com/(?P<name>[\w.-]+/[\w.-]+)/(?:refs/tags/)?(?P<version>[^\s\"'/]+)"),
)
_IMAGE_KEYS = frozenset({"image", "imagename", "imageref", "baseimage", "from", "container", "artifact", "url", "ref"})
_RUNNER_KEYS = frozenset({"runs-on", "vmimage", "os"})
_TAG_KEYS = frozenset({"tag", "newtag", "imagetag"})
_DIGEST_KEYS = frozenset({"digest", "imagedigest", "sha", "sha256", "commit"})
_IGNORED_KEYS = frozenset({"checksum", "url_api", "hash", "integrity", "resolved", "constraints", "$schema", "schema"})
_LONGEST_LINE = 2000
"""Longer lines are data or minified code; no manifest writes a version there."""

_TEMPLATED = re.compile(r"\{\{.*?\}\}")


def read_key_value(line: str) -> KeyValue | None:
    """The key and value of a line, without quotes and comment; None where it is neither mapping nor assignment."""
    match = _KEY_VALUE.match(_without_comment(line)[0]) if len(line) <= _LONGEST_LINE else None
    if match is None:
        return None
    key = match.group("double") or match.group("single") or match.group("plain")
    dash = match.group("dash") or ""
    return KeyValue(key.strip(), _unquoted(match.group("value")), len(match.group("indent")) + len(dash), bool(dash))


def read_reference(line: str) -> Reference | None:
    """What `line` refers to; None when it holds no version, digest, image, action or API."""
    stripped = line.strip()
    if len(line) > _LONGEST_LINE:
        return None
    if instruction := _DOCKERFILE.match(stripped):
        return _read_image("from", instruction.group("image"))
    if stripped.startswith(("#", "//", "<!--", "*")) or not stripped:
        return _read_repository_url(stripped, "") or _read_comment(stripped)
    text, comment = _without_comment(line)
    if action := _ACTION.match(text):
        return _read_action(action, comment)
    pair = read_key_value(line)
    key = pair.key.rsplit(".", 1)[-1].casefold() if pair else ""
    if key in _IGNORED_KEYS:
        return None
    value = pair.value if pair else _unquoted(re.sub(r"^-\s+", "", text.strip()))
    if inline := _INLINE_IMAGE.search(value):
        return _read_image(key, f"{inline.group('repository')}:{inline.group('tag')}")
    if key == "apiversion":
        return Reference(ReferenceKind.API, key, None, value)
    if (key in _RUNNER_KEYS or not pair) and (runner := _RUNNER.match(value)):
        return Reference(ReferenceKind.VALUE, key, runner.group("name"), runner.group("version"))
    if found := _read_repository_url(value, key) or _read_named(key, value) or _read_image(key, value):
        return found
    return _read_value(key, value, comment) if pair else None


def short_digest(digest: str) -> str:
    """The seven characters that Renovate shows of a digest or commit id."""
    return re.sub(r"^sha256:", "", digest)[:7]


def masked(line: str) -> str:
    """The line without its versions and digests: equal for the two sides of an update."""
    return re.sub(r"[0-9a-f]{7,64}|v?\d[\w.+-]*", "#", line.strip())


def _read_action(action: re.Match[str], comment: str) -> Reference:
    name = action.group("name")
    # A workflow may name a folder inside the repository: `owner/repo/action/diff@v1`.
    name = "/".join(name.split("/")[:2])
    ref = action.group("ref")
    if not is_digest(ref):
        return Reference(ReferenceKind.ACTION, "uses", name, ref)
    tag = re.sub(r"^(?:renovate:\s*)?(?:(?:tag|pin|version|renovate)\s*[=@]\s*)?", "", comment).split(" ")[0]
    return Reference(ReferenceKind.ACTION, "uses", name, tag or None, ref)


def _read_repository_url(text: str, key: str) -> Reference | None:
    if dashboard := _DASHBOARD_URL.search(text):
        return Reference(ReferenceKind.DASHBOARD, key, dashboard.group("name"), dashboard.group("version"))
    for pattern in _REPOSITORY_URLS:
        if match := pattern.search(text):
            version = match.group("version")
            digest = version if is_digest(version) else None
            return Reference(ReferenceKind.REPOSITORY, key, match.group("name"), None if digest else version, digest)
    return None


def _read_named(key: str, value: str) -> Reference | None:
    """`"packageManager": "pnpm@9.15.9"`, `github>owner/presets#1.3.1`."""
    match = _NAME_AT_VERSION.match(value) or (_PRESET.search(value) if ">" in value else None)
    return Reference(ReferenceKind.REPOSITORY, key, match.group("name"), match.group("version")) if match else None


def _read_image(key: str, value: str) -> Reference | None:
    match = _IMAGE.match(value)
    if match is None or not (match.group("tag") or match.group("digest")):
        return None
    name, tag, digest = match.group("name", "tag", "digest")
    oci = value.startswith("oci://")
    if not oci and "/" not in name:
        if Version.parse(name) is not None or (digest and not tag and key not in _IMAGE_KEYS):
            # `tag: 1.2.3@sha256:…` and `tag: edge@sha256:…`: no image, but a version with its digest.
            return Reference(ReferenceKind.VALUE, key, None, name, digest)
        if key not in _IMAGE_KEYS and not value.startswith("docker://"):
            return None
    kind = ReferenceKind.CHART if "/charts/" in f"/{name}" or "/helm/" in f"/{name}" else ReferenceKind.IMAGE
    return Reference(kind, key, name, tag, digest)


def _read_value(key: str, value: str, comment: str) -> Reference | None:
    if value.startswith("{") and (inline := _INLINE_VERSION.match(value)):
        return Reference(ReferenceKind.VALUE, key, inline.group("name"), inline.group("version"))
    default = re.match(r"^\$\{\w+:-([^}]+)\}$", value)
    value = default.group(1) if default else value
    if is_digest(value):
        word = comment.partition(" ")[0]
        version = word if key not in _DIGEST_KEYS and Version.parse(word) else None
        return Reference(ReferenceKind.VALUE, key, None, version, value)
    bare = _TEMPLATED.sub("", value).lstrip("<>=~^! ")
    tag = key in _TAG_KEYS and re.match(r"^[\w.+-]+$", bare)
    if tag or Version.parse(bare) is not None or re.match(r"^v?\d+(?:\.\d+)*\.[xX*]$", bare):
        return Reference(ReferenceKind.VALUE, key, None, value)
    return None


def _read_comment(text: str) -> Reference | None:
    if "renovate:" in text:
        return None
    token = re.search(r"(?<![\w.])v?\d+(?:\.\d+)+[\w.+-]*", text)
    return Reference(ReferenceKind.COMMENT, "", None, token.group(0)) if token else None


def _without_comment(line: str) -> tuple[str, str]:
    match = re.search(r"\s#\s?(.*)$", line)
    return (line[: match.start()], match.group(1).strip()) if match else (line, "")


def _unquoted(value: str) -> str:
    value = value.strip().rstrip(",").strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return re.sub(r"^[&!]\S+\s+", "", value).strip("\"'")
