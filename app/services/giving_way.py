"""A merge queue waits for its checks and throws out what is not answered: a look that has only lesser writes left makes
room for it. Writes go out one a second, so a look that answers many commands may last minutes."""

from app.db.deliveries import is_waiting
from app.services.facts import Look


class GiveWay(Exception):
    """A merge group was announced since the look began: the next look is to begin at once."""


async def give_way(look: Look) -> None:
    """Raises GiveWay. Asked before each write that gates nothing; what is left of this look is done by the next one."""
    async with look.context.database.transaction() as session:
        if await is_waiting(session, look.lock.key, "merge_group"):
            raise GiveWay("a merge group waits for its answer")
