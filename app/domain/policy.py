"""What a repository decided for itself, compiled from its `.github/fluxmig.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from app.domain.catalogue import Catalogue
from app.domain.commands import Permission, Verb
from app.domain.freeze import Freeze
from app.domain.match import Match
from app.domain.model import Component, Evidence, SourceFile, State, UpdateType
from app.domain.modes import Mode
from app.domain.patterns import Patterns
from app.domain.policy_form import RebaseForm
from app.domain.rollout_terms import RolloutPolicy
from app.domain.ruling import DEFAULT_RULING, Ruling

POLICY_FILES = (".github/fluxmig.yaml", ".github/fluxmig.yml")
"""Where the file may lie; the first that is there is read."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule of classification. `number` is 1-based."""

    number: int
    file: str
    line: int
    match: Match = field(default_factory=Match)
    component: Component | None = None
    update_type: UpdateType | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """The whole file. Compared and hashed by identity, so that what was read with it can be remembered.

    `providers` are as YAML reads them: the catalogue knows their form.
    """

    file: str = ""
    blob_id: str = ""
    rules: tuple[Rule, ...] = ()
    ignored: Patterns = field(default_factory=Patterns)
    providers: tuple[Mapping[str, object], ...] = ()
    mode: Mode | None = None
    """None where the file does not say: then the service's default holds."""
    freezes: tuple[Freeze, ...] = ()
    labels: Mapping[State, str] | None = None
    """The label of each state that has one; None where the file does not say: then the service's default holds."""
    no_labels: bool = False
    ruling: Ruling = DEFAULT_RULING
    rebase: RebaseForm = field(default_factory=RebaseForm)
    rollout: RolloutPolicy = field(default_factory=RolloutPolicy)
    comment: bool = False
    dashboard: bool = False
    commands: Mapping[Verb, Permission] = field(default_factory=dict)
    """The permission that a command needs here, where it is not that of the table."""


DEFAULT_POLICY = Policy()


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file that is there and has no text: it is binary, is not UTF-8, or is too large."""

    path: str
    blob_id: str


PolicyFiles = Mapping[str, SourceFile | UnreadFile]
"""What lies at the paths in `POLICY_FILES`; others do no harm. What is there without a text is a broken file, and not
the same as none: none means that the defaults hold."""


@dataclass(frozen=True, slots=True, eq=False)
class PolicyInUse:
    """What judges a repository. `problems` tell why the file on the base branch does not, where it is broken;
    `last_good` is True where an older text of that file does instead."""

    policy: Policy
    catalogue: Catalogue
    problems: tuple[Evidence, ...] = ()
    last_good: bool = False


def find_policy_file(files: PolicyFiles) -> SourceFile | UnreadFile | None:
    """The file that holds the policy; None where the defaults hold."""
    return next((files[path] for path in POLICY_FILES if path in files), None)


@lru_cache(maxsize=100_000)
def is_ignored(policy: Policy, path: str) -> bool:
    """Whether the owner says that no cluster reads a file."""
    return bool(policy.ignored) and policy.ignored.match(path)
