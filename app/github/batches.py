"""Many pull requests in one call: read them, or change them, by GraphQL.

REST takes a call for each write; a merge that frees a hundred pull requests would be two hundred of them. A document
may hold many root fields, each under an alias of its own, and each succeeds or fails by itself
(https://docs.github.com/en/graphql/reference/mutations). The secondary limit counts requests, and content made.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from app.github.api import Api, GraphqlAnswer, GraphqlError, Kind
from app.github.errors import Forbidden, GitHubError, NotFound, Refused

T = TypeVar("T")

READ_AT_ONCE = 50
"""Pull requests in one query. GitHub allows 500,000 nodes; one of ours has at most some hundred."""
WRITTEN_AT_ONCE = 20
"""Mutations in one document: few enough that GitHub answers well within its ten seconds."""
_CHECKS = frozenset({"createCheckRun", "updateCheckRun"})
_LABELS = 50


class _Named(msgspec.Struct, frozen=True):
    id: str
    name: str = ""


class _Names(msgspec.Struct, frozen=True):
    nodes: list[_Named] = []


class _Suite(msgspec.Struct, frozen=True, rename="camel"):
    check_runs: _Names


class _Suites(msgspec.Struct, frozen=True):
    nodes: list[_Suite] = []


class _Head(msgspec.Struct, frozen=True, rename="camel"):
    oid: str
    check_suites: _Suites


class _Commit(msgspec.Struct, frozen=True):
    commit: _Head


class _Commits(msgspec.Struct, frozen=True):
    nodes: list[_Commit] = []


class _PullRequest(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    number: int
    state: str
    head_ref_oid: str
    labels: _Names
    commits: _Commits


@dataclass(frozen=True, slots=True)
class Target:
    """A pull request as GitHub has it this moment. Ids are GraphQL's; `check_run` is our own run on its head."""

    number: int
    id: str
    is_open: bool
    head_sha: str
    labels: Mapping[str, str]
    """Name -> id."""
    check_run: str | None


@dataclass(frozen=True, slots=True)
class Targets:
    """`labels` are the ids of those asked for that the repository has; `base_sha` is the tip of its default branch."""

    repository: str
    base_sha: str
    labels: Mapping[str, str]
    pull_requests: Mapping[int, Target]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One root field: its name, the type of its input, the input, and what is to be told of its result."""

    name: str
    input_type: str
    input: Mapping[str, Any]
    result: str


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one mutation: the result's fields, or the fault."""

    result: Mapping[str, Any] = field(default_factory=dict)
    fault: GitHubError | None = None


_READ_FIELDS = f"""
fragment Target on PullRequest {{
  id number state headRefOid
  labels(first: {_LABELS}) {{ nodes {{ id name }} }}
  commits(last: 1) {{ nodes {{ commit {{ oid
    checkSuites(first: 1, filterBy: {{appId: $app}}) {{ nodes {{
      checkRuns(first: 1, filterBy: {{checkName: $check}}) {{ nodes {{ id name }} }} }} }} }} }} }}
}}
"""


async def read_targets(
    api: Api, owner: str, name: str, numbers: Sequence[int], *, app_id: int, check: str, labels: Sequence[str]
) -> Targets:
    """Read `numbers`, fifty a call. Those that are not there are left out. Raises the errors of `app.github.errors`."""
    repository = base_sha = ""
    label_ids: dict[str, str] = {}
    found: dict[int, Target] = {}
    for some in parts(numbers, READ_AT_ONCE):
        pulls = " ".join(f"p{number}: pullRequest(number: {number}) {{ ...Target }}" for number in some)
        wanted = " ".join(f"l{index}: label(name: $label{index}) {{ id name }}" for index in range(len(labels)))
        declared = "".join(f", $label{index}: String!" for index in range(len(labels)))
        document = (
            f"query($owner: String!, $name: String!, $app: Int!, $check: String!{declared}) {{ "
            "repository(owner: $owner, name: $name) { id defaultBranchRef { target { oid } } "
            f"{wanted} {pulls} }} }} {_READ_FIELDS}"
        )
        variables: dict[str, Any] = {"owner": owner, "name": name, "app": app_id, "check": check}
        variables |= {f"label{index}": label for index, label in enumerate(labels)}
        answer = await api.query(document, variables)
        fields = answer.read("repository", dict[str, Any])
        repository, base = str(fields["id"]), fields.get("defaultBranchRef")
        base_sha = str(base["target"]["oid"]) if base else ""
        label_ids |= {entry["name"]: entry["id"] for key, entry in fields.items() if key[0] == "l" and entry}
        found |= {number: _target(fields[f"p{number}"]) for number in some if fields.get(f"p{number}")}
    return Targets(repository, base_sha, label_ids, found)


def _target(fields: Any) -> Target:
    pull = msgspec.convert(fields, _PullRequest)
    runs = [
        run.id
        for node in pull.commits.nodes
        for suite in node.commit.check_suites.nodes
        for run in suite.check_runs.nodes
    ]
    return Target(
        number=pull.number,
        id=pull.id,
        is_open=pull.state == "OPEN",
        head_sha=pull.head_ref_oid,
        labels={label.name: label.id for label in pull.labels.nodes},
        check_run=runs[0] if runs else None,
    )


async def write_together(api: Api, mutations: Sequence[Mutation]) -> list[Done]:
    """One call for all of them, at most `WRITTEN_AT_ONCE`, in order. Raises where the call as a whole fails: then it is
    not known which of them took effect. The call gates a merge where one of them writes a check."""
    gates = any(mutation.name in _CHECKS for mutation in mutations)
    answer = await api.mutate(*_document(mutations), Kind.GATE if gates else Kind.OTHER)
    return [_outcome(answer, f"m{index}") for index in range(len(mutations))]


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _document(mutations: Sequence[Mutation]) -> tuple[str, dict[str, Any]]:
    declared = ", ".join(f"$i{index}: {mutation.input_type}!" for index, mutation in enumerate(mutations))
    fields = " ".join(
        f"m{index}: {mutation.name}(input: $i{index}) {{ {mutation.result} }}"
        for index, mutation in enumerate(mutations)
    )
    return f"mutation({declared}) {{ {fields} }}", {f"i{index}": dict(m.input) for index, m in enumerate(mutations)}


def _outcome(answer: GraphqlAnswer, alias: str) -> Done:
    error = next((error for error in answer.errors if error.alias == alias), None)
    if error is not None:
        return Done(fault=_fault(error))
    return Done((answer.data or {}).get(alias) or {})


def _fault(error: GraphqlError) -> GitHubError:
    kind = {"NOT_FOUND": NotFound, "FORBIDDEN": Forbidden, "INSUFFICIENT_SCOPES": Forbidden}.get(error.type, Refused)
    return kind("POST /graphql", error.message)
