"""Is everything set up so that a held pull request really waits? Facts in, findings out, the unknown among them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.app_needs import PERMISSIONS, SUBSCRIPTIONS, Permission
from app.domain.messages import doctor as words
from app.domain.messages.config import config_sentence
from app.domain.messages.doctor import Words
from app.domain.modes import Mode
from app.domain.renovate_config import RenovateConfig

LARGEST_CLOCK_DIFFERENCE = 60
"""Seconds."""


ADMINISTRATORS = frozenset(("administrators",))
_ADMINISTRATING = ("RepositoryRole 5 ", "OrganizationAdmin ")
"""The roles of administrators, as rulesets list them."""


class Health(StrEnum):
    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """`mend` says what to do; empty where there is nothing to mend."""

    name: str
    health: Health
    sentence: str
    mend: str


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """A rule of the base branch, named by `where`, that asks for our check; `app_id` None takes it from anybody."""

    app_id: int | None
    where: str


@dataclass(frozen=True, slots=True)
class Gate:
    """The rules of the base branch. `classic_known` is False where a classic protection may say more.

    `bypass` names who may merge past them, with GitHub's type of actor; None where GitHub does not show it.
    """

    branch: str
    required: tuple[RequiredCheck, ...]
    strict: bool
    merge_queue: bool
    classic_known: bool
    bypass: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be found out, and why."""

    why: str


def _finding(name: str, health: Health, told: Words) -> Finding:
    return Finding(name, health, *told)


# --- the gate ---


def examine_gate(gate: Gate | Unread, *, app_id: int, events: Iterable[str] | Unread) -> list[Finding]:
    if isinstance(gate, Unread):
        return [_finding("required", Health.UNKNOWN, words.unknown_words("the rules of the base branch", gate.why))]
    found = [_examine_required(gate, app_id), _examine_strict(gate), _examine_queue(gate, events)]
    return [*found, _examine_bypass(gate)] if gate.required else found


def is_held(gate: Gate | Unread, *, app_id: int) -> bool | None:
    """Whether GitHub waits for our check; None where that is not known."""
    if isinstance(gate, Unread):
        return None
    if any(check.app_id in (None, app_id) for check in gate.required):
        return True
    return False if gate.classic_known else None


def who_passes_all(lists: Iterable[frozenset[str] | None]) -> tuple[str, ...] | None:
    """Who may pass each of the rules that ask for our check, of which each has its list; None where that is not known.

    A classic protection lets pass the administrators of the repository, whom a ruleset lists by their role.
    """
    every = list(lists)
    known = [one for one in every if one is not None]
    if frozenset() in known:
        return ()
    if not known or len(known) < len(every):
        return None
    listed = [one for one in known if one != ADMINISTRATORS]
    if not listed:
        return tuple(ADMINISTRATORS)
    both = frozenset.intersection(*listed)
    if len(listed) < len(known):
        both = frozenset(actor for actor in both if actor.startswith(_ADMINISTRATING))
    return tuple(sorted(both))


def _examine_required(gate: Gate, app_id: int) -> Finding:
    if not gate.required:
        if gate.classic_known:
            return _finding("required", Health.PROBLEM, words.not_required_words(gate.branch))
        return _finding("required", Health.UNKNOWN, words.perhaps_required_words(gate.branch))
    for check in gate.required:
        if check.app_id not in (None, app_id):
            told = words.required_from_another_words(gate.branch, check.where, check.app_id or 0)
            return _finding("required", Health.PROBLEM, told)
    pinned = next((check for check in gate.required if check.app_id == app_id), None)
    if pinned is None:
        told = words.required_from_anybody_words(gate.branch, gate.required[0].where)
        return _finding("required", Health.PROBLEM, told)
    return _finding("required", Health.OK, words.required_words(gate.branch, pinned.where))


def _examine_strict(gate: Gate) -> Finding:
    if gate.strict:
        return _finding("up-to-date", Health.OK, words.strict_words(gate.branch))
    if not gate.classic_known:
        return _finding("up-to-date", Health.UNKNOWN, words.perhaps_strict_words(gate.branch))
    return _finding("up-to-date", Health.OK, words.not_strict_words(gate.branch))


def _examine_queue(gate: Gate, events: Iterable[str] | Unread) -> Finding:
    if not gate.merge_queue:
        return _finding("merge-queue", Health.OK, words.no_merge_queue_words(gate.branch))
    if isinstance(events, Unread):
        told = words.unknown_words("whether the App gets the events of the merge queue", events.why)
        return _finding("merge-queue", Health.UNKNOWN, told)
    if "merge_group" not in events:
        return _finding("merge-queue", Health.PROBLEM, words.merge_queue_words(gate.branch))
    return _finding("merge-queue", Health.OK, words.merge_queue_subscribed_words(gate.branch))


def _examine_bypass(gate: Gate) -> Finding:
    if gate.bypass is None:
        return _finding("bypass", Health.UNKNOWN, words.bypass_hidden_words())
    if not gate.bypass:
        return _finding("bypass", Health.OK, words.nobody_bypasses_words())
    if set(gate.bypass) == ADMINISTRATORS:
        return _finding("bypass", Health.OK, words.administrators_bypass_words())
    if any(actor.startswith("Integration") for actor in gate.bypass):
        return _finding("bypass", Health.PROBLEM, words.bypass_by_app_words(gate.bypass))
    return _finding("bypass", Health.OK, words.bypass_words(gate.bypass))


# --- the App ---


def examine_permissions(
    granted: Mapping[str, str] | Unread, asked: Mapping[str, str] | Unread, more: Sequence[Permission] = ()
) -> list[Finding]:
    """`granted` is what the installation has, `asked` what the App asks for. `more` is what this repository's
    configuration needs besides."""
    if isinstance(granted, Unread):
        return [_finding("permissions", Health.UNKNOWN, words.unknown_words("the App's permissions", granted.why))]
    missing = [needed for needed in (*PERMISSIONS, *more) if not needed.is_granted(granted.get(needed.name, ""))]
    found = []
    for needed in missing:
        has = granted.get(needed.name, "")
        is_asked = not isinstance(asked, Unread) and needed.is_granted(asked.get(needed.name, ""))
        told = words.permission_missing_words(needed.title, needed.level, has, needed.without, asked=is_asked)
        found.append(_finding("permissions", Health.PROBLEM, told))
    return found or [_finding("permissions", Health.OK, words.permissions_words())]


def examine_events(events: Iterable[str] | Unread, *, polling: bool) -> list[Finding]:
    if isinstance(events, Unread):
        return [_finding("events", Health.UNKNOWN, words.unknown_words("the App's events", events.why))]
    subscribed = set(events)
    missing = [needed for needed in SUBSCRIPTIONS if needed.name not in subscribed]
    if polling or not missing:
        return [_finding("events", Health.OK, words.polling_words() if polling else words.events_words())]
    return [
        _finding("events", Health.PROBLEM, words.event_missing_words(needed.title, needed.without))
        for needed in missing
    ]


def examine_deliveries(newest: str | None, *, address: str, polling: bool) -> list[Finding]:
    """`newest` is when the last delivery came, in words."""
    if newest is not None:
        return [_finding("deliveries", Health.OK, words.delivered_words(newest))]
    if polling:
        return []
    return [_finding("deliveries", Health.PROBLEM, words.nothing_delivered_words(address))]


def examine_dashboard(mode: Mode, *, has_issues: bool | Unread, number: int | None, is_closed: bool) -> Finding:
    """Where the configuration asks for one: `number` is that of the issue, where there is one."""
    if mode is not Mode.ACT:
        return _finding("dashboard", Health.PROBLEM, words.dashboard_needs_act_words(mode.value))
    if isinstance(has_issues, Unread):
        return _finding("dashboard", Health.UNKNOWN, words.unknown_words("whether there are issues", has_issues.why))
    if not has_issues:
        return _finding("dashboard", Health.PROBLEM, words.dashboard_without_issues_words())
    if number is not None and is_closed:
        return _finding("dashboard", Health.PROBLEM, words.dashboard_closed_words(number))
    return _finding("dashboard", Health.OK, words.own_dashboard_words(number))


def examine_clock(ahead: float | Unread) -> Finding:
    """`ahead` is by how many seconds our clock is ahead of GitHub's."""
    if isinstance(ahead, Unread):
        return _finding("clock", Health.UNKNOWN, words.unknown_words("its time", ahead.why))
    if abs(ahead) > LARGEST_CLOCK_DIFFERENCE:
        return _finding("clock", Health.PROBLEM, words.clock_words(round(ahead)))
    return _finding("clock", Health.OK, words.clock_right_words())


def examine_clusters(registered: Sequence[str], heard: Sequence[str]) -> Finding:
    """`registered` may post events; `heard` are those that did."""
    if not registered:
        return _finding("cluster", Health.PROBLEM, words.cluster_missing_words())
    silent = [name for name in registered if name not in heard]
    if silent:
        return _finding("cluster", Health.PROBLEM, words.cluster_silent_words(silent))
    return _finding("cluster", Health.OK, words.cluster_words(registered))


# --- the configuration ---


def examine_configuration(file: str | None, problem: str, *, mode: Mode) -> list[Finding]:
    """`file` judges, None: the defaults do. `problem` says what is wrong with it, in a sentence, empty for nothing."""
    health = Health.PROBLEM if problem else Health.OK
    told = words.configuration_words(problem or config_sentence(file), broken=bool(problem))
    return [
        _finding("configuration", health, told),
        _finding("mode", Health.OK, words.mode_words(mode)),
    ]


# --- Renovate ---


def examine_renovate_author(authors: Sequence[str], *, prefix: str) -> Finding:
    if not authors:
        return _finding("renovate", Health.UNKNOWN, words.renovate_unseen_words(prefix))
    return _finding("renovate", Health.OK, words.renovate_seen_words(authors))


def examine_renovate_config(
    path: str | Unread | None, config: RenovateConfig | Unread, *, prefix: str, held: bool | None
) -> list[Finding]:
    """`held` says whether GitHub waits for our check."""
    if isinstance(path, Unread):
        return [_finding("renovate-config", Health.UNKNOWN, words.unknown_words("the files of the base", path.why))]
    if path is None:
        return [_finding("renovate-config", Health.UNKNOWN, words.no_config_words())]
    if isinstance(config, Unread):
        return [_finding("renovate-config", Health.UNKNOWN, words.config_unreadable_words(path, config.why))]
    return [
        _finding("renovate-config", Health.OK, words.config_words(path, config.foreign_presets)),
        _examine_automerge(path, config, held=held),
        _examine_prefix(path, config, prefix),
        _examine_rebase(path, config),
        _examine_dashboard(path, config),
    ]


def _examine_automerge(path: str, config: RenovateConfig, *, held: bool | None) -> Finding:
    name = "renovate-automerge"
    if not config.automerge:
        if config.foreign_presets:
            return _finding(name, Health.UNKNOWN, words.automerge_unknown_words(path, config.foreign_presets))
        return _finding(name, Health.OK, words.no_automerge_words(path))
    if config.ignore_tests:
        return _finding(name, Health.PROBLEM, words.ignore_tests_words(path))
    if config.automerge_type == "branch":
        return _finding(name, Health.PROBLEM, words.branch_automerge_words(path))
    if config.platform_automerge is False:
        told = words.own_automerge_words(path, config.foreign_presets)
        return _finding(name, Health.UNKNOWN if config.foreign_presets else Health.OK, told)
    health = {True: Health.OK, False: Health.PROBLEM, None: Health.UNKNOWN}[held]
    return _finding(name, health, words.platform_automerge_words(path, held=held))


def _examine_prefix(path: str, config: RenovateConfig, prefix: str) -> Finding:
    theirs = config.branch_prefix
    if theirs is not None and theirs != prefix:
        return _finding("renovate-branch-prefix", Health.PROBLEM, words.prefix_words(path, theirs, prefix))
    health = Health.UNKNOWN if theirs is None and config.foreign_presets else Health.OK
    told = words.prefix_unknown_words(path, prefix) if health is Health.UNKNOWN else words.prefix_same_words(prefix)
    return _finding("renovate-branch-prefix", health, told)


def _examine_rebase(path: str, config: RenovateConfig) -> Finding:
    if config.rebase_when is not None:
        return _finding("renovate-rebase", Health.OK, words.rebase_words(path, config.rebase_when))
    if config.foreign_presets:
        return _finding("renovate-rebase", Health.UNKNOWN, words.rebase_unknown_words(path, config.foreign_presets))
    return _finding("renovate-rebase", Health.OK, words.rebase_default_words())


def _examine_dashboard(path: str, config: RenovateConfig) -> Finding:
    if config.dashboard is None:
        return _finding("renovate-dashboard", Health.UNKNOWN, words.dashboard_unknown_words(path))
    return _finding("renovate-dashboard", Health.OK, words.dashboard_words(path, on=config.dashboard))
