"""In which environment a pull request upgrades something: staging, production, or one that no name tells.

Environments are told by names: of the cluster, else of a folder, else of what Renovate puts before the name of a branch
(`additionalBranchPrefix`). A file that several clusters share has no environment of its own.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TypeVar

from app.domain.upgrades import Upgrade

K = TypeVar("K")

_ENVIRONMENTS = (
    "dev develop development devel",
    "sandbox sbox sbx",
    "test testing qa",
    "staging stage stg",
    "nonprod non-prod nonproduction non-production",
    "preprod pre-prod preproduction pre-production uat aat",
    "prod production prd live main",
)
_RANKS = {name: rank for rank, names in enumerate(_ENVIRONMENTS) for name in names.split()}
_PARENTS = frozenset({"clusters", "cluster", "environments", "envs", "env", "overlays", "kubernetes"})
"""Folders below which a name like `prod-eu` names an environment too."""

_LONGEST_FIRST = "|".join(sorted(map(re.escape, _RANKS), key=len, reverse=True))
_WORD = re.compile(rf"(?<![a-z0-9])({_LONGEST_FIRST})(?=\d*(?![a-z0-9]))")


@dataclass(frozen=True, slots=True)
class Environment:
    """`rank` orders environments, the one to go first lowest; `name` is how the repository calls it. `elsewhere` is the
    path without that name: equal for the files that are the same in two environments."""

    rank: int
    name: str = field(compare=False)
    elsewhere: str = field(compare=False, default="")


def environment_of(upgrade: Upgrade, branch: str, clusters: int) -> Environment | None:
    """The environment in which an upgrade takes place; None where names do not tell one."""
    path = upgrade.source.file
    masked = _WORD.sub("*", path.casefold())
    if clusters > 1 and len(upgrade.scopes) == 1:
        (scope,) = upgrade.scopes
        if (rank := rank_of_name(scope)) is not None:
            return Environment(rank, scope, masked)
    if len(upgrade.scopes) > 1:
        return None
    parent = ""
    for folder in path.split("/")[:-1]:
        rank = _RANKS.get(folder.casefold()) if parent not in _PARENTS else rank_of_name(folder)
        if rank is not None:
            return Environment(rank, folder, masked)
        parent = folder.casefold()
    prefix = branch.removeprefix("renovate/").casefold()
    match = re.match(rf"({_LONGEST_FIRST})[-/]", prefix)
    if branch.startswith("renovate/") and match is not None:
        return Environment(_RANKS[match.group(1)], match.group(1), masked)
    return None


def rank_of_name(name: str) -> int | None:
    """The rank of a cluster's name, such as `staging`, `prod-eu` or `00-sbox`; None where it names none, or two."""
    ranks = {_RANKS[word] for word in _WORD.findall(name.casefold())}
    return ranks.pop() if len(ranks) == 1 else None


@dataclass(frozen=True, slots=True)
class Step:
    """One upgrade of one pull request, in an environment."""

    number: int
    upgrade: Upgrade
    environment: Environment


_What = tuple[str, str, str]


class EnvironmentSteps:
    """All steps of open pull requests by what is upgraded to which version, found in time that does not grow with them.

    Of several in one environment the lowest number counts, and of those in one file too.
    """

    def __init__(self) -> None:
        self._by_rank: dict[_What, dict[int, Step]] = defaultdict(dict)
        self._by_file: dict[tuple[_What, int, str], Step] = {}

    def add(self, step: Step) -> None:
        what, environment = _what(step.upgrade), step.environment
        _keep_lowest(self._by_rank[what], environment.rank, step)
        _keep_lowest(self._by_file, (what, environment.rank, environment.elsewhere), step)

    def before(self, upgrade: Upgrade, here: Environment) -> Step | None:
        """The same step in the nearest environment that goes first: in the same file there, else anywhere in it."""
        what = _what(upgrade)
        ranks = [rank for rank in self._by_rank.get(what, {}) if rank < here.rank]
        if not ranks:
            return None
        nearest = max(ranks)
        return self._by_file.get((what, nearest, here.elsewhere)) or self._by_rank[what][nearest]


def _what(upgrade: Upgrade) -> _What:
    return upgrade.name, upgrade.after, upgrade.kind.value


def _keep_lowest(steps: dict[K, Step], key: K, step: Step) -> None:
    if key not in steps or step.number < steps[key].number:
        steps[key] = step
