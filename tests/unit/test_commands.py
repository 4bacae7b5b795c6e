"""What counts as a command in a comment."""

import pytest

from app.domain.commands import COMMANDS, Command, CommandError, Permission, Verb, help_message, parse_comment


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("/fluxmig", [(Verb.HELP, "")]),
        ("/fluxmig help", [(Verb.HELP, "")]),
        ("/FluxMig Rebase", [(Verb.REBASE, "")]),
        ("/fluxmig why please", [(Verb.WHY, "please")]),
        ("/fluxmig hold  until monday ", [(Verb.HOLD, "until monday")]),
        ("Thanks!\n/fluxmig unhold\r\n/fluxmig rebase", [(Verb.UNHOLD, ""), (Verb.REBASE, "")]),
        ("first paragraph\n\n/fluxmig plan", [(Verb.PLAN, "")]),
        ("/fluxmig hold *really*", [(Verb.HOLD, "*really*")]),
        (
            "/fluxmig hold see `a` and [b](https://c.example) <i>",
            [(Verb.HOLD, "see `a` and [b](https://c.example) <i>")],
        ),
        ("/fluxmig hold 2 \\* 3 &amp; more", [(Verb.HOLD, "2 \\* 3 &amp; more")]),
        ("/fluxmig unblock --reason `x` for 1d", [(Verb.UNBLOCK, "--reason `x` for 1d")]),
        ("/fluxmig approve.", [(Verb.APPROVE, "")]),
        ("/fluxmig approve, please", [(Verb.APPROVE, "please")]),
        # Not commands.
        ("", []),
        ("> /fluxmig rebase", []),
        ("> quoted\n/fluxmig rebase", []),  # Markdown takes the line for a part of the quote
        ("```\n/fluxmig rebase\n```", []),
        ("~~~\n/fluxmig rebase", []),
        ("    /fluxmig rebase", []),
        ("`/fluxmig rebase`", []),
        ("`x` /fluxmig rebase", []),
        ("say /fluxmig rebase", []),
        ("- /fluxmig rebase", []),
        ("1. /fluxmig rebase", []),
        ("# /fluxmig rebase", []),
        ("<!-- /fluxmig rebase -->", []),
        ("<!--\n/fluxmig rebase\n-->", []),
        ("<details>\n/fluxmig rebase\n</details>", []),
        ("[/fluxmig rebase](https://example.org)", []),
        ("\\/fluxmig approve", []),
        ("&#47;fluxmig approve", []),
        ("/fluxm&#105;g approve", []),
        ("~~/fluxmig approve~~", []),
        ("~~not now:\n/fluxmig approve\nit said~~", []),
        ("[not\n/fluxmig approve\nnow](https://example.org)", []),
        ("text <!-- not\n/fluxmig approve -->", []),
        ("| a |\n|---|\n/fluxmig approve", []),
        ("/fluxmigrate rebase", []),
        ("/flux rebase", []),
    ],
)
def test_commands_stand_alone_on_their_line(comment: str, expected: list[tuple[Verb, str]]) -> None:
    parsed = parse_comment(comment)
    assert [(one.row.verb, one.argument) for one in parsed if isinstance(one, Command)] == expected
    assert len(parsed) == len(expected)


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("/fluxmig rebsae", "I know no command `rebsae`. Did you mean `/fluxmig rebase`?"),
        ("/fluxmig holt", "I know no command `holt`. Did you mean `/fluxmig hold`?"),
        ("/fluxmig xyzzy", "I know no command `xyzzy`. `/fluxmig help` lists the commands."),
        ("/fluxmig approve?", "I know no command `approve?`. Did you mean `/fluxmig approve`?"),
        (
            "/fluxmig rebase --downstream --all",
            "`rebase` takes no option `--all`. Usage: `/fluxmig rebase [--downstream]`",
        ),
        ("/fluxmig rebase --all", "`rebase` takes no option `--all`. Usage: `/fluxmig rebase [--downstream]`"),
    ],
)
def test_what_is_not_understood_is_answered_with_the_nearest_name(comment: str, message: str) -> None:
    (error,) = parse_comment(comment)
    assert isinstance(error, CommandError)
    assert error.message == message


def test_somebody_elses_words_cannot_leave_the_answer() -> None:
    (error,) = parse_comment("/fluxmig " + "@everyone" * 40)
    assert isinstance(error, CommandError)
    assert len(error.message) < 160


def test_the_help_has_a_row_for_every_command() -> None:
    shown = help_message()
    assert {row.verb for row in COMMANDS} == set(Verb)
    for row in COMMANDS:
        assert f"| `/fluxmig {row.usage}` | {row.needs} | {row.what} |" in shown


@pytest.mark.parametrize(
    ("comment", "verb", "argument"),
    [
        ("/fluxmig rebase --downstream", Verb.REBASE, "--downstream"),
        ("/fluxmig rebase please --downstream.", Verb.REBASE, "--downstream"),
        ("/fluxmig rebase —downstream", Verb.REBASE, "--downstream"),
        ("/fluxmig rebase please", Verb.REBASE, ""),
        ("/fluxmig recreate --yes", Verb.RECREATE, "--yes"),
        ('/fluxmig unblock --reason "use --force" for 1d', Verb.UNBLOCK, '--reason "use --force" for 1d'),
        ("/fluxmig depends on #5", Verb.DEPENDS, "on #5"),
        ("/fluxmig hold it uses --force", Verb.HOLD, "it uses --force"),
    ],
)
def test_options_that_a_command_takes(comment: str, verb: Verb, argument: str) -> None:
    assert [(one.row.verb, one.argument) for one in parse_comment(comment) if isinstance(one, Command)] == [
        (verb, argument)
    ]


def test_the_help_shows_what_this_repository_asks_for() -> None:
    assert "| `/fluxmig unhold` | admin |" in help_message({Verb.UNHOLD: Permission.ADMIN})


def test_a_comment_holds_ten_commands() -> None:
    *kept, error = parse_comment("/fluxmig hold\n" * 60)
    assert [one.row.verb for one in kept if isinstance(one, Command)] == [Verb.HOLD] * 10
    assert error == CommandError("A comment may hold 10 commands: I left out the last 50.", "/fluxmig hold")
