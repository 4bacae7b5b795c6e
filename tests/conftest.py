"""What every test stands on: scrubbed surroundings, and for those that ask, a database of their worker's own.

Ask for `database_url` and the database behind it is migrated, and empty when the test begins.
"""

import os
from collections.abc import Iterator

import pytest
from xdist.workermanage import WorkerController

from app.postgres import PostgresError
from tests.support.database import Cleaner, RunServer, drop_database, template_name, worker_database
from tests.support.surroundings import close_sockets, scrub_environment

scrub_environment()
close_sockets()

SERVER = pytest.StashKey[RunServer]()
RUN_NAME = "run_name"
SERVER_URL = "postgres_url"
SERVER_ERROR = "postgres_error"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Before xdist starts a worker: the controller's server is up, and the worker is told where."""
    node.workerinput[RUN_NAME] = str(os.getpid())
    try:
        node.workerinput[SERVER_URL] = _server_url(node.config)
    except PostgresError as error:
        node.workerinput[SERVER_ERROR] = str(error)


def pytest_unconfigure(config: pytest.Config) -> None:
    external = os.environ.get("FLUXMIG_TEST_DATABASE_URL")
    if external and not hasattr(config, "workerinput"):
        drop_database(external, template_name(_run_name(config)))
    if SERVER in config.stash:
        config.stash[SERVER].close()


@pytest.fixture(scope="session")
def database_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """`postgresql://…` of a migrated database that only this worker uses."""
    worker_input = getattr(pytestconfig, "workerinput", {})
    if SERVER_ERROR in worker_input:
        pytest.fail(worker_input[SERVER_ERROR], pytrace=False)
    server = worker_input.get(SERVER_URL) or _server_url(pytestconfig)
    with worker_database(server, _run_name(pytestconfig), worker_input.get("workerid", "main")) as url:
        yield url


@pytest.fixture(scope="session")
def database_cleaner(database_url: str) -> Iterator[Cleaner]:
    cleaner = Cleaner(database_url)
    yield cleaner
    cleaner.close()


@pytest.fixture(autouse=True)
def clean_database(request: pytest.FixtureRequest) -> None:
    if "database_url" in request.fixturenames:
        request.getfixturevalue("database_cleaner").clean()


def _server_url(config: pytest.Config) -> str:
    external = os.environ.get("FLUXMIG_TEST_DATABASE_URL")
    if external:
        return external
    if SERVER not in config.stash:
        config.stash[SERVER] = RunServer()
    return config.stash[SERVER].url


def _run_name(config: pytest.Config) -> str:
    """The same for all workers of a run and for no other run: the number of the process that began it."""
    worker_input: dict[str, str] | None = getattr(config, "workerinput", None)
    return worker_input[RUN_NAME] if worker_input else str(os.getpid())
