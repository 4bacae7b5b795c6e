"""What stands around the verdicts in the comment, in the dashboard issue, and in the check of a configuration."""

DASHBOARD_TITLE = "fluxmig: what to merge next"
DASHBOARD_INTRO = (
    "fluxmig keeps this issue up to date. Tick a box to have its command carried out; it needs the same permission as "
    "the command in a comment, and the box is empty again afterwards. Close the issue to have it left alone, and open "
    "it again to have it back; `dashboard: false` in `.github/fluxmig.yaml` ends it."
)
DASHBOARD_ENDED = (
    "`dashboard` is off in the configuration of this repository, so fluxmig no longer keeps this issue up to date, and "
    "it can be closed. `dashboard: true` in `.github/fluxmig.yaml` brings it back."
)
NOTHING_OPEN = "No pull request by Renovate is open."
CUT_SHORT = "The list is too long for an issue; the page has the rest."

MERGE_NEXT = "Merge next"
NEEDS_A_PERSON = "Needs a person"
WAITS_FOR_CLUSTER = "Waits for the cluster"
WAITS = "Waits"
LATER = "Ready, and better merged after those"
WAVES = "Waves"
WAVES_INTRO = "The order of all that is open. What stands on one line can be merged in any order."

CONFIG_OK_TITLE = "The configuration can be read"
CONFIG_GONE_TITLE = "The configuration goes away"
CONFIG_GONE_SUMMARY = (
    "Without the file, the one in the owner's repository `.github` judges here, if there is one; else the defaults of "
    "fluxmig hold: no rules, and the mode that the service has for repositories that do not say one."
)


def comment_footer(number: int) -> str:
    return (
        f"`/fluxmig help` lists what can be said on #{number}. This comment is edited in place; commands get answers "
        "of their own."
    )


def config_ok_summary(file: str, *, mode: str, rules: int) -> str:
    said = f"It says `mode: {mode}`" if mode else "It says no mode, so that of the service holds"
    some = "no rules" if not rules else "one rule" if rules == 1 else f"{rules} rules"
    return (
        f"`{file}` can be read. {said}, and it has {some}. It takes effect when it is on the base branch: a pull "
        "request cannot change what judges it."
    )


def config_broken_title(count: int) -> str:
    return "The configuration has a mistake" if count == 1 else f"The configuration has {count} mistakes"


def config_broken_summary(file: str, *, shown: int, count: int) -> str:
    more = f" The first {shown} of {count} are shown." if count > shown else ""
    return (
        f"`{file}` cannot be used as it is here; each mistake stands at its line. Merged like this, the last text that "
        f"was right would go on to judge.{more}"
    )


def unknown_tick_note(label: str) -> str:
    return (
        f"The box “{label}” of the dashboard was found ticked, and GitHub does not tell by whom. Nothing was done for "
        "it. Tick it again, or write the command in a comment."
    )
