"""A planner that remembers plans what one without memory would plan, and does no more than a change asks for."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue import load_catalogue
from app.domain import plan, watched
from app.domain.base_facts import BaseFacts, read_base, update_base
from app.domain.catalogue import FLUX
from app.domain.model import (
    Approval,
    EdgeKind,
    Gvk,
    Hold,
    Observation,
    PullRequest,
    Rollout,
    RolloutState,
    ServedApis,
    Snapshot,
    SourceFile,
    State,
    StoredVersions,
)
from app.domain.plan import Planner, plan_repository
from app.domain.policy_file import read_policy
from app.domain.reading import classify_pull_request
from app.domain.remembered import Remembered
from app.domain.situation import Situation
from tests.support.flux_repository import (
    INSTANCE,
    NOW,
    OPERATOR,
    RELEASE,
    ROOTS,
    TALOS,
    chart,
    flux_kustomization,
    instance,
    manifest,
    operator,
    talos,
)
from tests.support.story_repository import change, tree_of

CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ocirepositories.source.toolkit.fluxcd.io
spec:
  group: source.toolkit.fluxcd.io
  names:
    kind: OCIRepository
  versions:
  - name: v1
    served: true
"""
OCI, HELM = "source.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"
SECOND, KUSTOMIZATION, PINS = "apps/a/second.yaml", "apps/a/kustomization.yaml", "apps/a/pins.yaml"

TEXTS: dict[str, list[str | None]] = {
    INSTANCE: [instance("2.5.1"), instance("2.6.1"), instance("2.8.0"), instance("2.x"), None],
    OPERATOR: [operator("0.20.0"), operator("0.30.0"), "# " + operator("0.30.0")],
    RELEASE: [
        manifest(f"{OCI}/v1beta2", "OCIRepository"),
        manifest(f"{OCI}/v1", "OCIRepository"),
        manifest(f"{HELM}/v2beta2", "HelmRelease"),
        manifest(f"{HELM}/v2", "HelmRelease") + "---\n" + manifest(f"{OCI}/v1", "OCIRepository", "y"),
        chart("flux-operator", "0.20.0"),
        None,
    ],
    SECOND: [manifest(f"{OCI}/v1", "OCIRepository", "z"), manifest("v1", "ConfigMap"), chart("a", "1.0.0"), None],
    KUSTOMIZATION: ["resources:\n  - release.yaml\n", "resources: []\npatches:\n  - path: second.yaml\n", None],
    PINS: [f"image: rook/rook-ceph:v1.1{n}.0\nother: rook/rook-ceph-cluster:v1.1{m}.0\n" for n in "12" for m in "12"],
    TALOS: [talos("v1.9.0", "v1.31.0"), talos("v1.10.0", "v1.33.0"), None],
    "clusters/other/a.yaml": [flux_kustomization("a", "./apps/a"), None],
    "apps/b/crd.yaml": [CRD, CRD.replace("true", "false"), None],
    "clusters/main/b.yaml": [flux_kustomization("b", "./apps/b"), None],
}
APPROVAL = Approval("me", "write")
RULING = """\
edges:
  pair: hard
  file: hard
  rules:
    - {from: {paths: [apps/a/release.yaml]}, to: {}, strength: off}
    - {from: {}, to: {branches: [renovate/2]}, strength: soft}
order:
  - {this: {branches: [renovate/1]}, after: {branches: [renovate/2]}}
  - {this: {branches: [renovate/2]}, after: {branches: [renovate/3, renovate/1]}}
approvals:
  rules:
    - {match: {branches: [renovate/4]}, by: admin, count: 2}
"""
BEFORE = {path: texts[0] for path, texts in TEXTS.items()}


class Scene:
    """A repository to which things happen."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {**ROOTS, **{path: text for path, text in BEFORE.items() if text is not None}}
        self.pull_requests: dict[int, PullRequest] = {}
        self.observations: list[Observation] = []
        self.rollouts: list[Rollout] = []
        self.served: list[ServedApis] = []
        self.stored: list[StoredVersions] = []

    def write(self, path: str, text: str | None) -> None:
        if text is None:
            self.files.pop(path, None)
        else:
            self.files[path] = text

    def open(self, number: int, files: dict[str, str | None], *, by_renovate: bool = True) -> None:
        changes = tuple(change(path, self.files.get(path), text) for path, text in sorted(files.items()))
        title = f"Update {' '.join(sorted(files))}"
        self.pull_requests[number] = PullRequest(
            number, title, f"renovate/{number}", f"{number}-{hash(changes)}", by_renovate=by_renovate, changes=changes
        )

    def merge(self, number: int) -> None:
        merged = self.pull_requests.pop(number, None)
        for file in merged.changes if merged else ():
            self.write(file.path, file.after.text if file.after else None)

    def alter(self, number: int, **facts: Any) -> None:
        if number in self.pull_requests:
            self.pull_requests[number] = replace(self.pull_requests[number], **facts)

    def snapshot(self) -> Snapshot:
        """New objects each time, as the service reads them from its database."""
        pull_requests = tuple(replace(one) for _, one in sorted(self.pull_requests.items()))
        return Snapshot(
            "main", tree_of(self.files), pull_requests, NOW, tuple(self.observations), tuple(self.rollouts),
            served=tuple(self.served), stored=tuple(self.stored),
        )  # fmt: skip


def _write(pair: tuple[str, str | None]) -> Callable[[Scene], None]:
    return lambda scene: scene.write(*pair)


_PAIRS = st.sampled_from([(path, text) for path, texts in TEXTS.items() for text in texts])
_NUMBERS = st.integers(1, 6)
_HAPPENS = st.sampled_from(
    ["write", *["open"] * 3, "merge", "close", "alter", "observe", "roll", "rolled", "serve", "store"]
)
_KINDS = [
    Gvk(OCI, "OCIRepository", "v1beta2"), Gvk(OCI, "OCIRepository", "v1"), Gvk(HELM, "HelmRelease", "v2"),
]  # fmt: skip
_VERSIONS = st.sampled_from(["2.5.1", "2.6.1", "2.7.0"])


@st.composite
def _steps(draw: st.DrawFn) -> Callable[[Scene], None]:
    number, version = draw(_NUMBERS), draw(_VERSIONS)
    match draw(_HAPPENS):
        case "write":
            return _write(draw(_PAIRS))
        case "open":
            files, renovate = dict(draw(st.lists(_PAIRS, min_size=1, max_size=3))), draw(st.integers(0, 4)) > 0
            return lambda scene: scene.open(number, files, by_renovate=renovate)
        case "merge":
            return lambda scene: scene.merge(number)
        case "close":
            return lambda scene: scene.alter(number, status="closed")
        case "alter":
            facts: dict[str, Any] = draw(
                st.sampled_from(
                    [{"title": "x"}, {"hold": Hold("me")}, {"approvals": (Approval("me", "write"),)}, {"body": "b"}]
                )
            )
            return lambda scene: scene.alter(number, **facts)
        case "observe":
            seen = Observation("main", FLUX, version, NOW, "Flux's own event")
            return lambda scene: scene.observations.append(seen)
        case "serve":
            kinds = draw(st.lists(st.sampled_from(_KINDS), max_size=4))
            apis = ServedApis("main", "main", "a test", dict.fromkeys(kinds, NOW), draw(st.booleans()))
            return lambda scene: setattr(scene, "served", [apis])
        case "store":
            versions = tuple(draw(st.lists(st.sampled_from(["v1beta2", "v1"]), max_size=2, unique=True)))
            crd = StoredVersions("main", "ocirepositories", OCI, "OCIRepository", versions, "v1", "a test")
            return lambda scene: setattr(scene, "stored", [crd])
        case "roll":
            rollout = Rollout(FLUX, "main", "2.5.1", version, number, NOW)
            return lambda scene: scene.rollouts.append(rollout)
        case _:
            return _roll_out


def _roll_out(scene: Scene) -> None:
    scene.rollouts = [replace(rollout, state=RolloutState.ROLLED_OUT, source="Flux") for rollout in scene.rollouts]


@settings(max_examples=150, deadline=None)
@given(st.lists(_steps(), min_size=2, max_size=10))
def test_a_warm_planner_plans_what_a_cold_one_does(steps: list[Callable[[Scene], None]]) -> None:
    scene, warm = Scene(), Planner(load_catalogue(), classify_pull_request)
    warm.plan(scene.snapshot())
    for step in steps:
        step(scene)
        snapshot = scene.snapshot()
        assert warm.plan(snapshot) == plan_repository(snapshot, load_catalogue(), classify_pull_request)


@settings(max_examples=60, deadline=None)
@given(st.lists(_steps(), min_size=2, max_size=10))
def test_and_so_it_does_under_the_owners_ruling(steps: list[Callable[[Scene], None]]) -> None:
    policy = read_policy(SourceFile("fluxmig.yaml", "1", RULING)).policy
    assert policy is not None
    scene, warm = Scene(), Planner(load_catalogue(), classify_pull_request, policy.ruling)
    for step in steps:
        step(scene)
        snapshot = scene.snapshot()
        made = warm.plan(snapshot)
        assert made == plan_repository(snapshot, load_catalogue(), classify_pull_request, policy.ruling)
        ordered = [edge for edge in made.edges if edge.kind is EdgeKind.ORDER]
        assert {(edge.from_, edge.to) for edge in ordered} <= {(1, 2), (2, 3), (2, 1)}
        assert len({frozenset((edge.from_, edge.to)) for edge in ordered}) == len(ordered), "no order against another"


@settings(max_examples=150, deadline=None)
@given(st.lists(_PAIRS, min_size=1, max_size=6))
def test_the_facts_of_a_base_that_changes_are_those_of_one_read_anew(pairs: list[tuple[str, str | None]]) -> None:
    scene = Scene()
    base = read_base(scene.snapshot().tree, load_catalogue())
    for path, text in pairs:
        scene.write(path, text)
        new = scene.snapshot().tree
        base, anew = update_base(base, new), read_base(new, load_catalogue())
        for name in (
            "marks",
            "declarations",
            "uses",
            "crds",
            "unread",
            "fields",
            "pins",
            "mentions",
            "helm_names",
            "tree",
        ):
            one, other = getattr(base, name), getattr(anew, name)
            assert list(one.items()) == list(other.items()), name
        assert [base.scopes.of(path) for path in new] == [anew.scopes.of(path) for path in new]
        assert [base.scopes.is_patch(path) for path in new] == [anew.scopes.is_patch(path) for path in new]


def test_new_facts_of_the_base_have_to_be_thought_of_when_it_is_updated() -> None:
    """A field that comes new to these is a reason to look at `update_base`, which takes over what it does not set."""
    assert {field.name for field in fields(BaseFacts)} == {
        *("scopes", "catalogue", "marks", "declarations", "uses", "crds", "unread", "tree"),
        *("fields", "pins", "mentions", "helm_names"),
    }  # fmt: skip


def test_what_stands_in_for_a_value_hides_none_of_its_fields() -> None:
    """Those would be read of what stands in, and not be noted."""
    own = {"_real", "_where", "_note", "_call", "_look_up"}
    assert not own & {name for kind in watched._ENTERED for name in dir(kind)}


# --- how much is done -----------------------------------------------------------------------------


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each step of a plan is done for a pull request."""
    count: Counter[str] = Counter()

    def counting(name: str) -> None:
        work = getattr(plan, name)

        def counted(*arguments: object) -> object:
            count[name] += 1
            return work(*arguments)

        monkeypatch.setattr(plan, name, counted)

    for name in ("read_pull_request", "find_all", "find_family_moves", "read_touched", "_planned", "read_base"):
        counting(name)
    return count


def crowd(size: int) -> Scene:
    """Flux 2.6.1 in #1, three that wait for it in #2 to #4, and `size` that have nothing to do with either."""
    scene = Scene()
    for path in (KUSTOMIZATION, "apps/b/crd.yaml", PINS):
        scene.write(path, None)
    scene.write(OPERATOR, operator("0.30.0"))
    for index in range(size):
        scene.write(f"apps/a/app-{index}.yaml", chart(f"app-{index}", "1.0.0"))
    scene.open(1, {INSTANCE: instance("2.6.1")})
    for number in (2, 3, 4):
        path = f"apps/a/oci-{number}.yaml"
        scene.write(path, manifest(f"{OCI}/v1beta2", "OCIRepository", str(number)))
        scene.open(number, {path: manifest(f"{OCI}/v1", "OCIRepository", str(number))})
    for index in range(size):
        scene.open(100 + index, {f"apps/a/app-{index}.yaml": chart(f"app-{index}", "1.0.1")})
    return scene


@pytest.mark.parametrize("size", [10, 80])
def test_a_merge_costs_nothing_for_those_that_do_not_wait_for_it(size: int, done: Counter[str]) -> None:
    scene = crowd(size)
    classified: list[int] = []

    def classify(pull_request: PullRequest) -> Any:
        classified.append(pull_request.number)
        return classify_pull_request(pull_request)

    planner = Planner(load_catalogue(), classify)
    first = planner.plan(scene.snapshot())
    assert [first.of(number).state for number in (1, 2, 3, 4)] == [State.READY, *[State.BLOCKED] * 3]
    assert done["find_all"] == size + 4
    done.clear()
    classified.clear()

    scene.merge(101)
    planner.plan(scene.snapshot())
    assert (dict(done), classified) == ({}, [])

    scene.merge(1)
    scene.rollouts.append(Rollout(FLUX, "main", "2.5.1", "2.6.1", 1, NOW))
    waiting = planner.plan(scene.snapshot())
    assert [waiting.of(number).state for number in (2, 3, 4)] == [State.WAITING_ROLLOUT] * 3
    assert (done["find_all"], done["_planned"]) == (3, 3)
    assert (done["read_base"], done["read_pull_request"], classified) == (0, 0, [])
    done.clear()

    scene.observations.append(Observation("main", FLUX, "2.6.1", NOW + timedelta(hours=1), "Flux's own event"))
    free = planner.plan(scene.snapshot())
    assert [free.of(number).state for number in (2, 3, 4)] == [State.READY] * 3
    assert (done["find_all"], done["_planned"], classified) == (3, 3, [])


def test_a_new_head_is_read_alone(done: Counter[str]) -> None:
    scene, planner = crowd(10), Planner(load_catalogue(), classify_pull_request)
    planner.plan(scene.snapshot())
    done.clear()
    scene.open(103, {"apps/a/app-3.yaml": chart("app-3", "2.0.0")})
    planner.plan(scene.snapshot())
    assert (done["read_pull_request"], done["find_all"], done["_planned"]) == (1, 1, 1)


def test_what_is_no_longer_open_is_forgotten() -> None:
    scene, planner = crowd(40), Planner(load_catalogue(), classify_pull_request)
    planner.plan(scene.snapshot())
    scene.pull_requests.clear()
    planner.plan(scene.snapshot())
    kept = [stage for stage in vars(planner).values() if isinstance(stage, Remembered)]
    assert [len(stage) for stage in kept] == [0] * 4


# --- what is noted --------------------------------------------------------------------------------


def situation_of(scene: Scene) -> Situation:
    caught: list[Situation] = []
    planner = Planner(load_catalogue(), classify_pull_request)
    run = planner._findings.run

    def catching(given: Any, around: Situation) -> Any:
        caught.append(around)
        return run(given, around)

    planner._findings.run = catching  # type: ignore[method-assign]
    planner.plan(scene.snapshot())
    return caught[0]


@pytest.mark.parametrize(
    "asks",
    [
        lambda situation: situation.base.scopes.of(RELEASE),
        lambda situation: situation.base.scopes.clusters,
        lambda situation: situation.base.scopes.kustomization_of(RELEASE),
        lambda situation: list(situation.base.uses),
        lambda situation: dict(situation.base.marks),
        lambda situation: situation.base.crds.get("main"),
        lambda situation: situation.serving.standing(FLUX, "main").running,
        lambda situation: list(situation.bringing(FLUX, "main", lambda _: True, besides=0)),
        lambda situation: 99 in situation.facts,
        lambda situation: len(situation.open),
        lambda situation: situation.clusters(["main"]),
        lambda situation: situation.stored.get("main", ()),
        lambda situation: situation.base.declarations_with({}),
    ],
)
def test_every_way_to_ask_is_answered_as_by_the_value_itself_and_noted(asks: Callable[[Situation], object]) -> None:
    scene = crowd(2)
    one = situation_of(scene)
    watch: watched.Watch[Situation] = watched.Watch()
    watch.turn_to(one)
    assert asks(watch.listen()) == asks(one)
    assert watch.asked
    assert watch.turn_to(situation_of(scene)) == set()


@pytest.mark.parametrize(
    ("asks", "happens"),
    [
        (lambda situation: situation.serving.standing(FLUX, "main"), lambda scene: scene.merge(1)),
        (lambda situation: dict(situation.base.uses), lambda scene: scene.merge(2)),
        (
            lambda situation: situation.stored.get("main", ()),
            lambda scene: scene.stored.append(StoredVersions("main", "a", OCI, "A", ("v1",), "v1", "a test")),
        ),
        (lambda situation: 2 in situation.facts, lambda scene: scene.merge(2)),
        (lambda situation: len(situation.open), lambda scene: scene.merge(2)),
        (lambda situation: situation.base.crds.get("main"), lambda scene: scene.write("apps/a/crd.yaml", CRD)),
        (
            lambda situation: situation.base.scopes.of(RELEASE),
            lambda scene: scene.write("clusters/other/a.yaml", None),
        ),
        (
            lambda situation: situation.bringing(FLUX, "main", lambda _: True, besides=0),
            lambda scene: scene.open(7, {INSTANCE: instance("2.7.0")}),
        ),
    ],
)
def test_an_answer_that_changes_is_seen(asks: Callable[[Situation], object], happens: Callable[[Scene], None]) -> None:
    scene = crowd(2)
    watch: watched.Watch[Situation] = watched.Watch()
    watch.turn_to(situation_of(scene))
    asks(watch.listen())
    asked = watch.asked
    happens(scene)
    assert watch.turn_to(situation_of(scene)) & asked


def test_equal_blob_ids_are_equal_files() -> None:
    """What `update_base` relies on: the text of a path whose blob id stayed is not looked at."""
    tree = Scene().snapshot().tree
    forged = {path: SourceFile(path, file.blob_id, "") for path, file in tree.items()}
    base = read_base(tree, load_catalogue())
    assert update_base(base, forged) is base
