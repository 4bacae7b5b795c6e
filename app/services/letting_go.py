"""A repository that we may not see any more: what was still to be written there is not written."""

from app.db import commands as command_rows
from app.db.actions import list_planned, settle_action
from app.db.repositories import get_repository
from app.services.context import AppContext
from app.services.policy import OWNERS_REPOSITORY, wake_those_judged_by

_GONE = "The repository was not open to fluxmig any more."


async def let_go(context: AppContext, repository_id: int) -> None:
    """Drop planned writes and unanswered commands. Facts and history stay, in case it comes back."""
    now = context.clock()
    async with context.database.transaction() as session:
        for action in await list_planned(session, repository_id):
            await settle_action(session, action.id, state="dropped", error=_GONE, at=now)
        repository = await get_repository(session, repository_id)
        if repository is not None and repository.name.lower() == OWNERS_REPOSITORY:
            await wake_those_judged_by(context, session, repository)
        for command in await command_rows.list_waiting(session, repository_id):
            await command_rows.finish_command(session, command.id, state="failed", answer=_GONE, at=now)
