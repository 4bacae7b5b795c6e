"""The stored plan as the API shows it: the document of `fluxmig plan --format json`, and when it was made."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.domain.model import State
from app.domain.modes import Mode
from app.web.api.schemas import CapabilityOut, ClassificationOut, EdgeOut, Number, PlannedConfig, Reason, RequirementOut


class SourceLine(BaseModel):
    """Where Git says it; `line` counts from 1."""

    file: str = Field(examples=["kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"])
    line: int = Field(examples=[5])


class DeclaredFlux(BaseModel):
    """The Flux version that Git declares."""

    version: str = Field(examples=["2.5.1"])
    source: SourceLine


class ObservedFlux(BaseModel):
    """The Flux version that the cluster said it runs."""

    version: str = Field(examples=["2.5.1"])
    at: datetime
    source: str = Field(examples=["Flux's own event"])


class PlannedCluster(BaseModel):
    """A cluster; `flux` is null where Git does not say which Flux it runs, `observed_flux` where it said nothing."""

    name: str = Field(examples=["main"])
    flux: DeclaredFlux | None
    observed_flux: ObservedFlux | None


class PlannedPullRequest(BaseModel):
    """A node of the graph: an open pull request, or a merged one that is not rolled out yet."""

    number: Number
    title: str = Field(examples=["fix(deps): update dependency ocirepository ( v1beta2 → v1 )"])
    by_renovate: bool = Field(examples=[True])
    classification: ClassificationOut
    state: State = Field(examples=["blocked"])
    reason: Reason
    requires: list[RequirementOut]
    provides: list[CapabilityOut]


class GraphOut(BaseModel):
    """The last plan of a repository."""

    made_at: datetime
    base: str = Field(description="the base commit that it was made on")
    clusters: list[PlannedCluster]
    pull_requests: list[PlannedPullRequest]
    edges: list[EdgeOut]
    waves: list[list[int]] = Field(description="numbers, in the order in which to merge", examples=[[[26, 30], [34]]])
    warnings: list[str]
    config: PlannedConfig | None = Field(description="null where neither the repository nor its owner has one")
    mode: Mode | None = Field(description="what may be written to GitHub; null: nobody said", examples=["act"])
