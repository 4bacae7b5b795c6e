"""The fixtures of `fixtures.py`, here for the tests of this folder."""

from tests.web.fixtures import api, app, client, clients, context, database, settings, woken

__all__ = ["api", "app", "client", "clients", "context", "database", "settings", "woken"]
