"""Start a run of Renovate where it does not listen: a Renovate that runs by the clock takes hours to see a tick.

Two ways, and the owner turns on each: a workflow of the repository (needs the App's permission `actions: write`), or
the address that the service was given (Mend Renovate CE/EE `POST /api/repos/{owner}/{name}/-/jobs/run`, the webhook of
renovate-operator, or anything else that takes a POST). The address is never taken from a repository.
"""

from datetime import datetime

import httpx
import structlog

from app.db.models import RebaseRequest
from app.db.rebases import get_last_kick
from app.github.api import segment
from app.github.errors import Forbidden, HeldBack, NotFound, RateLimited, Refused, Unavailable
from app.services.facts import Look

log = structlog.get_logger()

_IN_DOUBT = "a run of Renovate was started, or perhaps not, since its server did not say"
"""It cannot be read back, and is waited for; a second run costs more than a late one."""

_SECONDS = 15


async def start_run(look: Look, request: RebaseRequest) -> str | None:
    """Have Renovate look now, once for each time-out of the repository. Returns what was done, in words; None where
    nothing can be or need be. `request` gets the time."""
    form, settings, now = look.policy.rebase, look.context.settings, look.context.clock()
    if not form.workflow and not (form.run and settings.renovate_run_url):
        return None
    async with look.context.database.transaction() as session:
        last = await get_last_kick(session, look.repository.id, now - settings.rebase_timeout)
    if last is not None:
        await _note(look, request, last)
        return "a run of Renovate that was started a moment ago is waited for"
    # Before it is started: a run whose start ended in doubt is waited for, and not started a second time.
    await _note(look, request, now)
    how = await _dispatch(look, request, form.workflow) if form.workflow else await _post(look)
    if how is None:
        await _note(look, request, None)
    return how


async def _dispatch(look: Look, request: RebaseRequest, workflow: str) -> str | None:
    try:
        await look.gateway.dispatch_workflow(workflow, look.repository.default_branch)
    except Unavailable as fault:
        # GitHub names no run by who asked for it, so it cannot be read back; one too many costs more than a late one.
        log.warning("workflow perhaps started", repository=look.repository.id, workflow=workflow, why=str(fault))
        return f"the workflow `{workflow}` was started, or perhaps not, since GitHub did not answer"
    except (RateLimited, HeldBack):
        await _note(look, request, None)
        raise
    except (NotFound, Forbidden, Refused) as fault:
        log.warning("workflow not started", repository=look.repository.id, workflow=workflow, why=str(fault))
        return None
    return f"the workflow `{workflow}` was started"


async def _post(look: Look) -> str | None:
    settings, repository = look.context.settings, look.repository
    url = (settings.renovate_run_url or "").format(owner=segment(repository.owner), name=segment(repository.name))
    token = settings.renovate_run_token.get_secret_value()
    headers = {"authorization": f"Bearer {token}"} if token else {}
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False, follow_redirects=False) as client:
            answer = await client.post(url, headers=headers, json={})
    except httpx.ConnectError as fault:
        log.warning("renovate not started", repository=repository.id, why=type(fault).__name__)
        return None
    except httpx.HTTPError as fault:
        log.warning("renovate perhaps started", repository=repository.id, why=type(fault).__name__)
        return _IN_DOUBT
    if answer.is_server_error:
        log.warning("renovate perhaps started", repository=repository.id, status=answer.status_code)
        return _IN_DOUBT
    if not answer.is_success:
        log.warning("renovate not started", repository=repository.id, status=answer.status_code)
        return None
    return "a run of Renovate was started"


async def _note(look: Look, request: RebaseRequest, at: datetime | None) -> None:
    async with look.context.database.transaction() as session:
        (await session.get_one(RebaseRequest, request.id)).kicked_at = at
