"""The ground of all tests that ask for a database."""

import socket

import psycopg
import pytest

from tests.support.surroundings import OutsideConnection


@pytest.mark.parametrize("attempt", [1, 2])
def test_each_test_begins_with_empty_tables(database_url: str, attempt: int) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select count(*) from alembic_version").fetchone() == (1,)
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
        assert tables is not None
        assert tables[0] > 5
        assert connection.execute("select count(*) from installations").fetchone() == (0,)
        connection.execute("insert into installations (id, account) values (1, 'wcygan')")


def test_no_test_reaches_another_machine() -> None:
    with socket.socket() as client, pytest.raises(OutsideConnection, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))
