"""`fluxmig ordering --clones`, on a small repository that is made here: whole trees, true parents."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli.ordering import ordering
from app.cli.ordering_clones import Clone, find_clones, is_renovates, read_merge, windows
from app.git import GitError, LoggedCommit
from tests.support.story_repository import git, write_files

INSTANCE = """\
apiVersion: fluxcd.controlplane.io/v1
kind: FluxInstance
metadata:
  name: flux
  namespace: flux-system
spec:
  distribution:
    version: {flux}
    artifact: oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:latest
  sync:
    kind: GitRepository
    url: https://example.com/o/r.git
    ref: refs/heads/main
    path: kubernetes
"""
OCI = """\
apiVersion: source.toolkit.fluxcd.io/{version}
kind: OCIRepository
metadata:
  name: podinfo
spec:
  interval: 1h
  url: oci://ghcr.io/stefanprodan/charts/podinfo
  ref:
    tag: {tag}
"""
TALOS = "talosVersion: v{talos}\nkubernetesVersion: v{kubernetes}\n"
PROXY = "cluster:\n  proxy:\n    image: registry.k8s.io/kube-proxy:v{kube}\n"
KUBE = """\
cluster:
  controllerManager:
    image: registry.k8s.io/kube-controller-manager:v{kube}
  scheduler:
    image: registry.k8s.io/kube-scheduler:v{kube}
"""

Shas = dict[str, str]


class Maker:
    """A clone that grows merge by merge, and remembers each by a word."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shas: Shas = {}
        folder.mkdir(parents=True)
        git(folder, "init", "-q", "-b", "main")

    def merges(self, word: str, subject: str, files: dict[str, str], *, by: str = "bot-ross[bot]") -> None:
        write_files(self.folder, files)
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-qm", subject, "--author", f"{by} <{by}@example.com>")
        self.shas[word] = git(self.folder, "rev-parse", "HEAD")


@pytest.fixture
def made(tmp_path: Path) -> Maker:
    """Flux 2.5.1; OCIRepository goes to v1 too early and back, Flux to 2.6.1, Kubernetes before Talos."""
    maker = Maker(tmp_path / "clones" / "Someone" / "cluster")
    instance, oci, talos = "kubernetes/flux.yaml", "kubernetes/podinfo.yaml", "talos/talenv.yaml"
    old = OCI.format(version="v1beta2", tag="6.8.0")
    base = {instance: INSTANCE.format(flux="2.5.1"), oci: old, "README.md": "x\n"}
    base |= {talos: TALOS.format(talos="1.9.5", kubernetes="1.32.3")}
    base |= {"talos/node.yaml": PROXY.format(kube="1.32.3"), "talos/plane.yaml": KUBE.format(kube="1.32.3")}
    maker.merges("base", "Begin", base, by="person")
    early = "fix(deps): update dependency ocirepository ( source.toolkit.fluxcd.io/v1beta2 → v1 ) (#34)"
    maker.merges("early", early, {oci: OCI.format(version="v1", tag="6.8.0")})
    maker.merges("revert", f'Revert "{early}" (#35)', {oci: old}, by="person")
    maker.merges(
        "app", "fix(container): update image podinfo ( 6.8.0 → 6.9.0 ) (#36)",
        {oci: OCI.format(version="v1beta2", tag="6.9.0")},
    )  # fmt: skip
    maker.merges(
        "flux", "feat(github-release): update fluxcd/flux2 ( 2.5.1 → 2.6.1 ) (#30)",
        {instance: INSTANCE.format(flux="2.6.1")},
    )  # fmt: skip
    maker.merges(
        "kubernetes", "feat(container): update ghcr.io/siderolabs/kubelet ( v1.32.3 → v1.33.0 ) (#40)",
        {talos: TALOS.format(talos="1.9.5", kubernetes="1.33.0")},
    )  # fmt: skip
    maker.merges(
        "talos", "feat(container): update ghcr.io/siderolabs/installer ( v1.9.5 → v1.10.0 ) (#41)",
        {talos: TALOS.format(talos="1.10.0", kubernetes="1.33.0")},
    )  # fmt: skip
    maker.merges(
        "partial", "fix(container): update kubernetes group ( v1.32.3 → v1.32.4 ) (#42)",
        {"talos/plane.yaml": KUBE.format(kube="1.32.4")},
    )  # fmt: skip
    return maker


def case(made: Maker, name: str, dependent: str, blocker: str | None, kind: str, **more: object) -> dict[str, object]:
    return {
        "id": name, "repo": "someone/Cluster", "kind": kind, "dependent": {"sha": made.shas[dependent][:12]},
        "blocker": {"sha": made.shas[blocker]} if blocker else None, **more,
    }  # fmt: skip


def run(made: Maker, cases: list[dict[str, object]], *options: str) -> Result:
    path = made.folder.parents[1] / "cases.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in cases), encoding="utf-8")
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(ordering)
    return CliRunner().invoke(app, [str(path), "--clones", str(made.folder.parents[1]), *options])


@pytest.mark.parametrize(
    ("dependent", "blocker", "kind", "line"),
    [
        ("early", "flux", "api-introduced", "found        x: needs, hard: #34 needs OCIRepository"),
        ("kubernetes", "talos", "version-skew", "found        x: pair, hard: #40 brings Kubernetes 1.33.0"),
        ("early", None, "api-introduced", "found        x: needs, hard, no open pull request brings it: Blocked"),
        (
            "kubernetes",
            None,
            "version-skew",
            "found        x: pair, hard, no open pull request brings it: Blocked: #40",
        ),
        (
            "partial",
            None,
            "partial-group",
            "found        x: warning: #42 raises kube-controller-manager and kube-scheduler",
        ),
        ("app", "flux", "api-introduced", "not found    x: Ready: nothing to wait for"),
        ("app", None, "api-introduced", "not found    x: Ready: nothing to wait for"),
        ("kubernetes", None, "api-introduced", "not found    x: Blocked: #40 brings Kubernetes"),
        ("kubernetes", "talos", "upstream-breaking", "undecidable  x: what a release breaks stands in no diff"),
        ("base", None, "api-introduced", "is not in the clone"),
    ],
)
def test_a_case_is_judged_on_the_tree_before_both(
    made: Maker, dependent: str, blocker: str | None, kind: str, line: str
) -> None:
    result = run(made, [case(made, "x", dependent, blocker, kind)])
    assert result.exit_code == 0, result.output
    assert line in result.output


def test_a_commit_that_the_clone_has_not_got_is_undecidable(made: Maker) -> None:
    unknown = case(made, "x", "early", "flux", "api-introduced") | {"blocker": {"sha": "ab" * 20}}
    foreign = case(made, "y", "early", "flux", "api-introduced") | {"repo": "another/one"}
    output = run(made, [unknown, foreign]).output
    assert "undecidable  x: the blocker abababab is not in the clone" in output
    assert "undecidable  y: the dependent" in output
    assert "orders found         0 of 0 (nothing to measure) decidable, 2 are not" in output


def test_the_history_counts_what_would_have_been_held_for_nothing(made: Maker) -> None:
    output = run(made, [], "--history", "50").output
    assert "false blocks, in clones, alone 1 of 5 (20.0 %)" in output
    assert "false blocks, in clones, together 1 of 4 (25.0 %)" in output
    assert "1,000 pull requests: 200.0 in clones, alone; 250.0 in clones, together" in output
    (block,) = [line for line in output.splitlines() if line.startswith("false block:") and "and" not in line]
    assert "kubelet ( v1.32.3 → v1.33.0 ) (#40)" in block


def test_what_a_case_names_is_no_quiet_history(made: Maker) -> None:
    output = run(made, [case(made, "x", "kubernetes", "talos", "version-skew")], "--history", "50").output
    assert "false blocks, in clones, alone 0 of 3 (0.0 %)" in output


def test_a_merge_that_was_undone_is_no_quiet_one(made: Maker) -> None:
    titles = [merge.title for merge in Clone("a/b", made.folder).renovate_merges()]
    assert len(titles) == 5
    assert not any("ocirepository" in title for title in titles)


def test_json_says_the_same(made: Maker) -> None:
    told = json.loads(
        run(made, [case(made, "x", "early", "flux", "api-introduced")], "--history", "2", "--json").output
    )
    assert told["orders"] == {"found": 1, "decidable": 1, "undecidable": 0}
    assert (told["cases"][0]["id"], told["cases"][0]["outcome"]) == ("x", "found")
    assert [(each["about"], each["held"], each["judged"]) for each in told["false_blocks"]] == [
        ("in clones, alone", 0, 2), ("in clones, together", 0, 1),
    ]  # fmt: skip


def test_a_bare_clone_and_a_later_tree_will_do(made: Maker, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(made.folder), str(tmp_path / "other" / "x" / "y.git"))
    (clone,) = find_clones(tmp_path / "other").values()
    merges = [merge for word in ("talos", "early") if (merge := clone.find(made.shas[word]))]
    snapshot, numbers = clone.snapshot(merges)
    assert numbers == (41, 34)
    assert snapshot.tree["talos/talenv.yaml"].text == TALOS.format(talos="1.9.5", kubernetes="1.32.3")
    (change,) = snapshot.pull_requests[0].changes
    assert change.after is not None
    assert change.after.text == TALOS.format(talos="1.10.0", kubernetes="1.32.3")


def test_a_folder_without_clones_is_told(tmp_path: Path) -> None:
    with pytest.raises(GitError, match=r"holds no clone; put each at .*/OWNER/NAME$"):
        find_clones(tmp_path)
    with pytest.raises(GitError, match=r"/nowhere is not a folder$"):
        find_clones(Path("/nowhere"))


def logged(subject: str, author: str, body: str = "") -> LoggedCommit:
    return LoggedCommit("a" * 40, ("b" * 40,), author, datetime(2025, 1, 1, tzinfo=UTC), subject, body)


@pytest.mark.parametrize(
    ("subject", "author", "body", "expected"),
    [
        ("feat(container): update image x ( 1.0.0 → 1.1.0 ) (#7)", "bot-ross[bot] <1@x>", "", True),
        ("feat(container): update image x ( 1.0.0 → 1.1.0 ) (#7)", "renovate <r@x>", "", True),
        ("feat(container): update image x ( 1.0.0 → 1.1.0 ) (#7)", "A Person <p@x>", "", False),
        ("Update x (#7)", "A Person <p@x>", "Co-authored-by: renovate[bot] <r@x>", True),
        ("Bump x from 1 to 2 (#7)", "dependabot[bot] <d@x>", "", False),
        ("Regenerate the docs (#7)", "bot-ross[bot] <1@x>", "", False),
        ("Merge pull request #7 from o/renovate/x-1.x", "A Person <p@x>", "Update x to v1", True),
        ("Merge pull request #7 from o/feature", "A Person <p@x>", "Update x to v1", False),
        ("Merge pull request #7 from o/revert-5-renovate/x-1.x", "A Person <p@x>", "Revert it", False),
        ('Revert "feat(container): update image x" (#7)', "bot-ross[bot] <1@x>", "", False),
    ],
)
def test_renovates_merges_are_told_from_others(subject: str, author: str, body: str, expected: bool) -> None:
    merge = read_merge(logged(subject, author, body))
    assert is_renovates(merge) is expected
    assert merge.number in (7, 0)


def test_a_merge_commit_has_the_title_in_its_body() -> None:
    merge = read_merge(logged("Merge pull request #7 from o/renovate/x-1.x", "p", "Update x to v1\n\nmore"))
    assert (merge.title, merge.branch, merge.number) == ("Update x to v1", "renovate/x-1.x", 7)


def test_a_window_begins_at_each_merge_and_none_stands_alone() -> None:
    merges = [read_merge(logged(f"x (#{number})", "a")) for number in range(1, 5)]
    assert [[merge.number for merge in group] for group in windows(merges, 3)] == [[1, 2, 3], [2, 3, 4], [3, 4]]
