"""The stored plan as the API shows it: the document of `fluxmig plan --format json`, and when it was made."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.domain.model import Condition, EdgeKind, State, Strength
from app.web.api.schemas import EvidenceOut


class SourceLine(BaseModel):
    """Where Git says it; `line` counts from 1."""

    file: str = Field(examples=["kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"])
    line: int = Field(examples=[5])


class DeclaredFlux(BaseModel):
    """The Flux version that Git declares."""

    version: str = Field(examples=["2.5.1"])
    source: SourceLine


class PlannedCluster(BaseModel):
    """A cluster; `flux` is null where Git does not say which Flux it runs."""

    name: str = Field(examples=["main"])
    flux: DeclaredFlux | None


class PlannedPullRequest(BaseModel):
    """A node of the graph."""

    number: int = Field(examples=[34])
    title: str = Field(examples=["fix(deps): update dependency ocirepository ( v1beta2 → v1 )"])
    classification: Any = Field(description="as `fluxmig classify` writes it")
    state: State = Field(examples=["blocked"])
    reason: str
    requires: list[Any] = Field(description="APIs that it starts to use, with the lines that use them")
    provides: list[Any] = Field(description="provider versions that it brings, with the line that says so")


class PlannedEdge(BaseModel):
    """`from` waits for `to`; `to` is null where no open pull request would satisfy it."""

    model_config = ConfigDict(populate_by_name=True)

    from_: int = Field(alias="from", examples=[34])
    to: int | None = Field(examples=[30])
    kind: EdgeKind = Field(examples=["needs"])
    strength: Strength = Field(examples=["hard"])
    condition: Condition = Field(examples=["rolled_out"])
    reason: str
    evidence: list[EvidenceOut]


class GraphOut(BaseModel):
    """The last plan of a repository."""

    made_at: datetime
    base: str = Field(description="the base commit that it was made on")
    clusters: list[PlannedCluster]
    pull_requests: list[PlannedPullRequest]
    edges: list[PlannedEdge]
    waves: list[list[int]] = Field(description="numbers, in the order in which to merge", examples=[[[26, 30], [34]]])
    warnings: list[str]
