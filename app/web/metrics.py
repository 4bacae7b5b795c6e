"""`/metrics` in Prometheus' text form: the state of the database at this scrape, and the counters of this process."""

from collections.abc import Iterable

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.services.metrics import Measurements, measure
from app.web.dependencies import Context

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(context: Context) -> Response:
    measured = await measure(context.database, now=context.clock())
    registry = CollectorRegistry()
    registry.register(DatabaseCollector(measured))
    registry.register(ProcessCollector(context.clients.transport.calls))
    return Response(generate_latest(registry) + generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


class ProcessCollector(Collector):
    """What this process counted since it began."""

    def __init__(self, github_calls: int) -> None:
        self._github_calls = github_calls

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily(
            "fluxmig_github_calls", "HTTP requests of this process to GitHub", value=self._github_calls
        )


class DatabaseCollector(Collector):
    """Metric families of one reading. What is not there has no sample, so nothing goes stale."""

    def __init__(self, measured: Measurements) -> None:
        self._measured = measured

    def collect(self) -> Iterable[Metric]:
        measured = self._measured
        yield _family(
            "fluxmig_deliveries_last_hour",
            "Webhooks received in the last hour, by GitHub's event and what became of them",
            ("event", "outcome"),
            measured.deliveries,
        )
        yield _family(
            "fluxmig_queue_age_seconds",
            "Age of the oldest delivery that nobody has looked at; 0 when there is none",
            (),
            {(): measured.queue_age},
        )
        yield _family(
            "fluxmig_work", "Repositories that are to be looked at again, by state", ("state",), measured.work
        )
        yield _family(
            "fluxmig_pull_requests",
            "Open pull requests by Renovate, by repository and verdict",
            ("repository", "state"),
            measured.pull_requests,
        )
        yield _family(
            "fluxmig_actions_last_day",
            "Writes to GitHub of the last day, and all that are still planned",
            ("kind", "state"),
            measured.actions,
        )
        yield _family(
            "fluxmig_rebase_requests_last_day",
            "Rebases asked of Renovate in the last day, and all that are still open",
            ("state",),
            measured.rebases,
        )
        yield _family(
            "fluxmig_rollout_age_seconds",
            "Time since the merge of a provider version that the cluster has not taken over yet",
            ("repository", "scope", "provider", "version"),
            measured.rollouts,
        )
        yield _family(
            "fluxmig_incident_age_seconds",
            "Time since an object of a cluster began to fail; `pull_request` broke it, empty where nobody can be named",
            ("repository", "cluster", "object", "pull_request"),
            measured.incidents,
        )
        yield _family(
            "fluxmig_rollouts",
            "Merged provider versions that the cluster has not taken over yet, by how they stand",
            ("repository", "scope", "provider", "health"),
            measured.rollout_health,
        )
        yield _family(
            "fluxmig_decision_lag_seconds",
            "From receipt of a delivery to its end, over the last 15 minutes",
            ("quantile",),
            measured.decision_lag,
        )


def _family(name: str, text: str, labels: tuple[str, ...], samples: dict[tuple[str, ...], float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, value in samples.items():
        family.add_metric(values, value)
    return family
