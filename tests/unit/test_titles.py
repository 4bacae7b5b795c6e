"""Renovate's titles in the styles of many repositories."""

import pytest

from app.domain.titles import read_title


@pytest.mark.parametrize(
    ("title", "verb", "name", "from_", "to"),
    [
        ("fix(container): update image ghcr.io/x/y ( 1.2.3 → 1.2.4 ) (#12)", "update", "ghcr.io/x/y", "1.2.3", "1.2.4"),
        ("Update Helm release cilium to <1.16.4", "update", "cilium", None, "<1.16.4"),
        ("chore(deps): update actions/checkout action to v3 (master)", "update", "actions/checkout", None, "v3"),
        ("feat(container): update image x/y (v1 ➔ v2)", "update", "x/y", "v1", "v2"),
        ("Update image ghcr.io/x/y 1.7.1 ➼ 4f2221a - biohazard", "update", "ghcr.io/x/y", "1.7.1", "4f2221a"),
        ("feat(grafana): update helm-release to v57", "update", "grafana", None, "v57"),
        ("feat(): update helm-release to 57.1.0", "update", None, None, "57.1.0"),
        ("fix(mise/flux2): update 2.6.1 ➼ 2.6.2", "update", "flux2", "2.6.1", "2.6.2"),
        ("feat!(charts): update x to 2", "update", "x", None, "2"),
        ("fix: update release a/b ( &quot;2.5.1&quot; → v2.6.0 )", "update", "a/b", "2.5.1", "v2.6.0"),
        ("chore(deps): pin actions/cache action to", "pin", "actions/cache", None, None),
        ("chore(deps): pin dependencies", "pin", None, None, None),
        ("chore(container): update image alpine (7cebfd4 → )", "update", "alpine", "7cebfd4", None),
        ("chore(deps): replace a/b docker tag with c/d v1", "replace", "a/b", None, None),
        ("chore(mise): lock file maintenance tool (#2286)", "lock", None, None, None),
        ("fix(deps-frontend): lock file maintenance", "lock", None, None, None),
        ("chore(deps): update imagepolicy to image.x.io/v1 in portal", "update", "imagepolicy", None, "image.x.io/v1"),
        (
            "chore(deps): update quay.io/ceph/ceph:v18.2 docker digest to d55fa1a",
            "update",
            "quay.io/ceph/ceph",
            None,
            "d55fa1a",
        ),
        ("Update dependency x to v1.2.3 - autoclosed", "update", "x", None, "v1.2.3"),
        ("[main] Update Image x/y ( 1 → 2 ) (#3246)", "update", "x/y", "1", "2"),
        ("fix(deps): :arrow_up: update dependency renovate to v35", "update", "renovate", None, "v35"),
        ("Update x/y Docker tag to v3 [ci-skip] (#305)", "update", "x/y", None, "v3"),
        ("[chart] Update loki to 2.0.0", "update", "loki", None, "2.0.0"),
        ("feat(charts)!: Update Helm release to v8 [ci-skip]", "update", None, None, "v8"),
        ("fix(oci/spegel): update 0.3.0 ➼ 0.3.1 - cluster", "update", "spegel", "0.3.0", "0.3.1"),
        ("chore(dev): update a/b (non-major)", "update", "a/b", None, None),
        ("chore: update a/b (v2.1.1 -&gt; v2.2.0)", "update", "a/b", "v2.1.1", "v2.2.0"),
        ("chore(deps): update github-action a/b to v4", "update", "a/b", None, "v4"),
        ("⬆️ Update cilium to v1.16.2", "update", "cilium", None, "v1.16.2"),
        ("fix(deps): update dependency x to v0.17.0 [security]", "update", "x", None, "v0.17.0"),
        ("ci(github-action): update action a/b ( v43.0.1 …", "update", "a/b", None, None),
        ("Update a/b/aws Terraform module to v20", "update", "a/b/aws", None, "v20"),
        ("Update Rust crate serde to v1.0.210", "update", "serde", None, "v1.0.210"),
        ("fix(deps): update module github.com/a/b to v1.2.3", "update", "github.com/a/b", None, "v1.2.3"),
        ("fix(deps): update terraform aws to ~> 5.60", "update", "aws", None, "~> 5.60"),
        ("build(deps): bump a/b from 3 to 4", "update", "a/b", "3", "4"),
        ("chore(deps): update all non-major dependencies", "update", None, None, None),
        ("Chore(deps): Update Dependency X To V1.2.3", "update", "X", None, "V1.2.3"),
        ("feat: Promote a/b release to 0.17.0 in stable", "", None, None, None),
        ("feat: dashboards ➼ everywhere", "", None, None, None),
        ('Revert "chore(deps): update x to v1"', "", None, None, None),
    ],
)
def test_a_title(title: str, verb: str, name: str | None, from_: str | None, to: str | None) -> None:
    read = read_title(title)
    assert (read.verb, read.name, read.from_, read.to) == (verb, name, from_, to)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("feat(container): update flux operator group ( 0.19.0 → 0.20.0 )", "flux operator"),
        ("fix(helm): update rook-ceph group to v1.12.8 (patch) (#6400)", "rook-ceph"),
        ("feat(deps): update docusaurus monorepo ( 3.8.1 → 3.9.1 )", "docusaurus"),
        ("fix(charts): update rook-ceph-suite helm releases to v1.7.2", "rook-ceph"),
        ("update flux components", "flux"),
    ],
)
def test_groups(title: str, name: str) -> None:
    read = read_title(title)
    assert read.grouped
    assert read.name == name


def test_the_mark_of_a_breaking_change() -> None:
    assert read_title("feat(container)!: Update image x ( 1 → 2 )").major_mark
    assert not read_title("feat(container): Update image x ( 1 → 2 )").major_mark
