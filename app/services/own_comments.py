"""Our own comments, found again without their id by a marker in what our own App wrote: anybody can write a marker."""

from app.services.facts import Look


async def find_own_comment(look: Look, number: int, marker: str) -> int | None:
    """The id of the first comment on a pull request that is our App's and begins with `marker`."""
    bot_login = await look.context.bot_login()
    for comment in await look.gateway.list_comments(number):
        ours = comment.user is not None and comment.user.login == bot_login
        if ours and (comment.body or "").startswith(marker):
            return comment.id
    return None
