"""What a Renovate title says. It is the weakest witness: users shape it as they like, and squashing cuts it.

`fix(container): update image ghcr.io/x/y ( 1.2.3 → 1.2.4 ) (#12)`, `Update Helm release cilium to v1.2.3`,
`feat(x): update helm-release to v57`, `chore(deps): pin actions/cache action to`, `Update x 1.0 ➼ 1.1 - cluster`.
"""

import re
from dataclasses import dataclass
from html import unescape

from app.domain.versions import Version, is_digest


@dataclass(frozen=True, slots=True)
class Title:
    """`verb` is lower case (`update`, `pin`, `replace`, `lock`), "" where the title is none of Renovate's.

    `scope` is what stands in the parentheses of a conventional commit; `major_mark` is its `!`. `objects` are the words
    that say what kind of thing `name` is, lower case: image, chart, action, dependency, docker tag, digest, …
    """

    verb: str
    name: str | None
    from_: str | None
    to: str | None
    scope: str = ""
    major_mark: bool = False
    grouped: bool = False
    objects: frozenset[str] = frozenset()


_CONVENTIONAL = re.compile(
    r"^(?P<type>[a-z]+)?(?:\((?P<scope>[^)]*)\))?(?P<mark>!?)(?:\((?P<late>[^)]*)\))?:\s+(?::\w+:\s*)?", re.IGNORECASE
)
_PREFIX = re.compile(r"^(?:\[[^\]]*\]\s*)+")
_ORNAMENT = re.compile(r"^[^\w\[(@`\"'<:]+")
"""Emoji before or behind the type: `⬆️ Update x`, `fix: ⬆️ update x`."""

_TAILS = (
    re.compile(r"\s*\(#\d*…?\)?$"),
    re.compile(r"\s*-\s*(?:autoclosed|abandoned)$"),
    re.compile(r"\s*\[(?:ci[- ]skip|skip[- ]ci)\]", re.IGNORECASE),
    re.compile(r"\s*\[(?:security|skip[- ]\w+)\]$", re.IGNORECASE),
    re.compile(r"\s*\((?:patch|minor|major|non-major|main|master|[\w./-]*\.ya?ml)\)$"),
    re.compile(r"\s*\([^()]*…$"),
    re.compile(r"…$"),
)
_VERB = re.compile(
    r"^(?P<verb>update|pin|replace|migrate|lock file maintenance|rollback|roll back|bump)\b\s*", re.IGNORECASE
)
_ARROW = r"(?:→|->|➔|➼|➜|⟶)"
_IN_PARENTHESES = re.compile(rf"\s*\(\s*(?P<from>[^()]*?)\s*{_ARROW}\s*(?P<to>[^()]*?)\s*\)")
_BARE_ARROW = re.compile(rf"\s+(?P<from>\S+)\s+{_ARROW}\s+(?P<to>\S+)")
_TO = re.compile(r"\s+to(?:\s+(?P<to>(?:[~^<>=]+\s+)?\S+(?:\s+\|\|\s+\S+)*))?(?:\s+(?:-|in)\s+\S.*)?$", re.IGNORECASE)
_OLD_TO = re.compile(r"\s+from\s+(?P<from>\S+)\s+to\s+(?P<to>\S+)$")
_LEADING = re.compile(
    r"""^(?:(?:the|all|non-major|dependency|dependencies|images?|charts?|releases?|actions?|tools?|helm[- ]releases?
    |helm[- ](?:charts?|values)|container[- ]images?|container|docker[- ]images?|docker[- ]tags?|terraform|provider
    |dashboard|pre-?commit[- ]hook|module|(?:npm|python|go)[- ](?:package|module)|package|plugin|config|preset
    |devdependency|crd|helm|rust[- ]crate|(?:ruby[- ])?gem|nuget|homebrew(?:[- ]formula)?|tflint[- ]plugin
    |buildkite[- ]plugin|flake[- ]input
    |ansible[- ](?:galaxy|collection|role)|github[- ](?:actions?|releases?|tags?)|(?:git[- ])?submodule
    |renovate[- ]config(?:[- ]preset)?|oci(?:[- ](?:chart|artifact|image|repository))?)\s+)+""",
    re.IGNORECASE | re.VERBOSE,
)
_TRAILING = re.compile(
    r"""\s+(?:docker[- ](?:tags?|digest|image)|container[- ](?:tag|image)|digest|actions?|orb|tags?|commit[ ]hash
    |terraform|helm[- ](?:releases?|charts?)|dependencies|dependency|packages|tool|releases?|updates?|plugin|module
    |(?:github[- ]actions?[- ])?runners?)$""",
    re.IGNORECASE | re.VERBOSE,
)
_GROUP = re.compile(
    r"(?:\s+(?:group|monorepo|packages|dependencies|components)|[- ]suite(?: helm releases)?)$", re.IGNORECASE
)
_EVERYTHING = re.compile(r"^(?:all\b\s*)?(?:non-major|major|minor|patch|digest)?$", re.IGNORECASE)
_REPLACEMENT = re.compile(r"\s+with\s+\S.*$", re.IGNORECASE)
_KNOWN_OBJECTS = frozenset({"helm-release", "helm-chart", "helm release", "helm chart", "docker tag", "image", "chart"})


_KIND_SCOPES = frozenset(
    {"chart", "charts", "helm", "container", "containers", "image", "images", "docker", "deps", "apps"}
)
"""Scopes that say what kind of thing moves, and do not name it."""


def read_title(title: str) -> Title:
    """Read `title`; what it does not say is None. A title that is not Renovate's has an empty verb."""
    text = " ".join(unescape(title).replace("\u200b", "").split())
    for _ in range(3):
        for tail in _TAILS:
            text = tail.sub("", text).strip()
    text = _ORNAMENT.sub("", _PREFIX.sub("", _ORNAMENT.sub("", text)))
    scope, mark = "", False
    if conventional := _CONVENTIONAL.match(text):
        scope, mark = conventional.group("scope") or conventional.group("late") or "", bool(conventional.group("mark"))
        text = _ORNAMENT.sub("", text[conventional.end() :])
    verb_match = _VERB.match(text)
    if verb_match is None:
        return Title("", None, None, None, scope, mark)
    verb = verb_match.group("verb").casefold()
    verb = "lock" if verb.startswith("lock") else "update" if verb == "bump" else verb
    rest = text[verb_match.end() :]
    if verb == "replace":
        rest = _REPLACEMENT.sub("", rest)
    rest, from_, to = _read_versions(rest)
    name, objects, grouped = _read_name(rest)
    told = scope.casefold() not in _KIND_SCOPES
    if name is None and not grouped and told and (objects & _KNOWN_OBJECTS or "/" in scope):
        # Some put it into the scope: `feat(grafana): update helm-release to 8.6.4`, `fix(mise/flux2): update 1 ➼ 2`.
        name = scope.partition("/")[2] or scope or None
    if verb == "lock" or re.search(r"lock file maintenance", rest, re.IGNORECASE):
        return Title("lock", None, None, None, scope, mark)
    return Title(verb, name, from_, to, scope, mark, grouped, objects)


def _read_versions(text: str) -> tuple[str, str | None, str | None]:
    for pattern in (_IN_PARENTHESES, _BARE_ARROW, _OLD_TO):
        if match := pattern.search(" " + text):
            text = " " + text
            rest = text[: match.start()] + (text[match.end() :] if pattern is _IN_PARENTHESES else "")
            return rest.strip(), _clean(match.group("from")), _clean(match.group("to"))
    match = _TO.search(" " + text)
    if match is None:
        return text.strip(), None, None
    to = _clean(match.group("to"))
    if to is not None and not _is_value(to):
        return text.strip(), None, None
    return (" " + text)[: match.start()].strip(), None, to


def _is_value(text: str) -> bool:
    return Version.parse(text) is not None or is_digest(text) or bool(re.search(r"\d", text))


def _clean(text: str | None) -> str | None:
    stripped = (text or "").strip().strip("\"'`").strip()
    return stripped or None


def _read_name(text: str) -> tuple[str | None, frozenset[str], bool]:
    objects: set[str] = set()
    if _GROUP.search(text):
        name = _EVERYTHING.sub("", _GROUP.sub("", text)).strip()
        return name or None, frozenset(), True
    if leading := _LEADING.match(text + " "):
        objects.update(re.split(r"\s+", leading.group(0).strip().casefold()))
        objects.add(leading.group(0).strip().casefold())
        text = text[leading.end() :].strip() if leading.end() <= len(text) else ""
    while trailing := _TRAILING.search(text):
        objects.add(trailing.group(0).strip().casefold())
        text = text[: trailing.start()].strip()
    if _GROUP.search(text):
        return _GROUP.sub("", text).strip() or None, frozenset(objects), True
    name = text.strip("`\"' ")
    if "docker digest" in objects or "/" in name:
        # `update ghcr.io/x/y:1.2 docker digest to 4f2221a`
        name = re.sub(r"(?<=[\w.-]):[\w.-]+$", "", name)
    return name or None, frozenset(objects), False
