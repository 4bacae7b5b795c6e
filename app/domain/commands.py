"""`/fluxmig …` lines in a comment: what counts as one, which there are, and who may give them.

A command stands alone at the start of a line, outside quotes, lists, headings and code, as with Prow and bors;
otherwise quoting somebody's comment would run it again. Comments are Markdown, so a Markdown parser decides.
"""

import difflib
import re
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


class Permission(StrEnum):
    """GitHub's permission of a person on the repository, the least first."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One row of the command table; the help text is made from these."""

    verb: Verb
    usage: str
    needs: Permission
    what: str


COMMANDS: tuple[CommandRow, ...] = (
    CommandRow(Verb.HELP, "help", Permission.READ, "show this table"),
    CommandRow(Verb.WHY, "why", Permission.READ, "say why this pull request is in its state, with the evidence"),
    CommandRow(Verb.PLAN, "plan", Permission.READ, "show all open pull requests in the order in which they can land"),
    CommandRow(
        Verb.REBASE, "rebase", Permission.WRITE, "ask Renovate to rebase this pull request, if nothing holds it"
    ),
    CommandRow(Verb.HOLD, "hold [reason]", Permission.WRITE, "hold this pull request until somebody says `unhold`"),
    CommandRow(Verb.UNHOLD, "unhold", Permission.WRITE, "end the hold"),
    CommandRow(
        Verb.CONFIRM, "confirm", Permission.WRITE, "say that what this merged pull request brings is rolled out"
    ),
    CommandRow(
        Verb.APPROVE, "approve", Permission.WRITE, "say that this pull request was reviewed, at its present head"
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
    if argument.startswith("--"):
        option = argument.split(maxsplit=1)[0]
        return CommandError(f"`{row.verb}` takes no option `{_code(option)}`. Usage: `/fluxmig {row.usage}`", text)
    return Command(row, argument, text)


def unknown_verb_message(verb: str) -> str:
    near = difflib.get_close_matches(verb.lower(), list(_BY_VERB), n=1)
    hint = f"Did you mean `/fluxmig {near[0]}`?" if near else "`/fluxmig help` lists the commands."
    return f"I know no command `{_code(verb)}`. {hint}"


def help_message() -> str:
    """The command table as Markdown."""
    rows = "\n".join(f"| `/fluxmig {row.usage}` | {row.needs} | {row.what} |" for row in COMMANDS)
    return (
        "| Command | Who (permission on this repository) | What it does |\n|---|---|---|\n"
        f"{rows}\n\nA command stands alone on its line; one comment may hold several."
    )


def _code(text: str) -> str:
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
