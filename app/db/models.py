"""The tables. Relations are joined on purpose in the queries beside this file, so none are declared here.

Ids of installations and repositories are GitHub's own. Times have zones. Closed questions (states, kinds) are text
holding the value of the enum of `app.domain.model` that answers them.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        str: Text,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
        bytes: LargeBinary,
    }


def _serial() -> Mapped[int]:
    return mapped_column(BigInteger, Identity(always=True), primary_key=True)


def _now() -> Mapped[datetime]:
    return mapped_column(server_default=func.now())


def _repository() -> Mapped[int]:
    return mapped_column(BigInteger, ForeignKey("repositories.id", ondelete="CASCADE"))


def _pull_request() -> Mapped[int]:
    return mapped_column(BigInteger, ForeignKey("pull_requests.id", ondelete="CASCADE"), index=True)


class Installation(Base):
    """The App on one account."""

    __tablename__ = "installations"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(default="")
    suspended_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = _now()


class Pace(Base):
    """How fast we may write for an installation: when next, how many writes are left, and until when GitHub wants rest.

    The row of installation 0 is the App's own. `budget` is as of `budget_at`, and fills up with time.
    """

    __tablename__ = "paces"

    installation_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    next_write_at: Mapped[datetime]
    budget: Mapped[float]
    budget_at: Mapped[datetime]
    paused_until: Mapped[datetime | None]


class CachedToken(Base):
    """Installation tokens, shared by all replicas. `value` is encrypted with a key made from `secret_key`."""

    __tablename__ = "cached_tokens"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes]
    expires_at: Mapped[datetime]


class Repository(Base):
    """A repository that an installation can see. `*_stale` say which facts are to be read from GitHub anew."""

    __tablename__ = "repositories"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    installation_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("installations.id", ondelete="CASCADE"), index=True
    )
    owner: Mapped[str]
    name: Mapped[str]
    default_branch: Mapped[str] = mapped_column(default="")
    base_sha: Mapped[str | None]
    base_stale: Mapped[bool] = mapped_column(server_default=text("true"))
    base_hint: Mapped[str | None]
    """Commit that a push or merge told us of; the read that still shows the old base is stale."""
    list_stale: Mapped[bool] = mapped_column(server_default=text("true"))
    removed_at: Mapped[datetime | None]
    synced_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = _now()

    __table_args__ = (Index("ix_repositories_owner_name", text("lower(owner)"), text("lower(name)")),)


class Poll(Base):
    """What the last poll of a repository saw: the ETag of each answer, and up to where comments were read."""

    __tablename__ = "polls"

    repository_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("repositories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    polled_at: Mapped[datetime]
    pulls_etag: Mapped[str] = mapped_column(server_default="")
    base_etag: Mapped[str] = mapped_column(server_default="")
    comments_etag: Mapped[str] = mapped_column(server_default="")
    comments_since: Mapped[datetime]
    newest_comment: Mapped[int] = mapped_column(BigInteger, server_default="0")
    dashboard_etag: Mapped[str] = mapped_column(server_default="")


class RepositoryTree(Base):
    """The readable files of the base commit: path -> blob id."""

    __tablename__ = "repository_trees"

    repository_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("repositories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    sha: Mapped[str]
    files: Mapped[dict[str, Any]]


class Blob(Base):
    """Text of a file by Git's object id, so that no content is fetched twice."""

    __tablename__ = "blobs"

    sha: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]


class PullRequest(Base):
    """The facts of a pull request, what people said of it, and the last verdict."""

    __tablename__ = "pull_requests"
    __table_args__ = (
        UniqueConstraint("repository_id", "number"),
        Index("ix_pull_requests_repository_id_status", "repository_id", "status"),
    )

    id: Mapped[int] = _serial()
    repository_id: Mapped[int] = _repository()
    number: Mapped[int] = mapped_column(Integer)

    title: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    branch: Mapped[str] = mapped_column(default="")
    base_branch: Mapped[str] = mapped_column(default="")
    head_sha: Mapped[str] = mapped_column(default="")
    author: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="open")
    draft: Mapped[bool] = mapped_column(Boolean, default=False)
    by_renovate: Mapped[bool] = mapped_column(Boolean, default=False)
    labels: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    our_labels: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Those of `labels` that we set."""
    changes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    """One object a file: path, previous_path, status, patch, before, after (the last two are blob ids or null)."""
    changes_sha: Mapped[str] = mapped_column(default="")
    merge_sha: Mapped[str | None]
    merged_at: Mapped[datetime | None]
    head_times: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    """When it got its last heads, as texts of ISO 8601, the oldest first."""
    rebase_due: Mapped[str] = mapped_column(server_default="")
    """Why Renovate is to rebase it, until it was asked; empty where it is not."""
    stacked: Mapped[bool] = mapped_column(server_default=text("false"))
    """It is one of GitHub's stacked pull requests, which GitHub rebases itself."""
    opened_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]

    stale: Mapped[bool] = mapped_column(server_default=text("true"))
    hinted_at: Mapped[datetime | None]
    """GitHub's `updated_at` in the newest delivery; a read that is older than this is a stale read."""

    hold_by: Mapped[str | None]
    hold_reason: Mapped[str | None]
    hold_until: Mapped[datetime | None]
    unblocked_by: Mapped[str | None]
    unblock_reason: Mapped[str | None]
    unblocked_until: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    approved_sha: Mapped[str | None]
    approvals: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    """By whom, with which permission, at which head: `{by, permission, sha}`, of the head that was approved last."""

    classification: Mapped[dict[str, Any] | None]
    state: Mapped[str] = mapped_column(default="unknown")
    reason: Mapped[str] = mapped_column(default="")
    state_since: Mapped[datetime] = _now()


class HistoryEntry(Base):
    """What happened to a pull request, in words for people: who, what, why."""

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_repository_id_id", "repository_id", "id"),
        Index("ix_history_repository_id_number_id", "repository_id", "number", "id"),
    )

    id: Mapped[int] = _serial()
    repository_id: Mapped[int] = _repository()
    number: Mapped[int | None]
    at: Mapped[datetime] = _now()
    actor: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]


class Delivery(Base):
    """The inbox: one row a GUID, with the raw body (zlib), so that what could not be read can be replayed."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_waiting", "key", "position", postgresql_where=text("state = 'received'")),
        Index("ix_deliveries_received_at", "received_at"),
    )

    guid: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    key: Mapped[str]
    event: Mapped[str]
    action: Mapped[str | None]
    installation_id: Mapped[int | None] = mapped_column(BigInteger)
    repository_id: Mapped[int | None] = mapped_column(BigInteger)
    body: Mapped[bytes]
    received_at: Mapped[datetime] = _now()
    state: Mapped[str] = mapped_column(server_default="received")
    note: Mapped[str] = mapped_column(server_default="")
    finished_at: Mapped[datetime | None]


class Redelivery(Base):
    """A delivery that did not reach us, and how often GitHub was asked to send it again.

    `inbox_position` is the newest one of the inbox when it was asked last: beyond it, something has come in since.
    """

    __tablename__ = "redeliveries"

    guid: Mapped[str] = mapped_column(primary_key=True)
    asked: Mapped[int] = mapped_column(server_default="0")
    asked_at: Mapped[datetime]
    inbox_position: Mapped[int] = mapped_column(BigInteger, server_default="0")


class Work(Base):
    """What is to be looked at again: while `wanted_seq > done_seq`, and when `look_at` comes.

    `run_after` is the back-off after a failed look.
    """

    __tablename__ = "work"
    __table_args__ = (
        Index("ix_work_wanted", "run_after", postgresql_where=text("wanted_seq > done_seq")),
        Index("ix_work_look_at", "look_at", postgresql_where=text("look_at is not null")),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    wanted_seq: Mapped[int] = mapped_column(BigInteger, server_default="0")
    done_seq: Mapped[int] = mapped_column(BigInteger, server_default="0")
    run_after: Mapped[datetime | None]
    look_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    last_error: Mapped[str] = mapped_column(server_default="")


class Requirement(Base):
    """An API that a pull request starts to use, or a field of it, or a value of that field."""

    __tablename__ = "requirements"

    id: Mapped[int] = _serial()
    pull_request_id: Mapped[int] = _pull_request()
    scope: Mapped[str]
    group: Mapped[str]
    kind: Mapped[str]
    version: Mapped[str]
    evidence: Mapped[list[Any]]
    field: Mapped[str | None]
    field_value: Mapped[str | None]


class Capability(Base):
    """A provider version that a pull request brings."""

    __tablename__ = "capabilities"

    id: Mapped[int] = _serial()
    pull_request_id: Mapped[int] = _pull_request()
    provider: Mapped[str]
    scope: Mapped[str]
    from_version: Mapped[str | None]
    to_version: Mapped[str]
    evidence: Mapped[dict[str, Any]]


class Edge(Base):
    """`pull_request_id` waits for number `to_number`; null where nothing open would satisfy it."""

    __tablename__ = "edges"

    id: Mapped[int] = _serial()
    pull_request_id: Mapped[int] = _pull_request()
    to_number: Mapped[int | None]
    kind: Mapped[str]
    strength: Mapped[str]
    condition: Mapped[str]
    merged: Mapped[bool]
    reason: Mapped[str]
    evidence: Mapped[list[Any]]
    alternatives: Mapped[list[Any]]


class RepositoryPlan(Base):
    """The last plan of a repository as a document: base, clusters, waves, warnings."""

    __tablename__ = "plans"

    repository_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("repositories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    document: Mapped[dict[str, Any]]
    made_at: Mapped[datetime] = _now()
    withheld: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    """What the mode keeps from being written: one object a write, `number` and `what`."""


class Decision(Base):
    """Each verdict that differed from the one before, with the head and base it was made on."""

    __tablename__ = "decisions"

    id: Mapped[int] = _serial()
    pull_request_id: Mapped[int] = _pull_request()
    head_sha: Mapped[str]
    base_sha: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    made_at: Mapped[datetime] = _now()


class CheckRun(Base):
    """Our check run on one head, and the digest of what it says."""

    __tablename__ = "check_runs"

    pull_request_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("pull_requests.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    head_sha: Mapped[str] = mapped_column(primary_key=True)
    check_run_id: Mapped[int] = mapped_column(BigInteger)
    conclusion: Mapped[str]
    digest: Mapped[str]
    written_at: Mapped[datetime] = _now()


class ConfigCheck(Base):
    """Our check `fluxmig / config` on one head of a pull request that changes the configuration."""

    __tablename__ = "config_checks"

    pull_request_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("pull_requests.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    head_sha: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]


class StatusComment(Base):
    """Our one comment on a pull request. `comment_id` is null once a person has deleted it; `state` is the verdict that
    it was written for last."""

    __tablename__ = "status_comments"

    pull_request_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("pull_requests.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    comment_id: Mapped[int | None] = mapped_column(BigInteger)
    digest: Mapped[str]
    state: Mapped[str]


class Dashboard(Base):
    """Our one issue in a repository. An empty `digest` means that its text on GitHub is not ours any more."""

    __tablename__ = "dashboards"

    repository_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("repositories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str]
    closed: Mapped[bool] = mapped_column(server_default=text("false"))


class Milestone(Base):
    """A migration as people plan it. `plan` is as it was made, `document` how it stood when something changed last.

    `issue_number` is that of its issue, where `wants_issue`; an empty `issue_digest` means that the text on GitHub is
    not ours any more; `issue_closed`: a person closed it, and it is left alone.
    """

    __tablename__ = "milestones"
    __table_args__ = (UniqueConstraint("repository_id", "number"),)

    id: Mapped[int] = _serial()
    repository_id: Mapped[int] = _repository()
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str]
    goal: Mapped[str]
    plan: Mapped[dict[str, Any]]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_why: Mapped[str] = mapped_column(server_default="")
    wants_issue: Mapped[bool] = mapped_column(server_default=text("false"))
    issue_number: Mapped[int | None]
    issue_digest: Mapped[str] = mapped_column(server_default="")
    issue_closed: Mapped[bool] = mapped_column(server_default=text("false"))


class MilestoneTransition(Base):
    """What changed of a milestone, and when: a criterion that ticked, its beginning and its end."""

    __tablename__ = "milestone_transitions"

    id: Mapped[int] = _serial()
    milestone_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("milestones.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    text: Mapped[str]


class Branch(Base):
    """A branch of Renovate's without a pull request, which Renovate may merge by itself; and our check on its head.

    `changes` are as those of a pull request, `base_sha` the base that it was read beside. `check_sha` is the commit
    that `check_run_id` stands on.
    """

    __tablename__ = "branches"
    __table_args__ = (UniqueConstraint("repository_id", "name"),)

    id: Mapped[int] = _serial()
    repository_id: Mapped[int] = _repository()
    name: Mapped[str]
    head_sha: Mapped[str]
    title: Mapped[str]
    changes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    base_sha: Mapped[str] = mapped_column(server_default="")
    stale: Mapped[bool] = mapped_column(server_default=text("true"))
    check_run_id: Mapped[int | None] = mapped_column(BigInteger)
    check_sha: Mapped[str]
    conclusion: Mapped[str]
    digest: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="unknown")
    reason: Mapped[str] = mapped_column(server_default="")


class Action(Base):
    """The outbox: what is still to be written to GitHub, and what was. `effect_key` names the effect."""

    __tablename__ = "actions"
    __table_args__ = (
        Index("uq_actions_planned_effect_key", "effect_key", unique=True, postgresql_where=text("state = 'planned'")),
        Index("ix_actions_repository_id_state", "repository_id", "state"),
    )

    id: Mapped[int] = _serial()
    repository_id: Mapped[int] = _repository()
    number: Mapped[int | None]
    kind: Mapped[str]
    effect_key: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default="planned")
    attempts: Mapped[int] = mapped_column(server_default="0")
    run_after: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = _now()
    finished_at: Mapped[datetime | None]


class RebaseRequest(Base):
    """A rebase that was asked of Renovate: requested -> confirmed | refused | stale. `kicked_at`: when a run of
    Renovate was started for it."""

    __tablename__ = "rebase_requests"

    id: Mapped[int] = _serial()
    pull_request_id: Mapped[int] = _pull_request()
    head_sha: Mapped[str]
    base_sha: Mapped[str] = mapped_column(server_default="")
    """The tip of the base when it was asked: Renovate has done it when its branch has all of that."""
    driver: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="requested")
    note: Mapped[str] = mapped_column(server_default="")
    requested_at: Mapped[datetime]
    kicked_at: Mapped[datetime | None]
    silent: Mapped[bool] = mapped_column(server_default=text("false"))
    """It ended because nobody took it up."""
    settled_at: Mapped[datetime | None]
    settled_sha: Mapped[str | None]


class Command(Base):
    """A `/fluxmig …` line of a comment, or a press of a button below a check.

    `position` counts the commands within the comment from 0. `delivery` is the GUID that told of a press: GitHub gives
    it no id of its own. `said_at` is GitHub's time, and `head_sha` the head that we knew when we heard of it, or that
    of the pressed check. Where GitHub did not answer, it waits until `run_after`, and with it the rest of its comment.
    """

    __tablename__ = "commands"
    __table_args__ = (
        UniqueConstraint("comment_id", "position"),
        Index("ix_commands_waiting", "repository_id", postgresql_where=text("state = 'received'")),
    )

    id: Mapped[int] = _serial()
    repository_id: Mapped[int] = _repository()
    number: Mapped[int]
    comment_id: Mapped[int | None] = mapped_column(BigInteger)
    delivery: Mapped[str | None] = mapped_column(unique=True)
    position: Mapped[int]
    author: Mapped[str]
    text: Mapped[str]
    verb: Mapped[str]
    argument: Mapped[str]
    head_sha: Mapped[str] = mapped_column(server_default="")
    said_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(server_default="received")
    run_after: Mapped[datetime | None]
    reaction: Mapped[str] = mapped_column(server_default="")
    answer: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = _now()
    finished_at: Mapped[datetime | None]


class Dependency(Base):
    """A person said `/fluxmig depends on #N` on pull request `number`."""

    __tablename__ = "dependencies"

    repository_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("repositories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    to_number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    by: Mapped[str]
    at: Mapped[datetime] = _now()


class AuditEntry(Base):
    """Who did what, when, where, and what came of it: commands, buttons, and what ended by itself."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_repository_id_id", "repository_id", "id"),)

    id: Mapped[int] = _serial()
    repository_id: Mapped[int] = _repository()
    number: Mapped[int | None]
    at: Mapped[datetime] = _now()
    actor: Mapped[str]
    kind: Mapped[str]
    place: Mapped[str]
    said: Mapped[str]
    result: Mapped[str]
    answer: Mapped[str]


class Notification(Base):
    """What people are to be told outside GitHub, once a `key`. `sent_to` are the ids of the channels that took it."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("repository_id", "key"),
        Index("ix_notifications_waiting", "id", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[int] = _serial()
    repository_id: Mapped[int] = _repository()
    kind: Mapped[str]
    key: Mapped[str]
    number: Mapped[int | None]
    state: Mapped[str] = mapped_column(server_default="waiting")
    sent_to: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    attempts: Mapped[int] = mapped_column(server_default="0")
    run_after: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    text: Mapped[str]


class Cluster(Base):
    """A cluster that may post events. `scope` is the cluster's name in the plan; null: the repository's only one."""

    __tablename__ = "clusters"

    name: Mapped[str] = mapped_column(primary_key=True)
    repository_id: Mapped[int] = _repository()
    scope: Mapped[str | None]
    created_at: Mapped[datetime] = _now()


class ClusterObservation(Base):
    """What was seen of an object in a cluster, by an event or a look (`source`), which stores only what has changed.
    `digest` makes the same event, sent twice, one row."""

    __tablename__ = "cluster_observations"
    __table_args__ = (
        Index("ix_cluster_observations_cluster_id", "cluster", "id"),
        Index("ix_cluster_observations_cluster_observed_at", "cluster", "observed_at"),
        Index("ix_cluster_observations_object", "cluster", "object", "observed_at"),
        Index(
            "ix_cluster_observations_failures",
            "cluster",
            "object",
            "observed_at",
            postgresql_where=text("severity = 'error'"),
        ),
    )

    id: Mapped[int] = _serial()
    cluster: Mapped[str] = mapped_column(ForeignKey("clusters.name", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(unique=True)
    object: Mapped[str]
    severity: Mapped[str]
    reason: Mapped[str]
    message: Mapped[str]
    revision: Mapped[str]
    provider: Mapped[str | None]
    version: Mapped[str | None]
    source: Mapped[str] = mapped_column(server_default="event")
    """Through which door it came: one of `app.domain.cluster_state.Source`, or words for people."""
    observed_at: Mapped[datetime]
    received_at: Mapped[datetime] = _now()


class ClusterSignal(Base):
    """The newest of one part of what a source tells of a cluster. `problem` says why the last try told nothing; then
    `facts` are those of `observed_at`."""

    __tablename__ = "cluster_signals"

    cluster: Mapped[str] = mapped_column(ForeignKey("clusters.name", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    observed_at: Mapped[datetime | None]
    tried_at: Mapped[datetime]
    problem: Mapped[str] = mapped_column(server_default="")
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


class ServedKind(Base):
    """An API that a cluster was seen to serve, or no longer to serve, `since` then. When that was last looked
    at is the `observed_at` of the signal of the same source, so that a look which changes nothing writes one row."""

    __tablename__ = "served_kinds"

    cluster: Mapped[str] = mapped_column(ForeignKey("clusters.name", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    served: Mapped[bool] = mapped_column(Boolean)
    since: Mapped[datetime]


class Rollout(Base):
    """A merged provider version and whether the cluster runs it."""

    __tablename__ = "rollouts"
    __table_args__ = (Index("ix_rollouts_repository_id_state", "repository_id", "state"),)

    id: Mapped[int] = _serial()
    repository_id: Mapped[int] = _repository()
    provider: Mapped[str]
    scope: Mapped[str]
    from_version: Mapped[str | None]
    to_version: Mapped[str]
    number: Mapped[int | None]
    merge_sha: Mapped[str]
    merged_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="pending")
    source: Mapped[str] = mapped_column(server_default="")
    rolled_out_at: Mapped[datetime | None]
    proof: Mapped[str] = mapped_column(server_default="")
    """Of which kind `source` is; empty for what was closed before that was kept."""
    health: Mapped[str] = mapped_column(server_default="pending")
    note: Mapped[str] = mapped_column(server_default="")
    """How it stands while it is pending, in words for people."""


class CommitAncestry(Base):
    """Whether a commit contains an older one, as GitHub answered: asked once a pair, since commits never change."""

    __tablename__ = "commit_ancestries"

    repository_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("repositories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    ancestor: Mapped[str] = mapped_column(primary_key=True)
    commit: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[str]
    asked_at: Mapped[datetime]


class StatusRead(Base):
    """The base commit whose commit statuses were read last, and the ETag of the answer."""

    __tablename__ = "status_reads"

    repository_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("repositories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    sha: Mapped[str]
    etag: Mapped[str]


class Incident(Base):
    """An object of a cluster that fails since a merge, or did. `number` is the pull request that broke it, if one can
    be named; `told_in` the incident whose comment on that pull request tells of this one too."""

    __tablename__ = "incidents"
    __table_args__ = (
        Index(
            "uq_incidents_open",
            "repository_id",
            "cluster",
            "object",
            unique=True,
            postgresql_where=text("closed_at is null"),
        ),
        Index("ix_incidents_repository_id_id", "repository_id", "id"),
    )

    id: Mapped[int] = _serial()
    repository_id: Mapped[int] = _repository()
    cluster: Mapped[str]
    scope: Mapped[str]
    object: Mapped[str]
    reason: Mapped[str]
    message: Mapped[str]
    revision: Mapped[str]
    good_revision: Mapped[str]
    good_at: Mapped[datetime | None]
    between: Mapped[dict[str, Any] | None]
    """The commits between the good revision and the failing one, as `app.services.failing` keeps them."""
    judged: Mapped[str] = mapped_column(server_default="")
    """A digest of what was known when it was judged last."""
    number: Mapped[int | None]
    candidates: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    beside: Mapped[int] = mapped_column(server_default="0")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    ending: Mapped[str] = mapped_column(server_default="")
    undone: Mapped[bool] = mapped_column(server_default=text("false"))
    """It was closed before the cluster said that it is over: Git has the files of the culprit as they were, or a
    person said so."""
    told_in: Mapped[int | None] = mapped_column(BigInteger)
    comment_id: Mapped[int | None] = mapped_column(BigInteger)
    comment_digest: Mapped[str] = mapped_column(server_default="")
    comment_stale: Mapped[bool] = mapped_column(server_default=text("false"))
    """One of the incidents that the comment tells of ended since it was written."""
