"""Looking ahead: what an upgrade takes, from the same rules as the plan, before anybody opens it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from inline_snapshot import snapshot
from typer.testing import CliRunner

from app.catalogue import load_catalogue
from app.cli import cli
from app.demo.story import base_files, story_updates
from app.domain.model import Observation, PullRequest, Snapshot
from app.domain.outlook import Outlook, look_ahead
from app.domain.outlook_step import StepKind, StepState
from app.domain.render_outlook import outlook_to_json, outlook_to_markdown, outlook_to_text
from app.domain.served_versions import BadTarget, parse_target
from tests.support.layouts import (
    LATEST,
    Files,
    bootstrapped,
    fleet,
    flux_kustomization,
    kustomization,
    manifests_repository,
    oci_repository,
    release,
)
from tests.support.story_repository import change, story_pull_request, tree_of

VALUES = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
OPERATOR = "kubernetes/apps/flux-system/flux-operator/app/helmrelease.yaml"
NOW = datetime(2025, 6, 11, 18, 0, tzinfo=UTC)


def ahead(
    files: Files,
    target: str,
    *pull_requests: PullRequest,
    observations: tuple[Observation, ...] = (),
) -> Outlook:
    catalogue = load_catalogue()
    taken = Snapshot("main", tree_of(files), pull_requests, NOW, observations)
    return look_ahead(taken, catalogue, parse_target(target, catalogue))


def story(target: str, *numbers: int, observations: tuple[Observation, ...] = ()) -> Outlook:
    files = base_files()
    return ahead(files, target, *(story_pull_request(number, files) for number in numbers), observations=observations)


def hops(outlook: Outlook, cluster: int = 0) -> list[tuple[str, str]]:
    return [(hop.before, hop.after) for hop in outlook.clusters[cluster].hops]


def kinds(outlook: Outlook, hop: int = 0) -> list[tuple[StepKind, StepState, tuple[int, ...]]]:
    return [(step.kind, step.state, step.pull_requests) for step in outlook.clusters[0].hops[hop].steps]


def test_the_storys_own_upgrade_is_its_phase_two() -> None:
    told = outlook_to_text(story("2.6", *story_updates()))
    lines = [line.replace(VALUES, "VALUES").replace(OPERATOR, "OPERATOR") for line in told.splitlines()]
    assert "\n".join(lines) == snapshot("""\
What Flux 2.6 takes

Cluster main: the base declares Flux 2.5.1 in VALUES:5.

  2.5.1 → 2.6.4
    1. [ ] Flux 2.6.4 is better with Flux Operator >= 0.24.0; the base declares Flux Operator 0.20.0 in OPERATOR:13, \
and no open pull request raises it that far: raise it first.
    2. [#] Raise Flux from 2.5.1 to 2.6.4 in VALUES:5. #30 brings 2.6.1.
    3. [ ] Wait until cluster main runs Flux 2.6.4: merged is not applied.
    4. [#] #34 can follow: it needs OCIRepository `source.toolkit.fluxcd.io/v1`.\
""")


def test_the_way_goes_over_a_version_that_a_pull_request_brings() -> None:
    outlook = story("2.8", *story_updates())
    assert hops(outlook) == [("2.5.1", "2.6.1"), ("2.6.1", "2.8.8")]
    first, second = kinds(outlook, 0), kinds(outlook, 1)
    assert first[0] == (StepKind.PLATFORM, StepState.OPEN, (22,))
    assert (StepKind.UPGRADE, StepState.OPEN, (30,)) in first
    assert (StepKind.UNLOCKED, StepState.OPEN, (34,)) in first
    assert second[0] == (StepKind.MANIFESTS, StepState.OPEN, (34,))
    why = outlook.clusters[0].hops[0].why
    assert why.startswith("There is no safe single step to Flux 2.8.8: it no longer serves OCIRepository ")
    assert why.endswith("Flux 2.6.1 serves both.")


def test_without_pull_requests_it_goes_over_the_newest_that_serves_both() -> None:
    outlook = story("2.8")
    assert hops(outlook) == [("2.5.1", "2.7.5"), ("2.7.5", "2.8.8")]
    move = next(step for step in outlook.clusters[0].hops[1].steps if step.kind is StepKind.MANIFESTS)
    assert move.state is StepState.TODO
    assert "which 7 places use: kubernetes/apps/cert-manager/cert-manager/app/helmrelease.yaml:3" in move.text
    assert move.text.endswith("Move them to OCIRepository `source.toolkit.fluxcd.io/v1` first: `fluxmig migrate .`.")


def platform(outlook: Outlook) -> list[list[str]]:
    """What each hop asks of others, in words."""
    hops = outlook.clusters[0].hops
    return [[step.text for step in hop.steps if step.kind is StepKind.PLATFORM] for hop in hops]


DECLARED = "the base declares Flux Operator 0.20.0 in OPERATOR:13"
NOBODY = ", and no open pull request raises it that far: raise it first."


def test_one_step_asks_for_what_is_needed_and_what_is_better_and_the_next_hop_goes_on_from_there() -> None:
    first, second = platform(story("2.8"))
    assert [text.replace(OPERATOR, "OPERATOR") for text in first] == [
        f"Flux 2.7.5 needs Flux Operator >= 0.30.0 and is better with Flux Operator >= 0.35.0; {DECLARED}{NOBODY}",
    ]
    assert second == [
        f"Flux 2.8.8 is better with Flux Operator >= 0.50.0; the steps before raise Flux Operator to 0.35.0{NOBODY}",
    ]


def test_what_a_pull_request_brings_is_carried_on() -> None:
    first, second = platform(story("2.8", 22, 30))
    assert [text.replace(OPERATOR, "OPERATOR") for text in first] == [
        f"Flux 2.6.1 is better with Flux Operator >= 0.22.0; {DECLARED}. #22 brings it: merge first."
    ]
    asks = "Flux 2.8.8 needs Flux Operator >= 0.30.0 and is better with Flux Operator >= 0.50.0"
    assert second == [f"{asks}; the steps before raise Flux Operator to 0.22.0{NOBODY}"]


@pytest.mark.parametrize(
    ("brought", "end"),
    [("0.30.0", " brings what it needs: merge first."), ("0.35.0", " brings it: merge first.")],
)
def test_a_pull_request_may_bring_what_is_needed_and_not_what_is_better(brought: str, end: str) -> None:
    files = base_files()
    before = files[OPERATOR]
    raised = change(OPERATOR, before, before.replace("0.20.0", brought))
    outlook = ahead(files, "2.8", replace(story_pull_request(22, files), changes=(raised,)))
    (first,), (second,) = platform(outlook)
    assert first.startswith("Flux 2.7.5 needs Flux Operator >= 0.30.0 and is better with Flux Operator >= 0.35.0; ")
    assert first.endswith(f"#22{end}")
    assert f"; the steps before raise Flux Operator to {brought}, and no" in second


def without_artifact(operator: str = "0.20.0") -> Files:
    files = fleet("v2.5.1")
    for path in [path for path in files if path.endswith("flux-instance.yaml")]:
        files[path] = files[path].replace(f"    artifact: {LATEST}\n", "")
    files["clusters/production/operator.yaml"] = release("flux-operator", "flux-operator", operator)
    return files | {"tenants/infra/oci.yaml": oci_repository("o", "oci://example", "1.0.0")} | {
        "tenants/infra/kustomization.yaml": kustomization("source.yaml", "oci.yaml")
    }  # fmt: skip


def test_of_demands_for_one_thing_only_the_highest_as_strong_is_left() -> None:
    """Without an artifact the operator has to carry the release itself: the rule for any 2.7 and its wish follow."""
    first, second = platform(ahead(without_artifact(), "2.8"))
    (asked,) = [text for text in first if "Operator" in text]
    assert asked.startswith("Flux 2.7.5 needs Flux Operator >= 0.35.0; the base declares Flux Operator 0.20.0 in ")
    (asked,) = [text for text in second if "Operator" in text]
    assert asked == (
        f"Flux 2.8.8 needs Flux Operator >= 0.50.0; the steps before raise Flux Operator to 0.35.0{NOBODY}"
    )


def test_what_is_met_once_is_not_asked_for_again() -> None:
    asked = platform(ahead(without_artifact("0.40.0"), "2.8"))
    assert [[text for text in hop if "Operator" in text] for hop in asked] == [
        [],
        [
            text
            for text in asked[1]
            if "needs Flux Operator >= 0.50.0; the base declares Flux Operator 0.40.0 in" in text
        ],
    ]
    assert len(asked[1]) == 2


def test_what_is_not_known_stays_so_though_it_was_looked_at_for_a_hop_before() -> None:
    """It was looked whether Kubernetes is 1.32: that does not tell that it is not 1.33."""
    asked = platform(ahead(without_artifact(), "2.8"))
    unknown = "it is not known what runs here. Look before you go on."
    assert [[text for text in hop if "Kubernetes" in text] for hop in asked] == [
        [f"Flux 2.7.5 is better with Kubernetes >= 1.32; {unknown}"],
        [f"Flux 2.8.8 is better with Kubernetes >= 1.33; {unknown}"],
    ]


def test_what_the_cluster_says_counts_for_more_than_git() -> None:
    seen = Observation("main", "flux", "2.6.4", NOW, "Flux's own event")
    assert hops(story("2.8", observations=(seen,))) == [("2.6.4", "2.8.8")]


def test_a_bootstrapped_cluster_has_to_rewrite_its_objects_itself() -> None:
    outlook = ahead(bootstrapped("prod", "v2.6.4"), "2.7")
    (storage,) = [step for step in outlook.clusters[0].hops[0].steps if step.kind is StepKind.STORAGE]
    assert storage.state is StepState.TODO
    assert storage.text.endswith("Run `flux migrate` with the CLI of 2.7.5 on the cluster before the upgrade.")


def upgrade_step(outlook: Outlook) -> str:
    (text,) = [step.text for step in outlook.clusters[0].hops[0].steps if step.kind is StepKind.UPGRADE]
    return text


def test_what_is_generated_is_generated_anew_and_not_changed_by_hand() -> None:
    outlook = ahead(bootstrapped("prod", "v2.6.4"), "2.7")
    text = upgrade_step(outlook)
    assert text == (
        "Raise Flux from 2.6.4 to 2.7.5: with the CLI of 2.7.5 run `flux bootstrap` as you did before, or commit what "
        "`flux install --export > clusters/prod/flux-system/gotk-components.yaml` writes."
    )
    assert text in outlook_to_text(outlook)
    assert "`flux install --export > clusters/prod/flux-system/gotk-components.yaml`" in outlook_to_markdown(outlook)
    assert text in str(outlook_to_json(outlook))


def test_components_that_are_installed_stay_installed() -> None:
    files = bootstrapped("prod", "v2.6.4")
    path = "clusters/prod/flux-system/gotk-components.yaml"
    files[path] = files[path].replace("notification-controller\n", "image-reflector-controller\n")
    chosen = "--components=source-controller,kustomize-controller,helm-controller,image-reflector-controller"
    text = upgrade_step(ahead(files, "2.7"))
    assert f"`flux bootstrap {chosen}`" in text
    assert f"`flux install --export {chosen} > {path}`" in text


def test_what_a_person_wrote_is_changed_in_its_line() -> None:
    assert upgrade_step(story("2.6")) == f"Raise Flux from 2.5.1 to 2.6.4 in {VALUES}:5."


def test_each_minor_that_is_passed_says_what_it_does_otherwise() -> None:
    outlook = ahead(bootstrapped("prod", "v2.7.2"), "2.9")
    notes = [step.text for step in outlook.clusters[0].hops[0].steps if step.kind is StepKind.NOTE]
    assert [note[:13] for note in notes] == ["From Flux 2.8", "From Flux 2.9", "From Flux 2.9"]


def test_each_cluster_has_a_way_of_its_own() -> None:
    files = fleet("v2.4.0")
    other = "clusters/staging/flux-system/flux-instance.yaml"
    files = {**files, other: files[other].replace("2.4.0", "2.7.0")}
    outlook = ahead(files, "2.7")
    assert [cluster.scope for cluster in outlook.clusters] == ["production", "staging"]
    assert hops(outlook, 0) == [("2.4.0", "2.7.5")]
    assert outlook.clusters[1].note == "Flux 2.7 or newer is there already."


def test_removed_and_newer_in_one_file_are_moved_between_the_hops() -> None:
    """v1beta1 goes away in 2.7, v1beta2 in 2.8, and v1 comes in 2.6: three moves on the way."""
    files = manifests_repository("v2.2.3", api="v1beta2")
    files["kubernetes/apps/extra.yaml"] = oci_repository("extra", "oci://example", "1.0.0", api="v1beta2")
    outlook = ahead(files, "2.8")
    assert hops(outlook) == [("2.2.3", "2.7.5"), ("2.7.5", "2.8.8")]


def test_what_git_does_not_tell_is_said_and_not_guessed() -> None:
    files = {"clusters/main/apps.yaml": flux_kustomization("apps", "./apps")}
    (cluster,) = ahead(files, "2.8").clusters
    assert cluster.note == "Git declares no version of Flux here, so there is nothing to raise."
    floating = story("2.8").clusters[0]
    assert floating.hops


def test_other_providers_are_looked_at_alike() -> None:
    assert story("external-secrets=0.17").clusters[0].note == snapshot(
        "Git declares no version of External Secrets here, so there is nothing to raise."
    )


@pytest.mark.parametrize(
    ("target", "provider", "version"),
    [
        ("2.8", "flux", "2.8"),
        ("Flux 2.8", "flux", "2.8"),
        ("FLUX=v2.8.1", "flux", "2.8.1"),
        (" flux   2.8 ", "flux", "2.8"),
        ("External Secrets 0.16", "external-secrets", "0.16"),
        ("external-secrets=0.16", "external-secrets", "0.16"),
        ("External  Secrets = 0.16", "external-secrets", "0.16"),
        ("flux operator 0.30", "flux-operator", "0.30"),
    ],
)
def test_a_target_is_read_as_people_write_it(target: str, provider: str, version: str) -> None:
    found = parse_target(target, load_catalogue())
    assert (found.provider, found.version) == (provider, version)


@pytest.mark.parametrize("target", ["Flux 2.8.9", "Flux 2.8.99"])
def test_a_release_beyond_the_newest_known_is_told_and_not_refused(target: str) -> None:
    outlook = story(target)
    words = f"{target} may not exist: the newest 2.8 that fluxmig knows is 2.8.8."
    assert hops(outlook)[-1][1] == target.removeprefix("Flux ")
    assert outlook_to_text(outlook).startswith(f"What {target} takes\n\n{words}\n\nCluster main: ")
    assert outlook_to_markdown(outlook).startswith(f"# What {target} takes\n\n{words}\n\n## Cluster main\n")
    assert outlook_to_json(outlook)["warning"] == words


@pytest.mark.parametrize("target", ["Flux 2.8", "Flux 2.8.8", "Flux 2.8.3", "External Secrets 0.16.1"])
def test_what_is_known_and_what_nobody_lists_gets_no_warning(target: str) -> None:
    assert story(target).warning == ""


def test_the_command_takes_the_words_of_its_own_heading(tmp_path: Path) -> None:
    for path, text in bootstrapped("prod", "v2.6.4").items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    run = CliRunner().invoke(cli, ["upgrade", "Flux", "2.8", str(tmp_path)])
    assert (run.exit_code, run.stdout.splitlines()[0]) == (0, "What Flux 2.8 takes")
    wrong = CliRunner().invoke(cli, ["upgrade", "Fluxx", "2.8", str(tmp_path)])
    assert wrong.exit_code == 2
    assert "the catalogue has no provider Fluxx; it has " in wrong.output


@pytest.mark.parametrize("target", ["nobody=1.2", "flux=new", "flux=9.9", "flux=", "", "flux", "Flux"])
def test_a_version_that_nobody_knows_is_refused(target: str) -> None:
    with pytest.raises(BadTarget):
        story(target)


def test_markdown_is_a_list_to_tick_and_json_has_it_all() -> None:
    outlook = story("2.6", 30, 34)
    told = outlook_to_markdown(outlook)
    assert told.startswith("# What Flux 2.6 takes\n\n## Cluster main\n\nNow the base declares Flux 2.5.1 in ")
    assert "\n- [ ] Wait until cluster main runs Flux 2.6.4: merged is not applied." in told
    (cluster,) = outlook_to_json(outlook)["clusters"]
    assert [step["kind"] for step in cluster["hops"][0]["steps"]] == ["platform", "upgrade", "rollout", "unlocked"]
