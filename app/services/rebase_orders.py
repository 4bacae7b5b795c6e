"""People order rebases: of one pull request, of all that wait for it, or of a branch that they changed themselves."""

from datetime import timedelta

from app.db.commands import has_asked
from app.db.models import Command
from app.domain.answers import refused_rebase_answer
from app.domain.desired import may_be_rebased
from app.domain.graph import Graph
from app.domain.model import Plan, PlannedPullRequest, State
from app.services.command_answer import Answer, done, refused
from app.services.facts import Look
from app.services.rebase import request_rebase

MOST_DOWNSTREAM = 10
"""Pull requests that one `rebase --downstream` may ask for: each is a build of its own."""
_TO_CONFIRM = timedelta(days=1)


async def rebase_one(look: Look, number: int, plan: Plan | None) -> Answer:
    planned = _planned(plan, number)
    if planned is None or not planned.by_renovate:
        return refused("I ask Renovate to rebase its own open pull requests only.")
    if planned.state in (State.BLOCKED, State.WAITING_ROLLOUT, State.HELD) and not planned.frozen:
        return refused(refused_rebase_answer(planned))
    refusal = await request_rebase(look, number, by_person=True)
    return refused(f"I did not ask Renovate: {refusal.why}.") if refusal else done(reaction="rocket")


async def rebase_downstream(look: Look, number: int, plan: Plan | None) -> Answer:
    """The nearest first, and not those that are blocked: they are asked when they become free."""
    behind = Graph(plan.edges if plan else ()).downstream_of(number)
    waiting = [found for one in behind if (found := _planned(plan, one)) is not None and found.by_renovate]
    if not waiting:
        return refused("No open pull request by Renovate waits for this one.")
    asked: list[int] = []
    left: list[str] = []
    for planned in waiting:
        if not may_be_rebased(planned):
            left.append(f"- #{planned.number}: it is {planned.state.value.replace('-', ' ')}")
        elif len(asked) == MOST_DOWNSTREAM:
            left.append(f"- #{planned.number}: {MOST_DOWNSTREAM} at a time are enough; say it again later")
        elif refusal := await request_rebase(look, planned.number, by_person=True):
            left.append(f"- #{planned.number}: {refusal.why}")
        else:
            asked.append(planned.number)
    told = f"Asked Renovate to rebase {', '.join(f'#{one}' for one in asked)}." if asked else "Asked for none."
    words = "\n".join([told, *(["", "Not asked:", "", *left] if left else [])])
    return done(words, reaction="rocket") if asked else refused(words)


async def recreate(look: Look, command: Command) -> Answer:
    """Only after a first comment has said what is lost, and by the same person."""
    if command.argument.lower() != "--yes":
        return done(
            "This throws away every commit on the branch that is not Renovate's, and cannot be undone. If you mean it, "
            "say `/fluxmig recreate --yes` in another comment within a day."
        )
    since = look.context.clock() - _TO_CONFIRM
    async with look.context.database.transaction() as session:
        was_asked = await has_asked(session, command, since=since)
    if not was_asked:
        return refused("First say `/fluxmig recreate` alone, in a comment of its own, and read what is lost by it.")
    refusal = await request_rebase(look, command.number, by_person=True, even_edited=True)
    return refused(f"I did not ask Renovate: {refusal.why}.") if refusal else done(reaction="rocket")


def _planned(plan: Plan | None, number: int) -> PlannedPullRequest | None:
    try:
        return plan.of(number) if plan else None
    except KeyError:
        return None
