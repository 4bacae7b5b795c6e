"""What a rollback would break takes the merges that made it so along, or keeps it from going back."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from app.catalogue import load_catalogue
from app.domain.backward import read_present
from app.domain.base_facts import read_base
from app.domain.culprits import Ground, Merge
from app.domain.kustomization_order import KustomizationOrder
from app.domain.model import Capability, Observation, PullRequest, Snapshot
from app.domain.pull_request_facts import read_pull_request
from app.domain.rollback import Rollback, plan_rollback
from app.domain.rollback_text import rollback_answer, sentences, shell_lines
from tests.support.flux_repository import (
    INSTANCE,
    NOW,
    OPERATOR,
    RELEASE,
    ROOTS,
    TALOS,
    chart,
    instance,
    manifest,
    operator,
    talos,
)
from tests.support.story_repository import change, tree_of

SECRETS = "apps/flux/secrets.yaml"
CATALOGUE = load_catalogue()
V2BETA2, V2 = (manifest(f"helm.toolkit.fluxcd.io/{version}", "HelmRelease") for version in ("v2beta2", "v2"))
OLD_SECRET, NEW_SECRET = (manifest(f"external-secrets.io/{version}", "ExternalSecret") for version in ("v1beta1", "v1"))


class History:
    """A base branch, and the pull requests that were merged into it, each with what it was known to do when it was."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = {**ROOTS, **files}
        self.merges: list[Merge] = []
        self.observations: tuple[Observation, ...] = ()

    def merges_in(self, number: int, files: dict[str, str | None]) -> None:
        changes = tuple(change(path, self.files.get(path), text) for path, text in files.items())
        base = read_base(tree_of(self.files), CATALOGUE)
        facts = read_pull_request(PullRequest(number, "", "", "", changes=changes), base)
        provides = tuple(
            Capability(
                one.provider, one.scope, one.before.shown if one.before else None, one.after.shown, one.source
            )
            for one in facts.changes
        )  # fmt: skip
        at = NOW + timedelta(minutes=len(self.merges))
        self.merges.append(Merge(number, f"{number:040d}", at, changes, facts.requires, provides))
        self.pushes(files)

    def pushes(self, files: dict[str, str | None]) -> None:
        texts = {**self.files, **files}
        self.files = {path: text for path, text in texts.items() if text is not None}

    def rolls_back(self, number: int, *, ignored: str = "", depends: Iterable[tuple[int, int]] = ()) -> Rollback:
        tree = tree_of(self.files)
        base = read_base(tree, CATALOGUE)
        ground = Ground(base.scopes, KustomizationOrder(tree, base.scopes), CATALOGUE, {})
        live = {path: file for path, file in tree.items() if path != ignored}
        snapshot = Snapshot("main", live, (), NOW, observations=self.observations)
        present = read_present(snapshot, CATALOGUE, lambda path: path == ignored)
        return plan_rollback(number, self.merges, self.files, ground, present, depends)


def order(rolled: Rollback) -> list[int]:
    return [one.number for one in rolled.reverts]


def moved_before_flux_dropped_it() -> History:
    """#10 moved a HelmRelease off v2beta2, and #20 raised Flux to 2.8.0, which does not serve that any more."""
    history = History({INSTANCE: instance("2.7.5"), OPERATOR: operator("0.50.0"), RELEASE: V2BETA2})
    history.merges_in(10, {RELEASE: V2})
    history.merges_in(20, {INSTANCE: instance("2.8.0")})
    return history


class TestWhatComesBack:
    def test_an_api_that_is_gone_keeps_it_where_it_is(self) -> None:
        rolled = moved_before_flux_dropped_it().rolls_back(10)
        assert not rolled.is_possible
        assert (order(rolled), dict(rolled.files), shell_lines(rolled)) == ([], {}, ())
        flux, consumer = sentences(rolled)
        assert flux.startswith("#20 must stay: it took Flux from 2.7.5 to 2.8.0, and Flux Operator refuses to go back")
        assert consumer == (
            "#10 must stay: #20 would have to be reverted before it and must stay too: apps/a/release.yaml:1 would use "
            "HelmRelease `helm.toolkit.fluxcd.io/v2beta2` again, which Flux no longer serves from 2.8.0; the base "
            "declares Flux 2.8.0 in apps/flux/instance.yaml:8, since #20. Mend it by a step forward instead, or revert "
            "the rest of it by hand and keep HelmRelease `helm.toolkit.fluxcd.io/v2`, which Flux serves."
        )

    def test_as_long_as_it_is_served_it_comes_back(self) -> None:
        history = History({INSTANCE: instance("2.7.0"), OPERATOR: operator("0.50.0"), RELEASE: V2BETA2})
        history.merges_in(10, {RELEASE: V2})
        history.merges_in(20, {INSTANCE: instance("2.7.5")})
        assert order(history.rolls_back(10)) == [10]

    def test_nobody_has_to_be_to_blame(self) -> None:
        """The version came by a push."""
        history = History({INSTANCE: instance("2.7.5"), OPERATOR: operator("0.50.0"), RELEASE: V2BETA2})
        history.merges_in(10, {RELEASE: V2})
        history.pushes({INSTANCE: instance("2.8.0")})
        (told,) = sentences(history.rolls_back(10))
        assert told.startswith(
            "#10 must stay: apps/a/release.yaml:1 would use HelmRelease `helm.toolkit.fluxcd.io/v2beta2`"
        )
        assert "the base declares Flux 2.8.0 in apps/flux/instance.yaml:8. Mend it" in told

    def test_what_the_cluster_said_counts(self) -> None:
        history = History({RELEASE: V2BETA2})
        history.merges_in(10, {RELEASE: V2})
        history.observations = (Observation("main", "flux", "2.8.0", NOW, "Flux's own event"),)
        (told,) = sentences(history.rolls_back(10))
        assert "which Flux no longer serves from 2.8.0; cluster main runs Flux 2.8.0 (Flux's own event)." in told

    def test_what_is_not_known_is_said_and_refuses_nothing(self) -> None:
        history = History({RELEASE: V2BETA2})
        history.merges_in(10, {RELEASE: V2})
        rolled = history.rolls_back(10)
        assert rolled.is_possible
        (doubt,) = rolled.doubts
        assert doubt == (
            "It is not known whether cluster main serves HelmRelease `helm.toolkit.fluxcd.io/v2beta2`, which "
            "apps/a/release.yaml:1 would use again: look before you merge it."
        )
        assert f"**What I do not know:**\n\n- {doubt}" in rollback_answer(rolled, {})

    def test_what_no_cluster_reads_asks_for_nothing(self) -> None:
        assert order(moved_before_flux_dropped_it().rolls_back(10, ignored=RELEASE)) == [10]

    def test_a_provider_that_may_go_back_goes_first(self) -> None:
        """External Secrets 0.16 serves both versions, 0.17 the new one alone; #25 raised it again."""
        history = History({SECRETS: chart("external-secrets", "0.16.1"), RELEASE: OLD_SECRET})
        history.merges_in(10, {RELEASE: NEW_SECRET})
        history.merges_in(20, {SECRETS: chart("external-secrets", "0.17.0")})
        history.merges_in(25, {SECRETS: chart("external-secrets", "0.18.0")})
        rolled = history.rolls_back(10)
        assert rolled.is_possible
        assert order(rolled) == [25, 20, 10]
        assert rolled.reverts[1].why.startswith(
            "apps/a/release.yaml:1 would use ExternalSecret `external-secrets.io/v1b"
        )
        assert dict(rolled.files) == {SECRETS: chart("external-secrets", "0.16.1"), RELEASE: OLD_SECRET}

    def test_both_in_one_kustomization_do_not_come_back_at_once(self) -> None:
        beside = "apps/flux/secret.yaml"
        history = History({SECRETS: chart("external-secrets", "0.16.1"), beside: OLD_SECRET})
        history.merges_in(10, {beside: NEW_SECRET})
        history.merges_in(20, {SECRETS: chart("external-secrets", "0.17.0")})
        (told,) = sentences(history.rolls_back(10))
        assert "both would come back in one Flux Kustomization (flux-system/flux)" in told
        assert told.endswith("Bring External Secrets 0.16.1 back alone, let it roll out, and then revert the rest.")
        assert order(history.rolls_back(20)) == [20], "that is the way"


class TestWhatStays:
    def test_what_a_push_has_come_to_use_is_not_taken_away(self) -> None:
        kind = manifest("generators.external-secrets.io/v1alpha1", "BeyondtrustWorkloadCredentialsDynamicSecret")
        history = History({SECRETS: chart("external-secrets", "2.6.0")})
        history.merges_in(20, {SECRETS: chart("external-secrets", "2.7.0")})
        assert order(history.rolls_back(20)) == [20]
        history.pushes({RELEASE: kind})
        (told,) = sentences(history.rolls_back(20))
        assert told == (
            "#20 must stay: apps/a/release.yaml:1 uses BeyondtrustWorkloadCredentialsDynamicSecret "
            "`generators.external-secrets.io/v1alpha1`, which External Secrets 2.6.0 does not serve. Move what uses it "
            "first, or mend it by a step forward instead."
        )

    def test_a_field_goes_before_the_version_that_knows_it(self) -> None:
        release = manifest("helm.toolkit.fluxcd.io/v2beta1", "HelmRelease")
        history = History({INSTANCE: instance("2.2.0"), RELEASE: release})
        history.merges_in(20, {INSTANCE: instance("2.2.1")})
        history.merges_in(21, {RELEASE: f"{release}spec:\n  driftDetection:\n    mode: enabled\n"})
        rolled = history.rolls_back(20)
        assert order(rolled) == [21, 20]
        assert "`spec.driftDetection` of HelmRelease `helm.toolkit.fluxcd.io/v2beta1`" in rolled.reverts[0].why
        assert "which Flux 2.2.0 does not know" in rolled.reverts[0].why

    def test_a_crd_in_git_stays_for_what_uses_it(self) -> None:
        crd = (
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
            "metadata:\n  name: httproutes.gateway.networking.k8s.io\nspec:\n  group: gateway.networking.k8s.io\n"
            "  names:\n    kind: HTTPRoute\n  versions:\n    - name: v1\n      served: true\n"
        )
        history = History({})
        history.merges_in(1, {"apps/flux/crd.yaml": crd})
        history.merges_in(2, {RELEASE: manifest("gateway.networking.k8s.io/v1", "HTTPRoute")})
        rolled = history.rolls_back(1)
        assert order(rolled) == [2, 1]
        assert rolled.reverts[0].why.endswith("and its CustomResourceDefinition in Git would go")

    def test_a_provider_of_which_git_would_say_nothing_is_a_doubt(self) -> None:
        history = History({RELEASE: NEW_SECRET})
        history.merges_in(1, {SECRETS: chart("external-secrets", "0.17.0")})
        rolled = history.rolls_back(1)
        assert rolled.is_possible
        assert rolled.doubts[0].startswith("Git would no longer say which version of External Secrets runs")


class TestVersionsThatHaveToFit:
    def test_an_operator_stays_below_the_flux_that_needs_it(self) -> None:
        history = History({OPERATOR: operator("0.29.0"), INSTANCE: instance("2.6.4")})
        history.merges_in(22, {OPERATOR: operator("0.30.0")})
        assert order(history.rolls_back(22)) == [22]
        history.merges_in(30, {INSTANCE: instance("2.7.0")})
        flux, tool = sentences(history.rolls_back(22))
        assert flux.startswith("#30 must stay: it took Flux from 2.6.4 to 2.7.0, and Flux Operator refuses to go back")
        assert tool == (
            "#22 must stay: #30 would have to be reverted before it and must stay too: Flux 2.7.0 "
            "(apps/flux/instance.yaml:8, since #30) needs Flux Operator >= 0.30.0, and it would be Flux Operator "
            "0.29.0 again. Mend it by a step forward instead."
        )

    def test_a_flux_that_may_go_back_goes_before_its_operator(self) -> None:
        history = History({OPERATOR: operator("0.23.0"), INSTANCE: instance("2.6.2")})
        history.merges_in(22, {OPERATOR: operator("0.24.0")})
        history.merges_in(30, {INSTANCE: instance("2.6.4")})
        rolled = history.rolls_back(22)
        assert order(rolled) == [30, 22]
        assert rolled.is_possible
        assert (
            "Flux 2.6.4 (apps/flux/instance.yaml:8, since #30) needs Flux Operator >= 0.24.0" in rolled.reverts[0].why
        )

    def test_a_talos_stays_below_the_kubernetes_that_it_runs(self) -> None:
        apart = "# The one is raised after the other.\n\nkubernetesVersion"
        before, raised, both = (
            talos(*versions).replace("kubernetesVersion", apart)
            for versions in (("v1.9.5", "v1.32.0"), ("v1.10.3", "v1.32.0"), ("v1.10.3", "v1.33.0"))
        )
        history = History({TALOS: before})
        history.merges_in(1, {TALOS: raised})
        history.merges_in(2, {TALOS: both})
        told = sentences(history.rolls_back(1))
        assert told[0].startswith("#2 must stay: it took Kubernetes from 1.32.0 to 1.33.0, and a control plane cannot")
        assert "#1 must stay: #2 would have to be reverted before it and must stay too: Kubernetes 1.33.0" in told[1]

    def test_what_does_not_fit_today_either_says_nothing(self) -> None:
        history = History({OPERATOR: operator("0.27.0"), INSTANCE: instance("2.7.0")})
        history.merges_in(22, {OPERATOR: operator("0.28.0")})
        assert order(history.rolls_back(22)) == [22]


def test_what_must_stay_keeps_what_would_follow_it() -> None:
    """Said by a person, not found."""
    history = moved_before_flux_dropped_it()
    history.merges_in(5, {"README.md": "x\n"})
    rolled = history.rolls_back(5, depends=[(20, 5)])
    assert not rolled.is_possible
    assert (
        "#5 must stay: #20 would have to be reverted before it and must stay too: #20 depends on #5, as a person "
        in (sentences(rolled)[-1])
    )


@pytest.mark.parametrize("is_version", [True, False])
def test_where_a_version_does_not_come_back_by_itself_its_users_only_may_break(*, is_version: bool) -> None:
    """#20 raised External Secrets, and a push changed that line again."""
    history = History({SECRETS: chart("external-secrets", "0.16.1"), RELEASE: OLD_SECRET, "a.yaml": "a: 1\n"})
    history.merges_in(10, {RELEASE: NEW_SECRET, "a.yaml": "a: 2\n"})
    history.merges_in(20, {SECRETS: chart("external-secrets", "0.17.0")})
    history.pushes({SECRETS: chart("external-secrets", "0.19.0")} if is_version else {"a.yaml": "a: 3\n"})
    if not is_version:
        history.merges = [replace(one, provides=()) for one in history.merges]
    rolled = history.rolls_back(10)
    assert not rolled.is_possible
    assert bool(rolled.refusals) is not is_version
    assert any(one.startswith("It may break what is there: ") for one in rolled.doubts) is is_version
