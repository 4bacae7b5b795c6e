"""GitHub's published schemas, or a skip that says how to get them."""

from pathlib import Path

import pytest

from tests.contract.graphql import GraphqlContract
from tests.contract.schemas import HookContract, RestContract, schema_folder


@pytest.fixture(scope="session")
def github_schemas() -> Path:
    folder = schema_folder()
    if folder is None:
        pytest.skip("GitHub's schemas are not installed: `make test` installs them where npm is, see tests/contract")
    return folder


@pytest.fixture(scope="session")
def rest_contract(github_schemas: Path) -> RestContract:
    return RestContract(github_schemas)


@pytest.fixture(scope="session")
def hook_contract(github_schemas: Path) -> HookContract:
    return HookContract(github_schemas)


@pytest.fixture(scope="session")
def graphql_contract(github_schemas: Path) -> GraphqlContract:
    return GraphqlContract(github_schemas)
