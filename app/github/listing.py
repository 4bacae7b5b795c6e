"""A whole repository in few calls: its own facts, the tip of its base, its open pull requests and some of its branches.

A hundred pull requests a call, without what REST adds to each. GraphQL shows a bot's login without `[bot]`, and says
nothing of stacks (https://docs.github.com/en/graphql/reference/objects#pullrequest).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from app.github.api import Api
from app.github.facts import Account, BranchRef, LabelFacts, PullRequestFacts, RepositoryRef

_PAGE = 100
_MOST_PAGES = 100


@dataclass(frozen=True, slots=True)
class Listing:
    """`branches`: name -> head of those that begin with the prefix, None where that was not asked."""

    owner: str
    name: str
    archived: bool
    default_branch: str
    base_sha: str
    pull_requests: tuple[PullRequestFacts, ...]
    branches: Mapping[str, str] | None


class _Actor(msgspec.Struct, frozen=True):
    login: str = ""
    kind: str = msgspec.field(name="__typename", default="User")


class _Label(msgspec.Struct, frozen=True):
    name: str = ""


class _Labels(msgspec.Struct, frozen=True):
    nodes: list[_Label] = []


class _Oid(msgspec.Struct, frozen=True):
    oid: str


class _Pull(msgspec.Struct, frozen=True, rename="camel"):
    number: int
    title: str
    head_ref_name: str
    head_ref_oid: str
    base_ref_name: str
    base_ref_oid: str
    is_draft: bool
    is_cross_repository: bool
    created_at: datetime
    updated_at: datetime
    labels: _Labels
    body: str = ""
    author: _Actor | None = None


class _Info(msgspec.Struct, frozen=True, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Pulls(msgspec.Struct, frozen=True, rename="camel"):
    page_info: _Info
    nodes: list[_Pull]


class _Ref(msgspec.Struct, frozen=True):
    name: str
    prefix: str = ""
    target: _Oid | None = None


class _Refs(msgspec.Struct, frozen=True, rename="camel"):
    page_info: _Info
    nodes: list[_Ref]


class _Owner(msgspec.Struct, frozen=True):
    login: str


class _Repository(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    owner: _Owner
    is_archived: bool
    default_branch_ref: _Ref | None = None
    pull_requests: _Pulls | None = None
    refs: _Refs | None = None


_OWN = "name owner { login } isArchived defaultBranchRef { name target { oid } }"
_PULLS = f"""
pullRequests(states: [OPEN], first: {_PAGE}, after: $pulls, orderBy: {{field: CREATED_AT, direction: ASC}}) {{
  pageInfo {{ hasNextPage endCursor }}
  nodes {{
    number title body headRefName headRefOid baseRefName baseRefOid isDraft isCrossRepository createdAt updatedAt
    author {{ __typename login }} labels(first: {_PAGE}) {{ nodes {{ name }} }} }} }}
"""
_REFS = f"""
refs(refPrefix: $prefix, first: {_PAGE}, after: $refs) {{
  pageInfo {{ hasNextPage endCursor }} nodes {{ name prefix target {{ oid }} }} }}
"""


async def read_listing(api: Api, owner: str, name: str, *, prefix: str) -> Listing:
    """One call for each hundred of what there is more of. `prefix` is that of branches. Raises the errors of
    `app.github.errors`."""
    # GraphQL takes whole parts of a path only.
    wants_refs = prefix.endswith("/")
    pulls: dict[int, _Pull] = {}
    refs: dict[str, str] = {}
    more_pulls, more_refs = True, wants_refs
    pull_cursor = ref_cursor = None
    found = None
    for _ in range(_MOST_PAGES):
        variables: dict[str, Any] = {"owner": owner, "name": name}
        declared, parts = "", ""
        if more_pulls:
            declared, parts = f"{declared}, $pulls: String", parts + _PULLS
            variables["pulls"] = pull_cursor
        if more_refs:
            declared, parts = f"{declared}, $prefix: String!, $refs: String", parts + _REFS
            variables |= {"prefix": f"refs/heads/{prefix}", "refs": ref_cursor}
        document = (
            f"query($owner: String!, $name: String!{declared}) "
            f"{{ repository(owner: $owner, name: $name) {{ {_OWN} {parts} }} }}"
        )
        found = (await api.query(document, variables)).read("repository", _Repository)
        if found.pull_requests is not None:
            pulls |= {pull.number: pull for pull in found.pull_requests.nodes}
            info = found.pull_requests.page_info
            more_pulls, pull_cursor = info.has_next_page, info.end_cursor
        if found.refs is not None:
            for ref in found.refs.nodes:
                if ref.target is not None:
                    refs[f"{ref.prefix}{ref.name}".removeprefix("refs/heads/")] = ref.target.oid
            info = found.refs.page_info
            more_refs, ref_cursor = info.has_next_page, info.end_cursor
        if not more_pulls and not more_refs:
            break
    assert found is not None
    base = found.default_branch_ref
    return Listing(
        owner=found.owner.login,
        name=found.name,
        archived=found.is_archived,
        default_branch=base.name if base else "",
        base_sha=base.target.oid if base and base.target else "",
        pull_requests=tuple(_facts(pull) for pull in pulls.values()),
        branches=refs if wants_refs else None,
    )


def _facts(pull: _Pull) -> PullRequestFacts:
    """As REST shows it."""
    author = pull.author
    login = f"{author.login}[bot]" if author and author.kind == "Bot" else author.login if author else ""
    here = RepositoryRef(0)
    return PullRequestFacts(
        number=pull.number,
        title=pull.title,
        state="open",
        head=BranchRef(pull.head_ref_name, pull.head_ref_oid, None if pull.is_cross_repository else here),
        base=BranchRef(pull.base_ref_name, pull.base_ref_oid, here),
        updated_at=pull.updated_at,
        created_at=pull.created_at,
        body=pull.body,
        user=Account(login, author.kind if author else "User"),
        labels=[LabelFacts(label.name) for label in pull.labels.nodes],
        draft=pull.is_draft,
        tells_of_stacks=False,
    )
