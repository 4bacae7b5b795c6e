"""The stand-in's GraphQL keeps to GitHub's schema, and the checker sees what does not."""

import base64
from typing import Any

import pytest

from app.demo.github import GitHub
from app.demo.github.log import Exchange
from app.demo.renovate import Renovate
from app.demo.story import load_story
from tests.contract.graphql import GraphqlContract
from tests.demo.api import Api

PAGE = """
query($owner: String!, $name: String!, $after: String) {
  rateLimit { limit remaining cost }
  repository(owner: $owner, name: $name) {
    id databaseId name isArchived owner { __typename login }
    defaultBranchRef { name target { __typename oid } }
    label(name: "type/patch") { id name }
    pullRequests(states: [OPEN], first: 5, after: $after, orderBy: {field: CREATED_AT, direction: ASC}) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id fullDatabaseId number title body state isDraft isCrossRepository createdAt updatedAt mergedAt
        headRefName headRefOid baseRefName baseRefOid author { __typename login } mergeCommit { oid }
        labels(first: 20) { nodes { id name } }
        commits(last: 1) { nodes { commit { oid message author { name email } committer { email }
          checkSuites(first: 1, filterBy: {appId: 1}) { nodes { id
            checkRuns(first: 1) { nodes { id url status } } } } } } }
      }
    }
  }
}
"""
VARIABLES = {"owner": "wcygan", "name": "homelab"}


@pytest.fixture
def github() -> GitHub:
    github = GitHub()
    load_story(github, Renovate(github))
    return github


async def ask(github: GitHub, query: str, variables: dict[str, Any]) -> Exchange:
    await Api(github).call("POST", "/graphql", {"query": query, "variables": variables})
    return github.log.exchanges[-1]


async def test_a_page_of_everything_is_as_github_describes_it(
    github: GitHub, graphql_contract: GraphqlContract
) -> None:
    exchange = await ask(github, PAGE, VARIABLES)
    assert graphql_contract.errors(exchange) == []
    page = exchange.response_body["data"]["repository"]["pullRequests"]
    assert (page["totalCount"], len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (18, 5, True)
    rest = await ask(github, PAGE, VARIABLES | {"after": page["pageInfo"]["endCursor"]})
    numbers = {node["number"] for node in rest.response_body["data"]["repository"]["pullRequests"]["nodes"]}
    assert numbers.isdisjoint(node["number"] for node in page["nodes"])


async def test_the_checker_sees_what_is_wrong(github: GitHub, graphql_contract: GraphqlContract) -> None:
    exchange = await ask(github, PAGE, VARIABLES)
    del exchange.response_body["data"]["repository"]["pullRequests"]["nodes"][0]["title"]
    assert graphql_contract.errors(exchange)
    exchange.request_body["query"] = "query { repository(owner: 1) { danced } }"
    assert len(graphql_contract.errors(exchange)) >= 2


async def test_a_field_that_the_stand_in_does_not_know_is_loud(github: GitHub) -> None:
    exchange = await ask(github, 'query { repository(owner: "wcygan", name: "homelab") { diskUsage } }', {})
    assert exchange.status == 501
    assert github.unknown_routes == ["GraphQL field Repository.diskUsage"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("query {", "Syntax Error: Expected Name, found <EOF>."),
        (
            'query { repository(owner: "x", name: "y") { id } }',
            "Could not resolve to a Repository with the name 'x/y'.",
        ),
    ],
)
async def test_refusals_come_with_status_200(github: GitHub, query: str, message: str) -> None:
    exchange = await ask(github, query, {})
    assert exchange.status == 200
    assert exchange.response_body["errors"][0]["message"] == message


async def test_a_commit_is_made_on_the_branch_where_it_is_expected(
    github: GitHub, graphql_contract: GraphqlContract
) -> None:
    (repository,) = github.repositories.values()
    for installation in github.installations.values():
        installation.permissions = {**installation.permissions, "contents": "write"}
    before = repository.head_sha
    query = (
        "mutation($i: CreateCommitOnBranchInput!) "
        "{ createCommitOnBranch(input: $i) { clientMutationId commit { oid url } } }"
    )
    given = {
        "branch": {"repositoryNameWithOwner": repository.full_name, "branchName": "main"},
        "expectedHeadOid": before,
        "message": {"headline": "Revert", "body": "why"},
        "fileChanges": {
            "additions": [{"path": "README.md", "contents": base64.b64encode(b"# homelab\n").decode()}],
            "deletions": [{"path": ".mise.toml"}],
        },
    }
    exchange = await ask(github, query, {"i": given})
    assert graphql_contract.errors(exchange) == []
    assert exchange.response_body["data"]["createCommitOnBranch"]["commit"]["oid"] == repository.head_sha
    assert repository.tree()["README.md"] == "# homelab\n"
    assert ".mise.toml" not in repository.tree()
    again = await ask(github, query, {"i": given})
    assert "Expected branch to point to" in again.response_body["errors"][0]["message"]
