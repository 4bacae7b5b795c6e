"""The JSON of the API. No field has a default, so every answer has every field."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.domain.model import (
    Answer,
    Component,
    ComponentClass,
    Condition,
    EdgeKind,
    PullRequestStatus,
    RolloutHealth,
    RolloutState,
    State,
    Strength,
    UpdateType,
)
from app.domain.modes import Mode
from app.services.headline import Tone


class _Out(BaseModel):
    """Fields that JSON calls `from` are `from_` here; a stored document may fill them under either name."""

    model_config = ConfigDict(populate_by_name=True)


Number = Annotated[int, Field(description="number of the pull request", examples=[34])]
Reason = Annotated[
    str,
    Field(
        description="the one sentence that check, page and command line show too",
        examples=["Blocked: needs OCIRepository source.toolkit.fluxcd.io/v1, which #30 brings."],
    ),
]


class EvidenceOut(BaseModel):
    """A line that anybody can look up. `line` counts from 1; 0 means the whole file."""

    file: str = Field(examples=["kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"])
    line: int = Field(examples=[5])
    text: str = Field(examples=["version: 2.5.1"])


class UpdateOut(_Out):
    """One dependency that moves, in Renovate's terms."""

    name: str = Field(examples=["controlplaneio-fluxcd/distribution"])
    from_: str | None = Field(alias="from", examples=["2.5.1"])
    to: str | None = Field(examples=["2.6.1"])
    manager: str | None = Field(examples=["regex"])
    datasource: str | None = Field(examples=["github-releases"])
    file: str | None = Field(examples=["kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"])


class ClassificationOut(BaseModel):
    """What a pull request is, and which signs said so."""

    update_type: UpdateType | None = Field(examples=["minor"])
    component: Component = Field(examples=["flux-core"])
    component_class: ComponentClass = Field(examples=["flux-core"])
    grouped: bool = Field(description="several dependencies in one pull request", examples=[False])
    updates: list[UpdateOut]
    confidence: float = Field(description="0 to 1", examples=[0.95])
    reasons: list[str] = Field(examples=[["it changes spec.distribution.version of a FluxInstance"]])
    rules: list[EvidenceOut] = Field(description="rules of the repository's own configuration that spoke")
    also_changes: list[EvidenceOut] = Field(
        description="the first changed lines that the updates do not explain; none for a pure bump"
    )


class HoldOut(BaseModel):
    """A person keeps the pull request as it is."""

    by: str = Field(description="login of the person who holds it", examples=["octocat"])
    reason: str = Field(description="empty where none was given", examples=["after the holidays"])


class PullRequestOut(BaseModel):
    """A pull request with its last verdict."""

    number: Number
    title: str = Field(examples=["fix(deps): update dependency ocirepository ( v1beta2 → v1 )"])
    url: str = Field(description="its page on GitHub", examples=["https://github.com/octocat/homelab/pull/34"])
    branch: str = Field(examples=["renovate/ocirepository-1.x"])
    head_sha: str = Field(examples=["8aa7d3d045c609813316eb2260ed6dca9c4a9091"])
    author: str = Field(examples=["renovate[bot]"])
    status: PullRequestStatus = Field(examples=["open"])
    draft: bool = Field(examples=[False])
    by_renovate: bool = Field(description="false: a person's; fluxmig leaves it alone", examples=[True])
    labels: list[str] = Field(examples=[["fluxmig/blocked"]])
    classification: ClassificationOut
    state: State = Field(examples=["blocked"])
    reason: Reason
    state_since: datetime
    opened_at: datetime | None
    merged_at: datetime | None
    hold: HoldOut | None
    approved_by: str | None = Field(examples=[None])


class RequirementOut(BaseModel):
    """An API that the pull request starts to use, or a field of it."""

    group: str = Field(examples=["source.toolkit.fluxcd.io"])
    kind: str = Field(examples=["OCIRepository"])
    version: str = Field(examples=["v1"])
    scope: str = Field(description="the cluster", examples=["main"])
    evidence: list[EvidenceOut]
    field: str | None = Field(description="the field that is needed, null for the API itself", examples=[None])
    field_value: str | None = Field(description="the value of the field, where only that is new", examples=[None])


class CapabilityOut(_Out):
    """A provider version that the pull request brings."""

    provider: str = Field(examples=["flux"])
    scope: str = Field(description="the cluster", examples=["main"])
    from_: str | None = Field(alias="from", examples=["2.5.1"])
    to: str = Field(examples=["2.6.1"])
    source: EvidenceOut


class EdgeOut(_Out):
    """`from` waits for `to`; `to` is null where no open pull request would satisfy it."""

    from_: int = Field(alias="from", examples=[34])
    to: int | None = Field(examples=[30])
    kind: EdgeKind = Field(examples=["needs"])
    strength: Strength = Field(examples=["hard"])
    condition: Condition = Field(examples=["rolled_out"])
    merged: bool = Field(description="`to` is merged, its rollout is what is waited for", examples=[False])
    reason: Reason
    evidence: list[EvidenceOut]
    alternatives: list[int] = Field(description="other pull requests that would do", examples=[[]])


class HeadlineOut(BaseModel):
    """What is going on in the repository."""

    title: str = Field(examples=["Merge #30 first"])
    detail: str = Field(examples=["#34 waits for it."])
    tone: Tone = Field(description="who has to move: the cluster, a person, nobody", examples=["act"])


class RepositoryOut(BaseModel):
    """A repository in a list."""

    id: int = Field(description="GitHub's id", examples=[123456])
    owner: str = Field(examples=["octocat"])
    name: str = Field(examples=["homelab"])
    default_branch: str = Field(examples=["main"])
    base_sha: str | None = Field(description="the commit that the plan was made on")
    synced_at: datetime | None = Field(description="when it was last read whole; null: not yet")
    headline: HeadlineOut
    counts: dict[State, int] = Field(
        description="open pull requests by Renovate, by state", examples=[{"ready": 4, "blocked": 9}]
    )


class ObservationOut(BaseModel):
    """What a cluster said that it runs."""

    provider: str = Field(examples=["flux"])
    version: str = Field(examples=["2.5.1"])
    at: datetime
    source: str = Field(examples=["Flux's own event"])


class SignalOut(BaseModel):
    """What one source says of one thing in a cluster."""

    about: str = Field(examples=["Kustomization/flux-system/cluster-apps"])
    answer: Answer
    text: str = Field(examples=["12 of 12 ready"])
    source: str = Field(examples=["the Kubernetes API"])
    at: datetime
    age_seconds: int
    counts: bool = Field(description="false: too old to count")


class ClusterHealthOut(BaseModel):
    """Whether a registered cluster is well, and from what that follows."""

    cluster: str = Field(examples=["home"])
    healthy: Answer = Field(description="`unknown` where nothing fresh was heard, or something could not be read")
    signals: list[SignalOut]


class ReportTakenOut(BaseModel):
    """What became of a report."""

    message: str = Field(
        description="`stored`, `nothing new`, or that it is older than what is known", examples=["stored"]
    )


class ServedApiOut(BaseModel):
    """An API that a cluster was seen to serve, or no longer to serve."""

    api_version: str = Field(examples=["source.toolkit.fluxcd.io/v1"])
    kind: str = Field(examples=["OCIRepository"])
    served: Answer = Field(description="`unknown` where the last look is too old")
    since: datetime
    source: str = Field(examples=["the Kubernetes API"])
    age_seconds: int = Field(description="of the last look that told it")


class StoredVersionsOut(BaseModel):
    """The versions at which a cluster may store objects of a CRD."""

    crd: str = Field(examples=["ocirepositories.source.toolkit.fluxcd.io"])
    stored: list[str] = Field(description="`status.storedVersions`", examples=[["v1beta2", "v1"]])
    storage: str = Field(description="the version at which new objects are stored", examples=["v1"])


class ClusterStateOut(BaseModel):
    """All that is known of a registered cluster."""

    cluster: str = Field(examples=["home"])
    repository: str = Field(examples=["octo/homelab"])
    scope: str | None
    health: ClusterHealthOut
    runs: list[ObservationOut]
    served: list[ServedApiOut] = Field(description="APIs of the providers that the catalogue knows")
    stored: list[StoredVersionsOut]
    unread: dict[str, str] = Field(description="what the last look could not read: part, or group of APIs, and why")


class ClusterOut(BaseModel):
    """A cluster: the Flux version that Git declares, and what was last heard from it."""

    name: str = Field(examples=["main"])
    declared: str | None = Field(description="Flux version in Git; null: none found", examples=["2.5.1"])
    file: str | None = Field(examples=["kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"])
    line: int = Field(examples=[5])
    observed: list[ObservationOut]
    registered: list[str] = Field(description="names under which it may post Flux events", examples=[["home"]])
    health: list[ClusterHealthOut]


class RolloutOut(_Out):
    """A merged provider version that the cluster has not taken over yet."""

    provider: str = Field(examples=["flux"])
    scope: str = Field(examples=["main"])
    from_: str | None = Field(alias="from", examples=["2.5.1"])
    to: str = Field(examples=["2.6.1"])
    pull_request: int | None = Field(examples=[30])
    merged_at: datetime
    state: RolloutState = Field(examples=["pending"])
    health: RolloutHealth = Field(
        description="`troubled` Flux reports a failure, `failed` it still does after the time-out, `late` the time-out "
        "has passed in silence",
        examples=["pending"],
    )
    note: str = Field(description="how it stands, where more is known than that nobody said so", examples=[""])


class WouldWriteOut(BaseModel):
    """A write to GitHub that the mode does not let through."""

    number: Number
    what: str = Field(examples=["check `fluxmig`: action_required, “Blocked by #30, …”"])


class CandidateOut(BaseModel):
    """A merge that may have broken it, with each sign as a phrase."""

    number: Number
    reasons: list[str] = Field(
        examples=[["it started to use OCIRepository `source.toolkit.fluxcd.io/v1` in kubernetes/apps/app.yaml:3"]]
    )


class IncidentOut(BaseModel):
    """An object of a cluster that fails since a merge, or did."""

    id: int
    cluster: str = Field(examples=["main"])
    object: str = Field(examples=["Kustomization flux-system/cluster-apps"])
    reason: str = Field(description="Flux's reason", examples=["ReconciliationFailed"])
    message: str = Field(description="Flux's own words")
    revision: str = Field(description="at which it failed first")
    good_revision: str = Field(description="at which it succeeded last; empty: not known")
    culprit: int | None = Field(description="the pull request that broke it; null: nobody can be named", examples=[34])
    candidates: list[CandidateOut] = Field(description="the merges that fit, the best first")
    opened_at: datetime
    closed_at: datetime | None
    ending: str = Field(description="how it ended", examples=[""])
    sentence: str = Field(description="what page, comment and history say of it")


class RevertOut(BaseModel):
    """One merge to revert."""

    number: Number
    merge_sha: str
    why: str = Field(description="why it has to go as well; empty for the one that is asked for", examples=[""])


class StaysOut(BaseModel):
    """A merge that may not be reverted."""

    number: Number
    why: str
    instead: list[int] = Field(description="those that use what it brought, to be reverted in its place")
    way: str = Field(description="what else can be done; empty where nothing better is known", examples=[""])


class RollbackOut(BaseModel):
    """How a merged pull request is taken back."""

    is_undone: bool = Field(description="Git has its files again as they were before it")
    is_possible: bool = Field(description="whether `/fluxmig rollback --yes` could open a pull request")
    reverts: list[RevertOut] = Field(description="in order, dependants first")
    stays: list[StaysOut]
    obstacles: list[str] = Field(description="what must stay or does not come back by itself, in words")
    doubts: list[str] = Field(description="what is not known of it, in words; it is possible all the same")
    commands: list[str] = Field(description="for a shell, in order", examples=[["flux suspend kustomization apps"]])


class PlannedConfig(BaseModel):
    """The configuration that judges; `problems` say why its newest text is not the one that judged."""

    file: str = Field(
        description="`octo-org/.github:.github/fluxmig.yaml` where it is that of the owner",
        examples=[".github/fluxmig.yaml"],
    )
    blob: str | None = Field(description="Git's id of the text that judged; null where the defaults did")
    problems: list[EvidenceOut]


class RepositoryDetailOut(RepositoryOut):
    """A repository with its clusters, rollouts and the warnings of its plan."""

    planned_at: datetime | None = Field(description="when the plan was last made; null: not yet")
    clusters: list[ClusterOut]
    rollouts: list[RolloutOut]
    incidents: list[IncidentOut] = Field(description="those that stand")
    warnings: list[str] = Field(examples=[[]])
    mode: Mode | None = Field(description="what may be written to GitHub; null: not known yet", examples=["act"])
    config: PlannedConfig | None = Field(description="null where neither the repository nor its owner has one")
    would_write: list[WouldWriteOut] = Field(description="what the mode keeps from being written")


class HistoryOut(BaseModel):
    """One thing that happened."""

    at: datetime
    number: int | None = Field(examples=[34])
    actor: str = Field(examples=["fluxmig"])
    kind: str = Field(examples=["verdict"])
    text: str = Field(examples=["blocked: needs #30"])


class AuditOut(BaseModel):
    """Who said what, where, and what came of it."""

    at: datetime
    number: int | None = Field(description="the pull request", examples=[34])
    actor: str = Field(description="login, or `fluxmig` for what ended by itself", examples=["octocat"])
    kind: str = Field(description="the command, or `hold-ended`, `unblock-ended`", examples=["unblock"])
    place: str = Field(description="the comment, the button, or the clock", examples=["comment 1234"])
    said: str = Field(examples=['/fluxmig unblock --reason "we know" for 1d'])
    result: str = Field(description="done, refused, failed or withdrawn", examples=["done"])
    answer: str = Field(description="why it was refused", examples=[""])


class RebaseOut(BaseModel):
    """A rebase that was asked of Renovate."""

    head_sha: str
    driver: str = Field(description="how it was asked for", examples=["checkbox"])
    state: str = Field(description="requested, confirmed, refused or stale", examples=["confirmed"])
    note: str = Field(examples=[""])
    requested_at: datetime
    settled_at: datetime | None
    settled_sha: str | None


class DecisionOut(BaseModel):
    """A verdict that differed from the one before, with the head and base it was made on."""

    head_sha: str
    base_sha: str
    state: State
    reason: Reason
    made_at: datetime


class CommandOut(BaseModel):
    """A `/fluxmig …` line of a comment, and what was answered."""

    author: str = Field(examples=["octocat"])
    text: str = Field(examples=["/fluxmig why"])
    state: str = Field(examples=["done"])
    answer: str
    created_at: datetime


class ExplanationOut(BaseModel):
    """Why a pull request has its verdict: what it needs and brings, its neighbours with evidence, its history."""

    pull_request: PullRequestOut
    base: str = Field(description="the base commit of the plan")
    what_would_change: list[str] = Field(examples=[["Merge #30, then wait until the cluster has rolled it out."]])
    would_write: list[str] = Field(description="what the mode keeps from being written to GitHub", examples=[[]])
    requires: list[RequirementOut]
    provides: list[CapabilityOut]
    waits_for: list[EdgeOut]
    waited_for_by: list[EdgeOut]
    history: list[HistoryOut] = Field(description="newest first, 50 at most")
    rebase_requests: list[RebaseOut] = Field(description="newest first, 50 at most")
    decisions: list[DecisionOut] = Field(description="newest first, 50 at most")
    commands: list[CommandOut] = Field(description="newest first, 50 at most")
    incidents: list[IncidentOut] = Field(description="what it broke, newest first, 50 at most")
    rollback: RollbackOut | None = Field(description="how it is taken back; null: not merged, or not known")


class SyncOut(BaseModel):
    """The full read was asked for; a worker does it as soon as it can."""

    repository: str = Field(examples=["octocat/homelab"])
    accepted: bool = Field(examples=[True])


class DeliveryOut(BaseModel):
    """A webhook of GitHub in the inbox."""

    guid: str = Field(description="GitHub's X-GitHub-Delivery", examples=["72d3162e-cc78-11e3-81ab-4c9367dc0958"])
    event: str = Field(examples=["pull_request"])
    action: str | None = Field(examples=["opened"])
    repository_id: int | None = Field(examples=[123456])
    state: str = Field(description="received, done, ignored or failed", examples=["done"])
    note: str = Field(description="why it was ignored, or how it failed", examples=[""])
    received_at: datetime
    finished_at: datetime | None


class ClusterRegistrationIn(BaseModel):
    """Which cluster of the plan it is."""

    scope: str | None = Field(
        default=None,
        max_length=200,
        pattern=r"^[^\x00]+$",
        description="name of the cluster in the plan; null: the repository has only one",
        examples=["main"],
    )


class ClusterRegistrationOut(BaseModel):
    """A cluster that may post Flux events."""

    name: str = Field(examples=["home"])
    repository: str = Field(examples=["octocat/homelab"])
    scope: str | None = Field(examples=["main"])
    webhook_path: str = Field(examples=["/webhooks/flux/home"])
    webhook_url: str = Field(
        description="`address` of Flux's Provider, type `generic-hmac`",
        examples=["https://fluxmig.example/webhooks/flux/home"],
    )
    created_at: datetime


class ClusterTokenOut(ClusterRegistrationOut):
    """The registration with its token, which is shown in this answer only."""

    token: str = Field(
        description="key `token` of the Secret that Flux's Provider names", examples=["9f86d081884c7d65"]
    )
