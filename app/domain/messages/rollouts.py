"""How it is known that a merged version is rolled out, and how it stands while it is not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.domain.cluster_words import ClusterWord, shown_message
from app.domain.messages.conduct import moment
from app.domain.messages.phrases import listed
from app.domain.model import Evidence


def soaked_source(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    words = f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
    return f"{words} have passed since the merge, unverified"


def ready_source(word: ClusterWord) -> str:
    return f"{word.object} is ready at {(word.commit or '')[:8]}, {word.source}"


def released_source(word: ClusterWord, version: str) -> str:
    return f"{word.object} runs chart version {version}, {word.source}"


def applied_source(word: ClusterWord, *, waits_for: str) -> str:
    return (
        f"{word.object} applied it at {(word.commit or '')[:8]}, {word.source}; "
        f"it does not wait for {waits_for}, so whether that took it over is unverified"
    )


def not_enough_note(source: str) -> str:
    return f"what is known is not enough here: {source}"


def not_all_note(source: str, silent: Sequence[str]) -> str:
    who = f"{silent[0]}, which stands" if len(silent) == 1 else f"{listed(silent)}, which stand"
    return f"nothing shows it of {who} for the same cluster of the plan; of the rest it is known: {source}"


def trouble_note(word: ClusterWord, *, is_late: bool) -> str:
    now = "the rollout failed" if is_late else "the rollout is in trouble"
    return f"{now}: {word.object} says since {moment(word.since)}: {shown_message(word.message)} ({word.source})"


def not_connected_note(scope: str) -> str:
    return f"no cluster is connected that could tell of {scope}, so a person has to say `/fluxmig confirm`"


def silence_note(scope: str, last: datetime | None, *, limits: str) -> str:
    since = f"since {moment(last)}" if last else "yet"
    return f"nothing was heard from cluster {scope} {since}, so it is not known how it stands{_also(limits)}"


def no_word_note(scope: str, what: str, *, limits: str) -> str:
    return f"cluster {scope} speaks, but has said nothing of {what} that tells how it stands{_also(limits)}"


def _also(limits: str) -> str:
    return f" ({limits})" if limits else ""


def replaced_source(version: str, number: int | None) -> str:
    who = f"#{number}" if number is not None else "a push"
    return f"{who} went back to {version} before a cluster was known to run this"


def crds_stay_reason(
    *, number: int, api: str, name: str, version: str, merged: int | None, scope: str, source: str, stay: Evidence
) -> str:
    who = f"#{merged} with {name} {version}" if merged is not None else f"{name} {version}"
    return (
        f"Merged, but its CRDs are not known to be there: #{number} needs {api}; {who} is rolled out ({source}), but "
        f"the chart leaves its CRDs as they are ({stay.file}:{stay.line}). Apply the CRDs to cluster {scope}, then say "
        f"`/fluxmig confirm`."
    )


def setback_reason(*, merged: int, what: str, since: datetime, message: str, source: str) -> str:
    return (
        f"Held back: since #{merged} was merged, {what} fails in the cluster (since {moment(since)}, {source}): "
        f"{shown_message(message)} Later waves wait until it is healthy again."
    )
