"""The owner's rules: which one speaks for what, and what comes of it."""

import pytest

from app.domain.classification import PullRequestText, classify
from app.domain.model import Classification, Component, ComponentClass, UpdateType
from app.domain.policy_file import read_policy
from app.domain.reading import classify_text
from tests.support.story_repository import source_file

FILE = ".github/fluxmig.yaml"


def patch(path: str, old: str, new: str) -> str:
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-image: {old}\n+image: {new}\n"


APP = PullRequestText(
    title="feat(container)!: Update image ghcr.io/x/cloudflared ( 2024.1.0 → 2025.1.0 )",
    files=("apps/net/app.yaml",),
    patch=patch("apps/net/app.yaml", "ghcr.io/x/cloudflared:2024.1.0", "ghcr.io/x/cloudflared:2025.1.0"),
    branch="renovate/cloudflared-2025.x",
    labels=frozenset({"area/net"}),
)
TWO = PullRequestText(
    title="fix: update things group",
    files=("apps/a.yaml", "apps/b.yaml"),
    patch=patch("apps/a.yaml", "ghcr.io/x/one:1.0.0", "ghcr.io/x/one:1.0.1")
    + patch("apps/b.yaml", "ghcr.io/x/two:1.0.0", "ghcr.io/x/two:2.0.0"),
)


def told(text: PullRequestText, *rules: str) -> Classification:
    read = read_policy(source_file(FILE, "rules:\n" + "".join(f"  - {rule}\n" for rule in rules)))
    assert read.policy is not None, read.problems
    return classify_text(text, read.policy)


def spoke(classification: Classification) -> list[int]:
    """The lines of the rules that spoke; the first rule stands in line 2."""
    return [rule.line - 1 for rule in classification.rules]


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ("{}", True),
        ("{names: ['**/cloudflared']}", True),
        ("{names: [GHCR.io/x/*]}", True),
        ("{names: [cloudflared]}", False),
        ("{names: [nothing, '/cloud/']}", True),
        ("{paths: [apps/net/]}", True),
        ("{paths: [infra/]}", False),
        ("{datasources: [docker]}", True),
        ("{datasources: [helm]}", False),
        ("{managers: [Kubernetes]}", True),
        ("{managers: [mise]}", False),
        ("{update_types: [major]}", True),
        ("{update_types: [minor, patch]}", False),
        ("{branches: ['renovate/**']}", True),
        ("{branches: ['main']}", False),
        ("{labels: ['area/*']}", True),
        ("{labels: ['!area/net']}", False),
        ("{names: ['**/cloudflared'], paths: [infra/]}", False),
    ],
)
def test_all_keys_must_fit_and_of_a_list_one_item(match: str, fits: bool) -> None:
    found = told(APP, f"{{match: {match}, class: infrastructure}}")
    assert spoke(found) == ([1] if fits else [])
    assert found.component is (Component.INFRASTRUCTURE if fits else classify(APP).component)


def test_a_rule_that_fits_nothing_changes_nothing() -> None:
    assert told(APP, "{match: {names: [x]}, class: tooling}") == classify_text(APP)


def test_the_first_that_fits_speaks_and_no_other() -> None:
    found = told(
        APP,
        "{match: {names: [x]}, class: tooling}",
        "{match: {paths: [apps/]}, class: infrastructure, reason: ours}",
        "{match: {}, class: flux-core}",
    )
    assert found.component is Component.INFRASTRUCTURE
    assert found.reasons[0] == f'infrastructure: rule 2 of {FILE}:3: "ours"'
    assert spoke(found) == [2]


def test_a_calendar_version_is_no_major() -> None:
    assert classify_text(APP).component_class is ComponentClass.MAJOR
    found = told(
        APP, "{match: {names: ['**/cloudflared'], update_types: [major]}, update_type: minor, reason: calendar}"
    )
    assert (found.update_type, found.component_class) == (UpdateType.MINOR, ComponentClass(classify(APP).component))
    assert found.reasons[1] == f'minor, by rule 1 of {FILE}:2: "calendar"'


def test_a_group_is_the_weightiest_of_what_is_said_of_each() -> None:
    one_alone = told(TWO, "{match: {names: ['**/one']}, class: tooling}")
    assert one_alone.component is Component.APPLICATION, "two is judged as ever"
    both = told(TWO, "{match: {names: ['**/one']}, class: tooling}", "{match: {names: ['**/two']}, class: tooling}")
    assert both.component is Component.TOOLING
    assert spoke(both) == [1, 2]
    weighty = told(TWO, "{match: {names: ['**/one']}, class: flux-core}")
    assert weighty.component is Component.FLUX_CORE


def test_the_update_type_of_a_group_is_the_weightiest_too() -> None:
    assert told(TWO, "{match: {names: ['**/two']}, update_type: minor}").update_type is UpdateType.MINOR
    assert told(TWO, "{match: {names: ['**/one']}, update_type: minor}").update_type is UpdateType.MAJOR
    by_type = told(TWO, "{match: {update_types: [patch]}, class: tooling}")
    assert spoke(by_type) == [1], "the patch of the two"


def test_an_update_in_two_folders_is_the_weightiest_of_both() -> None:
    step = ("ghcr.io/x/one:1.0.0", "ghcr.io/x/one:1.0.1")
    text = PullRequestText(
        title="fix: update image ghcr.io/x/one ( 1.0.0 → 1.0.1 )",
        files=("staging/a.yaml", "production/a.yaml"),
        patch=patch("staging/a.yaml", *step) + patch("production/a.yaml", *step),
    )
    staging = "{match: {paths: [staging/]}, class: tooling}"
    assert told(text, staging).component is Component.APPLICATION
    assert told(text, staging, "{match: {paths: [production/]}, class: infrastructure}").component is (
        Component.INFRASTRUCTURE
    )


def test_where_no_update_can_be_read_paths_still_tell() -> None:
    text = PullRequestText(title="chore(deps): lock file maintenance", files=("site/package-lock.json",))
    assert told(text, "{match: {paths: [site/]}, class: application}").component is Component.APPLICATION
    assert told(text, "{match: {names: ['*']}, class: application}").component is Component.TOOLING


def test_what_is_only_tooling_by_its_path_can_be_more() -> None:
    text = PullRequestText(
        title="fix: update image ghcr.io/x/one ( 1.0.0 → 1.0.1 )",
        files=(".github/cluster/a.yaml",),
        patch=patch(".github/cluster/a.yaml", "ghcr.io/x/one:1.0.0", "ghcr.io/x/one:1.0.1"),
    )
    assert classify(text).component is Component.TOOLING
    assert told(text, "{match: {paths: [.github/cluster/]}, class: application}").component is Component.APPLICATION
