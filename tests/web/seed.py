"""Rows that tell the story of 2025-06-11: eighteen pull requests of Renovate on a homelab that runs Flux 2.5.1.

https://github.com/wcygan/homelab. #34 moves OCIRepository to `v1`, which only Flux 2.6 serves; #30 brings Flux 2.6.1.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.db import models
from app.domain.model import State

NOW = datetime(2025, 6, 11, 13, 28, 30, tzinfo=UTC)
REPOSITORY_ID = 951_000_001
BASE_SHA = "21db46b71c3dce544fa13720f19b4abc8d726aa0"
VALUES = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
USED_IN = "kubernetes/apps/kube-system/spegel/app/helmrelease.yaml"

NEEDS = (
    "Blocked: needs OCIRepository `source.toolkit.fluxcd.io/v1`; the base declares Flux 2.5.1 "
    f"({VALUES}:5), #30 brings 2.6.1, and both change Flux Kustomization `flux-system/flux-instance`, "
    "so #30 must be rolled out first."
)
ROLLOUT = (
    "Waiting for rollout: #30 (Flux 2.6.1) is merged, not yet rolled out; until the cluster runs it, OCIRepository "
    "`source.toolkit.fluxcd.io/v1` is not served."
)
REFUSED = "Did not ask Renovate to rebase: a person changed the branch, and Renovate would throw those commits away."
TOOLING = "Nothing to wait for: tooling, changes no cluster."


@dataclass(frozen=True)
class Told:
    """A pull request of the story: class, update and verdict as fluxmig gives them."""

    number: int
    title: str
    component: str
    update_type: str
    name: str
    before: str
    after: str
    state: State
    reason: str
    file: str = ".mise.toml"


def _tool(number: int, name: str, before: str, after: str, update_type: str = "minor") -> Told:
    kind = "fix" if update_type == "patch" else "feat"
    title = f"{kind}(deps): update dependency {name} ( {before} → {after} )"
    return Told(number, title, "tooling", update_type, name, before, after, State.READY, TOOLING)


STORY: tuple[Told, ...] = (
    Told(
        15, "feat(container)!: Update image ghcr.io/mendhak/http-https-echo ( 36 → 37 )", "application", "major",
        "ghcr.io/mendhak/http-https-echo", "36", "37", State.NEEDS_REVIEW,
        "Your call: http-https-echo moves from 36 to 37, a major update.",
        "kubernetes/apps/default/echo/app/helmrelease.yaml",
    ),
    Told(
        17, "fix(container): update coredns group ( 1.42.1 → 1.42.3 )", "infrastructure", "patch", "coredns", "1.42.1",
        "1.42.3", State.READY, "Ready: infrastructure, nothing to wait for.",
        "kubernetes/apps/kube-system/coredns/app/helmrelease.yaml",
    ),
    _tool(20, "aqua:mikefarah/yq", "4.45.3", "4.45.4", "patch"),
    Told(
        22, "feat(container): update flux operator group ( 0.20.0 → 0.22.0 )", "flux-core", "minor", "flux-operator",
        "0.20.0", "0.22.0", State.READY, "Ready: Flux Operator 0.22.0; goes well with #30.",
        "kubernetes/apps/flux-system/flux-operator/app/helmrelease.yaml",
    ),
    _tool(23, "aqua:cli/cli", "2.72.0", "2.74.1"),
    _tool(25, "aqua:cue-lang/cue", "0.12.1", "0.13.1"),
    _tool(26, "aqua:fluxcd/flux2", "2.5.1", "2.6.1"),
    _tool(27, "aqua:helm/helm", "3.17.3", "3.18.2"),
    _tool(28, "aqua:helmfile/helmfile", "1.0.0", "1.1.1"),
    _tool(29, "aqua:yannh/kubeconform", "0.6.7", "0.7.0"),
    Told(
        30, "feat(github-release): update release controlplaneio-fluxcd/distribution ( v2.5.1 → v2.6.1 )", "flux-core",
        "minor", "controlplaneio-fluxcd/distribution", "2.5.1", "2.6.1", State.READY,
        "Ready: brings Flux 2.6.1; #34 waits for it.", VALUES,
    ),
    Told(
        31, "feat(github-release): update release prometheus-operator/prometheus-operator ( v0.82.2 → v0.83.0 )",
        "tooling", "minor", "prometheus-operator/prometheus-operator", "v0.82.2", "v0.83.0", State.READY, TOOLING,
        "scripts/bootstrap-apps.sh",
    ),
    _tool(33, "aqua:cilium/cilium-cli", "0.18.3", "0.18.4", "patch"),
    Told(
        34, "fix(deps): update dependency ocirepository ( source.toolkit.fluxcd.io/v1beta2 → "
        "source.toolkit.fluxcd.io/v1 )", "infrastructure", "patch", "OCIRepository",
        "source.toolkit.fluxcd.io/v1beta2", "source.toolkit.fluxcd.io/v1", State.BLOCKED, NEEDS, USED_IN,
    ),
    Told(
        35, "fix(helm): update chart ingress-nginx ( 4.12.2 → 4.12.3 )", "infrastructure", "patch", "ingress-nginx",
        "4.12.2", "4.12.3", State.READY, "Ready: infrastructure, nothing to wait for.",
        "kubernetes/apps/network/external/ingress-nginx/helmrelease.yaml",
    ),
    Told(
        36, "feat(container): update spegel group ( 0.2.0 → 0.3.0 )", "infrastructure", "minor", "spegel", "0.2.0",
        "0.3.0", State.READY, "Ready: infrastructure; changes a file that #34 changes too.", USED_IN,
    ),
    Told(
        37, "feat(helm)!: Update chart kube-prometheus-stack ( 72.9.1 → 73.2.3 )", "infrastructure", "major",
        "kube-prometheus-stack", "72.9.1", "73.2.3", State.NEEDS_REVIEW,
        "Your call: kube-prometheus-stack moves from 72.9.1 to 73.2.3, a major update.",
        "kubernetes/apps/monitoring/kube-prometheus-stack/app/helmrelease.yaml",
    ),
    Told(
        38, "fix(container): update image registry.k8s.io/node-problem-detector/node-problem-detector "
        "( v0.8.19 → v0.8.21 )", "infrastructure", "patch", "node-problem-detector", "v0.8.19", "v0.8.21",
        State.READY, "Ready: infrastructure, nothing to wait for.",
        "kubernetes/apps/system-health/node-problem-detector/app/helmrelease.yaml",
    ),
)  # fmt: skip

WAVES = [[20, 23, 25, 26, 27, 28, 29, 31, 33], [22, 30], [34], [17, 35, 36, 38], [15, 37]]
DECLARED = {"file": VALUES, "line": 5, "text": "version: 2.5.1"}
BROUGHT = {"file": VALUES, "line": 5, "text": "version: 2.6.1"}
USED = {"file": USED_IN, "line": 2, "text": "apiVersion: source.toolkit.fluxcd.io/v1"}


@dataclass
class Seed:
    """What was stored, by number."""

    pulls: dict[int, models.PullRequest] = field(default_factory=dict)


def repository(**changes: Any) -> models.Repository:
    values = {
        "id": REPOSITORY_ID,
        "installation_id": 1,
        "owner": "wcygan",
        "name": "homelab",
        "default_branch": "main",
        "base_sha": BASE_SHA,
        "base_stale": False,
        "list_stale": False,
        "synced_at": NOW - timedelta(minutes=1),
    }
    return models.Repository(**{**values, **changes})


async def seed_installation(session: AsyncSession) -> None:
    session.add(models.Installation(id=1, account="wcygan"))
    await session.flush()


def pull_request(told: Told, repository_id: int = REPOSITORY_ID, **changes: Any) -> models.PullRequest:
    values = {
        "repository_id": repository_id,
        "number": told.number,
        "title": told.title,
        "branch": f"renovate/{told.name.rsplit('/', 1)[-1].lower()}",
        "base_branch": "main",
        "head_sha": f"{told.number:040x}",
        "author": "renovate[bot]",
        "by_renovate": True,
        "opened_at": NOW - timedelta(days=3),
        "state": told.state.value,
        "reason": told.reason,
        "state_since": NOW - timedelta(minutes=30),
        "classification": classification(told),
    }
    return models.PullRequest(**{**values, **changes})


def classification(told: Told) -> dict[str, Any]:
    major = told.update_type == "major" and told.component != "tooling"
    return {
        "update_type": told.update_type,
        "component": told.component,
        "component_class": "major" if major else told.component,
        "grouped": False,
        "updates": [
            {
                "name": told.name,
                "from": told.before,
                "to": told.after,
                "manager": "regex",
                "datasource": "github-releases",
                "file": told.file,
            }
        ],
        "confidence": 0.95,
        "reasons": [f"it changes {told.file}", "Renovate's table names one update"],
        "rules": [],
        "also_changes": [],
    }


def document(pulls: Iterable[Told], waves: list[list[int]] = WAVES) -> dict[str, Any]:
    return {
        "base": BASE_SHA,
        "clusters": [
            {
                "name": "main",
                "flux": {"version": "2.5.1", "source": {"file": VALUES, "line": 5}},
                "observed_flux": None,
            }
        ],
        "pull_requests": [
            {
                "number": told.number,
                "title": told.title,
                "by_renovate": True,
                "classification": classification(told),
                "state": told.state.value,
                "reason": told.reason,
                "requires": [],
                "provides": [],
            }
            for told in pulls
        ],
        "edges": [
            {
                "from": 34,
                "to": 30,
                "kind": "needs",
                "strength": "hard",
                "condition": "rolled_out",
                "reason": NEEDS,
                "evidence": [USED, DECLARED, BROUGHT],
                "merged": False,
                "alternatives": [],
            }
        ],
        "waves": waves,
        "warnings": [],
        "config": None,
        "mode": "act",
    }


def history(number: int | None, actor: str, kind: str, text: str, minutes: int) -> models.HistoryEntry:
    return models.HistoryEntry(
        repository_id=REPOSITORY_ID,
        number=number,
        actor=actor,
        kind=kind,
        text=text,
        at=NOW - timedelta(minutes=minutes),
    )


async def seed_story(session: AsyncSession, *, merged: bool = False) -> Seed:
    """The eighteen pull requests; with `merged`, #30 is merged and the cluster has not taken it over."""
    await seed_installation(session)
    session.add(repository())
    await session.flush()
    seed = Seed()
    for told in STORY:
        changes: dict[str, Any] = {}
        if merged and told.number == 30:
            changes = {
                "status": "merged",
                "state": "merged",
                "reason": "Merged.",
                "merge_sha": "c18b02d8bf9e494fb8578766c5607c0f380a3ec1",
                "merged_at": NOW - timedelta(minutes=4),
            }
        if merged and told.number == 34:
            changes = {"state": "waiting-rollout", "reason": ROLLOUT, "state_since": NOW - timedelta(minutes=4)}
        seed.pulls[told.number] = pull_request(told, **changes)
        session.add(seed.pulls[told.number])
    await session.flush()
    _facts(session, seed, merged=merged)
    waves = [[number for number in wave if not (merged and number == 30)] for wave in WAVES]
    session.add(models.RepositoryPlan(repository_id=REPOSITORY_ID, document=document(STORY, waves), made_at=NOW))
    session.add(models.Cluster(name="home", repository_id=REPOSITORY_ID, scope="main"))
    await session.flush()
    session.add(
        models.ClusterObservation(
            cluster="home",
            digest="first",
            object="FluxInstance/flux-system/flux",
            severity="info",
            reason="ReconciliationSucceeded",
            message="Flux 2.5.1 installed",
            revision="",
            provider="flux",
            version="2.5.1",
            observed_at=NOW - timedelta(minutes=50),
        )
    )
    _log(session, merged=merged)
    await session.flush()
    return seed


def _facts(session: AsyncSession, seed: Seed, *, merged: bool) -> None:
    migration, flux = seed.pulls[34], seed.pulls[30]
    session.add(
        models.Requirement(
            pull_request_id=migration.id,
            scope="main",
            group="source.toolkit.fluxcd.io",
            kind="OCIRepository",
            version="v1",
            evidence=[USED],
        )
    )
    session.add(
        models.Capability(
            pull_request_id=flux.id,
            provider="flux",
            scope="main",
            from_version="2.5.1",
            to_version="2.6.1",
            evidence=BROUGHT,
        )
    )
    session.add(
        models.Edge(
            pull_request_id=migration.id,
            to_number=30,
            kind="needs",
            strength="hard",
            condition="rolled_out",
            merged=merged,
            reason=ROLLOUT if merged else NEEDS,
            evidence=[USED, DECLARED, BROUGHT],
            alternatives=[],
        )
    )
    for number, to, kind in ((36, 34, "file"), (17, 36, "file"), (30, 22, "pair")):
        session.add(
            models.Edge(
                pull_request_id=seed.pulls[number].id,
                to_number=to,
                kind=kind,
                strength="soft",
                condition="merged",
                merged=False,
                reason=f"#{number} and #{to} are better merged one after the other.",
                evidence=[],
                alternatives=[],
            )
        )
    if merged:
        session.add(
            models.Rollout(
                repository_id=REPOSITORY_ID,
                provider="flux",
                scope="main",
                from_version="2.5.1",
                to_version="2.6.1",
                number=30,
                merge_sha="c18b02d8bf9e494fb8578766c5607c0f380a3ec1",
                merged_at=NOW - timedelta(minutes=4),
            )
        )
    session.add(
        models.Decision(
            pull_request_id=migration.id,
            head_sha=migration.head_sha,
            base_sha=BASE_SHA,
            state="blocked",
            reason=NEEDS,
            made_at=NOW - timedelta(minutes=30),
        )
    )
    session.add(
        models.RebaseRequest(
            pull_request_id=seed.pulls[27].id,
            head_sha=seed.pulls[27].head_sha,
            driver="checkbox",
            state="stale",
            note="no rebase after ticking the box; the label is next",
            requested_at=NOW - timedelta(minutes=20),
            settled_at=NOW - timedelta(minutes=5),
        )
    )
    session.add(
        models.Command(
            repository_id=REPOSITORY_ID,
            number=34,
            comment_id=1,
            position=0,
            author="wcygan",
            text="/fluxmig why",
            verb="why",
            argument="",
            state="done",
            answer=NEEDS,
            created_at=NOW - timedelta(minutes=10),
        )
    )


def _log(session: AsyncSession, *, merged: bool) -> None:
    session.add(history(34, "fluxmig", "verdict", NEEDS, 30))
    session.add(history(27, "fluxmig", "rebase", "Asked Renovate to rebase, by ticking its checkbox.", 20))
    session.add(history(27, "fluxmig", "rebase-refused", REFUSED, 5))
    session.add(history(36, "fluxmig", "rebase-refused", "Said of a verdict that is past.", 40))
    session.add(history(35, "fluxmig", "rebase", "Asked Renovate to rebase, by ticking its checkbox.", 3))
    session.add(history(34, "wcygan", "command", "asked `/fluxmig why`", 10))
    if merged:
        session.add(history(30, "wcygan", "merged", "merged it", 4))
        session.add(history(34, "fluxmig", "verdict", ROLLOUT, 4))


def delivery(guid: str, *, state: str = "done", minutes: int = 5, event: str = "pull_request") -> models.Delivery:
    received = NOW - timedelta(minutes=minutes)
    return models.Delivery(
        guid=guid,
        key=f"repository:{REPOSITORY_ID}",
        event=event,
        action="opened",
        installation_id=1,
        repository_id=REPOSITORY_ID,
        body=zlib.compress(b'{"secret": "of the payload"}'),
        received_at=received,
        state=state,
        note="the payload has no number" if state == "failed" else "",
        finished_at=None if state == "received" else received + timedelta(seconds=2),
    )
