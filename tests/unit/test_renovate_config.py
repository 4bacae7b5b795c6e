"""What the repository's own Renovate configuration says, from the usual ways to say it."""

from typing import Any

import pytest

from app.domain.json5 import Json5Error
from app.domain.renovate_config import find_config_file, read_config

CASES: list[tuple[str, dict[str, Any]]] = [
    ("{}", {"automerge": None, "automerge_type": None, "ignore_tests": None, "foreign_presets": ()}),
    ("{automerge: true}", {"automerge": True, "platform_automerge": None}),
    ("{packageRules: [{matchUpdateTypes: ['minor'], automerge: true}, {automerge: false}]}", {"automerge": True}),
    ("{major: {automerge: false}}", {"automerge": False}),
    ("{extends: [':automergePatch', ':automergeBranch']}", {"automerge": True, "automerge_type": "branch"}),
    ("{extends: [':automergePr']}", {"automerge": None, "automerge_type": "pr"}),
    ("{packageRules: [{automerge: true, automergeType: 'branch'}], automergeType: 'pr'}", {"automerge_type": "branch"}),
    ("{extends: [':skipStatusChecks']}", {"ignore_tests": True}),
    ("{packageRules: [{ignoreTests: true}], ignoreTests: false}", {"ignore_tests": True}),
    ("{extends: [':automergeRequireAllStatusChecks']}", {"ignore_tests": False}),
    ("{platformAutomerge: false}", {"platform_automerge": False}),
    ("{packageRules: [{platformAutomerge: true}], platformAutomerge: false}", {"platform_automerge": True}),
    ("{extends: [':rebaseStalePrs'], rebaseWhen: 'conflicted'}", {"rebase_when": "conflicted"}),
    ("{extends: [':rebaseStalePrs']}", {"rebase_when": "behind-base-branch"}),
    ("{branchPrefix: 'deps/'}", {"branch_prefix": "deps/"}),
    ("{extends: ['config:recommended', ':disableDependencyDashboard']}", {"dashboard": False}),
    ("{extends: ['config:recommended']}", {"dashboard": True}),
    (
        "{extends: ['github>a/b', 'local>c/d:e', 'docker:pinDigests']}",
        {"foreign_presets": ("github>a/b", "local>c/d:e")},
    ),
    ("{extends: 'config:base'}", {"dashboard": True, "foreign_presets": ()}),
    (
        "{extends: ['default:automergePatch', 'default:automergeBranch']}",
        {"automerge": True, "automerge_type": "branch"},
    ),
    ("{packageRules: [{extends: 'default:automergeDigest'}]}", {"automerge": True}),
    (
        "{extends: [':automergeBranchPush', 'npm>default:skipStatusChecks']}",
        {"automerge_type": "branch", "ignore_tests": True},
    ),
    ("{extends: [':masterIssue', ':automergeDisabled']}", {"dashboard": True, "automerge": False}),
    *(
        (f"{{extends: ['{preset}']}}", {"foreign_presets": (preset,), "automerge": None})
        for preset in (
            "@acme/renovate-config",
            "@acme",
            "@acme:automergePatch",
            "acme",
            "acme:base",
            "acme/renovate",
            "npm>acme",
            "https://example.com/preset.json",
            "github>a/b:config",
            ":group(github>a/b, ours)",
        )
    ),
    *(
        (f"{{extends: ['{preset}']}}", {"foreign_presets": ()})
        for preset in (
            ":semanticCommitTypeAll(chore)",
            "schedule:weekly",
            "group:allNonMajor",
            "regexManagers:dockerfileVersions",
            "customManagers:githubActionsVersions",
            "abandonments:recommended",
            "npm:unpublishSafe",
            "monorepo:react",
        )
    ),
    ("{automerge: 'yes', branchPrefix: 5, extends: 'x', packageRules: 3}", {"automerge": None, "branch_prefix": None}),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_it_says(text: str, expected: dict[str, Any]) -> None:
    config = read_config("renovate.json5", text)
    assert {name: getattr(config, name) for name in expected} == expected


@pytest.mark.parametrize("text", ["[]", "3", "{a", ""])
def test_what_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(Json5Error):
        read_config("renovate.json", text)


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ('{"name": "x", "renovate": {"extends": ["@acme"]}}', ("@acme",)),
        ('{"name": "x", "renovate": "acme"}', ("acme",)),
        ('{"name": "x"}', None),
        ('{"name": "x", "renovate": {}}', ()),
        ('{"name": "x", "renovate": ""}', None),
        ("no object", None),
        ("[]", None),
    ],
)
def test_a_package_may_configure_renovate(text: str, foreign: tuple[str, ...] | None) -> None:
    config = read_config("package.json", text)
    assert (config.foreign_presets if config else None) == foreign


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        ({"a.yaml"}, None),
        ({".renovaterc.json5", "x"}, ".renovaterc.json5"),
        ({".github/renovate.json5", "renovate.json"}, "renovate.json"),
        ({"apps/renovate.json", "apps/package.json"}, None),
        ({"package.json", ".renovaterc"}, ".renovaterc"),
        ({"package.json"}, "package.json"),
    ],
)
def test_the_file_that_renovate_takes(paths: set[str], found: str | None) -> None:
    assert find_config_file(paths) == found
