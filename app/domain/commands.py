"""`/fluxmig …` lines in a comment: what counts as one, which there are, and who may give them.

A command stands alone at the start of a line, outside quotes, lists, headings and code, as with Prow and bors;
otherwise quoting somebody's comment would run it again. Comments are Markdown, so a Markdown parser decides.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

_LINE = re.compile(r"(?i)^/fluxmig(?:[ \t]+(?P<verb>\S+)(?P<argument>.*))?[ \t]*$")
_NOT_TEXT = "\ufffc"
"""Stands for inline code, links and HTML, so that a line which begins with one is no command."""


class Verb(StrEnum):
    HELP = "help"
    WHY = "why"
    PLAN = "plan"
    REBASE = "rebase"
    HOLD = "hold"
    UNHOLD = "unhold"
    CONFIRM = "confirm"
    APPROVE = "approve"
    UNBLOCK = "unblock"
    DEPENDS = "depends"
    REFRESH = "refresh"
    RECREATE = "recreate"
    ROLLBACK = "rollback"


class Permission(StrEnum):
    """GitHub's permission of a person on the repository, the least first."""

    READ = "read"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"


LEVELS = ("none", "read", "triage", "write", "maintain", "admin")
"""What GitHub says that a person has, the least first."""


def is_at_least(level: str, needed: Permission) -> bool:
    return level in LEVELS and LEVELS.index(level) >= LEVELS.index(needed)


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One row of the command table; the help text is made from these."""

    verb: Verb
    usage: str
    needs: Permission
    what: str
    options: frozenset[str] = frozenset()


COMMANDS: tuple[CommandRow, ...] = (
    CommandRow(Verb.HELP, "help", Permission.READ, "show this table"),
    CommandRow(Verb.WHY, "why", Permission.READ, "say why this pull request is in its state, with the evidence"),
    CommandRow(Verb.PLAN, "plan", Permission.READ, "show all open pull requests in the order in which they can land"),
    CommandRow(
        Verb.REBASE,
        "rebase [--downstream]",
        Permission.WRITE,
        "ask Renovate to rebase this pull request, or those that wait for it, if nothing holds them",
        frozenset({"--downstream"}),
    ),
    CommandRow(
        Verb.HOLD,
        "hold [for 2h] [reason]",
        Permission.WRITE,
        "hold this pull request for a time, or until somebody says `unhold`",
    ),
    CommandRow(Verb.UNHOLD, "unhold", Permission.WRITE, "end the hold"),
    CommandRow(
        Verb.CONFIRM, "confirm", Permission.WRITE, "say that what this merged pull request brings is rolled out"
    ),
    CommandRow(
        Verb.APPROVE, "approve", Permission.WRITE, "say that this pull request was reviewed, at its present head"
    ),
    CommandRow(
        Verb.UNBLOCK,
        'unblock --reason "…" [for 1d]',
        Permission.MAINTAIN,
        "let this pull request pass for a time, whatever it waits for; `unblock off` ends that",
        frozenset({"--reason"}),
    ),
    CommandRow(
        Verb.DEPENDS,
        "depends on #N",
        Permission.WRITE,
        "let this pull request wait for another one; `depends off #N` ends that",
    ),
    CommandRow(Verb.REFRESH, "refresh", Permission.WRITE, "read this pull request and the base branch anew"),
    CommandRow(
        Verb.RECREATE,
        "recreate",
        Permission.WRITE,
        "have Renovate write the branch anew, without the commits of people; asks once more",
        frozenset({"--yes"}),
    ),
    CommandRow(
        Verb.ROLLBACK,
        "rollback [--yes]",
        Permission.WRITE,
        "say in which order to revert this merged pull request, and what must stay; `--yes` opens the pull request",
        frozenset({"--yes"}),
    ),
)
_BY_VERB = {row.verb.value: row for row in COMMANDS}


@dataclass(frozen=True, slots=True)
class Command:
    """`text` is the line as it was written; `argument` is what follows the verb, trimmed."""

    row: CommandRow
    argument: str
    text: str


@dataclass(frozen=True, slots=True)
class CommandError:
    """A line that was meant for us and that we did not understand; `message` is the answer to its author."""

    message: str
    text: str


def parse_comment(markdown: str) -> tuple[Command | CommandError, ...]:
    """The commands of a comment in order. Unknown verbs come back as errors with the nearest name."""
    parsed = []
    for line in _lines(markdown):
        match = _LINE.match(line)
        if match:
            parsed.append(_command(match["verb"] or Verb.HELP.value, (match["argument"] or "").strip(), line.strip()))
    return tuple(parsed)


def _command(verb: str, argument: str, text: str) -> Command | CommandError:
    row = _BY_VERB.get(verb.lower())
    if row is None:
        return CommandError(unknown_verb_message(verb), text)
    option = next((word for word in argument.split() if word.startswith("--")), "") if _is_option(row, argument) else ""
    if option and option.partition("=")[0].lower() not in row.options:
        return CommandError(f"`{row.verb}` takes no option `{short_code(option)}`. Usage: `/fluxmig {row.usage}`", text)
    return Command(row, argument, text)


def _is_option(row: CommandRow, argument: str) -> bool:
    """Words after a hold are a reason, whatever they begin with further on."""
    return argument.startswith("--") or bool(row.options)


def unknown_verb_message(verb: str) -> str:
    near = difflib.get_close_matches(verb.lower(), list(_BY_VERB), n=1)
    hint = f"Did you mean `/fluxmig {near[0]}`?" if near else "`/fluxmig help` lists the commands."
    return f"I know no command `{short_code(verb)}`. {hint}"


def help_message(needs: Mapping[Verb, Permission] | None = None) -> str:
    """The command table as Markdown; `needs` are the permissions that a repository asks for instead of ours."""
    asked = needs or {}
    rows = "\n".join(f"| `/fluxmig {row.usage}` | {asked.get(row.verb, row.needs)} | {row.what} |" for row in COMMANDS)
    return (
        "| Command | Who (permission on this repository) | What it does |\n|---|---|---|\n"
        f"{rows}\n\nA command stands alone on its line; one comment may hold several."
    )


def short_code(text: str) -> str:
    """Somebody's words between backticks: short, and unable to leave them."""
    return re.sub(r"[`\r\n]", "", text)[:60]


def _lines(markdown: str) -> list[str]:
    """The lines of top-level paragraphs, each as its author wrote it."""
    lines: list[str] = []
    tokens = MarkdownIt("commonmark").parse(markdown)
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type == "paragraph_open" and before.level == 0:
            lines += "".join(_text(child) for child in token.children or ()).split("\n")
    return lines


def _text(token: Token) -> str:
    match token.type:
        case "text" | "text_special":
            return token.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "em_open" | "em_close" | "strong_open" | "strong_close":
            return token.markup
        case _:
            return _NOT_TEXT
