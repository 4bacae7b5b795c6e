"""What the doctor finds, each as a pair: what is, and what mends it (empty where nothing has to be mended)."""

from collections.abc import Sequence

from app.domain.messages.modes import mode_sentence
from app.domain.modes import Mode

Words = tuple[str, str]

_RULESET = (
    "Settings → Rules → Rulesets → the ruleset of this branch → Require status checks to pass → add `fluxmig`, "
    "and choose this App as its source."
)


def unknown_words(what: str, why: str) -> Words:
    return f"GitHub did not tell {what}: {why}", (
        "Ask again in a minute. If it stays so: is the App installed here, is its private key right, is GitHub well?"
    )


# --- the gate ---


def required_words(branch: str, where: str) -> Words:
    return f"`{branch}` requires the check `fluxmig` from this App ({where}).", ""


def required_from_anybody_words(branch: str, where: str) -> Words:
    return (
        f"`{branch}` requires the check `fluxmig`, but takes it from anybody who may report checks ({where}).",
        "Choose this App as the source of the check in that rule.",
    )


def required_from_another_words(branch: str, where: str, app_id: int) -> Words:
    return (
        f"`{branch}` requires the check `fluxmig` from App {app_id}, which is not this one ({where}): it never comes.",
        "Choose this App as the source of the check in that rule.",
    )


def not_required_words(branch: str) -> Words:
    return (
        f"Nothing requires the check `fluxmig` on `{branch}`: a held pull request can be merged all the same.",
        _RULESET,
    )


def perhaps_required_words(branch: str) -> Words:
    return (
        (
            f"No ruleset requires the check `fluxmig` on `{branch}`; whether a classic branch protection does, "
            "GitHub shows only to Apps with the permission Administration: read."
        ),
        f"If none does: {_RULESET}",
    )


def strict_words(branch: str) -> Words:
    return (
        (
            f"`{branch}` takes only branches that are up to date, so each merge makes the others wait for a rebase; "
            "Renovate does that by itself."
        ),
        "",
    )


def not_strict_words(branch: str) -> Words:
    return f"`{branch}` takes branches that are behind it; fluxmig asks for a rebase where one matters.", ""


def perhaps_strict_words(branch: str) -> Words:
    return (
        (
            f"No ruleset asks for branches that are up to date with `{branch}`; whether a classic branch protection "
            "does, GitHub shows only to Apps with the permission Administration: read."
        ),
        "fluxmig works either way. To know, give the App that permission.",
    )


def merge_queue_words(branch: str) -> Words:
    return (
        (
            f"`{branch}` has a merge queue, and the App gets no `merge_group` events: the queue waits for a check "
            "that does not come."
        ),
        (
            "Turn the merge queue off for this branch, or subscribe the App to `Merge group`, with the permission "
            "Merge queues: read."
        ),
    )


def merge_queue_subscribed_words(branch: str) -> Words:
    return f"`{branch}` has a merge queue, and the App gets its `merge_group` events.", ""


def no_merge_queue_words(branch: str) -> Words:
    return f"`{branch}` has no merge queue.", ""


def bypass_words(actors: Sequence[str]) -> Words:
    return f"These may merge past the required checks: {', '.join(actors)}.", ""


def administrators_bypass_words() -> Words:
    return "Administrators may merge past the required checks.", (
        "To hold them too: Settings → Branches → the rule of this branch → Do not allow bypassing the above settings."
    )


def bypass_by_app_words(actors: Sequence[str]) -> Words:
    return (
        f"An App may merge past the required checks ({', '.join(actors)}). If that is Renovate, nothing holds it.",
        "Take Renovate's App off the bypass list of the ruleset.",
    )


def nobody_bypasses_words() -> Words:
    return "Nobody may merge past the required checks. Pull requests by people get no check from fluxmig, and wait.", (
        "If people's pull requests are stuck, let them bypass the rule, for pull requests only."
    )


def bypass_hidden_words() -> Words:
    return "Who may merge past the required checks, GitHub shows only to those who may change the ruleset.", (
        "Look there yourself: Settings → Rules → Rulesets → the ruleset of this branch → Bypass list. "
        "Renovate must not be on it."
    )


# --- the App ---


def permission_missing_words(title: str, level: str, has: str, without: str, *, asked: bool) -> Words:
    have = f"has only {has}" if has else "is missing"
    mend = (
        "The App asks for it: accept it under Settings → Applications → Installed GitHub Apps → Review request."
        if asked
        else "Add it on the App's own page under Permissions & events, then accept it where the App is installed."
    )
    return f"The permission {title}: {level} {have}; without it {without}.", mend


def permissions_words() -> Words:
    return "The installation has every permission that fluxmig uses.", ""


def event_missing_words(title: str, without: str) -> Words:
    return (
        f"The App is not subscribed to `{title}` events; without them {without}.",
        "Subscribe on the App's own page under Permissions & events.",
    )


def events_words() -> Words:
    return "The App is subscribed to every event that fluxmig uses.", ""


def polling_words() -> Words:
    return "fluxmig looks by itself (FLUXMIG_POLL_SECONDS) and needs no events.", ""


def own_dashboard_words(number: int | None) -> Words:
    return f"The dashboard is #{number}." if number else "The dashboard will be made with the next look.", ""


def dashboard_needs_act_words(mode: str) -> Words:
    return (
        f"`dashboard: true` does nothing in mode `{mode}`.",
        "Set `mode: act` in `.github/fluxmig.yaml`, or take `dashboard` out.",
    )


def dashboard_without_issues_words() -> Words:
    return (
        "`dashboard: true` asks for an issue, and issues are switched off on this repository.",
        "Settings → General → Features → Issues; fluxmig tries again within a day. Or take `dashboard` out.",
    )


def dashboard_closed_words(number: int) -> Words:
    return (
        f"The dashboard, #{number}, is closed, and fluxmig leaves it alone.",
        f"Open #{number} again to have it kept up to date, or set `dashboard: false`.",
    )


def nothing_delivered_words(address: str) -> Words:
    return (
        "No delivery of GitHub has ever reached this service; it finds out by looking.",
        f"Set the App's webhook URL to {address} and switch it on. Without a public address: FLUXMIG_POLL_SECONDS.",
    )


def delivered_words(at: str) -> Words:
    return f"GitHub's last delivery came at {at}.", ""


def clock_words(seconds: int) -> Words:
    return (
        (
            f"The clock of this machine is {abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} GitHub's; "
            "GitHub refuses tokens of another time."
        ),
        "Let the machine set its clock by NTP.",
    )


def clock_right_words() -> Words:
    return "The clock of this machine and GitHub's agree.", ""


# --- the cluster ---


def cluster_missing_words() -> Words:
    return (
        (
            "No cluster is connected: a rollout ends when somebody says `/fluxmig confirm`, or after the soak time "
            "if one is set."
        ),
        "Connect it: docs/how-to/connect-a-cluster.md.",
    )


def cluster_silent_words(names: Sequence[str]) -> Words:
    return (
        f"Nothing was heard yet from {', '.join(names)}.",
        "Check the Provider and the Alert in the cluster: docs/how-to/connect-a-cluster.md.",
    )


def cluster_words(names: Sequence[str]) -> Words:
    return f"{', '.join(names)} tells of its rollouts.", ""


# --- the configuration ---


def configuration_words(sentence: str, *, broken: bool) -> Words:
    return (
        sentence,
        "Mend it there; a pull request that changes it gets the check `fluxmig / config`." if broken else "",
    )


def mode_words(mode: Mode) -> Words:
    """Observing is no mistake, and the reason why nothing is held."""
    said, _, rest = mode_sentence(mode).partition(". ")
    return f"{said}.", rest if mode is Mode.OBSERVE else ""


# --- Renovate ---


def renovate_unseen_words(prefix: str) -> Words:
    return (
        f"No pull request by Renovate was seen: none comes from a branch that begins with `{prefix}`.",
        "If Renovate runs here under another prefix, set FLUXMIG_RENOVATE_BRANCH_PREFIX.",
    )


def renovate_seen_words(authors: Sequence[str]) -> Words:
    return f"Renovate works here as {', '.join(authors)}.", ""


def no_config_words() -> Words:
    return (
        "The base branch has no Renovate configuration; Renovate may have one of its own, which nobody here can read.",
        "If Renovate works here, look into its own configuration for `automerge`, `ignoreTests` and `branchPrefix`.",
    )


def config_words(path: str, foreign: Sequence[str]) -> Words:
    more = f" It extends {', '.join(foreign)}, which was not read." if foreign else ""
    return f"Renovate's configuration is `{path}`.{more}", ""


def config_unreadable_words(path: str, why: str) -> Words:
    return f"`{path}` could not be read: {why}.", f"Mend `{path}`: Renovate cannot read it either."


def prefix_words(path: str, prefix: str, ours: str) -> Words:
    return (
        (
            f"`{path}` sets `branchPrefix: {prefix}`, and fluxmig looks for `{ours}`: it takes Renovate's pull "
            "requests for people's."
        ),
        f"Set FLUXMIG_RENOVATE_BRANCH_PREFIX={prefix}.",
    )


def prefix_same_words(prefix: str) -> Words:
    return f"Renovate and fluxmig agree on the branch prefix `{prefix}`.", ""


def prefix_unknown_words(path: str, prefix: str) -> Words:
    return (
        f"fluxmig looks for the branch prefix `{prefix}`; a preset that was not read may set another one.",
        f"If one does, set FLUXMIG_RENOVATE_BRANCH_PREFIX to it; or set `branchPrefix` in `{path}`.",
    )


def ignore_tests_words(path: str) -> Words:
    return (
        f"`{path}` automerges with `ignoreTests: true`: Renovate merges without waiting for any check.",
        "Take `ignoreTests` out.",
    )


def branch_automerge_words(path: str) -> Words:
    return (
        (
            f"`{path}` automerges with `automergeType: branch`: Renovate pushes to the base branch without a pull "
            "request. fluxmig puts its check on the branch and shows it on the page, but nobody can hold or approve it."
        ),
        "Set `automergeType: pr`, so that there is something to look at.",
    )


def platform_automerge_words(path: str, *, held: bool | None) -> Words:
    if held:
        return f"`{path}` automerges, and GitHub merges once the required checks pass, fluxmig's among them.", ""
    if held is None:
        return (
            (
                f"`{path}` automerges, and GitHub merges once the required checks pass; whether fluxmig's is among "
                "them is not known."
            ),
            "Require the check, or set `platformAutomerge: false`: then Renovate itself waits for every check.",
        )
    return (
        f"`{path}` automerges, and GitHub merges without waiting for fluxmig, whose check is not required.",
        "Require the check, or set `platformAutomerge: false`: then Renovate itself waits for every check.",
    )


def own_automerge_words(path: str, foreign: Sequence[str]) -> Words:
    said = f"`{path}` automerges, and Renovate itself waits until every check has passed"
    if not foreign:
        return f"{said}.", ""
    return (
        f"{said}, unless {', '.join(foreign)}, which it extends, says otherwise.",
        f"Look there for `ignoreTests` and `automergeType: branch`, or set both in `{path}`.",
    )


def no_automerge_words(path: str) -> Words:
    return f"`{path}` automerges nothing; people merge.", ""


def automerge_unknown_words(path: str, foreign: Sequence[str]) -> Words:
    return (
        f"`{path}` itself automerges nothing; {', '.join(foreign)}, which it extends, may.",
        "Look there for `automerge`, `automergeType: branch` and `ignoreTests`.",
    )


def rebase_words(path: str, rebase_when: str) -> Words:
    return f"`{path}` sets `rebaseWhen: {rebase_when}`; fluxmig asks for a rebase only where one is missing.", ""


def rebase_default_words() -> Words:
    return "Renovate rebases by its own default; fluxmig asks for a rebase only where one is missing.", ""


def rebase_unknown_words(path: str, foreign: Sequence[str]) -> Words:
    return (
        f"`{path}` does not say when Renovate rebases; {', '.join(foreign)}, which it extends, may.",
        f"fluxmig asks for a rebase only where one is missing. To know, set `rebaseWhen` in `{path}`.",
    )


def dashboard_words(path: str, *, on: bool) -> Words:
    return f"`{path}` has the dependency dashboard {'on' if on else 'off'}.", ""


def dashboard_unknown_words(path: str) -> Words:
    return (
        "Whether Renovate keeps a dependency dashboard here, the configuration does not say.",
        f"fluxmig works without one. To have one, set `dependencyDashboard: true` in `{path}`.",
    )
