"""`/fluxmig …` lines in a comment: what counts as one, which there are, and who may give them.

A command stands alone at the start of a line, outside quotes, lists, headings and code, as with Prow and bors;
otherwise quoting somebody's comment would run it again. Comments are Markdown, so a Markdown parser decides.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

_LINE = re.compile(r"(?i)^/fluxmig(?:[ \t]+(?P<verb>\S+)(?P<argument>.*))?[ \t]*$")
_OPTION = re.compile(r"(?:^|(?<=\s))(?:--|[—–])([A-Za-z][\w-]*)")
"""Phones write — for two hyphens."""
_FULL_STOP = ".,;:!"
"""What people and phones put behind a word."""
_MARKDOWN = MarkdownIt("commonmark").enable(["strikethrough", "table"]).disable("text_join")
"""As GitHub reads a comment; and it tells an escaped character from a plain one."""
MOST_IN_A_COMMENT = 10


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
    """`text` is the line as it was written; `argument` is what follows the verb: of a command with options, these."""

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
    found = [match for line in _lines(markdown) if (match := _LINE.match(line))]
    parsed = [_command(match) for match in found[:MOST_IN_A_COMMENT]]
    if left := found[MOST_IN_A_COMMENT:]:
        parsed.append(CommandError(too_many_message(len(left)), left[0][0].strip()))
    return tuple(parsed)


def _command(line: re.Match[str]) -> Command | CommandError:
    verb, argument, text = line["verb"] or Verb.HELP.value, (line["argument"] or "").strip(), line[0].strip()
    row = _BY_VERB.get(verb.lower().rstrip(_FULL_STOP))
    if row is None:
        return CommandError(unknown_verb_message(verb), text)
    options = [f"--{name.lower()}" for name in _OPTION.findall(argument)]
    if row.verb is Verb.UNBLOCK:
        options = options[:1]  # its reason may name others
    elif row.options:
        argument = " ".join(options)
    elif not _OPTION.match(argument):
        options = []  # a reason too, whatever it begins with further on
    wrong = next((option for option in options if option not in row.options), None)
    if wrong is not None:
        return CommandError(f"`{row.verb}` takes no option `{short_code(wrong)}`. Usage: `/fluxmig {row.usage}`", text)
    return Command(row, argument, text)


def too_many_message(left: int) -> str:
    return f"A comment may hold {MOST_IN_A_COMMENT} commands: I left out the last {left}."


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
        f"{rows}\n\nA command stands alone on its line; one comment may hold {MOST_IN_A_COMMENT}."
    )


def short_code(text: str) -> str:
    """Somebody's words between backticks: short, and unable to leave them."""
    return re.sub(r"[`\r\n]", "", text)[:60]


def _lines(markdown: str) -> list[str]:
    """The lines of top-level paragraphs, each as its author wrote it."""
    lines: list[str] = []
    for before, token in pairwise(_MARKDOWN.parse(markdown)):
        if token.type == "inline" and before.type == "paragraph_open" and before.level == 0:
            lines += _written(token.children or ()).split("\n")
    return lines


def _written(tokens: Iterable[Token]) -> str:
    """What begins with a mark is no command, so a line within struck-out text or a link begins with that mark."""
    parts: list[str] = []
    within: list[tuple[str, str]] = []
    for token in tokens:
        match token.type:
            case "text":
                parts.append(token.content)
            case "softbreak" | "hardbreak":
                parts.append("\n" + "".join(begin for begin, _ in within))
            case "s_open" | "link_open":
                within.append(_marks(token))
                parts.append(within[-1][0])
            case "s_close" | "link_close":
                parts.append(within.pop()[1])
            case "code_inline":
                parts.append(f"{token.markup}{token.content}{token.markup}")
            case "image":
                parts.append(f"![{_one_line(token.content)}]")
            case "html_inline":
                parts.append(_one_line(token.content))
            case _:  # emphasis, and what is escaped or an entity
                parts.append(token.markup)
    return "".join(parts)


def _marks(token: Token) -> tuple[str, str]:
    """How struck-out text or a link begins and ends."""
    if token.type == "s_open":
        return token.markup, token.markup
    return ("<", ">") if token.markup == "autolink" else ("[", f"]({token.attrs['href']})")


def _one_line(text: str) -> str:
    return text.replace("\n", " ")
