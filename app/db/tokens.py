"""Installation tokens in Postgres, so that all replicas use one. Encrypted: a dump of the database opens nothing."""

import base64
import hashlib
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.db.models import CachedToken
from app.db.session import Database


class PostgresTokenStore:
    """`secret_key` may change: tokens written with another key are simply asked for again."""

    def __init__(self, database: Database, secret_key: str) -> None:
        self._database = database
        key = hashlib.sha256(b"fluxmig installation tokens\0" + secret_key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    async def load(self, key: str) -> str | None:
        async with self._database.transaction() as session:
            value = await session.scalar(
                select(CachedToken.value).where(CachedToken.key == key, CachedToken.expires_at > func.now())
            )
        if value is None:
            return None
        try:
            return self._fernet.decrypt(value).decode()
        except InvalidToken:
            return None

    async def save(self, key: str, value: str, expires_at: datetime) -> None:
        row = {"value": self._fernet.encrypt(value.encode()), "expires_at": expires_at}
        statement = insert(CachedToken).values(key=key, **row)
        async with self._database.transaction() as session:
            await session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=row))

    async def forget(self, fragment: str) -> None:
        """Drop every token whose key contains `fragment`."""
        async with self._database.transaction() as session:
            await session.execute(delete(CachedToken).where(CachedToken.key.contains(fragment, autoescape=True)))
