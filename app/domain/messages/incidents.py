"""What is said of an incident: what fails, since when, which merge is to blame and why, and what one can do."""

import re

from app.domain.incidents import Candidate, Incident, ObjectName
from app.domain.messages.conduct import moment
from app.domain.messages.phrases import at, listed, pull_requests
from app.domain.model import Evidence, Gvk
from app.domain.plain import plain

HELD_BY_INCIDENT = "Held by an incident"
LONGEST_QUOTE = 400
_SIGNS = 5


def quoted(message: str) -> str:
    """Flux's own words in one line between backticks, from which they cannot get out."""
    line = " ".join(plain(message).replace("`", "'").split())
    return f"`{line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1].rstrip() + '…'}`" if line else ""


def _named(text: str) -> str:
    """A name from outside, without what would be a reference or Markdown of ours."""
    return re.sub(r"[`#]", "", plain(text))


def object_phrase(one: ObjectName) -> str:
    return _named(str(one))


# --- why a merge is a candidate ---


def uses_api_sign(api: Gvk, evidence: Evidence | None) -> str:
    where = f" in {at(evidence)}" if evidence else ""
    return f"it started to use {api.kind} `{api.api_version}`{where}"


def ends_api_sign(api: Gvk, *, name: str, version: str) -> str:
    return f"it brought {name} {version}, which no longer serves {api.kind} `{api.api_version}`"


def named_object_sign(one: ObjectName) -> str:
    return f"it changed {object_phrase(one)}, which Flux names"


def in_range_sign(good: str, failing: str) -> str:
    return f"it is between {good[:8]}, the last revision that was fine, and {failing[:8]}"


def at_revision_sign(failing: str) -> str:
    return f"the failing revision {failing[:8]} is its merge"


def since_good_sign() -> str:
    return "it was merged since the last success"


def just_before_sign() -> str:
    return "it was merged in the day before"


def path_sign(path: str, one: ObjectName) -> str:
    return f"it changed `{_named(path)}`, which {object_phrase(one)} applies"


# --- the incident ---


def incident_sentence(incident: Incident) -> str:
    """One sentence, and Flux's own words."""
    trouble = incident.trouble
    what = f"{object_phrase(trouble.object)} fails in cluster {_named(trouble.where)} since {moment(trouble.since)}"
    return f"{what}{_who(incident)}. Flux says ({_named(trouble.reason)}): {quoted(trouble.message)}"


def _who(incident: Incident) -> str:
    if incident.culprit is not None:
        first = next((one for one in incident.candidates if one.number == incident.culprit), None)
        because = f": {listed(first.reasons, limit=_SIGNS)}" if first else ""
        return f", broken by #{incident.culprit}{because}"
    if len(incident.candidates) > 1:
        return f"; which merge broke it is not known, {pull_requests([one.number for one in incident.candidates])} fit"
    if incident.candidates:
        return f"; which merge broke it is not known, #{incident.candidates[0].number} may have"
    if incident.beside:
        commits = "one commit" if incident.beside == 1 else f"{incident.beside} commits"
        return f"; no merged pull request fits, but {commits} without one came since it was fine"
    return "; which merge broke it is not known"


def candidate_line(candidate: Candidate) -> str:
    return f"#{candidate.number}: {listed(candidate.reasons, limit=_SIGNS)}"


def also_sentence(incident: Incident) -> str:
    """For what fails by the same merge as another object of which all is said already."""
    trouble = incident.trouble
    return f"{object_phrase(trouble.object)} fails as well: {quoted(trouble.message)}"


def opened_history(incident: Incident, *, is_first: bool) -> str:
    return f"Incident: {incident_sentence(incident) if is_first else also_sentence(incident)}"


def closed_history(incident: Incident) -> str:
    return f"Incident over: {ending_sentence(incident)}"


def ending_sentence(incident: Incident) -> str:
    what = f"{object_phrase(incident.trouble.object)} in cluster {_named(incident.trouble.where)}"
    return f"{what}: {incident.ending}."


def succeeded_ending(revision: str) -> str:
    return f"it succeeded at {_named(revision)[-60:]}" if revision else "it succeeded"


def deleted_ending() -> str:
    return "the cluster has it no more"


def undone_ending(culprit: int, base: str) -> str:
    return f"Git has the files of #{culprit} again as they were before it (base {base[:8]})"


def confirmed_ending(by: str) -> str:
    return f"{by} says that it is over"


def gone_ending() -> str:
    return "the cluster is no longer registered"


# --- those who wait ---


def incident_hold_reason(incident: Incident, *, why: str) -> str:
    trouble = incident.trouble
    who = f" since #{incident.culprit} was merged" if incident.culprit is not None else ""
    return (
        f"{HELD_BY_INCIDENT}: {object_phrase(trouble.object)} fails in cluster {_named(trouble.where)}{who}, and "
        f"{why}. Flux says: {quoted(trouble.message)}"
    )


def applied_by_phrase(path: str, one: ObjectName) -> str:
    return f"this changes `{_named(path)}`, which lies behind {object_phrase(one)}"


def same_api_phrase(api: Gvk) -> str:
    return f"this starts to use {api.kind} `{api.api_version}` as well"


def same_provider_phrase(name: str) -> str:
    return f"this depends on {_named(name)}, which it installs"


# --- what people are told outside the page ---


COMMENT_BROKEN = "### This merge broke the cluster"
COMMENT_OVER = "### This merge had broken the cluster; that is over"
COMMENT_HELP = (
    "While it lasts, pull requests behind it are held. It ends by itself when Flux succeeds again, or when this is "
    "reverted: `/fluxmig rollback` says in which order, and what cannot be reverted."
)


def opened_notice(incident: Incident) -> str:
    return incident_sentence(incident)


def closed_notice(incident: Incident) -> str:
    return f"Over: {ending_sentence(incident)}"
