"""`fluxmig catalogue`: what it shows, how it answers a wrong name, and how it checks and derives files."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.catalogue import build_catalogue, load_catalogue
from app.cli import cli
from app.domain.catalogue import version_rank

runner = CliRunner()


def run(*arguments: str) -> tuple[int, str, str]:
    result = runner.invoke(cli, ["catalogue", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


# --- list and show ---


def test_list_names_every_provider() -> None:
    status, told, _ = run("list")
    assert status == 0
    rows = {line.split()[0] for line in told.splitlines()[1:] if line and line[0].islower()}
    assert rows == set(load_catalogue().providers)
    assert "Chart flux2 has versions of its own: Flux of 34 of them is known." in told


def test_list_as_json_holds_every_fact() -> None:
    status, told, _ = run("list", "--format", "json")
    assert status == 0
    flux = next(one for one in json.loads(told) if one["id"] == "flux")
    assert flux["kinds"]["source.toolkit.fluxcd.io/OCIRepository"]["v1beta2"] == {
        "since": "<=2.0.0",
        "deprecated": "2.6.0",
        "removed": "2.8.0",
        "replaced_by": None,
        "source": "https://github.com/fluxcd/flux2/releases",
        "confidence": "derived",
        "fields": {
            "spec.verify.matchOIDCIdentity": "2.2.0",
            "spec.ref.semverFilter": "2.3.0",
            "spec.proxySecretRef": "2.4.0",
        },
        "values": {"spec.verify.provider": {"notation": "2.3.0"}},
        "lost": {},
    }


@pytest.mark.parametrize(
    "kind",
    [
        "OCIRepository",
        "ocirepository",
        "source.toolkit.fluxcd.io/OCIRepository",
        "ocirepository.source.toolkit.fluxcd.io",
    ],
)
def test_show_tells_the_versions_of_a_kind(kind: str) -> None:
    status, told, _ = run("show", kind)
    assert status == 0
    assert told.splitlines()[:2] == [
        "OCIRepository of source.toolkit.fluxcd.io, served by Flux, with its source-controller",
        "  v1beta2  since 2.0.0 or before, deprecated in 2.6.0, removed in 2.8.0",
    ]
    assert "  v1       since 2.6.0\n" in told
    assert "             spec.verify.trustedRootSecretRef since 2.9.0\n" in told
    assert "  source: https://github.com/fluxcd/flux2/releases (derived)\n" in told


@pytest.mark.parametrize(
    "kind",
    ["OCIRepository/v1", "source.toolkit.fluxcd.io/v1/OCIRepository", "OCIRepository source.toolkit.fluxcd.io/v1"],
)
def test_show_tells_one_version(kind: str) -> None:
    status, told, _ = run("show", kind, "--format", "json")
    assert status == 0
    (found,) = json.loads(told)
    assert (found["provider"], found["component"], list(found["versions"])) == ("flux", "source-controller", ["v1"])


def test_show_lists_every_group_of_a_name() -> None:
    _, told, _ = run("show", "Gateway")
    headings = [line for line in told.splitlines() if line and line[0] != " "]
    assert headings == [
        "Gateway of gateway.networking.k8s.io, served by Gateway API",
        "Gateway of networking.istio.io, served by Istio",
    ]


def test_show_tells_channels_switches_and_how_crds_arrive() -> None:
    _, told, _ = run("show", "TLSRoute")
    assert "  v1alpha2  since 0.5.0 or before, deprecated in 1.5.0 (experimental channel)\n" in told
    assert "  v1        since 1.5.0\n" in told
    _, told, _ = run("show", "ExternalSecret")
    assert "serves v1beta1 again from 1.3.0 on where `crds.unsafeServeV1Beta1` is true\n" in told
    _, told, _ = run("show", "CiliumLoadBalancerIPPool")
    assert "  chart cilium brings an operator that writes the CRDs when it starts\n" in told
    assert "  source of v2alpha1: https://github.com/xunholy/k8s-gitops/pull/4209 (observed)\n" in told


def test_show_answers_for_the_kinds_of_a_whole_group() -> None:
    status, told, _ = run("show", "traefik.io/IngressRoute")
    assert status == 0
    assert told.splitlines()[:2] == ["Any other kind of traefik.io, served by Traefik", "  v1alpha1  since 2.10.0"]


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("flux/OCIRepo", "has no kind flux/OCIRepo. Did you mean source.toolkit.fluxcd.io/OCIRepository?"),
        (
            "OCIRepository/v3",
            "Did you mean source.toolkit.fluxcd.io/v1beta2/OCIRepository or source.toolkit.fluxcd.io/v1/OCIRepository?",
        ),
        ("apps/Zzzz", "has no kind apps/Zzzz.\n"),
        ("IngressRoute", "it knows the versions but no kinds: ask with the group, as GROUP/IngressRoute.\n"),
    ],
)
def test_an_unknown_kind_gets_an_answer(kind: str, sentence: str) -> None:
    status, told, complaint = run("show", kind)
    assert (status, told) == (1, "")
    assert sentence in complaint


# --- check ---

GOOD = """
providers:
  - chart: widgets-bundle
    installs: widgets
    versions: {3.0.0: 1.1.0}
  - provider: widgets
    name: Widgets
    source: https://example.com
    first: "1.0"
    last: "1.2"
    newest: 1.2.0
    complete: true
    kinds:
      example.com/Widget:
        versions:
          v1: {since: 1.1.0}
  - provider: flux
    last: "2.10"
labels: {blocked: x}
"""


def check(tmp_path: Path, text: str) -> tuple[int, str, str]:
    file = tmp_path / "fluxmig.yaml"
    file.write_text(text, encoding="utf-8")
    status, told, complaint = run("check", str(file))
    return status, told.replace(f"{tmp_path}/", ""), complaint.replace(f"{tmp_path}/", "")


def test_check_says_what_a_file_does(tmp_path: Path) -> None:
    assert check(tmp_path, GOOD) == (
        0,
        (
            "fluxmig.yaml: widgets is new, with 1 kind\n"
            "fluxmig.yaml: flux of the catalogue is extended; the entry speaks of 0 kinds\n"
            "fluxmig.yaml: chart widgets-bundle is added to the catalogue\n"
        ),
        "",
    )


def test_check_names_file_line_and_key_of_each_mistake(tmp_path: Path) -> None:
    text = GOOD.replace("since: 1.1.0", "since: soon").replace('last: "2.10"', "last: 2.10")
    status, told, complaint = check(tmp_path, text)
    assert (status, told) == (2, "")
    assert complaint.splitlines() == [
        "fluxmig.yaml:4: providers.0.installs is widgets, and there is no such provider",
        "fluxmig.yaml:16: providers.1.kinds.example.com/Widget.versions.v1.since is 'soon', not a full version",
        "fluxmig.yaml:18: providers.2.last is 2.1, not text (quote it)",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("provider: widgets\nfirst: '1'\n", "fluxmig.yaml:1: source is missing"),
        ("- provider: flux\n- 7\n", "fluxmig.yaml:2: 1 is not a mapping with text keys"),
        ("7\n", "fluxmig.yaml:1: is neither a mapping nor a list of entries"),
        ("providers: 7\n", "fluxmig.yaml:1: providers is not a list"),
        ("a: b\nc: d: e\n", "fluxmig.yaml:2: mapping values are not allowed in this context"),
        ("name: x\n", "fluxmig.yaml:1: says neither `provider` nor `chart`, `platform` nor `relations`"),
    ],
)
def test_check_reads_one_entry_a_list_or_nothing(tmp_path: Path, text: str, complaint: str) -> None:
    status, _, told = check(tmp_path, text)
    assert (status, told) == (2, complaint + "\n")


def test_check_counts_relations(tmp_path: Path) -> None:
    entry = "{kind: crds, first: [widgets-crds], then: [widgets], source: 'https://example.com'}"
    assert check(tmp_path, f"relations: [{entry}]\n") == (
        0,
        "fluxmig.yaml: 1 relation is added to the catalogue\n",
        "",
    )


def test_check_of_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert run("check", str(tmp_path / "none.yaml"))[2].endswith("none.yaml: No such file or directory\n")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    assert run("check", str(tmp_path / "binary.yaml"))[::2] == (
        2,
        f"fluxmig catalogue check: {tmp_path}/binary.yaml: is not UTF-8\n",
    )


@pytest.mark.parametrize("file", sorted(Path("app/catalogue").glob("*.yaml")), ids=lambda file: file.name)
def test_every_file_of_ours_passes_the_check(file: Path) -> None:
    assert run("check", str(file))[::2] == (0, "")


# --- derive ---


def crd(kind: str, **versions: str) -> str:
    """A CRD as controller-gen writes it; `v1="served"`, `v1beta1="deprecated"`, `v1alpha1="kept"`."""
    listed = ""
    for name, state in versions.items():
        listed += "  - additionalPrinterColumns:\n    - jsonPath: .spec.name\n      name: Name\n      type: string\n"
        listed += "    deprecated: true\n" if state == "deprecated" else ""
        listed += f"    name: {name}\n    schema:\n      openAPIV3Schema:\n        properties:\n          served:\n"
        listed += f"            type: string\n    served: {'false' if state == 'kept' else 'true'}\n    storage: true\n"
    plural = f"{kind.lower()}s"
    return (
        "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n"
        f"  name: {plural}.example.com\nspec:\n  group: example.com\n  names:\n    kind: {kind}\n"
        f"    plural: {plural}\n  scope: Namespaced\n  versions:\n{listed}"
    )


class Clone:
    """A repository with releases."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self._git("init", "-q")

    def _git(self, *arguments: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
        subprocess.run(["git", *identity, *arguments], cwd=self.path, env=environment, check=True)

    def release(self, tag: str, files: dict[str, str]) -> None:
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        self._git("add", "-A")
        self._git("commit", "-q", "--allow-empty", "-m", tag)
        self._git("tag", tag)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    clone = Clone(tmp_path / "widgets")
    folder = "config/crd/bases"
    clone.release("v0.9.0", {"README.md": "no CRDs yet"})
    clone.release("v1.0.0", {f"{folder}/widgets.yaml": crd("Widget", v1beta1="served")})
    clone.release("v1.1.0-rc.1", {f"{folder}/widgets.yaml": crd("Widget", v2="served")})
    clone.release("v1.1.0", {f"{folder}/widgets.yaml": crd("Widget", v1beta1="deprecated", v1="served")})
    clone.release("v1.2.0", {f"{folder}/gadgets.yaml": crd("Gadget", v1alpha1="served")})
    clone.release("v1.3.0", {f"{folder}/widgets.yaml": crd("Widget", v1beta1="kept", v1="served")})
    clone.release("not-a-release", {})
    return clone


def derive(clone: Clone, *arguments: str, provider: str = "widgets") -> tuple[int, str, str]:
    return run("derive", "--git", str(clone.path), *arguments, provider)


DERIVED = """# Read from config/crd/bases at 4 releases, 1.0.0 to 1.3.0.
provider: widgets
name: widgets
source: https://example.com
confidence: derived
first: "1.0"
last: "1.3"
newest: 1.3.0
complete: true

kinds:
  example.com/Gadget:
    versions:
      v1alpha1: {since: 1.2.0}
  example.com/Widget:
    versions:
      v1beta1: {since: "<=1.0.0", deprecated: 1.1.0, removed: 1.3.0}
      v1: {since: 1.1.0}
"""


def test_derive_reads_what_each_release_serves(clone: Clone) -> None:
    told = derive(clone, "--path", "config/crd/bases", "--source", "https://example.com")
    assert told == (0, DERIVED, "")


def test_what_is_derived_can_be_read_again(clone: Clone, tmp_path: Path) -> None:
    _, told, _ = derive(clone, "--path", "config/crd/bases", "--source", "https://example.com")
    file = tmp_path / "widgets.yaml"
    file.write_text(told, encoding="utf-8")
    assert run("check", str(file)) == (0, f"{file}: widgets is new, with 2 kinds\n", "")


def test_derive_says_what_differs_from_the_catalogue(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = DERIVED.replace("since: 1.1.0}", "since: 1.2.0}").replace("example.com/Gadget", "example.com/Gizmo")
    operator = Path("app/catalogue/flux-operator.yaml").read_text(encoding="utf-8")
    shipped = build_catalogue({"widgets.yaml": ours, "flux-operator.yaml": operator})
    monkeypatch.setattr("app.cli.derive.load_catalogue", lambda: shipped)
    status, told, differences = derive(clone, "--path", "config/crd/bases", "--check")
    assert (status, told) == (1, "")
    assert differences.splitlines() == [
        "Gadget example.com/v1alpha1 is not in the catalogue: since 1.2.0",
        "Widget example.com/v1: read since 1.1.0; the catalogue says since 1.2.0",
        "Gizmo example.com/v1alpha1 is in the catalogue, and no release that was read serves it",
    ]
    shipped = build_catalogue({"widgets.yaml": DERIVED, "flux-operator.yaml": operator})
    monkeypatch.setattr("app.cli.derive.load_catalogue", lambda: shipped)
    assert derive(clone, "--path", "config/crd/bases", "--check") == (0, "", "")


def test_what_came_before_the_first_release_that_was_read_is_no_difference(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = DERIVED.replace('"<=1.0.0", deprecated: 1.1.0', '"<=0.5.0", deprecated: 1.1.0')
    gone = "  example.com/Relic:\n    versions:\n      v1: {since: 0.1.0, removed: 0.9.0}\n"
    operator = Path("app/catalogue/flux-operator.yaml").read_text(encoding="utf-8")
    shipped = build_catalogue({"widgets.yaml": older + gone, "flux-operator.yaml": operator})
    monkeypatch.setattr("app.cli.derive.load_catalogue", lambda: shipped)
    assert derive(clone, "--path", "config/crd/bases", "--check") == (0, "", "")
    newer = DERIVED.replace('"<=1.0.0", deprecated: 1.1.0', '"<=1.2.0", deprecated: 1.1.0')
    shipped = build_catalogue({"widgets.yaml": newer, "flux-operator.yaml": operator})
    monkeypatch.setattr("app.cli.derive.load_catalogue", lambda: shipped)
    _, _, differences = derive(clone, "--path", "config/crd/bases", "--check")
    assert differences == (
        "Widget example.com/v1beta1: read since 1.0.0 or before, deprecated in 1.1.0, removed in 1.3.0; "
        "the catalogue says since 1.2.0 or before, deprecated in 1.1.0, removed in 1.3.0\n"
    )


def test_derive_keeps_channels_apart(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "gateways")
    clone.release("v1.0.0", {"standard/w.yaml": crd("Widget", v1="served"), "lab/w.yaml": crd("Widget", v1="served")})
    clone.release("v1.1.0", {"lab/w.yaml": crd("Widget", v1="served", v2="served")})
    status, told, _ = derive(
        clone, "--path", "standard=standard", "--path", "lab=lab", "--source", "https://example.com"
    )
    assert status == 0
    assert told.partition("\nchannels:\n")[2] == (
        '  standard: ["standard"]\n  lab: ["lab"]\n\nkinds:\n  example.com/Widget:\n    versions:\n'
        '      v1: {since: "<=1.0.0"}\n      v2:\n        channels:\n          lab: {since: 1.1.0}\n'
    )


def test_derive_reads_a_folder_for_each_release(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "operator")
    data = {
        "data/v2.9.0/all.yaml": crd("Widget", v1beta1="served"),
        "data/v2.10.0/all.yaml": crd("Widget", v1="served"),
        "data/latest/all.yaml": crd("Widget", v3="served"),
    }
    clone.release("main", data)
    _, told, _ = derive(clone, "--path", "data/{version}", "--source", "https://example.com")
    assert '      v1beta1: {since: "<=2.9.0", removed: 2.10.0}\n      v1: {since: 2.10.0}\n' in told


def test_derive_tells_of_a_release_in_between_that_does_not_serve_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = Clone(tmp_path / "widgets")
    for tag, state in (("v1.0.0", "served"), ("v1.1.0", "kept"), ("v1.2.0", "served")):
        clone.release(tag, {"crds/w.yaml": crd("Widget", v1=state, v2="served")})
    operator = Path("app/catalogue/flux-operator.yaml").read_text(encoding="utf-8")
    shipped = build_catalogue({"widgets.yaml": DERIVED, "flux-operator.yaml": operator})
    monkeypatch.setattr("app.cli.derive.load_catalogue", lambda: shipped)
    _, _, differences = derive(clone, "--path", "crds", "--check")
    gap = "Widget example.com/v1 is served before and after 1.1.0, but not there: look at it yourself"
    assert gap in differences.splitlines()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--path", "config/crd/bases"), "the catalogue has no provider widgets, so its --source is needed"),
        (("--path", "crds", "--source", "x"), "no release has a CustomResourceDefinition in crds"),
        (("--path", "crds", "--source", "x", "--tags", "w*"), "no tag that fits w* is a release such as v1.2.3"),
        (
            ("--path", "a=crds", "--path", "crds", "--source", "x"),
            "either each --path names its channel or none does",
        ),
        (("--path", "{version}", "--at", "x", "--source", "x"), "has no revision x"),
    ],
)
def test_derive_says_what_it_lacks(clone: Clone, arguments: tuple[str, ...], complaint: str) -> None:
    status, told, said = derive(clone, *arguments)
    assert (status, told) == (2, "")
    assert said.startswith("fluxmig catalogue derive: ")
    assert said.endswith(f"{complaint}\n")


def test_derive_of_a_folder_that_is_no_repository(tmp_path: Path) -> None:
    status, _, said = run("derive", "--git", str(tmp_path / "none"), "--path", "x", "--source", "x", "widgets")
    assert (status, said) == (2, f"fluxmig catalogue derive: {tmp_path}/none is not a folder\n")


def test_versions_rank_as_kubernetes_ranks_them() -> None:
    ranked = ["preview", "v1alpha1", "v2alpha1", "v1beta1", "v1beta2", "v1beta10", "v1", "v2", "v10"]
    assert sorted(set(ranked), key=version_rank) == ranked
