"""Users, Apps and installations as JSON."""

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.demo.github.model import App, User

if TYPE_CHECKING:
    from app.demo.github.installation import Installation
    from app.demo.github.state import GitHub

Json = dict[str, Any]


def node_id(kind: str, number: int | str) -> str:
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


def timestamp(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def hook_email(email: str) -> str:
    """The address as RFC 5321 spells it, which GitHub's webhook schemas ask for: what has brackets is quoted."""
    local, _, domain = email.rpartition("@")
    return f'"{local}"@{domain}' if "[" in local else email


def user_json(github: "GitHub", user: User) -> Json:
    """GitHub's `simple-user`."""
    login = user.login.replace("[", "%5B").replace("]", "%5D")
    api, web = f"{github.api_url}/users/{login}", f"{github.html_url}/{login}"
    if user.is_bot:
        web = f"{github.html_url}/apps/{user.login.removesuffix('[bot]')}"
    return {
        "login": user.login,
        "id": user.id,
        "node_id": node_id("User", user.id),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{user.id}?v=4",
        "gravatar_id": "",
        "url": api,
        "html_url": web,
        "followers_url": f"{api}/followers",
        "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{api}/subscriptions",
        "organizations_url": f"{api}/orgs",
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events{{/privacy}}",
        "received_events_url": f"{api}/received_events",
        "type": user.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def app_json(github: "GitHub", app: App) -> Json:
    """GitHub's `integration`."""
    return {
        "id": app.id,
        "client_id": app.client_id,
        "slug": app.slug,
        "node_id": node_id("App", app.id),
        "owner": user_json(github, app.owner),
        "name": app.name,
        "description": "",
        "external_url": f"{github.html_url}/{app.owner.login}/{app.slug}",
        "html_url": f"{github.html_url}/apps/{app.slug}",
        "created_at": timestamp(app.created_at),
        "updated_at": timestamp(app.created_at),
        "permissions": dict(app.permissions),
        "events": list(app.events),
    }


def installation_json(github: "GitHub", installation: "Installation") -> Json:
    api = f"{github.api_url}/app/installations/{installation.id}"
    suspender = installation.suspended_by
    return {
        "id": installation.id,
        "client_id": installation.app.client_id,
        "account": user_json(github, installation.account),
        "repository_selection": "selected",
        "access_tokens_url": f"{api}/access_tokens",
        "repositories_url": f"{github.api_url}/installation/repositories",
        "html_url": f"{github.html_url}/settings/installations/{installation.id}",
        "app_id": installation.app.id,
        "app_slug": installation.app.slug,
        "target_id": installation.account.id,
        "target_type": installation.account.kind,
        "permissions": dict(installation.permissions),
        "events": list(installation.app.events),
        "created_at": timestamp(installation.created_at),
        "updated_at": timestamp(installation.updated_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": user_json(github, suspender) if suspender else None,
        "suspended_at": timestamp(installation.suspended_at),
    }
