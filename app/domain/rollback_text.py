"""A rollback as people read it: the answer to the command, the lines for a shell, the body of the pull request."""

import shlex
from collections.abc import Iterable, Mapping

from app.domain.checks import escape_markdown, sentence_markdown
from app.domain.incidents import Incident
from app.domain.messages import rollback as words
from app.domain.messages.incidents import incident_sentence
from app.domain.messages.phrases import pull_requests
from app.domain.rollback import Rollback, Stop

REVERT_MARKER = "<!-- fluxmig:revert:{number} -->"


def revert_branch(number: int) -> str:
    return f"fluxmig/revert-{number}"


def sentences(rollback: Rollback) -> tuple[str, ...]:
    """All that stands in its way, each a sentence."""
    if rollback.is_undone:
        return (words.UNDONE,)
    stays = (
        f"#{one.number} must stay: {one.why}. {one.way or words.instead_words(one.instead)}"
        for one in rollback.refusals
    )
    conflicts = (
        words.conflict_words(one.path, number=one.number, since=one.since, unreadable=one.unreadable)
        for one in rollback.conflicts
    )
    return (*stays, *conflicts)


def shell_lines(rollback: Rollback) -> tuple[str, ...]:
    """Stand still, revert, go on: in the order in which they are to be run."""
    if not rollback.reverts or rollback.refusals:
        return ()
    reverts = [f"git revert --no-edit {one.merge_sha}  # #{one.number}" for one in rollback.reverts]
    return (
        *(_flux("suspend", one) for one in rollback.suspend),
        *reverts,
        "git push",
        *(_flux("resume", one) for one in rollback.resume),
    )


def _ordered(rollback: Rollback, titles: Mapping[int, str]) -> Iterable[str]:
    for place, one in enumerate(rollback.reverts, start=1):
        why = f": {sentence_markdown(one.why)}" if one.why else ""
        yield f"{place}. #{one.number} {escape_markdown(titles.get(one.number, ''))}{why}"


def _unknown(rollback: Rollback) -> Iterable[str]:
    if rollback.doubts:
        yield "\n".join([words.WARNING_HEAD, "", *(f"- {sentence_markdown(one)}" for one in rollback.doubts)])


def _flux(verb: str, stop: Stop) -> str:
    where = f" -n {shlex.quote(stop.namespace)}" if stop.namespace else ""
    return f"flux {verb} kustomization {shlex.quote(stop.name)}{where}"


def rollback_answer(rollback: Rollback, titles: Mapping[int, str], *, confirm: bool = True) -> str:
    """As Markdown. `confirm`: say how to have the pull request opened."""
    if rollback.is_undone:
        return words.UNDONE
    parts: list[str] = []
    if rollback.reverts:
        parts.append("\n".join([words.ORDER_HEAD, "", *_ordered(rollback, titles)]))
    if rollback.refusals or rollback.conflicts:
        head = words.STAYS_HEAD if rollback.refusals else words.CONFLICT_HEAD
        parts.append("\n".join([head, "", *(f"- {sentence_markdown(one)}" for one in sentences(rollback))]))
    parts += _unknown(rollback)
    by_hand = shell_lines(rollback)
    if by_hand:
        parts.append("\n".join([words.COMMANDS_HEAD, "", "```sh", *by_hand, words.MERGE_COMMITS, "```"]))
    if confirm and rollback.is_possible:
        parts.append(words.CONFIRM.format(what=pull_requests([one.number for one in rollback.reverts])))
    return "\n\n".join(parts)


def revert_body(
    rollback: Rollback, titles: Mapping[int, str], incidents: Iterable[Incident], *, by: str, page: str
) -> str:
    """Why, with the evidence; who asked; and what else is to be done."""
    number = rollback.number
    parts = [
        REVERT_MARKER.format(number=number),
        f"`@{by}` asked for it by `/fluxmig rollback` on #{number}.",
    ]
    told = [incident_sentence(one) for one in incidents if one.culprit == number]
    if told:
        parts.append("\n".join(["**Why**", "", *(f"- {sentence_markdown(sentence)}" for sentence in told[:10])]))
    parts.append("\n".join(["**What it reverts**, dependants first:", "", *_ordered(rollback, titles)]))
    parts += _unknown(rollback)
    if rollback.suspend:
        still = [_flux("suspend", one) for one in rollback.suspend]
        go_on = [_flux("resume", one) for one in rollback.resume]
        parts.append("\n".join(["**To keep Flux still meanwhile**", "", "```sh", *still, *go_on, "```"]))
    parts.append(f"[The whole story]({page})")
    return "\n\n".join(parts)
