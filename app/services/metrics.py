"""The figures that only the database knows, read in one go at each scrape."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from app.db.session import Database

Samples = dict[tuple[str, ...], float]
"""Label values -> value."""

_DELIVERIES = """
select event, state, count(*) from deliveries where received_at > %(now)s - interval '1 hour' group by 1, 2
"""
_QUEUE_AGE = """
select coalesce(extract(epoch from %(now)s - min(received_at)), 0) from deliveries where state = 'received'
"""
_WORK = """
select case
         when attempts > 0 then 'failing'
         when run_after > %(now)s then 'later'
         else 'due'
       end, count(*)
from work where wanted_seq > done_seq group by 1
"""
_PULL_REQUESTS = """
select repositories.owner || '/' || repositories.name, pull_requests.state, count(*)
from pull_requests join repositories on repositories.id = pull_requests.repository_id
where pull_requests.status = 'open' and pull_requests.by_renovate and repositories.removed_at is null
group by 1, 2
"""
_ACTIONS = """
select kind, state, count(*) from actions
where state = 'planned' or created_at > %(now)s - interval '1 day' group by 1, 2
"""
_REBASES = """
select state, count(*) from rebase_requests
where state = 'requested' or requested_at > %(now)s - interval '1 day' group by 1
"""
_ROLLOUTS = """
select repositories.owner || '/' || repositories.name, scope, provider, to_version,
       max(extract(epoch from %(now)s - merged_at))
from rollouts join repositories on repositories.id = rollouts.repository_id
where state = 'pending' and repositories.removed_at is null
group by 1, 2, 3, 4
"""
_INCIDENTS = """
select repositories.owner || '/' || repositories.name, cluster, object, coalesce(number::text, ''),
       extract(epoch from %(now)s - opened_at)
from incidents join repositories on repositories.id = incidents.repository_id
where closed_at is null and repositories.removed_at is null
"""
_ROLLOUT_HEALTH = """
select repositories.owner || '/' || repositories.name, scope, provider, health, count(*)
from rollouts join repositories on repositories.id = rollouts.repository_id
where state = 'pending' and repositories.removed_at is null
group by 1, 2, 3, 4
"""
_LAG = """
select percentile_cont(array[0.5, 0.95, 1]) within group (order by extract(epoch from finished_at - received_at))
from deliveries where received_at > %(now)s - interval '15 minutes' and finished_at is not null
"""


@dataclass(frozen=True, slots=True)
class Measurements:
    """Keys are label values in the order in which docs/reference/metrics.md names the labels; ages in seconds."""

    deliveries: Samples
    queue_age: float
    work: Samples
    pull_requests: Samples
    actions: Samples
    rebases: Samples
    rollouts: Samples
    incidents: Samples
    rollout_health: Samples
    decision_lag: Samples


async def measure(database: Database, *, now: datetime) -> Measurements:
    async with database.pool.connection() as connection:

        async def rows(statement: LiteralString) -> list[Any]:
            values: Mapping[str, Any] = {"now": now}
            return await (await connection.execute(statement, values)).fetchall()

        (lag,) = (await rows(_LAG))[0]
        return Measurements(
            deliveries=_samples(await rows(_DELIVERIES)),
            queue_age=max(0.0, float((await rows(_QUEUE_AGE))[0][0])),
            work=_samples(await rows(_WORK)),
            pull_requests=_samples(await rows(_PULL_REQUESTS)),
            actions=_samples(await rows(_ACTIONS)),
            rebases=_samples(await rows(_REBASES)),
            rollouts=_samples(await rows(_ROLLOUTS)),
            incidents=_samples(await rows(_INCIDENTS)),
            rollout_health=_samples(await rows(_ROLLOUT_HEALTH)),
            decision_lag={
                (quantile,): float(value) for quantile, value in zip(("0.5", "0.95", "1"), lag or (), strict=False)
            },
        )


def _samples(rows: list[Any]) -> Samples:
    return {tuple(str(label) for label in labels): float(value) for *labels, value in rows}
