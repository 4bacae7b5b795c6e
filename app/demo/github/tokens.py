"""Who is calling: the App by its JWT, or an installation by a token that GitHub made for it.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

import base64
import binascii
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.demo.github.installation import Installation
from app.demo.github.model import App, Refused
from app.demo.github.repository import Repository

if TYPE_CHECKING:
    from app.demo.github.state import GitHub

TOKEN_LIFE = timedelta(hours=1)
LONGEST_JWT_SECONDS = 600
LEVELS = {"none": 0, "read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True)
class InstallationToken:
    token: str
    installation: Installation
    permissions: Mapping[str, str]
    repositories: tuple[Repository, ...] | None
    """None for all repositories of the installation."""
    expires_at: datetime

    def sees(self, repository: Repository) -> bool:
        chosen = self.installation.repositories if self.repositories is None else self.repositories
        return repository in chosen and repository in self.installation.repositories

    def visible(self) -> list[Repository]:
        return [repository for repository in self.installation.repositories if self.sees(repository)]

    def may(self, permission: str, level: str) -> bool:
        return LEVELS[self.permissions.get(permission, "none")] >= LEVELS[level]


class TokenOffice:
    """Issues and checks tokens by the wall clock; `ahead` is by how much GitHub's is ahead of its clients'."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self._tokens: dict[str, InstallationToken] = {}
        self.minted = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def issue(
        self,
        installation: Installation,
        *,
        permissions: Mapping[str, str] | None = None,
        repositories: Iterable[Repository] | None = None,
    ) -> InstallationToken:
        """Raises Refused when more is asked for than the installation has."""
        granted = InstallationToken("", installation, installation.permissions, None, datetime.max.replace(tzinfo=UTC))
        for name, level in (permissions or {}).items():
            if not granted.may(name, level):
                raise Refused(422, "The permissions requested are not granted to this installation.")
        expires = (self.now() + TOKEN_LIFE).replace(microsecond=0)
        token = InstallationToken(
            f"ghs_{installation.app.id}_{secrets.token_urlsafe(96)}",
            installation,
            dict(permissions or installation.permissions) | {"metadata": "read"},
            None if repositories is None else tuple(repositories),
            expires,
        )
        self._tokens[token.token] = token
        self.minted += 1
        return token

    def expire_all(self) -> None:
        """Every token that is out there stops working at once."""
        self._tokens.clear()

    def check(self, token: str) -> InstallationToken:
        """Raises Refused for unknown, expired and orphaned tokens."""
        known = self._tokens.get(token)
        if known is None or known.expires_at <= self.now():
            raise Refused(401, "Bad credentials")
        if known.installation.id not in known.installation.github.installations:
            raise Refused(401, "Bad credentials")
        if known.installation.suspended_at is not None:
            raise Refused(403, "This installation has been suspended")
        return known


def check_app_jwt(github: "GitHub", token: str) -> App:
    """The App that signed this JWT. Raises Refused in the words of GitHub."""
    try:
        header, claims, signed, signature = _decode(token)
    except (ValueError, binascii.Error):
        raise Refused(401, "A JSON web token could not be decoded") from None
    app = github.app
    now = github.tokens.now().timestamp()
    if header.get("alg") != "RS256" or not _is_signed_by(app, signed, signature):
        raise Refused(401, "A JSON web token could not be decoded")
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(expires, int | float) or expires <= now:
        raise Refused(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the "
            "assertion expires",
        )
    if expires > now + LONGEST_JWT_SECONDS:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
    if not isinstance(issued, int | float) or issued > now:
        raise Refused(
            401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
        )
    if str(claims.get("iss")) not in (str(app.id), app.client_id):
        raise Refused(404, "Integration not found")
    return app


def _decode(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    header, claims, signature = token.split(".")
    parts = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (header, claims, signature)]
    decoded_header, decoded_claims = json.loads(parts[0]), json.loads(parts[1])
    if not isinstance(decoded_header, dict) or not isinstance(decoded_claims, dict):
        raise ValueError("not two objects")
    return decoded_header, decoded_claims, f"{header}.{claims}".encode(), parts[2]


@lru_cache(maxsize=8)
def _public_key(private_key: str) -> rsa.RSAPublicKey:
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.public_key()


def _is_signed_by(app: App, signed: bytes, signature: bytes) -> bool:
    try:
        _public_key(app.private_key).verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
