"""What `fluxmig check` finds, by table, and its formats."""

import json

import pytest

from app.catalogue import load_catalogue
from app.domain.base_facts import read_base
from app.domain.finding import Finding, Level, Rule
from app.domain.findings import Report, find_findings
from app.domain.liveness import is_live
from app.domain.render_findings import findings_to_json, findings_to_lines, findings_to_workflow_commands
from app.domain.sarif import findings_to_sarif
from tests.support.flux_repository import instance
from tests.support.migrations import checked, repository
from tests.support.story_repository import tree_of

A = "apps/a/a.yaml"
AT = "(declared in apps/flux/instance.yaml:8)"


def manifest(api_version: str, kind: str, spec: str = "") -> str:
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: x\n{spec}"


def oci(version: str) -> str:
    return manifest(f"source.toolkit.fluxcd.io/{version}", "OCIRepository")


def release(version: str, spec: str = "") -> str:
    return manifest(f"helm.toolkit.fluxcd.io/{version}", "HelmRelease", spec)


LOST = "spec:\n  chart:\n    spec:\n      valuesFile: x\n"


@pytest.mark.parametrize(
    ("flux", "text", "rule", "place", "message"),
    [
        (
            "2.5.1",
            oci("v1"),
            Rule.UNSERVED_API,
            (1, 13, 40),
            (f"OCIRepository source.toolkit.fluxcd.io/v1 is not served by Flux 2.5.1 {AT}: Flux serves it from 2.6.0; "
            "raise Flux first, or use a version that it serves."),
        ),
        (
            "2.8.0",
            release("v2beta2"),
            Rule.UNSERVED_API,
            (1, 13, 43),
            (f"HelmRelease helm.toolkit.fluxcd.io/v2beta2 is not served by Flux 2.8.0 {AT}: Flux no longer serves it "
            "from 2.8.0; `fluxmig migrate` rewrites it to v2."),
        ),
        (
            "2.8.0",
            release("v2beta2", LOST),
            Rule.UNSERVED_API,
            (1, 13, 43),
            (f"HelmRelease helm.toolkit.fluxcd.io/v2beta2 is not served by Flux 2.8.0 {AT}: Flux no longer serves it "
            "from 2.8.0; HelmRelease helm.toolkit.fluxcd.io/v2 has no spec.chart.spec.valuesFile, "
            "which is used here; replace the field, then move it."),
        ),
        (
            "2.8.0",
            manifest("example.com/v1", "Watcher", "spec:\n  watch:\n")
            + "    - apiVersion: helm.toolkit.fluxcd.io/v2beta2\n      kind: HelmRelease\n",
            Rule.UNSERVED_REFERENCE,
            (7, 19, 49),
            (f"this names HelmRelease helm.toolkit.fluxcd.io/v2beta2, which is not served by Flux 2.8.0 {AT}: Flux no "
            "longer serves it from 2.8.0; v2 is served, but this is a reference, and it is not known how a Watcher "
            "reads it."),
        ),
        (
            "2.7.0",
            oci("v1beta2"),
            Rule.REMOVED_SOON,
            (1, 13, 45),
            (f"Flux 2.8.0 no longer serves OCIRepository source.toolkit.fluxcd.io/v1beta2, and v1 is served by Flux "
            f"2.7.0 {AT} already; `fluxmig migrate` rewrites it to v1, which has to be merged before that release."),
        ),
        (
            "2.6.1",
            oci("v1beta2"),
            Rule.DEPRECATED_API,
            (1, 13, 45),
            (f"OCIRepository source.toolkit.fluxcd.io/v1beta2 is deprecated since Flux 2.6.0, and v1 is served by "
            f"Flux 2.6.1 {AT}; `fluxmig migrate` rewrites it to v1."),
        ),
        ("2.5.1", oci("v1beta2"), None, (), ""),
        (
            "2.6.1",
            release("v2", "spec:\n  waitStrategy:\n    name: poller\n"),
            Rule.UNKNOWN_FIELD,
            (6, 3, 16),
            (f"HelmRelease helm.toolkit.fluxcd.io/v2 knows spec.waitStrategy from Flux 2.8.0, and not with "
            f"Flux 2.6.1 {AT}, so that server-side apply refuses the object; raise Flux first, or leave it out."),
        ),
        ("2.8.0", release("v2", "spec:\n  waitStrategy:\n    name: poller\n"), None, (), ""),
        (
            "2.5.1",
            "apiVersion: ${API:=source.toolkit.fluxcd.io/v1}\nkind: OCIRepository\n",
            Rule.UNSERVED_REFERENCE,
            (1, 20, 47),
            ("unless somebody sets the variable of `apiVersion: ${API:=source.toolkit.fluxcd.io/v1}`: OCIRepository "
            f"source.toolkit.fluxcd.io/v1 is not served by Flux 2.5.1 {AT}: Flux serves it from 2.6.0; raise Flux "
            "first, or use a version that it serves."),
        ),
        (
            "2.6.1",
            manifest("image.toolkit.fluxcd.io/v1beta2", "ImagePolicy"),
            Rule.MISSING_COMPONENT,
            (1, 13, 44),
            ("ImagePolicy image.toolkit.fluxcd.io/v1beta2 comes with image-reflector-controller, which is not among "
            f"what is installed of Flux 2.6.1 {AT}; add it there, unless a patch does."),
        ),
        (
            "2.6.1",
            "# yaml-language-server: $schema=https://x.dev/source.toolkit.fluxcd.io/ocirepository_v1beta2.json\n"
            + oci("v1"),
            Rule.STALE_SCHEMA,
            (1, 86, 93),
            ("the schema comment is that of v1beta2, the document is OCIRepository source.toolkit.fluxcd.io/v1; "
            "`fluxmig migrate --stale-comments` rewrites it."),
        ),
        (
            None,
            oci("v1beta2") + "---\n" + oci("v1beta2"),
            Rule.UNKNOWN_VERSION,
            (1, 0, 0),
            ("it is not known whether OCIRepository source.toolkit.fluxcd.io/v1beta2 is served (and 1 more use like "
            "it): Flux serves it from 2.0.0 and no longer from 2.8.0; cluster main: Flux, of which Git declares no "
            "version: only what every release from 2.0 to 2.9.4 serves is sure."),
        ),
        (
            "2.6.1",
            "apiVersion: ${API}\nkind: OCIRepository\n",
            Rule.UNREAD,
            (1, 0, 0),
            "what this uses is not known: a template decides the API.",
        ),
        ("2.6.1", "apiVersion: 1\nkind: Datasource\n", None, (), ""),
        ("2.6.1", manifest("example.com/v1", "Foo"), None, (), ""),
    ],
)  # fmt: skip
def test_a_finding_has_its_rule_its_place_and_says_what_to_do(
    flux: str | None, text: str, rule: Rule | None, place: tuple[int, ...], message: str
) -> None:
    found = checked({A: text}, flux).findings
    expected = [(rule, A, *place, message)] if rule else []
    assert [(f.rule, f.file, f.line, f.column, f.end_column, f.message) for f in found] == expected


def test_a_patch_with_a_target_and_a_patch_in_a_file_break_nothing() -> None:
    patch = (
        "resources: []\npatches:\n  - path: p.yaml\n  - patch: |-\n      apiVersion: helm.toolkit.fluxcd.io/v2beta1\n"
        "      kind: HelmRelease\n    target:\n      kind: HelmRelease\n"
    )
    found = checked({"apps/a/kustomization.yaml": patch, "apps/a/p.yaml": release("v2beta1")}, "2.8.0").findings
    # The file is a patch of something that is not here; what names the old version is still worth a word.
    assert [(f.rule, f.file) for f in found] == [(Rule.UNSERVED_REFERENCE, "apps/a/p.yaml")]


def test_crds_in_git_serve_what_they_say() -> None:
    crd = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n"
        "  group: source.toolkit.fluxcd.io\n  names:\n    kind: OCIRepository\n  versions:\n    - name: v1\n"
        "      served: true\n"
    )
    assert checked({A: oci("v1"), "apps/a/crd.yaml": crd}, "2.5.1").findings == ()


def test_declarations_that_disagree_and_a_bootstrap_that_lags() -> None:
    helmfile = "releases:\n  - name: x\n    chart: oci://ghcr.io/example/charts/flux-operator\n    version: 0.20.0\n"
    chart = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: flux-operator\nspec:\n"
        "  url: oci://ghcr.io/example/charts/flux-operator\n  ref:\n    tag: 0.28.0\n"
    )
    files = {
        "apps/a/second.yaml": instance("2.7.0"),
        "bootstrap/helmfile.yaml": helmfile,
        "apps/a/operator.yaml": chart,
    }
    found = {finding.rule: finding for finding in checked(files, "2.6.1").findings}
    assert found[Rule.DECLARATIONS_DISAGREE].message == (
        "Flux 2.6.1 is declared here, and 2.7.0 in apps/a/second.yaml:8; the lowest counts. Keep one, or bring them "
        "together."
    )
    drift = found[Rule.BOOTSTRAP_DRIFT]
    assert (drift.file, drift.line, drift.level) == ("bootstrap/helmfile.yaml", 4, Level.NOTE)
    assert drift.message == (
        "this installs Flux Operator 0.20.0 when the cluster is set up anew, while it runs 0.28.0 in "
        "apps/a/operator.yaml:8; bring this one up to it."
    )


def test_only_what_is_held_is_told_and_declarations_are_read_from_everywhere() -> None:
    tree, base = repository({A: oci("v1"), "apps/b/b.yaml": oci("v1")}, "2.5.1")
    unreadable = {"apps/b/c.yaml": "is not UTF-8", "d.yaml": "is not text"}
    report = find_findings(tree, base, holds=lambda path: path.startswith("apps/b/"), unreadable=unreadable)
    assert [(f.rule, f.file, f.line) for f in report.findings] == [
        (Rule.UNSERVED_API, "apps/b/b.yaml", 1),
        (Rule.UNREAD, "apps/b/c.yaml", 0),
    ]
    assert report.findings[1].message == "this file was not looked at: it is not UTF-8."
    assert report.files == 2


def test_each_cluster_is_named_where_there_are_several() -> None:
    def cluster(name: str, flux: str) -> dict[str, str]:
        synced = instance(flux).replace("clusters/main", f"clusters/{name}")
        return {f"clusters/{name}/flux.yaml": synced, f"clusters/{name}/a.yaml": oci("v1")}

    tree = tree_of({**cluster("staging", "2.6.1"), **cluster("production", "2.5.1")})
    report = find_findings(tree, read_base(tree, load_catalogue()), holds=is_live, unreadable={})
    (found,) = report.findings
    assert (found.rule, found.file) == (Rule.UNSERVED_API, "clusters/production/a.yaml")
    assert "is not served by Flux 2.5.1 (declared in clusters/production/flux.yaml:8) for cluster production: " in (
        found.message
    )


def test_a_bootstrap_folder_is_asked_of_no_running_cluster() -> None:
    files = {"bootstrap/a.yaml": release("v2beta1"), A: oci("v1"), "bootstrap/b.yaml": oci("v1beta1")}
    assert checked(files, "2.8.0").findings == ()


# --- formats ---


@pytest.fixture
def report() -> Report:
    nasty = Finding(Rule.UNREAD, "a,b:c%\nd\x1b.yaml", 0, "50 %\r\nmore: a,b")
    story = checked({A: oci("v1")}, "2.5.1")
    return Report((*story.findings, nasty), story.stated, 3)


def test_lines(report: Report) -> None:
    base, error, note, summary = findings_to_lines(report)
    assert base == f"cluster main: Flux 2.5.1 {AT}"
    assert error.startswith(f"{A}:1:13: error: OCIRepository source.toolkit.fluxcd.io/v1 is not served by Flux 2.5.1 ")
    assert error.endswith(" [unserved-api]")
    assert note == "a,b:c% d .yaml: note: 50 %  more: a,b [unread]"
    assert summary == "1 error and 1 note in 3 files."


@pytest.mark.parametrize(
    ("levels", "files", "summary"),
    [
        ((), 1, "Nothing found in 1 file: all that is used is served."),
        ((Rule.UNSERVED_API,) * 2, 2, "2 errors in 2 files."),
        (
            (Rule.UNSERVED_API, Rule.STALE_SCHEMA, Rule.STALE_SCHEMA, Rule.UNREAD),
            4,
            "1 error, 2 warnings and 1 note in 4 files.",
        ),
    ],
)
def test_the_summary_is_one_sentence(levels: tuple[Rule, ...], files: int, summary: str) -> None:
    findings = tuple(Finding(rule, A, 1, "x") for rule in levels)
    assert list(findings_to_lines(Report(findings, (), files)))[-1] == summary


def test_workflow_commands_are_escaped(report: Report) -> None:
    error, note, summary = findings_to_workflow_commands(report)
    assert error.startswith(
        f"::error file={A},line=1,col=13,endColumn=40,title=An API that the declared version does not serve::"
        "OCIRepository source.toolkit.fluxcd.io/v1 is not served"
    )
    assert note == (
        "::notice file=a%2Cb%3Ac%25 d .yaml,title=A file or document that could not be read::"
        "50 %25%0D%0Amore: a,b [unread]"
    )
    assert summary == "1 error and 1 note in 3 files."


def test_json_has_every_field(report: Report) -> None:
    told = json.loads(json.dumps(findings_to_json(report)))
    assert list(told) == ["clusters", "findings", "errors", "warnings", "notes", "files"]
    first, second = told["findings"]
    assert {**first, "message": ""} == {
        "rule": "unserved-api",
        "level": "error",
        "file": A,
        "line": 1,
        "column": 13,
        "end_column": 40,
        "message": "",
    }
    assert (second["line"], second["column"], second["end_column"]) == (None, None, None)
    assert (told["errors"], told["warnings"], told["notes"], told["files"]) == (1, 0, 1, 3)


# --- SARIF: what the specification requires of each object that is written (the number is its section) ---


def test_sarif_has_what_the_specification_and_code_scanning_ask_for(report: Report) -> None:
    tree, _ = repository({A: oci("v1")}, "2.5.1")
    sarif = json.loads(json.dumps(findings_to_sarif(report, tree, version="0.1.0")))
    assert sarif["$schema"].endswith("sarif-2.1.0.json")
    assert sarif["version"] == "2.1.0"  # 3.13.2
    (run,) = sarif["runs"]  # 3.13.4
    driver = run["tool"]["driver"]  # 3.14.6, 3.18.2
    assert driver["name"] == "fluxmig"  # 3.19.8
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules) == len(Rule)  # 3.49.3
    for rule in rules:
        assert rule["shortDescription"]["text"]  # 3.49.9
        assert rule["fullDescription"]["text"].endswith(".")
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}  # 3.50.3
    assert len(run["results"]) == 2
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]  # 3.27.6
        assert result["level"] in {"error", "warning", "note"}  # 3.27.10
        assert result["message"]["text"]  # 3.27.11
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        assert not physical["artifactLocation"]["uri"].startswith("/")
        assert physical["region"]["startLine"] >= 1  # 3.30.5
        digest, _, count = result["partialFingerprints"]["primaryLocationLineHash"].partition(":")
        assert len(digest) == 16
        assert count == "1"
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 1,
        "startColumn": 13,
        "endColumn": 40,
    }
    assert run["results"][1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == (
        "a%2Cb%3Ac%25%0Ad%1B.yaml"
    )


def test_a_fingerprint_stays_when_lines_move_and_tells_equal_lines_apart() -> None:
    def prints(text: str) -> list[str]:
        tree, base = repository({A: text}, "2.5.1")
        report = find_findings(tree, base, holds=is_live, unreadable={})
        (run,) = findings_to_sarif(report, tree, version="0")["runs"]
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]

    one = prints(oci("v1"))
    assert prints("# a\n\n" + oci("v1")) == one
    two = prints(oci("v1") + "---\n" + oci("v1"))
    assert (two[0], len(set(two))) == (one[0], 2)
