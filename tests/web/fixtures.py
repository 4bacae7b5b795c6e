"""The real application over a real database; GitHub is not asked by anything here."""

from collections.abc import AsyncIterator

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI
from pydantic import SecretStr

from app.catalogue import load_catalogue
from app.config import Settings
from app.db.session import Database
from app.db.tokens import PostgresTokenStore
from app.github.clients import GitHubClients
from app.services.context import AppContext
from app.web.app import create_app
from tests.web.seed import NOW

ADMIN_TOKEN = "the-admin-token-of-these-tests-only"


def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings(
        github_app_id=1,
        github_private_key=SecretStr(_private_key()),
        github_webhook_secret=SecretStr("webhook-secret-of-these-tests"),
        secret_key=SecretStr("a-secret-key-of-these-tests-only-32"),
        admin_token=SecretStr(ADMIN_TOKEN),
        public_url="https://fluxmig.example",
    )


@pytest.fixture
def woken() -> list[str]:
    """The keys for which workers were woken."""
    return []


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    """Opened once: SQLAlchemy keeps what it compiled with the engine."""
    opened = Database(database_url)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def clients(settings: Settings, database: Database) -> AsyncIterator[GitHubClients]:
    made = GitHubClients(settings, PostgresTokenStore(database, settings.secret_key.get_secret_value()))
    yield made
    await made.close()


@pytest.fixture
async def context(settings: Settings, database: Database, clients: GitHubClients, woken: list[str]) -> AppContext:
    return AppContext(
        settings=settings,
        database=database,
        clients=clients,
        catalogue=load_catalogue(),
        clock=lambda: NOW,
        wake=lambda key, delay=0.0: woken.append(key),
    )


@pytest.fixture
def app(context: AppContext) -> FastAPI:
    return create_app(context)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's view: no token, asks for HTML."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers={"Accept": "text/html"}
    ) as found:
        yield found


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A program's view, with the admin token."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/api/v1", headers=headers) as found:
        yield found
