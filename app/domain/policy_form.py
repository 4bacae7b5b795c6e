"""The form of `.github/fluxmig.yaml`, the file by which a repository says how it wants to be judged.

Every key has a default, so an empty file is a whole one. The values come as text from YAML that keeps `2.10` apart from
`2.1`; numbers are made of them here. The JSON Schema for editors is made from these classes.
"""

import json
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from app.domain.commands import Permission, Verb
from app.domain.freeze import Freeze, read_freeze, read_zone
from app.domain.model import Strength, UpdateType
from app.domain.modes import Mode
from app.domain.rollout_form import RolloutForm
from app.domain.ruling import EdgeChoice

MOST_RULES = 200
MOST_ITEMS = 200
MOST_FREEZES = 20
MOST_ORDERS = 50

_SWITCH = frozenset({"true", "false", "yes", "no", "on", "off"})
_Label = Annotated[str, Field(min_length=1, max_length=50)]
_Text = Annotated[str, Field(min_length=1, max_length=300)]
_Texts = Annotated[tuple[_Text, ...], Field(max_length=MOST_ITEMS)]


def _is_switch(value: Any) -> bool:
    return isinstance(value, str) and value.casefold() in _SWITCH


class RuleClass(StrEnum):
    """What a rule can say that an update touches."""

    TOOLING = "tooling"
    FLUX_CORE = "flux-core"
    INFRASTRUCTURE = "infrastructure"
    APPLICATION = "application"


class FoundEdge(StrEnum):
    """The kinds of edges that fluxmig finds by itself."""

    NEEDS = "needs"
    REMOVAL = "removal"
    PAIR = "pair"
    FILE = "file"
    ENVIRONMENT = "environment"


class RebaseDriver(StrEnum):
    """A way to ask Renovate."""

    CHECKBOX = "checkbox"
    LABEL = "label"
    DASHBOARD = "dashboard"


class Weekday(StrEnum):
    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)


class MatchForm(_Form):
    """Which updates a rule is for. All keys that are given must fit; of a list, one item is enough."""

    names: _Texts = Field(
        (), description="Names of the dependency, as `fluxmig classify` prints them: globs or /regex/."
    )
    paths: _Texts = Field((), description="Files in which the update moves a version: globs or /regex/ on the path.")
    managers: _Texts = Field((), description="Renovate's managers, such as `flux`, `helm-values`, `github-actions`.")
    datasources: _Texts = Field((), description="Renovate's datasources, such as `docker`, `helm`, `kubernetes-api`.")
    update_types: Annotated[tuple[UpdateType, ...], Field(max_length=20)] = Field(
        (), description="Update types: of the dependency where its versions tell, else of the pull request."
    )
    branches: _Texts = Field((), description="Branches of the pull request: globs or /regex/.")
    labels: _Texts = Field((), description="Labels of the pull request: globs or /regex/; one that fits is enough.")

    def names_nothing(self) -> bool:
        return not any(getattr(self, name) for name in type(self).model_fields)


class RuleForm(_Form):
    """One rule: what it is for, and what it says."""

    match: MatchForm = Field(description="Which updates the rule is for.")
    class_: RuleClass | None = Field(None, alias="class", description="What the update touches.")
    update_type: UpdateType | None = Field(
        None, description="The update type that counts: `minor` for a calendar version that is called a major."
    )
    reason: str = Field("", max_length=300, description="Why, for the people who read the check.")

    @model_validator(mode="after")
    def _says_something(self) -> "RuleForm":
        if self.class_ is None and self.update_type is None:
            raise ValueError("a rule needs `class` or `update_type`, or it says nothing")
        return self


class FreezeForm(_Form):
    """A window in which nothing is to be merged."""

    from_: str = Field(
        "", alias="from", max_length=30, description="When it begins: `2025-12-20`, `fri 18:00`, or `18:00`."
    )
    to: str = Field("", max_length=30, description="When it ends, in the same form; a day without a time counts whole.")
    days: Annotated[tuple[Weekday, ...], Field(max_length=7)] = Field(
        (), description="For times alone: the weekdays on which it begins. None: each day."
    )
    timezone: str = Field("UTC", max_length=60, description="The zone of these times, such as `Europe/Berlin`.")
    reason: str = Field("", max_length=300, description="Why, for the people who read the check.")

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        read_zone(name)
        return name

    @model_validator(mode="after")
    def _can_be_read(self) -> "FreezeForm":
        self.read()
        return self

    def read(self) -> Freeze:
        """The window. Raises ValueError."""
        days = [day.value for day in self.days]
        return read_freeze(start=self.from_, end=self.to, days=days, zone=self.timezone, reason=self.reason)


class LabelsForm(_Form):
    """Names of the labels; at most one of them stands on a pull request."""

    enabled: bool = Field(True, description="Whether there are labels at all; `labels: false` means the same as `no`.")
    blocked: _Label = Field("fluxmig/blocked", description="On what waits for another pull request or for a rollout.")
    hold: _Label = Field("fluxmig/hold", description="On what a person holds.")
    review: _Label = Field("fluxmig/review-required", description="On what waits for a person's approval.")
    ready: str = Field("", max_length=50, description="On what is ready to merge; empty: no label.")

    @model_validator(mode="before")
    @classmethod
    def _is_a_switch(cls, value: Any) -> Any:
        return {"enabled": value} if _is_switch(value) else value

    @model_validator(mode="after")
    def _differ(self) -> "LabelsForm":
        names = [name.casefold() for name in (self.blocked, self.hold, self.review, self.ready) if name]
        if len(set(names)) < len(names):
            raise ValueError("two labels have the same name, so nobody could tell them apart")
        return self


class EdgeRuleForm(_Form):
    """What becomes of the edges between some pull requests."""

    from_: MatchForm = Field(MatchForm(), alias="from", description="Those that would wait.")
    to: MatchForm = Field(MatchForm(), description="Those that they would wait for.")
    kinds: Annotated[tuple[FoundEdge, ...], Field(max_length=10)] = Field(
        (), description="The kinds of edges that it is for. None: every kind."
    )
    strength: EdgeChoice = Field(description="`on`, `off`, `soft` or `hard`.")

    @model_validator(mode="after")
    def _names_something(self) -> "EdgeRuleForm":
        if self.from_.names_nothing() and self.to.names_nothing():
            raise ValueError("a rule of edges needs `from` or `to`; for all of a kind write `edges: {file: off}`")
        return self


class EdgesForm(_Form):
    """What becomes of the edges that fluxmig finds: of a whole kind, and before that, of single ones by rules."""

    needs: EdgeChoice = Field(EdgeChoice.ON, description="A pull request that starts to use an API waits for it.")
    removal: EdgeChoice = Field(EdgeChoice.ON, description="What stops to serve an API waits for those that leave it.")
    pair: EdgeChoice = Field(EdgeChoice.ON, description="Parts that must fit each other.")
    file: EdgeChoice = Field(EdgeChoice.ON, description="Both change the same place of a file.")
    environment: EdgeChoice = Field(EdgeChoice.ON, description="The same step in an environment that goes first.")
    rules: Annotated[tuple[EdgeRuleForm, ...], Field(max_length=MOST_RULES)] = Field(
        (), description="Rules for single edges; for each edge the first that fits speaks."
    )


class OrderStrength(StrEnum):
    HARD = Strength.HARD.value
    SOFT = Strength.SOFT.value


class OrderForm(_Form):
    """A standing order between dependencies, while both have open pull requests."""

    this: MatchForm = Field(description="What waits.")
    after: MatchForm = Field(description="What it waits for.")
    strength: OrderStrength = Field(
        OrderStrength.HARD, description="`hard` holds it; `soft` only tells the better order."
    )
    reason: str = Field("", max_length=300, description="Why, for the people who read the check.")

    @model_validator(mode="after")
    def _names_both(self) -> "OrderForm":
        if self.this.names_nothing() or self.after.names_nothing():
            raise ValueError("an order has to say which dependencies it is for, in `this` and in `after`")
        return self


class ApprovalRuleForm(_Form):
    """Who approves what."""

    match: MatchForm = Field(description="Which updates the rule is for.")
    by: Permission | None = Field(
        None, description="The permission that an approval needs to count. Unset: that of the command is enough."
    )
    count: Annotated[int, Field(ge=0, le=10)] = Field(1, description="How many people; 0 lets it pass.")
    reason: str = Field("", max_length=300, description="Why, for the people who read the check.")


class ApprovalsForm(_Form):
    """What waits for a person to say `/fluxmig approve`; which permission that takes is told by `commands`."""

    major: bool = Field(True, description="Major updates, but those of tooling.")
    other_changes: bool = Field(True, description="Bumps that also change something that their updates do not explain.")
    classes: Annotated[tuple[RuleClass, ...], Field(max_length=10)] = Field(
        (), description="Classes of which every update waits."
    )
    rules: Annotated[tuple[ApprovalRuleForm, ...], Field(max_length=MOST_RULES)] = Field(
        (), description="Who approves what; for each update the first that fits speaks, before the keys above."
    )

    @model_validator(mode="before")
    @classmethod
    def _is_a_switch(cls, value: Any) -> Any:
        return {"major": value, "other_changes": value} if _is_switch(value) else value


class RebaseForm(_Form):
    """How Renovate is asked to rebase what became free."""

    drivers: Annotated[tuple[RebaseDriver, ...], Field(max_length=10)] = Field(
        (RebaseDriver.CHECKBOX, RebaseDriver.LABEL),
        description="In which order it is asked: `checkbox`, `label`, `dashboard`. None: never by itself.",
    )
    label: str = Field("", max_length=50, description="Renovate's `rebaseLabel`; empty: as its configuration says.")
    budget: Annotated[int, Field(ge=1, le=1000)] = Field(10, description="Requests in one hour, for the repository.")
    run: bool = Field(
        False, description="Start a run of Renovate, as the service is set up to, when a request is not taken up."
    )
    workflow: str = Field(
        "", max_length=200, description="File name of the workflow that runs Renovate, to be started for the same."
    )
    update_branch: bool = Field(
        False, description="As the last resort have GitHub rebase the branch. Renovate may then call it edited."
    )
    ignored_authors: _Texts = Field(
        (), description="Renovate's `gitIgnoredAuthors`, beside those of its own configuration: exact, glob or /regex/."
    )


class PolicyForm(_Form):
    """The whole file. It is read from the base branch only: a pull request cannot change what judges it."""

    version: Annotated[int, Field(ge=1, le=1)] = Field(1, description="The version of this form.")
    mode: Mode | None = Field(
        None,
        description=(
            "What fluxmig writes to GitHub: `observe` nothing but answers to commands, `check` check runs, `act` also "
            "labels and requests to Renovate. Unset: the default of the service, `observe` unless it was changed."
        ),
    )
    freeze: Annotated[tuple[FreezeForm, ...], Field(max_length=MOST_FREEZES)] = Field(
        (), description="Windows in which nothing is to be merged: what is ready is held until they end."
    )
    labels: LabelsForm = Field(LabelsForm(), description="Names of fluxmig's labels, or `false` for none.")
    edges: EdgesForm = Field(
        EdgesForm(), description="What becomes of the edges that are found: each kind `on`, `off`, `soft` or `hard`."
    )
    order: Annotated[tuple[OrderForm, ...], Field(max_length=MOST_ORDERS)] = Field(
        (), description="Standing orders: this dependency always after that one."
    )
    approvals: ApprovalsForm = Field(
        ApprovalsForm(), description="What waits for a person's approval; `false`: nothing does."
    )
    rebase: RebaseForm = Field(RebaseForm(), description="How Renovate is asked to rebase.")
    rollout: RolloutForm = Field(
        RolloutForm(), description="When a merged provider counts as rolled out, and when that is late."
    )
    commands: dict[Verb, Permission] = Field(
        {}, description="The permission that a command needs here: `read`, `write`, `maintain` or `admin`."
    )
    comment: bool = Field(
        False, description="Keep one comment, edited in place, on each pull request that waits or waited for something."
    )
    dashboard: bool = Field(
        False, description="Keep one issue with the waves, what to merge next, and boxes that do what commands do."
    )
    providers: Annotated[tuple[dict[str, Any], ...], Field(max_length=50)] = Field(
        (),
        description="What serves APIs in your clusters and is not in the catalogue: entries in the catalogue's form.",
    )
    rules: Annotated[tuple[RuleForm, ...], Field(max_length=MOST_RULES)] = Field(
        (), description="Rules of classification; for each update the first that fits speaks."
    )
    ignore_paths: _Texts = Field(
        (),
        description="Files that no cluster reads, besides archives, templates, examples and tests: globs or /regex/.",
    )


SCHEMA_TITLE = "fluxmig's configuration of a repository (.github/fluxmig.yaml)"


def policy_schema() -> dict[str, Any]:
    """The JSON Schema of the file, draft 2020-12."""
    schema = PolicyForm.model_json_schema(by_alias=True)
    for key in ("labels", "approvals"):  # `false` is short for none
        field = schema["properties"][key]
        field["anyOf"] = [{"$ref": field.pop("$ref")}, {"type": "boolean"}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": SCHEMA_TITLE}


def policy_schema_text() -> str:
    return json.dumps(policy_schema(), indent=2, ensure_ascii=False) + "\n"
