"""A client of the stand-in GitHub for its own tests: plain httpx, an App JWT, an installation token."""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.demo.github import GitHub, create_github_app


def app_jwt(github: GitHub, **claims: object) -> str:
    """A JWT of the App as of now; `claims` replace the usual ones."""
    now = int(time.time())
    body = {"iss": str(github.app.id), "iat": now - 60, "exp": now + 300} | claims
    key = serialization.load_pem_private_key(github.app.private_key.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    signed = b".".join(_segment(part) for part in ({"alg": "RS256", "typ": "JWT"}, body))
    signature = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def _segment(part: Mapping[str, object]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")


class Api:
    """Calls as the installation, or as the App with `as_app=True`. `repo` is the path of the repository."""

    def __init__(self, github: GitHub, repository: str = "/repos/wcygan/homelab") -> None:
        self.github, self.repo = github, repository
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_github_app(github)), base_url="http://github.test"
        )
        installations = list(github.installations.values())
        self.token = github.tokens.issue(installations[0]).token if installations else ""

    async def call(
        self, method: str, path: str, body: Any = None, *, as_app: bool = False, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        secret = app_jwt(self.github) if as_app else self.token
        sent = {"authorization": f"Bearer {secret}"} | (headers or {})
        return await self.client.request(method, path, json=body, headers=sent)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.call("GET", path, **options)

    async def json(self, path: str, **options: Any) -> Any:
        response = await self.call("GET", path, **options)
        assert response.status_code == 200, response.text
        return response.json()
