"""What a bump explains and what it does not: a line and what it became, whole diffs, files that nobody writes."""

import difflib

import pytest

from app.domain.classification import PullRequestText
from app.domain.generated_files import is_generated
from app.domain.model import Classification
from app.domain.reading import classify_pull_request, classify_text
from tests.support.story_repository import story_snapshot


def diff(before: str, after: str, path: str = "apps/a/helmrelease.yaml") -> str:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = "".join(list(difflib.unified_diff(old, new, n=3))[2:])
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n{lines}"


def told(title: str, *patches: str, body: str | None = None, branch: str = "") -> Classification:
    return classify_text(PullRequestText(title=title, patch="".join(patches), body=body, branch=branch))


def lines(classification: Classification) -> list[str]:
    return [f"{line.line} {line.text}" for line in classification.also_changes]


DIGEST = "sha256:" + "a1b2c3d4" * 8
OTHER = "sha256:" + "d4c3b2a1" * 8
UP = "fix(container): update image ghcr.io/x/app ( 1.2.3 → 1.2.4 )"

PURE = [
    ("a tag", UP, "image: ghcr.io/x/app:1.2.3\n", "image: ghcr.io/x/app:1.2.4\n"),
    ("a tag and its digest", UP, f"tag: 1.2.3@{DIGEST}\n", f"tag: 1.2.4@{OTHER}\n"),
    ("a leading v", UP, "version: v1.2.3\n", "version: v1.2.4\n"),
    ("quotes and space", UP, 'tag: "1.2.3"\n', "tag:  1.2.4\n"),
    ("a schema beside it", UP, "# $schema=https://a/1.2.3/x.json\ntag: 1.2.3\n", "# $schema=b\ntag: 1.2.4\n"),
    ("an address with it", UP, "url: https://a/v1.2.3/crds.yaml\n", "url: https://a/v1.2.4/crds.yaml\n"),
    ("a checksum", UP, f"tag: 1.2.3\nsha256: {'0' * 64}\n", f"tag: 1.2.4\nsha256: {'f' * 64}\n"),
    (
        "a nix hash",
        UP,
        'tag: 1.2.3\nhash = "0z1abckkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"\n',
        'tag: 1.2.4\nhash = "1y2defpppppppppppppppppppppppppppppppppppppppppppppp"\n',
    ),
    ("a comment at the end", UP, "tag: 1.2.3 # was 1.2.2\n", "tag: 1.2.4 # was 1.2.3\n"),
    ("a comment by itself", UP, "# about 1.2.3\ntag: 1.2.3\n", "# about 1.2.4\n# more\ntag: 1.2.4\n"),
    (
        "an API",
        "fix(deps): update ocirepository",
        "apiVersion: a/v1beta2\nkind: OCIRepository\n",
        "apiVersion: a/v1\nkind: OCIRepository\n",
    ),
    (
        "an action to a new pin",
        "chore(deps): update actions/cache action to v4",
        f"uses: actions/cache@{'a1' * 20} # v3\n",
        f"uses: actions/cache@{'b2' * 20} # v4\n",
    ),
    (
        "a pin",
        "chore(deps): pin actions/cache action to",
        "uses: actions/cache@v3\n",
        f"uses: actions/cache@{'a1' * 20} # v3\n",
    ),
    ("an image gets its digest", "chore(deps): pin dependencies", "image: x/app:1\n", f"image: x/app:1@{DIGEST}\n"),
    ("a whole number", "Update node to 22", 'node = "20"\n', 'node = "22"\n'),
    (
        "a whole number by a tag",
        "Update alpine to 3",
        "image: alpine:2\nreplicas: 2\n",
        "image: alpine:3\nreplicas: 2\n",
    ),
    ("a group without a list", "fix: update tools group", "a: 1.0.0\nb: v2.0.1\n", "a: 1.1.0\nb: v2.0.2\n"),
    ("a tag with words", "fix: update things group", "tag: jammy-20240101\n", "tag: jammy-20240212\n"),
    ("a range", "Update x to v6", 'version = "~> 5.0"\n', 'version = "~> 6.0"\n'),
    (
        "a replacement",
        "chore(deps): replace bitnami/redis with bitnamilegacy/redis",
        "repository: bitnami/redis\n",
        "repository: bitnamilegacy/redis\n",
    ),
]


@pytest.mark.parametrize(("title", "before", "after"), [row[1:] for row in PURE], ids=[row[0] for row in PURE])
def test_a_bump_explains(title: str, before: str, after: str) -> None:
    assert lines(told(title, diff(before, after))) == []


IMPURE = [
    ("another value", "tag: 1.2.3\nreplicas: 1\n", "tag: 1.2.4\nreplicas: 3\n", ["2 - replicas: 1", "2 + replicas: 3"]),
    ("a new key", "tag: 1.2.3\n", "tag: 1.2.4\nhostNetwork: true\n", ["2 + hostNetwork: true"]),
    (
        "a key that only sounds like a checksum",
        "tag: 1.2.3\n",
        "tag: 1.2.4\ndigestAuth: off\n",
        ["2 + digestAuth: off"],
    ),
    ("a lost key", "tag: 1.2.3\nprobe: on\n", "tag: 1.2.4\n", ["2 - probe: on"]),
    (
        "a line no longer live",
        "tag: 1.2.3\nprobe: on\n",
        "tag: 1.2.4\n# probe: on\n",
        ["2 - probe: on", "2 + # probe: on"],
    ),
    (
        "another image",
        "image: ghcr.io/x/app:1.2.3\n",
        "image: docker.io/x/app:1.2.4\n",
        ["1 - image: ghcr.io/x/app:1.2.3", "1 + image: docker.io/x/app:1.2.4"],
    ),
    ("a lost digest", f"tag: 1.2.3@{DIGEST}\n", "tag: 1.2.4\n", [f"1 - tag: 1.2.3@{DIGEST}", "1 + tag: 1.2.4"]),
]


@pytest.mark.parametrize(
    ("before", "after", "expected"), [row[1:] for row in IMPURE], ids=[str(row[0]) for row in IMPURE]
)
def test_a_bump_does_not_explain(before: str, after: str, expected: list[str]) -> None:
    assert lines(told(UP, diff(before, after))) == expected


def test_a_bump_from_one_to_three_explains_no_replicas() -> None:
    found = told("Update alpine to 3", diff("image: alpine:1\nreplicas: 1\n", "image: alpine:3\nreplicas: 3\n"))
    assert lines(found) == ["2 - replicas: 1", "2 + replicas: 3"]


def test_a_dropped_schematic_is_seen() -> None:
    """Renovate takes the plain installer for the one with the extensions that the nodes need."""
    schematic = "e8c3143197dbeb1022a4197d6f4f8aa01b552795649f545fcbb8eb0909073c81"
    found = told(
        "fix(container): update image ghcr.io/siderolabs/installer (v1.10.5 ➔ v1.10.6)",
        diff(
            f"image: factory.talos.dev/metal-installer/{schematic}:v1.10.5\n",
            "image: ghcr.io/siderolabs/installer:v1.10.6\n",
            path="talos/machineconfig.yaml.j2",
        ),
    )
    assert lines(found)[1] == "1 + image: ghcr.io/siderolabs/installer:v1.10.6"


TABLE = """\
This PR contains the following updates:

| Package | Update | Change |
|---|---|---|
| ghcr.io/x/app | patch | `1.2.3` -> `1.2.4` |
"""


def test_where_renovate_lists_its_updates_another_bump_is_none_of_them() -> None:
    both = (
        diff("image: ghcr.io/x/app:1.2.3\n", "image: ghcr.io/x/app:1.2.4\n"),
        diff("image: ghcr.io/y/db:5.0.0\n", "image: ghcr.io/y/db:6.0.0\n", path="apps/db/deployment.yaml"),
    )
    assert lines(told(UP, *both, body=TABLE)) == ["1 - image: ghcr.io/y/db:5.0.0", "1 + image: ghcr.io/y/db:6.0.0"]
    assert lines(told(UP, *both)) == [], "without the list it may be a group of which the title names one"


def test_the_chart_that_is_changed_gets_a_version_of_its_own() -> None:
    patch = diff(
        "version: 0.3.0\nappVersion: 1.2.3\n", "version: 0.3.1\nappVersion: 1.2.4\n", path="charts/a/Chart.yaml"
    )
    assert lines(told(UP, patch, body=TABLE)) == []


def test_files_that_carry_the_version_in_their_name() -> None:
    gone = (
        "diff --git a/crs/app-1.2.3.yaml b/crs/app-1.2.3.yaml\ndeleted file mode 100644\n"
        "--- a/crs/app-1.2.3.yaml\n+++ /dev/null\n@@ -1 +0,0 @@\n-a: b\n"
    )
    come = (
        "diff --git a/crs/app-1.2.4.yaml b/crs/app-1.2.4.yaml\nnew file mode 100644\n"
        "--- /dev/null\n+++ b/crs/app-1.2.4.yaml\n@@ -0,0 +1 @@\n+a: c\n"
    )
    assert lines(told(UP, gone, come)) == []
    assert lines(told(UP, come)) == ["1 + a: c"]
    moved = "diff --git a/crs/app.yaml b/old/app.yaml\nrename from crs/app.yaml\nrename to old/app.yaml\n"
    assert lines(told(UP, moved)) == ["0 renamed from crs/app.yaml"]


@pytest.mark.parametrize(
    ("title", "branch"),
    [
        ("chore(config): migrate config .github/renovate.json5", "renovate/migrate-config"),
        ("Add a database", ""),
    ],
)
def test_what_claims_to_be_no_bump(title: str, branch: str) -> None:
    assert lines(told(title, diff("a: b\n", "a: c\n"), branch=branch)) == []


def test_the_first_lines_are_enough() -> None:
    many = "".join(f"key{number}: on\n" for number in range(50))
    assert len(told(UP, diff("tag: 1.2.3\n", "tag: 1.2.4\n" + many)).also_changes) == 5


def test_what_a_patch_does_not_show_is_not_held_against_it() -> None:
    cut = diff("tag: 1.2.3\nprobe: on\n", "tag: 1.2.4\nprobe: on\n").replace("@@ -1,2 +1,2 @@", "@@ -1,9 +1,9 @@")
    binary = "diff --git a/a.tgz b/a.tgz\nBinary files a/a.tgz and b/a.tgz differ\n"
    assert lines(told(UP, cut, binary)) == []


@pytest.mark.parametrize(
    "path",
    [
        "flux-system/gotk-components.yaml",
        "setup/crds/vendor/rook_rook/crds.yaml",
        "infra/cert-manager/cert-manager.crds.yaml",
        "charts/app/charts/redis-1.2.3.tgz",
        "charts/app/charts/redis/templates/service.yaml",
        "charts/app/Chart.lock",
        "go.mod",
        "package-lock.json",
        "gradlew",
        "docs/README.md",
    ],
)
def test_nobody_writes_these_by_hand(path: str) -> None:
    assert is_generated(path)


@pytest.mark.parametrize(
    "path",
    [
        "apps/a/helmrelease.yaml",
        "infra/crds/kustomization.yaml",
        "infra/prometheus-operator-crds/app/helmrelease.yaml",
        "infra/crds/ks.yaml",
        "charts/app/values.yaml",
        "charts/app/Chart.yaml",
        "requirements.txt",
    ],
)
def test_people_write_these(path: str) -> None:
    assert not is_generated(path)


def test_every_pull_request_of_the_story_is_pure() -> None:
    found = {pull.number: classify_pull_request(pull).also_changes for pull in story_snapshot().pull_requests}
    assert {number for number, changes in found.items() if changes} == set()
    assert len(found) == 18
