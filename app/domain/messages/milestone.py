"""The sentences of a milestone: phases, criteria, risks, metrics and lessons."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.domain.incidents import Incident, by_culprit
from app.domain.messages.conduct import moment
from app.domain.messages.incidents import object_phrase
from app.domain.messages.phrases import at, listed, pull_requests
from app.domain.milestone import Phase
from app.domain.model import Answer, Evidence, Gvk
from app.domain.serving import Served

HEADINGS = {
    Phase.PREPARE: ("Phase 1: assessment and preparation", "Safe to merge at any time: no cluster reads these files."),
    Phase.CRITICAL: (
        "Phase 2: critical updates",
        "One after the other, in this order. A rollout is over when the cluster runs it, not when it is merged.",
    ),
    Phase.DOWNSTREAM: (
        "Phase 3: downstream updates",
        "Once phase 2 is rolled out, after a rebase where needed.",
    ),
    Phase.REVIEW: ("For review", "Major updates and changes that are more than a bump: a person reads them first."),
    Phase.REBASE: (
        "Conflicts",
        "What was merged meanwhile changed the lines beside theirs: a rebase is needed.",
    ),
}

SECTION_CRITERIA, SECTION_WHOLE, SECTION_RISKS, SECTION_METRICS, SECTION_LESSONS = (
    "Success criteria",
    "Overall",
    "Risks",
    "Key metrics",
    "Lessons learned",
)
MITIGATION, ROLLBACK = "Mitigation", "Way back"
LESSONS_LATER = "They are filled in when it is reached."
CUT_SHORT = "The rest is too long for an issue; the page has it."
ISSUE_INTRO = (
    "fluxmig keeps this issue up to date and closes it when it is reached: facts tick the boxes, no hand does. "
    "Close the issue to have it left alone."
)
UNKNOWN_HEALTH = "No signal tells it."
LESSON_WELL, LESSON_HARD, LESSON_ORDER, LESSON_TIME = (
    "What went well",
    "What was held, and what broke or would have broken",
    "Rebases and decisions by people",
    "How long it took",
)


def nothing_open(repository: str) -> str:
    return f"{repository} has no open pull request by Renovate that a milestone could be made of."


def too_long(limit: int) -> str:
    return f"At most {limit} characters."


def default_title(goal: str) -> str:
    return f"Migration to {goal}" if goal else "All open pull requests by Renovate"


def goal_words(goal: str) -> str:
    return f"Reach {goal}, and bring in what waits for it." if goal else "Bring in all that Renovate has open."


def standing(resolved: int, total: int) -> str:
    return f"{resolved} of {total} resolved."


def settled(*, merged: bool) -> str:
    return "merged" if merged else "closed without a merge"


def after_rollout(numbers: Sequence[int]) -> str:
    return f"after the rollout of {pull_requests(numbers)}"


def conflicts(numbers: Sequence[int]) -> str:
    return f"needs a rebase: {pull_requests(numbers)} changed neighbouring lines"


def amount(count: int) -> str:
    return "one pull request" if count == 1 else f"{count} pull requests"


# --- criteria ---


def resolved_criterion(count: int, *, whole: bool) -> str:
    if whole:
        return (
            "The pull request is merged or closed" if count == 1 else f"All {count} pull requests are merged or closed"
        )
    return "Its pull request is merged or closed" if count == 1 else f"Its {count} pull requests are merged or closed"


def resolved_evidence(resolved: int, total: int, left: Sequence[int]) -> str:
    rest = f"; open: {pull_requests(left)}" if left else ""
    return f"{resolved} of {total} resolved{rest}."


def version_criterion(name: str, version: str, scope: str) -> str:
    return f"{name} {version} runs{f' in cluster {scope}' if scope else ''}"


def version_seen(version: str, source: str) -> str:
    return f"It runs {version} ({source})."


def version_rolled_out(number: int | None, version: str, source: str) -> str:
    return f"{version} is rolled out{f' with #{number}' if number else ''}: {source}."


def rolled_out_phrase(number: int | None, version: str, source: str) -> str:
    return f"{version} is rolled out{f' with #{number}' if number else ''} ({source})"


def version_pending(number: int | None, *, told: bool) -> str:
    who = f"#{number}" if number else "It"
    if told:
        return f"{who} is merged; the cluster has not said yet that it runs it."
    return f"{who} is merged; no signal tells which version runs."


def version_open(number: int) -> str:
    return f"#{number} brings it and is not merged."


def version_given_up(number: int) -> str:
    return f"#{number} was closed without a merge."


def version_unbrought(name: str, version: str) -> str:
    return f"No open pull request brings {name} {version}."


def api_words(gvk: Gvk) -> str:
    return f"{gvk.kind} `{gvk.api_version}`"


def served_criterion(gvk: Gvk, scope: str) -> str:
    return f"{api_words(gvk)} is served{f' in cluster {scope}' if scope else ''}"


def listed_evidence(source: str, *, listed: bool) -> str:
    return f"The cluster {'lists' if listed else 'does not list'} it ({source})."


def used_evidence(line: Evidence) -> str:
    return f"`{at(line)}` uses it already."


CRDS_EVIDENCE = "Git brings its CRD."


def served_evidence(standing: str, answer: Served, *, missing: str, pending: bool) -> str:
    """`standing` says what runs, as a phrase; `missing` is what would have to be installed, `pending`: it says already
    that something is on its way."""
    if missing:
        rest = f", without {missing}"
    else:
        rest = {
            Served.YES: ", which serves it",
            Served.NO: ", which does not serve it",
            Served.MERGED: "" if pending else ", which does not serve it yet",
            Served.UNKNOWN: ", and whether that serves it is not known",
        }[answer]
    return f"{standing[0].upper()}{standing[1:]}{rest}."


def brought_evidence(evidence: str, number: int) -> str:
    return f"{evidence} {version_open(number)}"


def moved_criterion(gvk: Gvk) -> str:
    return f"All {gvk.kind} objects use `{gvk.api_version}`"


def moved_evidence(left: Sequence[Evidence]) -> str:
    if not left:
        return "No file of the base branch uses another version."
    places = listed([f"`{at(one)}`" for one in left])
    return f"{'One place uses' if len(left) == 1 else f'{len(left)} places use'} another version: {places}."


HEALTHY_CONTROLLERS = "All Flux controllers are ready"
SYNCED = "GitOps works: no Kustomization or HelmRelease fails"


def synced_evidence(count: int, number: int | None, left: Sequence[str]) -> str:
    """`number` was merged last, `left` are left out."""
    who = "The one Kustomization" if count == 1 else f"All {count} Kustomizations"
    since = f" at a revision with #{number}" if number is not None else ""
    rest = f" Left out, silent for more than a day and not in Git: {listed(left)}." if left else ""
    return f"{who} heard succeeded{since}, and nothing fails.{rest}"


def not_heard_since(number: int | None, objects: Sequence[str]) -> str:
    since = f" at a revision with #{number}" if number is not None else ""
    return f"No success{since} was heard yet of {listed(objects)}."


NOTHING_HEARD = "No cluster that is connected has said anything of a Kustomization of this repository yet."
NOT_CONNECTED = "No cluster is connected."


def failing_evidence(objects: Sequence[str], message: str) -> str:
    return f"{listed(objects)} failed: {shortened(message)}"


def incidents_evidence(incidents: Sequence[Incident]) -> str:
    return f"{incidents_words(incidents)}: {shortened(incidents[-1].trouble.message)}"


NOTHING_BLOCKED = "None of them is blocked"


def blocked_evidence(numbers: Sequence[int]) -> str:
    return f"Blocked or waiting for a rollout: {pull_requests(numbers)}." if numbers else "Nothing waits."


REVIEWED = "A person approved each of them that was merged"


def reviewed_evidence(approved: Sequence[tuple[int, str]], missing: Sequence[int], waiting: Sequence[int]) -> str:
    said = [f"#{number} by {by}" for number, by in approved]
    parts = [f"approved: {listed(said, limit=5)}"] if said else []
    parts += [f"merged without: {pull_requests(missing)}"] if missing else []
    parts += [f"open: {pull_requests(waiting)}"] if waiting else []
    text = "; ".join(parts) or "none of them was merged"
    return f"{text[0].upper()}{text[1:]}."


NO_FAILURE = "No cluster reported a failure while it was worked on"
NO_FAILURE_EVIDENCE = "None was reported."


# --- risks ---


def deadlock_risk(consumer: int, provider: int, api: str, shared: str) -> tuple[str, str, str, str]:
    return (
        f"#{consumer} before the rollout of #{provider} halts Flux itself",
        (
            f"Both change the Flux Kustomization {shared}. Flux applies it as a whole or not at all: with {api} in it, "
            f"which is not served yet, it could never apply the version that #{provider} brings."
        ),
        f"fluxmig holds #{consumer} until #{provider} is rolled out.",
        f"Revert #{consumer}, not #{provider}.",
    )


def unserved_risk(consumer: int, provider: int, api: str) -> tuple[str, str, str, str]:
    return (
        f"#{consumer} needs an API that is not served yet",
        f"Applied before the rollout of #{provider}, {api} fails with `no matches for kind`.",
        f"fluxmig holds #{consumer} until #{provider} is rolled out.",
        f"Revert #{consumer}.",
    )


def wanting_risk(consumer: int, reason: str) -> tuple[str, str, str, str]:
    return (f"Nothing open frees #{consumer}", reason, "Raise what it needs, or close it.", "")


def removal_risk(number: int, reason: str) -> tuple[str, str, str, str]:
    return (
        f"#{number} takes away what is in use",
        reason,
        "Move the manifests first; `fluxmig migrate` writes the change.",
        "",
    )


def downgrade_risk(number: int, name: str, before: str, after: str, *, operator: bool) -> tuple[str, str, str, str]:
    if operator:
        why = f"A minor of {name} cannot be taken back: its operator refuses the downgrade."
    else:
        why = (
            f"A minor of {name} is not sure to go back: an API server refuses CRDs without the versions at which "
            "objects are stored by then."
        )
    return (
        f"{name} {before} → {after} is a way without return",
        why,
        "Go on only when the cluster says that it runs.",
        f"Revert what came after #{number}, never #{number} itself.",
    )


def major_risk(number: int, name: str) -> tuple[str, str, str, str]:
    return (
        f"#{number} is a major update",
        f"A new major of {name} may break what uses it; that is what a major version says.",
        "Read the release notes, then say `/fluxmig approve`.",
        f"Revert #{number} and pin the version before.",
    )


def impure_risk(number: int, lines: Sequence[Evidence]) -> tuple[str, str, str, str]:
    return (
        f"#{number} changes more than versions",
        f"Its updates do not explain {listed([f'`{at(one)}`' for one in lines])}.",
        "Read its diff, then say `/fluxmig approve`.",
        f"Revert #{number}.",
    )


def floating_risk(scope: str, version: str, where: str) -> tuple[str, str, str, str]:
    return (
        f"Flux of cluster {scope} moves by itself",
        f"`{where}` asks for {version}, so what runs can change without a pull request.",
        "Pin a release while this lasts.",
        "",
    )


def unreleased_risk(goal: str, why: str) -> tuple[str, str, str, str]:
    return (
        f"{goal} is not known here",
        why,
        "Look whether it is released; if not, make one for a release that is.",
        "",
    )


def silent_risk() -> tuple[str, str, str, str]:
    return (
        "No cluster says what it runs",
        "Merged is not applied. Without a connected cluster a rollout is known by a person's word or by time alone.",
        "Connect the cluster, or say `/fluxmig confirm` when you have looked.",
        "",
    )


def overlap_risk(numbers: Sequence[int]) -> tuple[str, str, str, str]:
    return (
        "Pull requests change the same files",
        f"{listed([f'#{number}' for number in numbers], limit=12)} may conflict when their neighbours are merged.",
        "Merge in the order of the phases; fluxmig asks Renovate to rebase what became free.",
        "",
    )


# --- metrics ---

PASSING, BLOCKED, REBASES, MERGES, INCIDENTS, CONTROLLERS, SYNC, APIS = (
    "Open pull requests by Renovate that pass fluxmig's check",
    "Time blocked",
    "Rebases",
    "Merges per day",
    "Incidents",
    "Controller health",
    "GitOps sync",
    "API availability",
)


def share(count: int, total: int) -> str:
    return f"{count} of {total} ({count * 100 // total} %)" if total else "none is open"


def passing_words(now: tuple[int, int], start: tuple[int, int]) -> str:
    """Both are how many pass, of how many that are open."""
    before = f"; at the start {share(*start)}" if start[1] else ""
    return f"{share(*now)}{before}"


def unknown(why: str) -> str:
    return f"unknown: {why[0].lower()}{why[1:]}"


def good(evidence: str) -> str:
    return f"good: {evidence[0].lower()}{evidence[1:]}"


def bad(evidence: str) -> str:
    return f"not good: {evidence}"


def served_words(told: Sequence[tuple[str, Answer]]) -> str:
    words = {Answer.YES: "yes", Answer.NO: "not yet", Answer.UNKNOWN: "unknown"}
    return "; ".join(f"{text}: {words[state]}" for text, state in told)


def waits_words(waits: Sequence[tuple[int, timedelta | None, datetime]]) -> str:
    """Number, how long (None while it lasts), and since when."""
    if not waits:
        return "nothing was blocked"
    return "; ".join(
        f"#{number} {span(took) if took is not None else f'since {moment(at_)}'}" for number, took, at_ in waits
    )


def rebases_words(counts: dict[str, int]) -> str:
    asked = sum(counts.values())
    if not asked:
        return "none was asked"
    told = {"confirmed": "done", "requested": "under way", "stale": "not answered", "refused": "refused"}
    parts = [f"{counts[state]} {word}" for state, word in told.items() if counts.get(state)]
    return f"{asked} asked ({', '.join(parts)})"


def merges_words(days: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{day}: {count}" for day, count in days) if days else "none yet"


def incidents_words(incidents: Sequence[Incident]) -> str:
    """`2 by #34: Kustomization flux-system/apps and HelmRelease apps/podinfo`"""
    return "; ".join(_broken(by, group) for by, group in by_culprit(incidents).items()) or "none"


def _broken(by: int | None, incidents: Sequence[Incident]) -> str:
    return f"{len(incidents)}{f' by #{by}' if by is not None else ''}: {_objects(incidents)}"


def _objects(incidents: Sequence[Incident]) -> str:
    return listed(list(dict.fromkeys(object_phrase(one.trouble.object) for one in incidents)))


# --- lessons ---


def held_lesson(number: int, took: str, reason: str) -> str:
    return f"#{number} was held for {took}: {reason}"


def broken_lesson(consumer: int, provider: int, gvk: Gvk, shared: str) -> str:
    where = f", and with it the Flux Kustomization {shared}, which carries #{provider} itself" if shared else ""
    return (
        f"Merged before the rollout of #{provider}, #{consumer} would have failed with "
        f'`no matches for kind "{gvk.kind}" in version "{gvk.api_version}"`{where}.'
    )


NOTHING_HELD = "Nothing had to be held."
NO_INCIDENT = "No cluster reported a failure."
NO_WITNESS = "No cluster was connected, so whether everything kept working is not known."


def merged_held_lesson(number: int, took: str, reason: str, *, incidents: Sequence[Incident], connected: bool) -> str:
    if incidents:
        after = f", and broke {breakage(incidents)}"
    else:
        after = ", and no failure by it was reported" if connected else ""
    return f"#{number} was merged while it was held, after {took}{after}. It was held for this: {reason}"


def closed_held_lesson(number: int, took: str, reason: str) -> str:
    return f"#{number} was held for {took} and then closed without a merge: {reason}"


def incidents_lesson(culprit: int | None, incidents: Sequence[Incident]) -> str:
    who = f"#{culprit} broke" if culprit is not None else "No merge is known to have broken"
    return f"{who} {breakage(incidents)}."


def breakage(incidents: Sequence[Incident]) -> str:
    """`Kustomization flux-system/apps in cluster main at 2025-06-11 18:00 UTC, over after 32 min: no matches …`"""
    first = min(incidents, key=lambda one: one.trouble.since)
    ends = [one.closed_at for one in incidents if one.closed_at is not None]
    took = max(ends) - first.trouble.since if len(ends) == len(incidents) else timedelta()
    over = f", over after {span(took)}" if took else ""
    clusters = listed(list(dict.fromkeys(one.trouble.where for one in incidents)))
    message = shortened(first.trouble.message).rstrip(".")
    return f"{_objects(incidents)} in cluster {clusters} at {moment(first.trouble.since)}{over}: {message}"


def resolved_lesson(merged: int, closed: int) -> str:
    rest = f", and {amount(closed)} closed without a merge" if closed else ""
    return f"{amount(merged)[0].upper()}{amount(merged)[1:]} merged{rest}."


def rolled_out_lesson(name: str, version: str, took: str, source: str) -> str:
    return f"{name} {version} was rolled out {took} after its merge ({source})."


def approved_lesson(number: int, by: str) -> str:
    return f"#{number} was approved by {by}."


def rebases_lesson(words: str) -> str:
    return f"Rebases: {words}."


def phase_lesson(heading: str, took: str, first: datetime, last: datetime) -> str:
    return f"{heading}: {took}, from {moment(first)} to {moment(last)}."


# --- transitions ---


def created_words(by: str) -> str:
    return f"Made by {by}."


def criterion_turned(text: str, state: str, evidence: str) -> str:
    return f"{text}: {state}. {evidence}"


def reached_words(resolved: int, total: int) -> str:
    return f"Reached: {resolved} of {total} resolved."


def closed_words(by: str) -> str:
    return f"Closed by {by} before it was reached."


def was_made(number: int, title: str) -> str:
    return f"Milestone {number} ({title}) was made."


def ended(number: int, title: str, why: str) -> str:
    return f"Milestone {number} ({title}) has ended. {why}"


# --- parts of sentences ---


def span(took: timedelta) -> str:
    minutes = int(took.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def shortened(text: str) -> str:
    flat = " ".join(text.split()).replace("`", "'")
    return flat if len(flat) <= 200 else f"{flat[:199].rstrip()}…"


def controllers_words(cluster: str, text: str, source: str, *, counts: bool) -> str:
    """`Cluster main: all 6 ready (the Kubernetes API).`"""
    return f"Cluster {cluster}: {text} ({source})." if counts else f"Cluster {cluster} has not told it lately."
