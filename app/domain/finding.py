"""A finding of `fluxmig check`: one rule, one place, one sentence."""

from dataclasses import dataclass
from enum import Enum, StrEnum


class Level(StrEnum):
    """The names are SARIF's (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, 3.27.10)."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class RuleText:
    id: str
    level: Level
    title: str
    help: str


class Rule(Enum):
    """Every rule. Its id is for good: people name it in filters, and GitHub follows alerts by it."""

    UNSERVED_API = RuleText(
        "unserved-api",
        Level.ERROR,
        "An API that the declared version does not serve",
        "A cluster that runs the declared version refuses the object, and Flux then applies nothing of the "
        "Kustomization that holds it. Rewrite it with `fluxmig migrate`, or raise the provider first.",
    )
    UNKNOWN_FIELD = RuleText(
        "unknown-field",
        Level.ERROR,
        "A field that the declared version does not know",
        "Flux applies on the server's side, and that refuses fields which the installed CRD does not declare. Raise "
        "the provider first, or leave the field out.",
    )
    UNSERVED_REFERENCE = RuleText(
        "unserved-reference",
        Level.WARNING,
        "A reference to an API that the declared version does not serve",
        "What reads the reference asks for this very version and will not find it.",
    )
    MISSING_COMPONENT = RuleText(
        "missing-component",
        Level.WARNING,
        "An API of a Flux controller that is not installed",
        "The CRDs of a controller come and go with it. Add the controller to the components.",
    )
    REMOVED_SOON = RuleText(
        "removed-soon",
        Level.WARNING,
        "An API that the next minor no longer serves",
        "The next minor of the provider refuses the object. Move to the newer version, which is served already.",
    )
    DEPRECATED_API = RuleText(
        "deprecated-api",
        Level.WARNING,
        "A deprecated API whose successor is served",
        "The declared version serves a newer version of this kind. Move to it before a release drops the old one.",
    )
    STALE_SCHEMA = RuleText(
        "stale-schema",
        Level.WARNING,
        "A schema comment of another version than the document",
        "Editors check the document against the schema of another API version.",
    )
    UNKNOWN_VERSION = RuleText(
        "unknown-version",
        Level.NOTE,
        "It is not known whether an API is served",
        "Git declares no version of the provider, or a floating one, and not every release it may mean serves the API.",
    )
    UNREAD = RuleText(
        "unread",
        Level.NOTE,
        "A file or document that could not be read",
        "What it uses is not known. Templates are often the reason.",
    )
    DECLARATIONS_DISAGREE = RuleText(
        "declarations-disagree",
        Level.NOTE,
        "Two declarations of one provider with different versions",
        "Only one of them can be what the cluster runs. The lowest counts, since what is merged must fit both.",
    )
    BOOTSTRAP_DRIFT = RuleText(
        "bootstrap-drift",
        Level.NOTE,
        "What installs a cluster anew names another version",
        "A cluster that is set up anew starts with this version and is then moved to the other one.",
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """`line` and the columns are 1-based; `end_column` is the one after the last. 0 where they are not known."""

    rule: Rule
    file: str
    line: int
    message: str
    column: int = 0
    end_column: int = 0

    @property
    def id(self) -> str:
        return self.rule.value.id

    @property
    def level(self) -> Level:
        return self.rule.value.level
