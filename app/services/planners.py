"""The planners of the repositories that this process looked at last, so that a look plans only what has changed."""

from collections.abc import Mapping

from app.domain.base_facts import BaseFacts
from app.domain.catalogue import Catalogue
from app.domain.model import Plan, Snapshot
from app.domain.plan import Classify, Planner
from app.domain.ruling import DEFAULT_RULING, Ruling

MOST_REPOSITORIES = 32
"""A planner holds the texts of one base branch and of the open pull requests, so their number bounds the memory."""


class Planners:
    """A plan takes its planner out and puts it back, so that no two plans share one and one that failed is forgotten.

    What is lost is time alone: a new planner plans the same.
    """

    def __init__(self, limit: int = MOST_REPOSITORIES) -> None:
        self._limit = limit
        self._kept: dict[int, Planner] = {}

    def plan(
        self,
        repository_id: int,
        snapshot: Snapshot,
        catalogue: Catalogue,
        classify: Classify,
        ruling: Ruling = DEFAULT_RULING,
    ) -> Plan:
        """As `plan_repository`; the same `catalogue` and `classify` as before let the plan before be of use."""
        planner = self._kept.pop(repository_id, None)
        if planner is None or not planner.is_for(catalogue, classify, ruling):
            planner = Planner(catalogue, classify, ruling)
        plan = planner.plan(snapshot)
        self._kept[repository_id] = planner
        while len(self._kept) > self._limit:
            self._kept.pop(next(iter(self._kept)))
        return plan

    def base_of(self, repository_id: int) -> BaseFacts | None:
        """The base branch as it was planned on last; None where that is not known any more."""
        planner = self._kept.get(repository_id)
        return planner.base if planner else None

    def texts_of(self, repository_id: int) -> Mapping[str, str]:
        """Blob id -> text of what was planned last; it need not be read again."""
        planner = self._kept.get(repository_id)
        return planner.texts() if planner else {}
