"""On which terms a merged provider counts as rolled out: what is enough, after which time, and when it is late."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

DEFAULT_TIMEOUT = timedelta(hours=1)


class Proof(StrEnum):
    """How it is known that a version is rolled out, the best first."""

    OBSERVED = "observed"
    """The cluster said that it runs the version."""
    READY = "ready"
    """What carries the version succeeded at a revision that contains the merge, and nobody else has to act."""
    APPLIED = "applied"
    """What declares the version is in the cluster; whoever acts on it has not told how that went."""
    SOAK = "soak"
    """Time has passed since the merge, and nobody looked."""
    CONFIRM = "confirm"
    """A person said so. That counts on all terms; as `require` it means that nothing else does."""


_RANKS = {Proof.CONFIRM: 5, Proof.OBSERVED: 4, Proof.READY: 3, Proof.APPLIED: 2, Proof.SOAK: 1}


@dataclass(frozen=True, slots=True)
class RolloutTerms:
    """The terms of one provider. `require` is the least proof; without it `ready`, and a soak time where one is set."""

    soak: timedelta | None = None
    timeout: timedelta = DEFAULT_TIMEOUT
    require: Proof | None = None

    def accepts(self, proof: Proof) -> bool:
        if proof is Proof.CONFIRM:
            return True
        if self.require is None:
            return proof is Proof.SOAK or _RANKS[proof] >= _RANKS[Proof.READY]
        return _RANKS[proof] >= _RANKS[self.require]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a file says of the terms: None where it says nothing."""

    soak: timedelta | None = None
    timeout: timedelta | None = None
    require: Proof | None = None


@dataclass(frozen=True, slots=True)
class RolloutPolicy:
    """`rollout` of the configuration. `providers` has what is otherwise for some.

    `statuses_by` are the logins whose commit statuses are believed, in lower case; `every_status` believes all.
    `senders`: the last part of the context of Flux's commit statuses, which names a Provider -> cluster of the plan.
    """

    general: Terms = field(default_factory=Terms)
    providers: Mapping[str, Terms] = field(default_factory=dict)
    every_status: bool = False
    statuses_by: frozenset[str] = frozenset()
    senders: Mapping[str, str] = field(default_factory=dict)

    def terms_of(self, provider: str, *, soak: timedelta | None) -> RolloutTerms:
        """`soak` is the one that the service is set to."""
        own, general = self.providers.get(provider, Terms()), self.general
        return RolloutTerms(
            soak=own.soak or general.soak or soak,
            timeout=own.timeout or general.timeout or DEFAULT_TIMEOUT,
            require=own.require or general.require,
        )

    def believes(self, login: str) -> bool:
        """Whether a commit status that this login set counts."""
        return self.every_status or login.casefold() in self.statuses_by

    @property
    def reads_statuses(self) -> bool:
        return self.every_status or bool(self.statuses_by)
