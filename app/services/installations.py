"""Installations: which repositories the App may see. Level-triggered too: whatever happened, the lists are read."""

import structlog

from app.db.deliveries import finish_delivery, list_waiting
from app.db.paces import forget_pace
from app.db.repositories import (
    SeenRepository,
    key_of,
    list_installations,
    mark_stale,
    remove_installation,
    save_installation,
    save_repositories,
)
from app.db.work import want
from app.github.errors import NotFound, RateLimited
from app.github.facts import InstallationFacts, InstallationRepositories, RepositoryFacts
from app.services.context import AppContext

log = structlog.get_logger()


async def reconcile_installation(context: AppContext, installation_id: int) -> None:
    """Read one installation from GitHub, save its repositories, and ask for a look at those that are new."""
    try:
        facts = await context.app_api().get(f"/app/installations/{installation_id}", InstallationFacts)
    except NotFound:
        await _forget(context, installation_id)
    else:
        await _save(context, facts)
    await _finish_deliveries(context, f"installation:{installation_id}")


async def reconcile_app(context: AppContext) -> None:
    """Read the list of installations: at start, now and then, and for deliveries that belong to no installation."""
    pages = await context.app_api().get_pages("/app/installations", list[InstallationFacts])
    listed = {facts.id: facts for page in pages for facts in page}
    for facts in listed.values():
        try:
            await _save(context, facts)
        except RateLimited as limit:  # one installation at its limit holds up no other
            log.warning("installation not read", installation=facts.id, why=str(limit))
    async with context.database.transaction() as session:
        gone = await list_installations(session) - listed.keys()
    for installation_id in gone:
        await _forget(context, installation_id)
    await _finish_deliveries(context, "app")


async def _forget(context: AppContext, installation_id: int) -> None:
    """The App was taken off the account: its repositories, what was known of them, and the token go with it."""
    async with context.database.transaction() as session:
        await remove_installation(session, installation_id)
    await context.clients.forget_token(installation_id)
    await forget_pace(context.database, installation_id)
    log.info("installation removed", installation=installation_id)


async def _save(context: AppContext, facts: InstallationFacts) -> None:
    repositories = [] if facts.suspended_at else await _list_repositories(context, facts.id)
    seen = [
        SeenRepository(found.id, found.owner.login, found.name, found.default_branch, found.archived)
        for found in repositories
    ]
    account = facts.account.login if facts.account else ""
    async with context.database.transaction() as session:
        await save_installation(session, facts.id, account, suspended_at=facts.suspended_at)
        await session.flush()
        fresh, lost = await save_repositories(session, facts.id, seen, now=context.clock())
        await session.flush()
        for repository_id in fresh:
            await mark_stale(session, repository_id, base=True, pull_requests=True)
        for repository_id in (*fresh, *lost):
            await want(session, key_of(repository_id))
    for repository_id in (*fresh, *lost):
        context.wake(key_of(repository_id))


async def _list_repositories(context: AppContext, installation_id: int) -> list[RepositoryFacts]:
    api = context.installation_api(installation_id)
    pages = await api.get_pages("/installation/repositories", InstallationRepositories)
    return [repository for page in pages for repository in page.repositories]


async def _finish_deliveries(context: AppContext, key: str) -> None:
    async with context.database.transaction() as session:
        for delivery in await list_waiting(session, key):
            await finish_delivery(session, delivery.guid, state="done", note="", at=context.clock())
