"""The names under which Renovate's presets are extended, and what those that come with Renovate set for everything.

Any other preset is a file of somebody else: on a platform (`github>a/b`, `a/b`), at an address, or in an npm package
(`acme`, `@acme`), as `lib/config/presets/parse.ts` reads them. https://docs.renovatebot.com/config-presets/
"""

from collections.abc import Mapping
from typing import Any

_BUILT_IN = frozenset(
    (
        "abandonments",
        "compatibility",
        "config",
        "customManagers",
        "default",
        "docker",
        "global",
        "group",
        "helpers",
        "mergeConfidence",
        "monorepo",
        "npm",
        "packages",
        "preview",
        "regexManagers",
        "replacements",
        "schedule",
        "security",
        "workarounds",
    )
)
"""`regexManagers` is what `customManagers` was called. Of all of them, only `default` says something of merging."""

_OLD_NAMES = {
    ":automergeBranchMergeCommit": ":automergeBranch",
    ":automergeBranchPush": ":automergeBranch",
    ":base": "config:base",
    ":masterIssue": ":dependencyDashboard",
}
"""`lib/config/presets/common.ts`."""

_AUTOMERGING = frozenset(
    f":automerge{kind}"
    for kind in ("All", "Digest", "Linters", "Major", "Minor", "Patch", "StableNonMajor", "Testers", "Types")
)

# `lib/config/presets/internal/default.preset.ts` and `config.preset.ts`.
_SETTINGS: Mapping[str, tuple[str, Any]] = {
    **dict.fromkeys(_AUTOMERGING, ("automerge", True)),
    ":automergeBranch": ("automergeType", "branch"),
    ":automergePr": ("automergeType", "pr"),
    ":automergeDisabled": ("automerge", False),
    ":automergeRequireAllStatusChecks": ("ignoreTests", False),
    ":skipStatusChecks": ("ignoreTests", True),
    ":rebaseStalePrs": ("rebaseWhen", "behind-base-branch"),
    ":renovatePrefix": ("branchPrefix", "renovate/"),
    ":dependencyDashboard": ("dependencyDashboard", True),
    ":disableDependencyDashboard": ("dependencyDashboard", False),
    **dict.fromkeys(
        (
            "config:recommended",
            "config:best-practices",
            "config:base",
            "config:js-app",
            "config:js-lib",
        ),
        ("dependencyDashboard", True),
    ),
}


def is_foreign(preset: str) -> bool:
    """Whether it does not come with Renovate, so that only those who can fetch it know what it says.

    An argument may be a preset too: `:group(github>a/b, ours)`.
    """
    group, colon, _ = _name_of(preset).partition(":")
    return not colon or (group != "" and group not in _BUILT_IN) or ">" in preset.partition("(")[2]


def values_of(presets: list[str], key: str) -> list[Any]:
    """What these say of `key`, in their order; the last one wins in Renovate."""
    told = (_SETTINGS.get(_canonical(preset)) for preset in presets)
    return [setting[1] for setting in told if setting is not None and setting[0] == key]


def _name_of(preset: str) -> str:
    """Without the arguments in parentheses."""
    return preset.partition("(")[0].strip().removeprefix("npm>")


def _canonical(preset: str) -> str:
    """`default:x` is the long form of `:x`."""
    name = _name_of(preset)
    name = name.removeprefix("default") if name.startswith("default:") else name
    return _OLD_NAMES.get(name, name)
