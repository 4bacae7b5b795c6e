"""A stand-in GitHub that remembers, answers over HTTP, and sends webhooks for what happens in it."""

from app.demo.github.server import create_github_app
from app.demo.github.state import GitHub
from app.demo.github.webhooks import WebhookQueue

__all__ = ["GitHub", "WebhookQueue", "create_github_app"]
