"""What GitHub says of the permission of those who give commands: asked once for an author in a look."""

from app.domain.commands import LEVELS
from app.github.errors import GitHubError, NotFound, RateLimited, Unavailable
from app.github.facts import PermissionFacts
from app.services.facts import Look

_SILENT_AT_MOST = 2
"""Authors of whom GitHub does not answer: then it is GitHub, and a new head waits for no more of them."""


async def permission_of(look: Look, login: str) -> str:
    """One of LEVELS. Raises the errors of GitHub, for the same author the same one again."""
    if login not in look.permissions:
        silent = [fault for fault in look.permissions.values() if isinstance(fault, Unavailable)]
        if len(silent) >= _SILENT_AT_MOST:
            raise silent[0]
        look.permissions[login] = await _ask(look, login)
    known = look.permissions[login]
    if isinstance(known, GitHubError):
        raise known
    return known


async def _ask(look: Look, login: str) -> str | GitHubError:
    try:
        return _level(await look.gateway.get_permission(login))
    except RateLimited:
        raise
    except NotFound:
        return "none"
    except GitHubError as fault:
        return fault


def _level(facts: PermissionFacts) -> str:
    """GitHub's `permission` knows neither triage nor maintain, and `role_name` may be a role of the organisation."""
    return next((one for one in (facts.role_name, facts.permission) if one in LEVELS), "none")
