"""The fixtures of `fixtures.py`, here for the tests of this folder."""

from tests.web.fixtures import api, app, client, context, settings, woken

__all__ = ["api", "app", "client", "context", "settings", "woken"]
